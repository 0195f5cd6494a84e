/** The specs of the workspace, and which of them changed since their RTL was generated. */

import * as vscode from "vscode";
import { coalesced } from "./coalesced";
import type { Progress } from "./runs/progress";
import type { Server } from "./server/server";
import * as wire from "./wire.gen";

export class Specs implements vscode.Disposable {
  private states = new Map<string, wire.SpecState>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;
  private readonly refresh = coalesced(() => this.ask());
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly server: Server,
    progress: Progress,
  ) {
    this.listening = vscode.Disposable.from(
      server.onSpecChanged((state) => {
        this.states.set(keyOf(state), state);
        this.changed.fire();
      }),
      server.onHealth((health) => health === "running" && void this.refresh()),
      progress.onEnd(() => void this.refresh()),
    );
  }

  /** Those whose RTL was made from another text. */
  outdated(): readonly wire.SpecState[] {
    return [...this.states.values()].filter((state) => state.outdated);
  }

  /** The state of a spec, named by its own URI or by that of its RTL: first one that changed. */
  of(uri: vscode.Uri): wire.SpecState | undefined {
    const same = (other: string): boolean => vscode.Uri.parse(other).toString() === uri.toString();
    const named = [...this.states.values()].filter((one) => same(one.uri) || same(one.target));
    return named.find(({ outdated }) => outdated) ?? named[0];
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }

  private async ask(): Promise<void> {
    const { specs } = await this.server.execute<wire.SpecList>(wire.SPECS);
    this.states = new Map(specs.map((state) => [keyOf(state), state]));
    this.changed.fire();
  }
}

/** A file may hold several spec comments. */
const keyOf = ({ uri, module }: wire.SpecState): string => `${uri}#${module}`;

/** What names a spec to the server. */
export const ofSpec = ({ uri, range }: wire.SpecState): wire.UpdateArgs => ({ uri, range });
