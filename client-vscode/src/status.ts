/** The status bar: the run that goes on, else a spec that changed, else how the server is. */

import * as vscode from "vscode";
import { tell } from "./runs/live";
import type { Progress } from "./runs/progress";
import type { Server } from "./server/server";
import { enabled } from "./settings";
import { ofSpec, type Specs, tellChange } from "./specs";
import * as wire from "./wire.gen";

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
    const run = this.progress.running().at(-1);
    const active = vscode.window.activeTextEditor?.document.uri;
    const spec = active && this.specs.of(active);
    void vscode.commands.executeCommand("setContext", "spec2rtl.running", run !== undefined);
    if (run) {
      this.item.text = `$(sync~spin) ${tell(run)}`;
      this.item.tooltip = "Spec2RTL: click to cancel the run";
      this.item.command = "spec2rtl.cancel";
    } else if (!enabled()) {
      this.item.text = "$(circle-slash) Spec2RTL";
      this.item.tooltip = "Spec2RTL: the setting spec2rtl.enable is off; click to turn it on";
      this.item.command = "spec2rtl.startServer";
    } else if (this.server.health === "stopped") {
      this.item.text = "$(warning) Spec2RTL";
      this.item.tooltip = "Spec2RTL: the server isn't running; click to restart it";
      this.item.command = "spec2rtl.restartServer";
    } else if (spec?.outdated) {
      this.item.text = `$(warning) ${spec.module}: ${tellChange(spec)}`;
      this.item.tooltip = ["Spec2RTL: click to update the RTL", ...spec.changed].join("\n");
      this.item.command = {
        title: "Update RTL",
        command: wire.UPDATE,
        arguments: [ofSpec(spec)],
      };
    } else {
      this.item.text = this.server.health === "running" ? "Spec2RTL" : "$(sync~spin) Spec2RTL";
      this.item.tooltip = "Spec2RTL: click for the doctor";
      this.item.command = "spec2rtl.doctor";
    }
    this.item.show();
  }
}
