/** The run page: a webview that shows what the journal holds of a run. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { telling } from "../failure";
import type { Server } from "../server/server";
import * as wire from "../wire.gen";
import { applyRun, compare } from "./commands";
import { type CandidateKey, candidateUri } from "./documents";
import type { Progress } from "./progress";

/** What the page asks of us. */
export type Wish =
  | { readonly type: "ready" }
  | { readonly type: "open"; readonly shown: CandidateKey }
  | { readonly type: "diff"; readonly from: CandidateKey; readonly to: CandidateKey }
  | { readonly type: "apply"; readonly shown: CandidateKey };

export class RunPages implements vscode.Disposable {
  private readonly panels = new Map<string, vscode.WebviewPanel>();
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly server: Server,
    progress: Progress,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.listening = progress.onStep((runId) => void this.refresh(runId).catch(telling(log)));
  }

  dispose(): void {
    this.listening.dispose();
    for (const panel of this.panels.values()) {
      panel.dispose();
    }
  }

  show(runId: string): void {
    const open = this.panels.get(runId);
    if (open) {
      open.reveal();
      return;
    }
    const media = vscode.Uri.joinPath(this.extension, "dist");
    const panel = vscode.window.createWebviewPanel(
      "spec2rtl.run",
      `Run ${runId}`,
      vscode.ViewColumn.Active,
      { enableScripts: true, localResourceRoots: [media], enableFindWidget: true },
    );
    this.panels.set(runId, panel);
    panel.onDidDispose(() => this.panels.delete(runId));
    panel.webview.onDidReceiveMessage(
      (wish: Wish) => void this.grant(runId, wish).catch(telling(this.log)),
    );
    panel.webview.html = html(panel.webview, media);
  }

  /** The run is deleted: what its page offers is gone. */
  close(runId: string): void {
    this.panels.get(runId)?.dispose();
  }

  private async refresh(runId: string): Promise<void> {
    const panel = this.panels.get(runId);
    if (panel) {
      const detail = await this.server.execute(wire.RUN, { run_id: runId });
      if (this.panels.get(runId) === panel) {
        panel.title = `${detail.run.module || detail.run.task}: run`;
        await panel.webview.postMessage(detail);
      }
    }
  }

  private async grant(runId: string, wish: Wish): Promise<void> {
    switch (wish.type) {
      case "ready":
        return this.refresh(runId);
      case "open":
        await vscode.window.showTextDocument(candidateUri(wish.shown), { preview: true });
        return;
      case "diff":
        return compare(wish.from, wish.to);
      case "apply":
        return applyRun(this.server, { run_id: runId, candidate: wish.shown.candidate });
    }
  }
}

/** Scripts and styles only from our own files, nothing from elsewhere, nothing inline. */
function html(webview: vscode.Webview, media: vscode.Uri): string {
  const nonce = randomBytes(16).toString("hex");
  const file = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(media, name)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${file("page.css")}">
<title>Run</title>
</head>
<body>
<main id="run"></main>
<script nonce="${nonce}" src="${file("page.js")}"></script>
</body>
</html>`;
}
