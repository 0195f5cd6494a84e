import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, MOST_CRASHES } from "../src/server/backoff";

test("each crash in a row waits twice as long, until there are too many", () => {
  const crashes: number[] = [];
  const waits: (number | null)[] = [];
  for (let crash = 0; crash <= MOST_CRASHES; crash++) {
    crashes.push(crash * 1000);
    waits.push(backOff(crashes, crash * 1000));
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, null]);
});

test("what is long ago is forgiven", () => {
  const hour = 3_600_000;
  assert.equal(backOff([0, 1, 2, 3, 4, 5, hour], hour), 250);
});
