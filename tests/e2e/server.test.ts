/** A server that can't be started, or shall not be: one message that says what to do. */

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as replies from "./lib/replies.ts";
import { session } from "./lib/session.ts";
import type { Window } from "./lib/window.ts";

const COMMAND = "spec2rtl.server.command";
const PYTHON = "spec2rtl.server.python";

const server = process.env["E2E_SERVER"] ?? "";

/** As the interpreter of Python 3.10 does where it is asked for what came later. */
const OLD_PYTHON = `#!/bin/sh
echo "Unknown option: -P" >&2
echo "usage: python3 [option] ... [-c cmd | -m mod | file | -] [arg] ..." >&2
echo "Try \\\`python -h' for more information." >&2
exit 2
`;

const OTHER_VERSION = `#!/bin/sh
[ "$1" = --version ] && echo "spec2rtl 9.9.9" && exit
exec "${server}" "$@"
`;

/** Writes a program into the workspace; its path. */
function program(window: Window, name: string, text: string): string {
  const file = path.join(window.folder, name);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

session(
  "server trouble",
  {
    examples: ["counter"],
    files: { "counter.v": replies.withoutReg },
    settings: { [COMMAND]: "/nowhere/spec2rtl", "spec2rtl.generator": "scripted:/nowhere" },
  },
  {
    "a program that isn't there is named, and the setting that names it": async (window) => {
      const told = /spec2rtl.server.command is \/nowhere\/spec2rtl, which is no server .*no such program.*correct it, or unset it/;
      await window.openFile("counter.spec.md");
      await window.toast(told).waitFor();
      await window.picture("no-server");
      await window.press(told, "Open Settings");
      await window.page.locator(".settings-editor .setting-item", { hasText: "Command" }).first().waitFor();
      await window.page.keyboard.press("Escape");
    },

    "a Python that is too old is told what it must be": async (window) => {
      const python = program(window, "python3.10", OLD_PYTHON);
      await window.configure({ [COMMAND]: "", [PYTHON]: python });
      await window.toast(/Unknown option: -P.*set it to a Python from 3.11 on with the package spec2rtl/).waitFor();
    },

    "a setting of the wrong kind is told": async (window) => {
      await window.configure({ [COMMAND]: 5, [PYTHON]: "" });
      await window.toast(/spec2rtl.server.command is no text: correct the setting, or unset it/).waitFor();
    },

    "a server of another version works, and is told": async (window) => {
      const command = program(window, "spec2rtl-of-yesterday", OTHER_VERSION);
      await window.configure({ [COMMAND]: command });
      await window.toast(/spec2rtl.server.command is of version 9.9.9, this extension of/).waitFor();
      await window.lens("Generate RTL").waitFor();
    },

    "a setting that the server can't read is told where it is needed, once": async (window) => {
      await window.openFile("counter.v");
      await window.configure({ "spec2rtl.maxTokens": "many" });
      const told = /max_?tokens must be .*, not .?many/i;
      await window.until(async () => {
        // A window takes its time to look at a settings file.
        await window.tidy();
        await window.command("Spec2RTL: Check RTL");
        return window.toast(told).waitFor({ timeout: 2_000 }).then(() => true, () => false);
      }, "the setting is told");
      await window.picture("malformed-setting");
      const toasts = window.page.locator(".notifications-toasts .notification-list-item");
      assert.equal(await toasts.count(), 1);
      await window.configure({ "spec2rtl.maxTokens": null });
      await window.openFile("counter.spec.md");
    },

    "the doctor offers the command that installs what is missing": async (window) => {
      await window.configure({ "spec2rtl.iverilog": "/nowhere/iverilog" });
      const missing = window.page.locator(".quick-input-list .monaco-list-row", { hasText: "/nowhere/iverilog is missing" });
      await window.until(async () => {
        // A window takes its time to look at a settings file.
        await window.page.keyboard.press("Escape");
        await window.command("Spec2RTL: Doctor");
        return missing.waitFor({ timeout: 2_000 }).then(() => true, () => false);
      }, "the simulator is missed");
      await window.page.keyboard.press("Escape");
      await window.lens("Generate RTL").click();
      await window.press(/iverilog is missing; install it with/, "Doctor");
      await missing.click();
      await window.page.locator(".panel", { hasText: "Spec2RTL: Doctor" }).locator(".terminal-wrapper.active").waitFor();
      await window.picture("doctor-terminal");
      await window.command("Terminal: Kill All Terminals");
      await window.configure({ "spec2rtl.iverilog": null });
    },

    "a server that is turned off stays off, until it is turned on": async (window) => {
      const lens = window.lens("Generate RTL");
      await window.command("Spec2RTL: Stop Server");
      await lens.waitFor({ state: "detached" });
      await window.press(/the server is stopped/, "Keep It Off");
      const off = window.page.locator(".statusbar-item", { hasText: "Spec2RTL", has: window.page.locator(".codicon-circle-slash") });
      await off.waitFor();
      await window.page.reload();
      await window.ready();
      await off.waitFor();
      // Which of its files a window that is opened again shows is its own affair.
      await window.openFile("counter.spec.md");
      await window.command("Spec2RTL: Doctor");
      await window.toast(/spec2rtl.enable is off: start it by the command/).waitFor();
      assert.equal(await lens.count(), 0);
      await window.command("Spec2RTL: Focus on Runs View");
      await window.page.locator(".welcome-view-content", { hasText: "server is off" }).waitFor();
      await window.picture("turned-off");
      await off.click();
      await lens.waitFor();
      await off.waitFor({ state: "detached" });
    },
  },
);
