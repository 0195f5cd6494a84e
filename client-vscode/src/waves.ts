/** "Show Waves": the recording of a failing test, in whichever viewer there is. */

import * as vscode from "vscode";
import type { Server } from "./server/server";
import * as wire from "./wire.gen";

const VAPORVIEW = "vaporview.openFile";
const SURFER = { extension: "surfer-project.surfer", view: "surfer.waveformViewer" };

/** A test of the Test Explorer, or what the arguments of `wire.WAVES` are. */
export type Asked = vscode.TestItem | wire.WavesArgs;

export async function showWaves(server: Server, asked: Asked): Promise<void> {
  const waves = await server.execute<wire.Waves>(wire.WAVES, args(asked));
  if (waves.path === null) {
    throw new Error(waves.message ?? "there is nothing to show");
  }
  const file = vscode.Uri.file(waves.path);
  if ((await vscode.commands.getCommands(true)).includes(VAPORVIEW)) {
    await inVaporView(file, waves);
  } else if (vscode.extensions.getExtension(SURFER.extension)) {
    await vscode.commands.executeCommand("vscode.openWith", file, SURFER.view);
    const look = `look at ${waves.time_ns} ns: ${waves.signals.join(", ")}`;
    void vscode.window.showInformationMessage(`${waves.test} fails: ${look}`);
  } else if (waves.gtkwave !== null && waves.save !== null && !vscode.env.remoteName) {
    vscode.window.createTerminal({
      name: `Waves of ${waves.test}`,
      shellPath: waves.gtkwave,
      shellArgs: [waves.path, waves.save],
    });
  } else {
    asPicture(waves);
  }
}

function args(asked: Asked): wire.WavesArgs {
  if ("test" in asked) {
    return asked;
  }
  if (!asked.uri || !asked.parent) {
    throw new Error("choose a single test that fails");
  }
  return { uri: asked.uri.toString(), test: asked.label };
}

/** With the signals that matter, at the moment of the failure: VaporView has commands for both. */
async function inVaporView(uri: vscode.Uri, waves: wire.Waves): Promise<void> {
  await vscode.commands.executeCommand(VAPORVIEW, { uri, loadAll: false });
  for (const instancePath of waves.signals) {
    await vscode.commands.executeCommand("waveformViewer.addVariable", { uri, instancePath });
  }
  const moment = { uri, time: waves.time_ns, units: "ns" };
  await vscode.commands.executeCommand("waveformViewer.setMarker", moment);
}

/** The cycles before the failure, drawn, above what is known of it. */
function asPicture({ test, svg, text }: wire.Waves): void {
  const panel = vscode.window.createWebviewPanel(
    "spec2rtl.waves",
    `Waves of ${test}`,
    vscode.ViewColumn.Beside,
  );
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  panel.webview.html = `<!DOCTYPE html>
<html><head><meta http-equiv="Content-Security-Policy" content="${policy}"></head>
<body><div style="background: white; overflow: auto">${svg}</div><pre>${escaped(text)}</pre></body>
</html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}
