import assert from "node:assert/strict";
import { test } from "node:test";
import { isAsBefore } from "../src/stream/before";

test("a document is known by its version, or by its text", () => {
  for (const [before, version, text, now, expected] of [
    ["a\n", 3, "a\n", 3, true],
    ["a\n", 3, "b\n", 3, true],
    ["a\n", 3, "a\n", 4, true],
    ["a\n", 3, "b\n", 4, false],
    ["a\n", null, "a\n", 1, true],
    ["a\r\n", null, "a\n", 1, true],
    ["a\n", null, "b\n", 1, false],
    [null, null, "", 1, true],
    [null, null, "b\n", 1, false],
  ] as const) {
    assert.equal(isAsBefore({ before, version }, text, now), expected);
  }
});
