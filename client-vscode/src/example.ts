/** The counter example, copied into a folder of its own and opened. */

import * as vscode from "vscode";
import { exists } from "./places";

const NAME = "spec2rtl-example";
/** Where is kept what the window shall show that opens next: opening a folder ends this one. */
const NEXT = "spec2rtl.next";

type Context = Pick<vscode.ExtensionContext, "extensionUri" | "globalState">;

export async function openExample({ extensionUri, globalState }: Context): Promise<void> {
  const here = vscode.workspace.workspaceFolders?.[0]?.uri;
  const [place] =
    (await vscode.window.showOpenDialog({
      title: `Where shall the folder ${NAME} be?`,
      openLabel: "Put the Example Here",
      canSelectFiles: false,
      canSelectFolders: true,
      ...(here && { defaultUri: here }),
    })) ?? [];
  if (!place) {
    return;
  }
  const folder = vscode.Uri.joinPath(place, NAME);
  const example = vscode.Uri.joinPath(extensionUri, "example");
  for (const [name] of await vscode.workspace.fs.readDirectory(example)) {
    const target = vscode.Uri.joinPath(folder, name);
    if (!(await exists(target))) {
      await vscode.workspace.fs.copy(vscode.Uri.joinPath(example, name), target);
    }
  }
  const spec = vscode.Uri.joinPath(folder, "counter.spec.md");
  if (vscode.workspace.getWorkspaceFolder(spec)) {
    await vscode.window.showTextDocument(spec);
  } else {
    await globalState.update(NEXT, spec.toString());
    await vscode.commands.executeCommand("vscode.openFolder", folder, { forceNewWindow: false });
  }
}

/** Shows the example in the window that was opened for it. */
export async function showExample({ globalState }: Context): Promise<void> {
  const kept = globalState.get<string>(NEXT);
  const spec = kept ? vscode.Uri.parse(kept) : undefined;
  if (spec && vscode.workspace.getWorkspaceFolder(spec)) {
    await globalState.update(NEXT, undefined);
    await vscode.window.showTextDocument(spec);
  }
}
