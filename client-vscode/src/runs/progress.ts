/** What goes on in the runs of this window, folded from their events. */

import * as vscode from "vscode";
import type { Server } from "../server/server";
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
}

const BEGIN: Omit<Live, "runId" | "module"> = {
  stage: "starting",
  iteration: 1,
  passed: 0,
  tests: 0,
  tokens: 0,
  cost: null,
};

/** The state after one more event: pure. */
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
      return { ...live, stage: event.ok ? "compiles" : `${errors} errors` };
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
      return { ...live, stage: event.status, passed, tests: event.tests.length };
    }
    case "iteration_finished":
      return { ...live, iteration: live.iteration + 1 };
    case "run_started":
    case "text":
    case "reflected":
    case "warning":
    case "run_finished":
      return live;
  }
}

/** One line for the status bar: pure. */
export function tell({ module, stage, iteration, passed, tests, tokens, cost }: Live): string {
  return [
    `${module}: ${stage}`,
    `iteration ${iteration}`,
    ...(tests ? [`${passed}/${tests} tests`] : []),
    ...(tokens ? [`${tokens.toLocaleString("en")} tokens`] : []),
    ...(cost === null ? [] : [`$${cost.toFixed(3)}`]),
  ].join(" · ");
}

export class Progress implements vscode.Disposable {
  private readonly live = new Map<string, Live>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly ended = new vscode.EventEmitter<wire.Result>();
  readonly onChange = this.changed.event;
  readonly onEnd = this.ended.event;
  private readonly listening: vscode.Disposable;

  constructor(server: Server) {
    this.listening = vscode.Disposable.from(
      server.onEvent((event) => this.take(event)),
      server.onHealth((health) => health === "running" || this.forget()),
    );
  }

  /** The runs that are going on, the newest last. */
  running(): readonly Live[] {
    return [...this.live.values()];
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
    this.ended.dispose();
  }

  private take(event: wire.Event): void {
    if (event.type === "run_finished") {
      this.live.delete(event.run_id);
      this.ended.fire(event.result);
    } else if (event.type === "run_started") {
      this.live.set(event.run_id, { ...BEGIN, runId: event.run_id, module: event.module });
    } else {
      const live = this.live.get(event.run_id);
      if (live) {
        this.live.set(event.run_id, fold(live, event));
      }
    }
    this.changed.fire();
  }

  private forget(): void {
    this.live.clear();
    this.changed.fire();
  }
}
