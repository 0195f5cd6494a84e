/** What is known of a run that goes on, folded from its events: pure. */

import { count } from "../text";
import type * as wire from "../wire.gen";

export interface Live {
  readonly runId: string;
  readonly module: string;
  readonly stage: string;
  readonly iteration: number;
  readonly passed: number;
  readonly tests: number;
  readonly tokens: number;
  readonly cost: number | null;
  /** Its tests ran where no sandbox works. */
  readonly unconfined: boolean;
}

export function begun({ run_id, module }: wire.RunStarted): Live {
  return {
    runId: run_id,
    module,
    stage: "starting",
    iteration: 1,
    passed: 0,
    tests: 0,
    tokens: 0,
    cost: null,
    unconfined: false,
  };
}

/** The state after one more event. */
export function fold(live: Live, event: wire.Event): Live {
  switch (event.type) {
    case "downloading": {
      const share = event.total ? ` ${Math.floor((100 * event.done) / event.total)} %` : "";
      return { ...live, stage: `downloading ${event.what}${share}` };
    }
    case "model_called":
      return { ...live, stage: event.role === "generator" ? "writing" : "reflecting" };
    case "model_replied": {
      const { prompt_tokens, completion_tokens, cost_usd } = event.usage;
      const cost = cost_usd === null ? live.cost : (live.cost ?? 0) + cost_usd;
      return { ...live, tokens: live.tokens + prompt_tokens + completion_tokens, cost };
    }
    case "candidate":
      return { ...live, stage: "compiling" };
    case "rejected":
      return { ...live, stage: "no usable code" };
    case "compiled": {
      const errors = event.diagnostics.filter(({ severity }) => severity === "error").length;
      return { ...live, stage: event.ok ? "compiles" : count(errors, "error") };
    }
    case "simulation_started":
      return { ...live, stage: "simulating", passed: 0, tests: 0 };
    case "test_finished":
      return {
        ...live,
        tests: live.tests + 1,
        passed: live.passed + (event.test.status === "passed" ? 1 : 0),
      };
    case "simulated": {
      const passed = event.tests.filter(({ status }) => status === "passed").length;
      const unconfined = event.sandbox === "rlimits";
      return { ...live, stage: event.status, passed, tests: event.tests.length, unconfined };
    }
    case "iteration_finished":
      return { ...live, iteration: live.iteration + 1 };
    case "run_started":
    case "text":
    case "test_explained":
    case "measured":
    case "reflected":
    case "warning":
    case "tests_finished":
    case "run_finished":
      return live;
  }
}

/** One line for the status bar. */
export function tell(live: Live): string {
  const { module, stage, iteration, passed, tests, tokens, cost, unconfined } = live;
  return [
    `${module}: ${stage}`,
    `iteration ${iteration}`,
    ...(tests ? [`${passed}/${tests} tests`] : []),
    ...(unconfined ? ["no sandbox"] : []),
    ...(tokens ? [count(tokens, "token")] : []),
    ...(cost === null ? [] : [`$${cost.toFixed(3)}`]),
  ].join(" · ");
}
