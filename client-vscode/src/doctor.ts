/** The doctor's findings, each with its mend; a mend that is a command can be run in a terminal. */

import * as vscode from "vscode";
import type { Server } from "./server/server";
import * as wire from "./wire.gen";

interface Choice extends vscode.QuickPickItem {
  readonly command?: string;
}

const BUILT_IN = "built in";

export async function showDoctor(server: Server): Promise<void> {
  const report = await server.execute(wire.DOCTOR);
  const choices: Choice[] = [
    { label: "Findings", kind: vscode.QuickPickItemKind.Separator },
    ...report.findings.map(choice),
    { label: "Settings that are set", kind: vscode.QuickPickItemKind.Separator },
    ...report.settings
      .filter(({ origin }) => origin !== BUILT_IN)
      .map(({ name, value, origin }) => ({
        label: `$(settings-gear) ${name}`,
        description: `${value} (${origin.startsWith("--") ? "the editor's settings" : origin})`,
      })),
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: `Spec2RTL ${report.version}: ${report.ok ? "all that is needed is there" : "something is missing"}`,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen?.command) {
    const terminal = vscode.window.createTerminal("Spec2RTL: Doctor");
    terminal.show();
    terminal.sendText(chosen.command, false); // shown, not run: the user presses Enter
  }
}

function choice({ name, ok, detail, mend, needed, command }: wire.Finding): Choice {
  const icon = ok ? "pass" : needed ? "error" : "info";
  const told = mend ?? command;
  return {
    label: `$(${icon}) ${name}`,
    description: detail,
    ...(told && { detail: command ? `$(terminal) ${told}` : told }),
    ...(command && { command }),
  };
}
