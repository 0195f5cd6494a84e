/** A server that says what a test has it say, and a log that keeps what it was told. */

import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { Health, Server } from "../../src/server/server";
import type * as wire from "../../src/wire.gen";

export class FakeServer {
  readonly event = new vscode.EventEmitter<wire.Event>();
  readonly progress = new vscode.EventEmitter<wire.Progress>();
  readonly draft = new vscode.EventEmitter<wire.Draft>();
  readonly draftOver = new vscode.EventEmitter<wire.RunArgs>();
  readonly tests = new vscode.EventEmitter<object>();
  readonly specs = new vscode.EventEmitter<wire.SpecStates>();
  readonly healthy = new vscode.EventEmitter<Health>();
  readonly onEvent = this.event.event;
  readonly onProgress = this.progress.event;
  readonly onDraft = this.draft.event;
  readonly onDraftOver = this.draftOver.event;
  readonly onTestsChanged = this.tests.event;
  readonly onSpecChanged = this.specs.event;
  readonly onHealth = this.healthy.event;
  readonly middleware: Middleware = {};
  readonly health: Health = "running";
  deliver: Server["deliver"] = async () => ({ applied: false });
  answer: () => Promise<unknown> = async () => undefined;

  get server(): Server {
    return this as unknown as Server;
  }

  execute(): Promise<unknown> {
    return this.answer();
  }
}

/** A memory that forgets when the test ends. */
export function memory(): vscode.Memento {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: <T>(key: string, other?: T) => (kept.get(key) ?? other) as T,
    update: async (key, value) => void kept.set(key, value),
  };
}

/** A log, and the errors that it was told of. */
export function logOf(): { readonly log: vscode.LogOutputChannel; readonly errors: string[] } {
  const errors: string[] = [];
  const error = (told: string | Error): number => errors.push(String(told));
  return { errors, log: { error } as unknown as vscode.LogOutputChannel };
}
