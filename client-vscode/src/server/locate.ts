/**
 * Finds the server: the user's setting, the Python extension's environment, PATH, and else an
 * environment of our own, made from the wheel in this extension.
 */

import * as vscode from "vscode";
import { reasonOf } from "../failure";
import { COMMAND, PYTHON, SettingError, textOf } from "../settings";
import { installed } from "./install";
import { run } from "./program";

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
  if (process.platform === "win32") {
    throw new Error(
      'the server does not run on Windows: run the command "WSL: Reopen Folder in WSL"',
    );
  }
  const wanted = String(context.extension.packageJSON.version);
  const set = ofSettings();
  if (set) {
    return asked(set, wanted, log);
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

/** The program that the user names: used whatever its version is, if it is a server at all. */
async function asked(set: Program, wanted: string, log: vscode.LogOutputChannel): Promise<Program> {
  const { command, origin } = set;
  const version = await versionOf(set).catch((error: unknown) => {
    const needs = "a Python from 3.11 on with the package spec2rtl";
    const hint = origin === PYTHON ? `set it to ${needs}, or unset it` : "correct it, or unset it";
    const message = `${origin} is ${command}, which is no server (${reasonOf(error)}): ${hint}`;
    throw new SettingError(origin, message);
  });
  if (version !== wanted) {
    const message = `${origin} is of version ${version}, this extension of ${wanted}`;
    log.warn(message);
    const hint = "install the same version, or unset it";
    void vscode.window.showWarningMessage(`Spec2RTL: ${message}: ${hint}.`);
  }
  return set;
}

function ofSettings(): Program | undefined {
  const command = textOf(COMMAND);
  if (command) {
    return { command, args: [], origin: COMMAND };
  }
  const python = textOf(PYTHON);
  return python ? ofPython(python, PYTHON) : undefined;
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
  const version = /^spec2rtl (\S+)$/.exec(told)?.[1];
  if (!version) {
    throw new Error(`${command}: it doesn't say which version of spec2rtl it is`);
  }
  return version;
}
