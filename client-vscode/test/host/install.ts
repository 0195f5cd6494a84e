/** The environment that the extension makes for its server, from a wheel that needs nothing. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { installed } from "../../src/server/install";
import { locate } from "../../src/server/locate";
import { run } from "../../src/server/program";
import type { Tests } from "./index";
import { until } from "./workspace";

const WHEEL = `
import sys, zipfile
info = "tiny-1.dist-info/"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("tiny.py", "")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;

const patient = { seconds: 120 };

const LONG_AGO = new Date(0);

/** An environment that no server was started from since. */
async function environment(storage: string, name: string, used: Date): Promise<void> {
  await mkdir(path.join(storage, name, "bin"), { recursive: true });
  await writeFile(path.join(storage, name, "bin", "python"), "");
  await utimes(path.join(storage, name), used, used);
}

const windows = { ...Object.getOwnPropertyDescriptor(process, "platform"), value: "win32" };

export const install: Tests = {
  "on Windows it is said that the folder belongs into WSL": async () => {
    const here = Object.getOwnPropertyDescriptor(process, "platform") as PropertyDescriptor;
    const nothing = undefined as never; // neither is looked at
    Object.defineProperty(process, "platform", windows);
    try {
      await assert.rejects(locate(nothing, nothing), /Reopen Folder in WSL/);
    } finally {
      Object.defineProperty(process, "platform", here);
    }
  },

  "two windows that begin at once have one environment, of earlier ones what is used": async () => {
    const root = await mkdtemp(path.join(tmpdir(), "spec2rtl-install-"));
    const place = vscode.Uri.file(root);
    const storage = path.join(root, "storage");
    for (const name of ["server-1.9.0", "server-1.11.0", "making-broken", "other"]) {
      await environment(storage, name, LONG_AGO);
    }
    await environment(storage, "server-1.8.0", new Date());
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(place, "wheel"));
    const wheel = path.join(root, "wheel", "tiny-1-py3-none-any.whl");
    await run("python3", ["-c", WHEEL, wheel], patient);
    const context = {
      extensionUri: place,
      subscriptions: [],
      globalStorageUri: vscode.Uri.joinPath(place, "storage"),
      extension: { packageJSON: { version: "1.10.0" } },
    } as unknown as vscode.ExtensionContext;
    const log = vscode.window.createOutputChannel("Test of the installation", { log: true });
    const [one, other] = await Promise.all([installed(context, log), installed(context, log)]);
    assert.equal(one, other);
    assert.equal(await run(one, ["-c", "import tiny; print(tiny.__name__)"], patient), "tiny");
    const left = ["other", "server-1.10.0", "server-1.11.0", "server-1.8.0"];
    const names = async (): Promise<string> => (await readdir(storage)).sort().join();
    await until(async () => (await names()) === left.join(), "the rest is gone");
    log.dispose();
    await rm(root, { recursive: true });
  },
};
