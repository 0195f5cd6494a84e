/** The language server as the rest of the extension sees it: one connection that comes back. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import {
  ConnectionError,
  type DynamicFeature,
  ErrorCodes,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  LSPErrorCodes,
  type Middleware,
  ResponseError,
  State,
  type StaticFeature,
  WorkDoneProgress,
  WorkDoneProgressCancelNotification,
} from "vscode-languageclient/node";
import { noting, reasonOf } from "../failure";
import type { Keys } from "../keys";
import { chosen, enabled, SettingError } from "../settings";
import * as wire from "../wire.gen";
import { locate } from "./locate";
import { Recovery } from "./recovery";
import { traffic } from "./traffic";

export const DOCUMENTS = [
  { scheme: "file", pattern: "**/*.spec.md" },
  { scheme: "file", language: "verilog" },
  { scheme: "file", language: "systemverilog" },
  { scheme: "file", language: "python", pattern: "**/test_*.py" },
];

/** A client that leaves the server's command names to us, who know more of their arguments. */
class Client extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const method = "registrationType" in feature ? feature.registrationType.method : undefined;
    if (method !== ExecuteCommandRequest.method) {
      super.registerFeature(feature);
    }
  }

  /** What fails because the server is gone is told once, and not for each request. */
  override error(message: string, data?: unknown, show?: boolean | "force"): void {
    super.error(message, data, data instanceof ConnectionError ? false : show);
  }
}

/** The server's commands, what each takes and what it answers. */
type Name = keyof wire.Commands;
export type Argument<C extends Name> = wire.Commands[C]["argument"];
type Answer<C extends Name> = wire.Commands[C]["answer"];

export type Health = "starting" | "running" | "stopped";

export class Server implements vscode.Disposable {
  /** The notifications of the server that others hear of. */
  private readonly news = new Map<string, vscode.EventEmitter<unknown>>();
  readonly onEvent = this.newsOf<wire.Event>(wire.EVENT);
  readonly onProgress = this.newsOf<wire.Progress>(wire.PROGRESS);
  readonly onDraft = this.newsOf<wire.Draft>(wire.DRAFT);
  readonly onDraftOver = this.newsOf<wire.RunArgs>(wire.DRAFT_OVER);
  readonly onTestsChanged = this.newsOf<object>(wire.TESTS_CHANGED);
  readonly onSpecChanged = this.newsOf<wire.SpecStates>(wire.SPEC_CHANGED);
  private readonly changed = new vscode.EventEmitter<Health>();
  readonly onHealth = this.changed.event;
  /** Asked with each delivery; set by whoever shows text. */
  deliver: (delivery: wire.Delivery) => Promise<wire.Applied> = async () => ({ applied: false });
  /** Whoever holds back a document's changes while it streams adds to this before the start. */
  readonly middleware: Middleware = {
    workspace: { configuration: ({ items }) => items.map(({ scopeUri }) => chosen(scopeUri)) },
  };
  health: Health = "stopped";
  private client: LanguageClient | undefined;
  private turn: Promise<void> = Promise.resolve();
  /** A restart that hasn't begun. */
  private restarting: Promise<void> | undefined;
  /** What the server hasn't answered when it is stopped it never will: vscode-languageclient leaves it open. */
  private unanswered = new Set<(why: Error) => void>();

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly keys: Keys,
  ) {}

  /** Starts the server unless it runs. */
  start(): Promise<void> {
    return this.inTurn(async () => {
      if (this.health === "stopped") {
        await this.disconnect();
        await this.connect();
      }
    });
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.disconnect());
  }

  /** Restarts asked for at the same time become one. */
  restart(): Promise<void> {
    this.restarting ??= this.inTurn(async () => {
      this.restarting = undefined;
      await this.disconnect();
      await this.connect();
    });
    return this.restarting;
  }

  /** Carries out one of the server's commands. */
  async execute<C extends Name>(
    command: C,
    argument?: Argument<C>,
    token?: vscode.CancellationToken,
  ): Promise<Answer<C>> {
    await this.turn;
    const params = { command, arguments: argument ? [argument] : [] };
    return this.answered(this.running().sendRequest(ExecuteCommandRequest.type, params, token));
  }

  /** The same for a run: a notification tells how it goes on until its end, and cancels it. */
  async executeShown<C extends Name>(
    title: string,
    command: C,
    argument: Argument<C>,
  ): Promise<Answer<C>> {
    await this.turn;
    const client = this.running();
    const token = randomUUID();
    const params = { command, arguments: [argument], workDoneToken: token };
    const place = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const ended = Promise.withResolvers<void>();
    let listening: vscode.Disposable | undefined;
    void vscode.window.withProgress(place, (progress, cancelled) => {
      listening = vscode.Disposable.from(
        client.onProgress(WorkDoneProgress.type, token, (value) => {
          if (value.kind === "end") {
            ended.resolve(); // what comes of the result may wait for the user
          } else if (value.message) {
            progress.report({ message: value.message });
          }
        }),
        cancelled.onCancellationRequested(() =>
          client.sendNotification(WorkDoneProgressCancelNotification.type, { token }),
        ),
      );
      return ended.promise;
    });
    try {
      return await this.answered(client.sendRequest(ExecuteCommandRequest.type, params));
    } finally {
      ended.resolve();
      listening?.dispose();
    }
  }

  dispose(): void {
    for (const emitter of [...this.news.values(), this.changed]) {
      emitter.dispose();
    }
  }

  private newsOf<T>(method: string): vscode.Event<T> {
    const emitter = new vscode.EventEmitter<T>();
    this.news.set(method, emitter);
    return emitter.event;
  }

  private async answered<T>(request: Promise<unknown>): Promise<T> {
    const cut = Promise.withResolvers<never>();
    this.unanswered.add(cut.reject);
    try {
      return (await Promise.race([request, cut.promise])) as T;
    } catch (error) {
      throw error instanceof ResponseError && error.code === ErrorCodes.PendingResponseRejected
        ? this.ended()
        : error;
    } finally {
      this.unanswered.delete(cut.reject);
    }
  }

  private running(): LanguageClient {
    if (!this.client?.isRunning()) {
      const why = enabled() ? "the server isn't running" : "spec2rtl.enable is off";
      throw new Error(`${why}: start it by the command "Spec2RTL: Start Server"`);
    }
    return this.client;
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work).catch((error: unknown) => this.failed(error));
    return this.turn;
  }

  private async connect(): Promise<void> {
    if (!enabled()) {
      return;
    }
    this.become("starting");
    const program = await locate(this.context, this.log);
    this.log.info(`server: ${[program.command, ...program.args].join(" ")} (${program.origin})`);
    const start = async (): Promise<ChildProcess> =>
      spawn(program.command, [...program.args, "lsp", "--stdio"], {
        env: { ...process.env, ...(await this.keys.environment()) },
      });
    const client = new Client("spec2rtl", "Spec2RTL", start, this.options());
    for (const [method, emitter] of this.news) {
      client.onNotification(method, (told: unknown) => emitter.fire(told));
    }
    client.onRequest(wire.DELIVER, (delivery: wire.Delivery) => this.deliver(delivery));
    client.onDidChangeState(({ newState }) => this.follow(newState));
    this.client = client;
    await client.start();
    this.compareVersions(client.initializeResult?.serverInfo?.version);
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: DOCUMENTS,
      outputChannel: this.log,
      traceOutputChannel: traffic(this.log),
      initializationOptions: (): wire.Options => ({
        events: true,
        trusted: vscode.workspace.isTrusted,
        commands: [wire.EDIT_RTL, wire.SHOW_RUN],
      }),
      errorHandler: new Recovery(
        () => this.log.warn("the server ended unasked"),
        () => this.failed(new Error("the server keeps ending")),
      ),
      middleware: this.middleware,
      diagnosticPullOptions: { onChange: true, onSave: true },
    };
  }

  private follow(state: State): void {
    if (state === State.Running) {
      this.become("running");
    } else {
      this.become(state === State.Starting ? "starting" : "stopped");
    }
  }

  private compareVersions(server: string | undefined): void {
    const ours = String(this.context.extension.packageJSON.version);
    if (server !== ours) {
      this.log.warn(`the server is version ${server ?? "unknown"}, this extension ${ours}`);
    }
  }

  private async disconnect(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop()) {
      await client.stop();
    }
    await client?.dispose();
    for (const reject of this.unanswered) {
      reject(this.ended());
    }
    this.become("stopped");
  }

  /** Why there is no answer: the server was stopped, or has ended unasked. */
  private ended(): Error {
    return this.client
      ? new Error("the server ended unasked; what a run had until then is in the Runs view")
      : new ResponseError(LSPErrorCodes.RequestCancelled, "the server was stopped");
  }

  private failed(error: unknown): void {
    noting(this.log)(error);
    this.become("stopped");
    void this.tellOfFailure(error);
  }

  private async tellOfFailure(error: unknown): Promise<void> {
    const setting = error instanceof SettingError ? error.setting : undefined;
    const buttons = ["Restart", ...(setting ? ["Open Settings"] : []), "Show Log"];
    const chosen = await vscode.window.showErrorMessage(`Spec2RTL: ${reasonOf(error)}`, ...buttons);
    if (chosen === "Restart") {
      await this.restart();
    } else if (chosen === "Open Settings") {
      // Where the server runs on another machine, its settings are that machine's.
      const where = vscode.env.remoteName ? "openRemoteSettings" : "openSettings";
      await vscode.commands.executeCommand(`workbench.action.${where}`, { query: setting });
    } else if (chosen === "Show Log") {
      this.log.show();
    }
  }

  private become(health: Health): void {
    if (health !== this.health) {
      this.health = health;
      this.changed.fire(health);
    }
  }
}
