import assert from "node:assert/strict";
import { test } from "node:test";
import { coalesced } from "../src/coalesced";

test("what is asked for while it goes on is done once more", async () => {
  const turns: (() => void)[] = [];
  const ask = coalesced(() => new Promise((resolve) => turns.push(resolve)));
  const first = ask();
  const [second, third] = [ask(), ask()];
  assert.equal(turns.length, 1);
  turns[0]?.();
  await first;
  assert.equal(turns.length, 2);
  turns[1]?.();
  await Promise.all([second, third]);
  assert.equal(turns.length, 2);
  void ask();
  assert.equal(turns.length, 3);
});

test("a failure is told to who asked, and the next turn is taken", async () => {
  let turns = 0;
  const ask = coalesced(async () => {
    turns++;
    throw new Error("no");
  });
  const told = await Promise.allSettled([ask(), ask()]);
  assert.deepEqual(
    told.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  assert.equal(turns, 2);
});
