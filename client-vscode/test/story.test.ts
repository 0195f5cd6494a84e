import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOfBest, keyOfTried, story, timeline } from "../src/runs/story";
import type * as wire from "../src/wire.gen";

const candidate = (id: string, how = "written") => ({ type: "candidate", id, how, rtl: `<${id}>` });
const compiled = (id: string, errors = 0) => ({
  type: "compiled",
  candidate: id,
  ok: !errors,
  reason: errors ? "compile_error" : "ok",
  diagnostics: Array.from({ length: errors }, () => ({ severity: "error" })),
  seconds: 0.5,
  cached: false,
});
const simulated = (id: string, ...statuses: readonly string[]) => ({
  type: "simulated",
  candidate: id,
  status: statuses.every((one) => one === "passed") ? "passed" : "failed",
  reason: "ok",
  tests: statuses.map((status) => ({ status })),
  seconds: 2,
  cached: false,
});
const over = (index: number) => ({ type: "iteration_finished", iteration: { index } });

/** Events a second apart. */
const events = (...told: readonly object[]): wire.Event[] =>
  told.map((event, seq) => ({ run_id: "r", seq, time: 100 + seq, ...event }) as wire.Event);

test("every text of an iteration is told, with how far it came", () => {
  const { iterations, unfinished } = story(
    events(
      candidate("a"),
      compiled("a", 2),
      candidate("b", "by rule: r"),
      compiled("b"),
      simulated("b", "passed", "failed"),
      over(0),
      candidate("c"),
    ),
  );
  const told = iterations.map((texts) => texts.map(({ number, how, came }) => [number, how, came]));
  assert.deepEqual(told, [
    [
      [1, "written", "2 errors"],
      [2, "by rule: r", "1/2 tests"],
    ],
  ]);
  assert.deepEqual(unfinished, [
    { id: "c", number: 3, how: "written", rtl: "<c>", came: "not judged", ok: false },
  ]);
});

test("a text that comes again keeps its number and what is known of it", () => {
  const again = events(candidate("a"), compiled("a"), over(0), candidate("a"), over(1));
  const { iterations } = story(again);
  assert.deepEqual(iterations[1], iterations[0]);
  assert.equal(iterations[0]?.[0]?.came, "compiles");
});

test("a text is named by its place in its run", () => {
  const [tried] = story(events(candidate("a"))).unfinished;
  const run = { run: { run_id: "r", module: "" } as wire.RunSummary, target: "file:///m.v" };
  const key = { runId: "r", candidate: "a", module: "candidate", target: "file:///m.v" };
  assert.deepEqual(tried && keyOfTried(run, tried), { ...key, name: "candidate 1" });
  const iteration = { index: 1, candidate: "a" } as wire.Iteration;
  assert.deepEqual(keyOfBest(run, iteration), { ...key, name: "iteration 2" });
  assert.equal(keyOfBest(run, { ...iteration, candidate: null }), undefined);
});

test("the timeline says when what began and how long it took", () => {
  const told = timeline(
    events(
      { type: "run_started", resumes: null },
      { type: "model_called" },
      { type: "model_replied", role: "generator", seconds: 1.5 },
      candidate("a"),
      compiled("a", 1),
      { type: "text" },
      { ...simulated("a"), cached: true, reason: "timeout" },
      over(0),
    ),
  );
  assert.deepEqual(
    told.map(({ at, took, what }) => [at, took, what]),
    [
      [0, 0, "begins"],
      [0.5, 1.5, "the generator writes"],
      [3.5, 0.5, "compile candidate 1: 1 error"],
      [6, 0, "simulate candidate 1: timeout, known"],
      [7, 0, "iteration 1 ends"],
    ],
  );
});
