import assert from "node:assert/strict";
import { test } from "node:test";
import { hunks } from "../src/hunks";

/** Lines that differ from each other, one of them changed where `at` says so. */
const numbered = (length: number, at: readonly number[] = []): string =>
  Array.from({ length }, (_, k) => `${k}${at.includes(k) ? " changed" : ""}\n`).join("");

/** The labels of the blocks; put in place from the last to the first, they give the new text. */
function check(name: string, before: string, after: string, labels: readonly string[]): void {
  test(`hunks: ${name}`, () => {
    const found = hunks(before, after);
    const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    for (const { start, end, text } of found.toReversed()) {
      lines.splice(start, end - start, text);
    }
    assert.equal(lines.join(""), after);
    assert.deepEqual(
      found.map(({ label }) => label),
      labels,
    );
  });
}

check("nothing changed", "a\nb\n", "a\nb\n", []);
check("a line changed", "a\nb\nc\n", "a\nx\nc\n", ["Lines 2 to 2"]);
check("two places", "a\nb\nc\nd\n", "x\nb\nc\ny\n", ["Lines 1 to 1", "Lines 4 to 4"]);
check("lines put in", "a\nb\n", "a\nx\ny\nb\n", ["After line 1"]);
check("lines taken out", "a\nb\nc\n", "a\n", ["Lines 2 to 3"]);
check("from nothing", "", "a\nb\n", ["After line 0"]);
check("to nothing", "a\nb\n", "", ["Lines 1 to 2"]);
check("no line end at the end", "a\nb", "a\nc", ["Lines 2 to 2"]);
check("repeated lines", "end\nend\nend\n", "end\nend\n", ["Lines 3 to 3"]);
check("a line moved", "a\nb\nc\nd\n", "a\nc\nb\nd\n", ["Lines 2 to 2", "After line 3"]);
check("both ends of a long text", numbered(50_000), numbered(50_000, [0, 49_999]), [
  "Lines 1 to 1",
  "Lines 50000 to 50000",
]);
check("nothing alike", numbered(5_000), numbered(5_000).replaceAll("\n", " x\n"), [
  "Lines 1 to 5000",
]);
