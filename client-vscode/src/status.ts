/** The status bar: the run that goes on, else a spec that changed, else how the server is. */

import * as vscode from "vscode";
import type { Progress } from "./runs/progress";
import type { Server } from "./server/server";
import { enabled } from "./settings";
import { ofSpec, type Specs } from "./specs";
import * as wire from "./wire.gen";

type Shown = Pick<vscode.StatusBarItem, "text" | "tooltip" | "command">;

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "spec2rtl.status",
    vscode.StatusBarAlignment.Left,
    10,
  );
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly server: Server,
    private readonly progress: Progress,
    private readonly specs: Specs,
  ) {
    this.item.name = "Spec2RTL";
    this.listening = vscode.Disposable.from(
      server.onHealth(() => this.show()),
      progress.onChange(() => this.show()),
      specs.onChange(() => this.show()),
      vscode.workspace.onDidChangeConfiguration(() => this.show()),
      vscode.window.onDidChangeActiveTextEditor(() => this.show()),
    );
    this.show();
  }

  dispose(): void {
    this.listening.dispose();
    this.item.dispose();
  }

  private show(): void {
    const running = this.progress.running().length > 0;
    void vscode.commands.executeCommand("setContext", "spec2rtl.running", running);
    Object.assign(this.item, this.state());
    this.item.show();
  }

  private state(): Shown {
    const run = this.progress.running().at(-1);
    const active = vscode.window.activeTextEditor?.document.uri;
    const spec = active && this.specs.of(active);
    if (run) {
      const tooltip = "Spec2RTL: click to cancel the run";
      return { text: `$(sync~spin) ${run.module}: ${run.line}`, tooltip, command: wire.CANCEL };
    }
    if (!enabled()) {
      const tooltip = "Spec2RTL: the setting spec2rtl.enable is off; click to turn it on";
      return { text: "$(circle-slash) Spec2RTL", tooltip, command: "spec2rtl.startServer" };
    }
    if (this.server.health === "stopped") {
      const tooltip = "Spec2RTL: the server isn't running; click to restart it";
      return { text: "$(warning) Spec2RTL", tooltip, command: "spec2rtl.restartServer" };
    }
    if (spec?.outdated) {
      const tooltip = ["Spec2RTL: click to update the RTL", ...spec.changed].join("\n");
      const command = { title: "Update RTL", command: wire.UPDATE, arguments: [ofSpec(spec)] };
      return { text: `$(warning) ${spec.module}: ${spec.difference}`, tooltip, command };
    }
    const text = this.server.health === "running" ? "Spec2RTL" : "$(sync~spin) Spec2RTL";
    return { text, tooltip: "Spec2RTL: click for the doctor", command: wire.DOCTOR };
  }
}
