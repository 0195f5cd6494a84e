/** "Show Waves": the recording of a failing test, in whichever viewer there is. */

import * as vscode from "vscode";
import type { Server } from "./server/server";
import * as wire from "./wire.gen";

const VAPORVIEW = { extension: "lramseyer.vaporview", view: "vaporview.waveformViewer" };
const SURFER = { extension: "surfer-project.surfer", view: "surfer.waveformViewer" };

/** A test of the Test Explorer, or what the arguments of `wire.WAVES` are. */
export type Asked = vscode.TestItem | wire.WavesArgs;

export async function showWaves(server: Server, asked: Asked): Promise<void> {
  const waves = await server.execute(wire.WAVES, args(asked));
  if (waves.path === null) {
    throw new Error(waves.message ?? "there is nothing to show");
  }
  const file = vscode.Uri.file(waves.path);
  if (vscode.extensions.getExtension(VAPORVIEW.extension)) {
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
async function inVaporView(file: vscode.Uri, waves: wire.Waves): Promise<void> {
  await vscode.commands.executeCommand("vscode.openWith", file, VAPORVIEW.view);
  const uri = file.toString(); // its commands find a file by this text, and only once it is read
  await until(async () => {
    const open = await vscode.commands.executeCommand("waveformViewer.getOpenDocuments");
    return JSON.stringify(open ?? "").includes(uri);
  });
  for (const instancePath of waves.signals) {
    await vscode.commands.executeCommand("waveformViewer.addVariable", { uri, instancePath });
  }
  const moment = { uri, time: waves.time_ns, units: "ns" };
  await vscode.commands.executeCommand("waveformViewer.setMarker", moment);
}

const READING_MS = 20_000;
const LOOK_MS = 50;

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + READING_MS; !(await holds()); ) {
    if (Date.now() > end) {
      throw new Error("VaporView did not open the recording");
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
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
