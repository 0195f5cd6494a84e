/** The counter example, copied into a folder of the user's choice and opened. */

import * as vscode from "vscode";
import { exists } from "./places";

export async function openExample(extension: vscode.Uri): Promise<void> {
  const here = vscode.workspace.workspaceFolders?.[0]?.uri;
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: "A folder for the counter example",
      openLabel: "Put the Example Here",
      canSelectFiles: false,
      canSelectFolders: true,
      ...(here && { defaultUri: here }),
    })) ?? [];
  if (!folder) {
    return;
  }
  const example = vscode.Uri.joinPath(extension, "example");
  for (const [name] of await vscode.workspace.fs.readDirectory(example)) {
    const target = vscode.Uri.joinPath(folder, name);
    if (!(await exists(target))) {
      await vscode.workspace.fs.copy(vscode.Uri.joinPath(example, name), target);
    }
  }
  if (vscode.workspace.getWorkspaceFolder(folder)) {
    await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, "counter.spec.md"));
  } else {
    await vscode.commands.executeCommand("vscode.openFolder", folder, { forceNewWindow: false });
  }
}
