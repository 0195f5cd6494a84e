import assert from "node:assert/strict";
import { test } from "node:test";
import { change, count, offsetOf, placeAt, unitsBefore } from "../src/text";

test("a change turns one text into the other", () => {
  for (const [before, after, piece] of [
    ["", "abc", "abc"],
    ["abc", "", ""],
    ["abc", "abc", ""],
    ["module a;", "module ab;", "b"],
    ["aaaa", "aa", ""],
    ["x = 1;\ny = 2;\n", "x = 1;\ny = 3;\n", "3"],
  ] as const) {
    const { start, end, text } = change(before, after);
    assert.equal(before.slice(0, start) + text + before.slice(end), after);
    assert.equal(text, piece);
  }
});

test("places and offsets are each other's inverse", () => {
  const text = "one\n\nthree 🙂 four\nend";
  for (let offset = 0; offset <= text.length; offset++) {
    assert.equal(offsetOf(text, placeAt(text, offset)), offset);
  }
  assert.deepEqual(placeAt(text, 5), { line: 2, character: 0 });
  assert.equal(offsetOf(text, { line: 9, character: 0 }), text.length);
});

test("columns count code points, the editor counts UTF-16 units", () => {
  for (const [line, column, units] of [
    ["abc", 1, 0],
    ["abc", 3, 2],
    ["🙂x", 2, 2],
    ["漢字x", 3, 2],
    ["ab", 9, 2],
  ] as const) {
    assert.equal(unitsBefore(line, column), units);
  }
});

test("a noun follows its number", () => {
  assert.equal(count(1, "error"), "1 error");
  assert.equal(count(0, "error"), "0 errors");
  assert.equal(count(1234, "token"), "1,234 tokens");
});
