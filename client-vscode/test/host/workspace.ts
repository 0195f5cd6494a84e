/** The workspace that the tests have: the counter example. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

export function file(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) {
    throw new Error("no folder is open");
  }
  return vscode.Uri.joinPath(folder.uri, name);
}

export const write = (uri: vscode.Uri, text: string): Thenable<void> =>
  vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));

export async function read(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

/** A file with a text that the editor shows, and lets nobody change, while the test goes on. */
export async function whileReadOnly(
  name: string,
  text: string,
  test: (uri: vscode.Uri) => Promise<void>,
): Promise<void> {
  const uri = file(name);
  await write(uri, text);
  const files = vscode.workspace.getConfiguration("files");
  const { Workspace } = vscode.ConfigurationTarget;
  await files.update("readonlyInclude", { [name]: true }, Workspace);
  try {
    await test(uri);
    assert.equal((await vscode.workspace.openTextDocument(uri)).getText(), text);
    assert.equal(await read(uri), text);
  } finally {
    await files.update("readonlyInclude", undefined, Workspace);
  }
}

const PATIENCE_MS = 30_000;

/** Waits until something is so. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await holds()); ) {
    if (Date.now() > end) {
      throw new Error(`waited in vain: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
