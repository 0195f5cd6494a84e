/** The environment that the extension makes for its server, from a wheel that needs nothing. */

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { installed } from "../../src/server/install";
import { run } from "../../src/server/program";
import type { Tests } from "./index";

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

export const install: Tests = {
  "two windows that begin at once have one environment": async () => {
    const root = await mkdtemp(path.join(tmpdir(), "spec2rtl-install-"));
    const place = vscode.Uri.file(root);
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(place, "wheel"));
    const wheel = path.join(root, "wheel", "tiny-1-py3-none-any.whl");
    await run("python3", ["-c", WHEEL, wheel], patient);
    const context = {
      extensionUri: place,
      globalStorageUri: vscode.Uri.joinPath(place, "storage"),
      extension: { packageJSON: { version: "1" } },
    } as unknown as vscode.ExtensionContext;
    const log = vscode.window.createOutputChannel("Test of the installation", { log: true });
    const [one, other] = await Promise.all([installed(context, log), installed(context, log)]);
    assert.equal(one, other);
    assert.equal(await run(one, ["-c", "import tiny; print(tiny.__name__)"], patient), "tiny");
    assert.deepEqual(await readdir(path.join(root, "storage")), ["server-1"]);
    log.dispose();
    await rm(root, { recursive: true });
  },
};
