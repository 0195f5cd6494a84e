/** The Runs view: the runs of the workspace, of the active file, or all that the journal has. */

import * as vscode from "vscode";
import { nameOf } from "../places";
import type { Health, Server } from "../server/server";
import type { Specs } from "../specs";
import * as wire from "../wire.gen";
import type { Progress } from "./progress";
import { childrenOf, itemOf, type Node, parts } from "./tree";

/** The newest runs that are looked at. */
const NEWEST = 200;

/** Where the workspace remembers that there were runs: while they aren't known, they are not denied. */
const SHOWN = "spec2rtl.runs";

const SCOPES = {
  workspace: "Runs of This Workspace",
  file: "Runs of the Active File",
  all: "All Runs",
} as const;

type Scope = keyof typeof SCOPES;

export class RunsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Node>;
  private readonly listening: vscode.Disposable;
  private scope: Scope = "workspace";
  private file = activeFile();

  constructor(
    private readonly server: Server,
    progress: Progress,
    private readonly specs: Specs,
    private readonly memory: vscode.Memento,
  ) {
    this.view = vscode.window.createTreeView("spec2rtl.runs", {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.listening = vscode.Disposable.from(
      this.view,
      vscode.commands.registerCommand("spec2rtl.refreshRuns", () => this.refresh()),
      vscode.commands.registerCommand("spec2rtl.filterRuns", () => this.choose()),
      vscode.window.onDidChangeActiveTextEditor(() => this.follow()),
      progress.onStep(() => this.refresh()),
      specs.onChange(() => this.refresh()),
      server.onHealth((health) => this.tend(health)),
    );
    if (!memory.get(SHOWN)) {
      this.describe();
    }
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    switch (node?.kind) {
      case undefined:
        return this.roots();
      case "run": {
        const { run_id } = node.run;
        return childrenOf(await this.server.execute(wire.RUN, { run_id }));
      }
      case "iteration":
        return parts(node);
      default:
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node);
  }

  private async roots(): Promise<Node[]> {
    if (this.server.health !== "running") {
      return [];
    }
    const uri = this.scope === "file" ? this.subject() : null;
    const args: wire.RunsArgs = { limit: NEWEST, uri, workspace: this.scope === "workspace" };
    const { runs } = await this.server.execute(wire.RUNS, args);
    this.describe();
    void this.memory.update(SHOWN, runs.length > 0);
    return [
      ...this.specs.outdated().map((spec) => ({ kind: "outdated" as const, spec })),
      ...runs.map((run) => ({ kind: "run" as const, run })),
    ];
  }

  /** What the runs of the active file are of: its spec, where there is one. */
  private subject(): string | null {
    return (this.file && (this.specs.of(this.file)?.uri ?? this.file.toString())) ?? null;
  }

  private tend(health: Health): void {
    if (health === "running") {
      this.refresh();
    } else if (health === "stopped") {
      this.describe(); // there may be no first answer
    }
  }

  private refresh(): void {
    this.changed.fire(undefined);
  }

  private async choose(): Promise<void> {
    const choices = (Object.keys(SCOPES) as Scope[]).map((scope) => ({
      label: SCOPES[scope],
      description: scope === this.scope ? "shown now" : "",
      scope,
    }));
    const chosen = await vscode.window.showQuickPick(choices, { title: "Spec2RTL: Show Runs" });
    if (chosen) {
      this.scope = chosen.scope;
      this.refresh();
    }
  }

  private follow(): void {
    const file = activeFile();
    if (file && file.toString() !== this.file?.toString()) {
      this.file = file;
      if (this.scope === "file") {
        this.refresh();
      }
    }
  }

  /** Says which runs are shown; from then on, if there is none, also that. */
  private describe(): void {
    const name = this.file ? nameOf(this.file) : "no file";
    this.view.description = { workspace: "", file: name, all: "all" }[this.scope];
    void vscode.commands.executeCommand("setContext", "spec2rtl.runsScope", this.scope);
  }
}

function activeFile(): vscode.Uri | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === "file" ? uri : undefined;
}
