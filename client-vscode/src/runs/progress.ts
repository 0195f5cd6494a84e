/** The runs of this window that go on, each with a line of the server's on how it stands. */

import * as vscode from "vscode";
import type { Server } from "../server/server";
import type * as wire from "../wire.gen";

const STEPS = new Set<wire.Event["type"]>(["run_started", "iteration_finished", "run_finished"]);

export class Progress implements vscode.Disposable {
  private readonly going = new Map<string, wire.Progress>();
  /** How many runs the user waits for: each to its end, and until its result is where it belongs. */
  private awaited = 0;
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
      server.onProgress((told) => {
        this.going.set(told.run_id, told);
        this.changed.fire();
      }),
      server.onEvent((event) => this.take(event)),
      server.onDraftOver(({ run_id }) => this.end(run_id)), // also of a run that tells of no end
      server.onHealth((health) => health === "running" || this.forget()),
    );
  }

  /** The runs that are going on, the newest last. */
  running(): readonly wire.Progress[] {
    return [...this.going.values()];
  }

  /** Counts a run as going on until its answer is there. */
  async during<T>(run: Promise<T>): Promise<T> {
    this.awaited++;
    try {
      return await run;
    } finally {
      this.awaited--;
      this.changed.fire();
    }
  }

  /** Is there anything that the server's end would cut off? */
  get busy(): boolean {
    return this.awaited > 0 || this.going.size > 0;
  }

  /** Resolves when there is nothing. */
  async idle(): Promise<void> {
    while (this.busy) {
      await new Promise<void>((resolve) => {
        const listening = this.onChange(() => {
          listening.dispose();
          resolve();
        });
      });
    }
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
    this.stepped.dispose();
    this.ended.dispose();
  }

  private take(event: wire.Event): void {
    if (event.type === "run_finished") {
      this.end(event.run_id);
      this.ended.fire(event.result);
    }
    if (STEPS.has(event.type)) {
      this.stepped.fire(event.run_id);
    }
  }

  private end(runId: string): void {
    if (this.going.delete(runId)) {
      this.changed.fire();
    }
  }

  private forget(): void {
    this.going.clear();
    this.changed.fire();
  }
}
