import assert from "node:assert/strict";
import { test } from "node:test";
import { paced, STEP_MS } from "../src/stream/pace";

/** All that is shown on the way from one text to another. */
function steps(shown: string, text: string): string[] {
  const seen: string[] = [];
  for (let now = shown; now !== text; now = seen.at(-1) as string) {
    seen.push(paced(now, text));
    assert.ok(seen.length < 1000, "it comes to an end");
  }
  return seen;
}

test("a text grows from its beginning", () => {
  const text = "module counter (input clk);\n".repeat(40);
  const seen = steps("", text);
  assert.ok(seen.length > 10);
  assert.ok(seen.every((one) => text.startsWith(one)));
});

test("however long a text is, it is shown within seconds", () => {
  const seconds = (length: number): number =>
    (steps("", "x".repeat(length)).length * STEP_MS) / 1000;
  assert.ok(seconds(500) > 0.5);
  assert.ok(seconds(2_000) < 2.5);
  assert.ok(seconds(100_000) < 5);
});

test("what stands around a draft stays", () => {
  const [head, tail] = ["// spec: a counter\n", "\nmodule other; endmodule\n"];
  const text = `${head}${"assign y = a & b;\n".repeat(20)}${tail}`;
  const seen = steps(head + tail, text);
  assert.ok(seen.every((one) => one.startsWith(head) && one.endsWith(tail.trimStart())));
});

test("what is void goes first", () => {
  const text = `begin ${"new ".repeat(50)}end`;
  assert.ok(!paced(`begin ${"old ".repeat(50)}end`, text).includes("old"));
});

test("a character is never cut in two", () => {
  const text = "🙂".repeat(200);
  assert.ok(steps("", text).every((one) => !/[\uD800-\uDBFF]$/.test(one)));
});
