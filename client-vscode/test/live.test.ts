import assert from "node:assert/strict";
import { test } from "node:test";
import { begun, fold, tell } from "../src/runs/live";
import type * as wire from "../src/wire.gen";

const run = { run_id: "r", seq: 0, time: 0 };
const usage = { prompt_tokens: 1000, cached_tokens: 0, completion_tokens: 200, cost_usd: 0.25 };
const passed = {
  name: "t",
  status: "passed",
  message: "",
  time_ns: 1,
  file: null,
  line: null,
} as const;

const START = begun({ ...run, type: "run_started", module: "fifo" } as unknown as wire.RunStarted);

/** The line after these events. */
function check(events: readonly object[], expected: string): void {
  test(`live: ${expected}`, () => {
    const told = events.map((event) => ({ ...run, ...event }) as wire.Event);
    assert.equal(tell(told.reduce(fold, START)), expected);
  });
}

check([], "fifo: starting · iteration 1");
check(
  [{ type: "downloading", what: "m", done: 1, total: 3 }],
  "fifo: downloading m 33 % · iteration 1",
);
check([{ type: "model_called", role: "generator" }], "fifo: writing · iteration 1");
check([{ type: "model_called", role: "reflector" }], "fifo: reflecting · iteration 1");
check(
  [
    { type: "model_replied", usage },
    { type: "model_replied", usage: { ...usage, cost_usd: null } },
    { type: "candidate" },
  ],
  "fifo: compiling · iteration 1 · 2,400 tokens · $0.250",
);
check(
  [{ type: "compiled", ok: false, diagnostics: [{ severity: "error" }, { severity: "warning" }] }],
  "fifo: 1 error · iteration 1",
);
check(
  [
    { type: "iteration_finished" },
    { type: "simulation_started" },
    { type: "test_finished", test: passed },
    { type: "test_finished", test: { ...passed, status: "failed" } },
  ],
  "fifo: simulating · iteration 2 · 1/2 tests",
);
check(
  [{ type: "simulated", status: "passed", tests: [passed], sandbox: "rlimits" }],
  "fifo: passed · iteration 1 · 1/1 tests · no sandbox",
);
check(
  [{ type: "simulated", status: "passed", tests: [passed, passed] }],
  "fifo: passed · iteration 1 · 2/2 tests",
);
