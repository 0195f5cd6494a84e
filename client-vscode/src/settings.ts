/** The client's own settings; all others are the server's, which asks for them itself. */

import * as vscode from "vscode";

export const SECTION = "spec2rtl";

const own = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(SECTION);

/** A scope's settings that somebody has set: defaults must not outweigh the workspace's file. */
export function chosen(scope: string | undefined): Record<string, unknown> {
  const uri = scope ? vscode.Uri.parse(scope) : undefined;
  const settings = vscode.workspace.getConfiguration(SECTION, uri ?? null);
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(settings)) {
    const value = chosenValue(settings, name);
    if (value !== undefined) {
      found[name] = value;
    }
  }
  return found;
}

function chosenValue(settings: vscode.WorkspaceConfiguration, name: string): unknown {
  const where = settings.inspect(name);
  return where?.workspaceFolderValue ?? where?.workspaceValue ?? where?.globalValue;
}

/** Where text that is being written is shown. */
export const streamTo = (): "editor" | "preview" => own().get("stream") ?? "editor";

export const serverCommand = (): string => own().get<string>("server.command")?.trim() ?? "";

export const serverPython = (): string => own().get<string>("server.python")?.trim() ?? "";
