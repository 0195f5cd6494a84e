/** What goes on in the runs of this window, folded from their events. */

import * as vscode from "vscode";
import type { Server } from "../server/server";
import type * as wire from "../wire.gen";
import { begun, fold, type Live } from "./live";

const STEPS = new Set<wire.Event["type"]>(["run_started", "iteration_finished", "run_finished"]);

export class Progress implements vscode.Disposable {
  private readonly live = new Map<string, Live>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly stepped = new vscode.EventEmitter<string>();
  private readonly ended = new vscode.EventEmitter<wire.Result>();
  readonly onChange = this.changed.event;
  /** With a run's id when the journal has more to tell of it: a beginning, an iteration, the end. */
  readonly onStep = this.stepped.event;
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
    this.stepped.dispose();
    this.ended.dispose();
  }

  private take(event: wire.Event): void {
    if (event.type === "run_finished") {
      this.live.delete(event.run_id);
      this.ended.fire(event.result);
    } else if (event.type === "run_started") {
      this.live.set(event.run_id, begun(event));
    } else {
      const live = this.live.get(event.run_id);
      if (live) {
        this.live.set(event.run_id, fold(live, event));
      }
    }
    if (STEPS.has(event.type)) {
      this.stepped.fire(event.run_id);
    }
    this.changed.fire();
  }

  private forget(): void {
    this.live.clear();
    this.changed.fire();
  }
}
