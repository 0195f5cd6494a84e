/** A virtual environment of our own, made from the wheel that this extension carries. */

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { reasonOf } from "../failure";
import { COMMAND, PYTHON, SettingError } from "../settings";
import { run } from "./program";

const PYTHONS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
const PIP_SECONDS = 900;
/** What no server was started from for so long is in nobody's use: no window stays open like that. */
const UNUSED_MS = 60 * 24 * 3600 * 1000;
const [OWN, ASIDE] = ["server-", "making-"];

/** The environment's Python; the environment is made on first use. */
export async function installed(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): Promise<string> {
  const home = context.globalStorageUri.fsPath;
  const version = String(context.extension.packageJSON.version);
  const place = path.join(home, OWN + version);
  if (!existsSync(place)) {
    await mkdir(home, { recursive: true });
    // Made aside and then put in place: another window may be at it, too, or this be broken off.
    const aside = await mkdtemp(path.join(home, ASIDE));
    try {
      await make(aside, context, log);
      await rename(aside, place).catch((error: unknown) => {
        if (!existsSync(place)) {
          throw error;
        }
      });
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }
  await utimes(place, new Date(), new Date());
  void tidy(home, version).catch((error: unknown) => log.warn(String(error)));
  return pythonOf(place);
}

/** Removes environments of earlier versions, and what broken installations left, if long unused. */
async function tidy(home: string, version: string): Promise<void> {
  for (const name of await readdir(home)) {
    const isEarlier = name.startsWith(OWN) && compare(name.slice(OWN.length), version) < 0;
    const place = path.join(home, name);
    if (isEarlier || name.startsWith(ASIDE)) {
      const { mtimeMs } = await stat(place);
      if (Date.now() - mtimeMs > UNUSED_MS) {
        // Put aside first: whoever needs it finds none, and not a part of one.
        const aside = await mkdtemp(path.join(home, ASIDE));
        await rename(place, aside);
        await rm(aside, { recursive: true, force: true });
      }
    }
  }
}

/** Versions as numbers, part by part. */
const { compare } = new Intl.Collator("en", { numeric: true });

const pythonOf = (environment: string): string => path.join(environment, "bin", "python");

/** Makes an environment from the extension's wheel; it may be moved afterwards. */
async function make(
  place: string,
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const wheel = await bundledWheel(context.extensionUri.fsPath);
  const base = await newEnoughPython();
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: "Spec2RTL: installing the language server",
      cancellable: true,
    },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      context.subscriptions.push({ dispose: () => abort.abort() }); // the window closes
      const options = { seconds: PIP_SECONDS, signal: abort.signal };
      progress.report({ message: "making a Python environment" });
      const made = run(base, ["-I", "-m", "venv", place], options);
      await made.catch((error: unknown) => refuse(error, "is Python's venv module installed?"));
      progress.report({ message: "getting its packages (once, some 100 MB)" });
      log.info(`installing ${wheel} into ${place}`);
      const pip = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"];
      const got = run(pythonOf(place), [...pip, wheel], options);
      log.debug(await got.catch((error: unknown) => refuse(error, "is the network there?")));
    },
  );
}

async function bundledWheel(extension: string): Promise<string> {
  const folder = path.join(extension, "wheel");
  const names = existsSync(folder) ? await readdir(folder) : [];
  const wheel = names.find((name) => name.endsWith(".whl"));
  if (!wheel) {
    const message = `no server found: install it (pip install spec2rtl) or set ${COMMAND}`;
    throw new SettingError(COMMAND, message);
  }
  return path.join(folder, wheel);
}

async function newEnoughPython(): Promise<string> {
  for (const name of PYTHONS) {
    try {
      await run(name, ["-I", "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))"], {
        seconds: 20,
      });
      return name;
    } catch {
      // The next name may be there, or newer.
    }
  }
  throw new SettingError(
    PYTHON,
    "Python 3.11 or newer (with its venv module) is missing: install it, or set" +
      ` ${PYTHON} to one that has the package spec2rtl`,
  );
}

function refuse(error: unknown, hint: string): never {
  throw new Error(`the language server could not be installed; ${hint} (${reasonOf(error)})`);
}
