/**
 * Finds the server: the user's setting, the Python extension's environment, PATH, and else an
 * environment of our own, made from the wheel in this extension.
 */

import * as vscode from "vscode";
import { serverCommand, serverPython } from "../settings";
import { installed } from "./install";
import { run } from "./run";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly origin: string;
}

const VERSION_SECONDS = 20;

export async function locate(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): Promise<Program> {
  const wanted = String(context.extension.packageJSON.version);
  const set = ofSettings();
  if (set) {
    const version = await versionOf(set);
    if (version !== wanted) {
      const message = `Spec2RTL: ${set.command} is version ${version}, this extension ${wanted}`;
      log.warn(message);
      void vscode.window.showWarningMessage(`${message}: install the same version, or unset it.`);
    }
    return set;
  }
  for (const program of await candidates()) {
    try {
      const version = await versionOf(program);
      if (version === wanted) {
        return program;
      }
      log.info(`not used: ${program.command} (${program.origin}) is version ${version}`);
    } catch (error) {
      log.info(`not used: ${String(error)} (${program.origin})`);
    }
  }
  return ofPython(await installed(context, log), "the extension's own environment");
}

function ofSettings(): Program | undefined {
  const command = serverCommand();
  if (command) {
    return { command, args: [], origin: "spec2rtl.server.command" };
  }
  const python = serverPython();
  return python ? ofPython(python, "spec2rtl.server.python") : undefined;
}

/** `-P`: no module of the folder that it starts in, which may be the workspace, is imported. */
function ofPython(python: string, origin: string): Program {
  return { command: python, args: ["-P", "-m", "spec2rtl.cli"], origin };
}

async function candidates(): Promise<Program[]> {
  const python = await pythonOfExtension();
  return [
    ...(python ? [ofPython(python, "the Python extension")] : []),
    { command: "spec2rtl", args: [], origin: "PATH" },
  ];
}

/** The interpreter that the Python extension has chosen: it may lie in the workspace. */
async function pythonOfExtension(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension("ms-python.python");
  if (!extension || !vscode.workspace.isTrusted) {
    return undefined;
  }
  const api = await extension.activate();
  const path = api?.environments?.getActiveEnvironmentPath?.(
    vscode.workspace.workspaceFolders?.[0],
  );
  const environment = path && (await api.environments.resolveEnvironment(path));
  return environment?.executable?.uri?.fsPath;
}

async function versionOf({ command, args }: Program): Promise<string> {
  const told = await run(command, [...args, "--version"], { seconds: VERSION_SECONDS });
  return told.replace(/^spec2rtl\s+/, "");
}
