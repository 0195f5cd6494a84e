/** What waits for the workspace's trust. */

import * as vscode from "vscode";

export type Command = (...given: never[]) => unknown;

/** A command that runs something of the workspace: before that is trusted it only says so. */
export const trusted =
  (command: Command): Command =>
  (...given) =>
    vscode.workspace.isTrusted ? command(...given) : void askForTrust();

async function askForTrust(): Promise<void> {
  const text = "Spec2RTL: this workspace is not trusted: nothing of it is run before you trust it.";
  if (await vscode.window.showWarningMessage(text, "Manage Workspace Trust")) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
}
