/** The specs of the workspace, and which of them changed since their RTL was generated. */

import * as vscode from "vscode";
import { coalesced } from "./coalesced";
import { noting } from "./failure";
import type { Progress } from "./runs/progress";
import type { Server } from "./server/server";
import * as wire from "./wire.gen";

export class Specs implements vscode.Disposable {
  /** By file: one may hold several spec comments. */
  private states = new Map<string, readonly wire.SpecState[]>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;
  private readonly asked = coalesced(() => this.ask());
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly server: Server,
    progress: Progress,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.listening = vscode.Disposable.from(
      server.onSpecChanged(({ uri, specs }) => this.know(this.states.set(uri, specs))),
      server.onHealth((health) => health === "running" && this.refresh()),
      progress.onEnd(() => this.refresh()),
    );
  }

  /** Those whose RTL was made from another text. */
  outdated(): readonly wire.SpecState[] {
    return this.all().filter(({ outdated }) => outdated);
  }

  /** The state of a spec, named by its own URI or by that of its RTL: first one that changed. */
  of(uri: vscode.Uri): wire.SpecState | undefined {
    const same = (other: string): boolean => vscode.Uri.parse(other).toString() === uri.toString();
    const named = this.all().filter((one) => same(one.uri) || same(one.target));
    return named.find(({ outdated }) => outdated) ?? named[0];
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }

  private refresh(): void {
    void this.asked().catch(noting(this.log));
  }

  private async ask(): Promise<void> {
    const { specs } = await this.server.execute(wire.SPECS);
    this.know(Map.groupBy(specs, ({ uri }) => uri));
  }

  private know(states: Map<string, readonly wire.SpecState[]>): void {
    this.states = states;
    this.changed.fire();
  }

  private all(): readonly wire.SpecState[] {
    return [...this.states.values()].flat();
  }
}

/** What names a spec to the server. */
export const ofSpec = ({ uri, range }: wire.SpecState): wire.UpdateArgs => ({ uri, range });
