/** The status bar: the run that goes on, else how the server is. */

import * as vscode from "vscode";
import { tell, type Progress } from "./runs/progress";
import type { Server } from "./server/server";

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
  ) {
    this.item.name = "Spec2RTL";
    this.listening = vscode.Disposable.from(
      server.onHealth(() => this.show()),
      progress.onChange(() => this.show()),
    );
    this.show();
  }

  dispose(): void {
    this.listening.dispose();
    this.item.dispose();
  }

  private show(): void {
    const run = this.progress.running().at(-1);
    void vscode.commands.executeCommand("setContext", "spec2rtl.running", run !== undefined);
    if (run) {
      this.item.text = `$(sync~spin) ${tell(run)}`;
      this.item.tooltip = "Spec2RTL: click to cancel the run";
      this.item.command = "spec2rtl.cancel";
    } else if (this.server.health === "stopped") {
      this.item.text = "$(warning) Spec2RTL";
      this.item.tooltip = "Spec2RTL: the server isn't running; click to restart it";
      this.item.command = "spec2rtl.restartServer";
    } else {
      this.item.text = this.server.health === "running" ? "Spec2RTL" : "$(sync~spin) Spec2RTL";
      this.item.tooltip = "Spec2RTL: click for the doctor";
      this.item.command = "spec2rtl.doctor";
    }
    this.item.show();
  }
}
