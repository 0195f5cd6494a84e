/** The client's own settings; all others are the server's, which asks for them itself. */

import * as vscode from "vscode";

export const SECTION = "spec2rtl";

const own = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(SECTION);

/** What a setting of the user's keeps from being done. */
export class SettingError extends Error {
  constructor(
    readonly setting: string,
    message: string,
  ) {
    super(message);
  }
}

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

export const COMMAND = `${SECTION}.server.command`;
export const PYTHON = `${SECTION}.server.python`;

/** The text of a setting; raises `SettingError`. */
export function textOf(setting: string): string {
  const value: unknown = vscode.workspace.getConfiguration().get(setting) ?? "";
  if (typeof value !== "string") {
    throw new SettingError(setting, `${setting} is no text: correct the setting, or unset it`);
  }
  return value.trim();
}

const ENABLE = "enable";

/** Shall the server run at all? */
export const enabled = (): boolean => own().get(ENABLE) !== false;

/** Takes the setting back wherever it says that the server shall not run. */
export async function turnOn(): Promise<void> {
  const found = own().inspect(ENABLE);
  if (found?.workspaceValue === false) {
    await own().update(ENABLE, undefined, vscode.ConfigurationTarget.Workspace);
  }
  if (found?.globalValue === false) {
    await own().update(ENABLE, undefined, vscode.ConfigurationTarget.Global);
  }
}

/** The server stays off, also when the window is opened again: in this workspace, if there is one. */
export async function turnOff(): Promise<void> {
  const { Workspace, Global } = vscode.ConfigurationTarget;
  await own().update(ENABLE, false, vscode.workspace.workspaceFolders ? Workspace : Global);
}

const TRACE = "trace.server";

/** Is the traffic with the server shown? */
export const tracing = (): boolean => own().get(TRACE, "off") !== "off";

export function onTracing(changed: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration(
    (event) => event.affectsConfiguration(`${SECTION}.${TRACE}`) && changed(),
  );
}

/** The server that is has heard of a change by then, and several changes are made at once. */
const SETTLED_MS = 250;

/**
 * Calls one or the other when a setting that decides about the server has changed; `on` is told
 * whether one that runs has to be another.
 */
export function onServerSettings(
  on: (another: boolean) => void,
  off: () => void,
): vscode.Disposable {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let another = false;
  const settled = (): void => {
    if (enabled()) {
      on(another);
    } else {
      off();
    }
    another = false;
  };
  return vscode.workspace.onDidChangeConfiguration((event) => {
    const program = event.affectsConfiguration(`${SECTION}.server`);
    if (program || event.affectsConfiguration(`${SECTION}.${ENABLE}`)) {
      another ||= program;
      clearTimeout(waiting);
      waiting = setTimeout(settled, SETTLED_MS);
    }
  });
}
