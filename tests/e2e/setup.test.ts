/** A new user's first minutes: the server installs itself, a generator is chosen, a key is set. */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import * as path from "node:path";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { session } from "./lib/session.ts";

const KEY = "sk-of-this-test";
const INSTALL_MS = 150_000;

/** An address of this machine that isn't its loopback: for the product, another machine. */
const address = Object.values(networkInterfaces())
  .flatMap((own) => own ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

const remote = await Model.start(address);

session(
  "first minutes",
  { fresh: true, trusted: false },
  {
    "where Python is too old the server's installation says so": async (window) => {
      const names = ["python", "python3", ...[11, 12, 13, 14].map((minor) => `python3.${minor}`)];
      const pythons = names.map((name) => path.join(window.profile, "bin", name));
      for (const python of pythons) {
        writeFileSync(python, "#!/bin/sh\nexit 1 # as a check of the version does\n", { mode: 0o755 });
      }
      await window.page.locator('.activitybar .action-label[aria-label^="Spec2RTL"]').click();
      await window.toast(/Python 3.11 or newer .* is missing/).waitFor();
      await window.picture("old-python");
      pythons.forEach((python) => rmSync(python));
    },

    "without a network the server's installation says what is wrong": async (window) => {
      writeFileSync(path.join(window.profile, "pip.conf"), "[global]\nno-index = true\n");
      await window.command("Spec2RTL: Restart Server");
      const failed = window.toast(/could not be installed/);
      await failed.waitFor({ timeout: INSTALL_MS });
      await window.picture("offline");
      await rm(path.join(window.profile, "pip.conf"));
      await failed.locator(".monaco-button", { hasText: "Restart" }).click();
      await window.toast(/installing the language server/).waitFor();
      await window.picture("installing");
    },

    "the walkthrough opens the example while the server is installed": async (window) => {
      const place = path.join(window.profile, "designs");
      mkdirSync(place);
      await window.page.locator(".welcome-view-content .monaco-button", { hasText: "Get Started" }).click();
      await window.walkthrough("Generate RTL", "Open the Example");
      const folder = window.page.locator(".quick-input-widget:visible input").first();
      await window.until(async () => (await folder.inputValue()).includes(window.folder), "a folder is proposed");
      assert.ok(await window.status("Spec2RTL").locator(".codicon-sync").isVisible());
      await folder.fill(`${place}/`);
      await window.until(async () => {
        // While the dialog looks into the folder, it takes no key.
        await folder.press("Enter", { timeout: 500 }).catch(() => {});
        return !(await folder.isVisible());
      }, "the place is taken");
      await window.editor("counter.spec.md").waitFor(); // in a window that has another folder
      const files = readdirSync(path.join(place, "spec2rtl-example")).sort();
      assert.deepEqual(files, ["counter.spec.md", "test_counter.py"]);
    },

    "with a network the server installs itself": async (window) => {
      await window.lens("Generate RTL").waitFor({ timeout: INSTALL_MS });
    },

    "what runs something says that the workspace must be trusted, and where": async (window) => {
      await window.lens("Generate RTL").click();
      const untrusted = /this workspace is not trusted/;
      await window.toast(untrusted).waitFor();
      await window.picture("not-trusted-yet");
      await window.press(untrusted, "Manage Workspace Trust");
      await window.page.locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" }).first().click();
      await window.page.locator(".monaco-modal-editor-block .action-label[aria-label^=Close]").last().click();
      await window.lens("Generate RTL").waitFor();
    },

    "the walkthrough calls the doctor": async (window) => {
      await window.page.locator('.activitybar .action-label[aria-label^="Spec2RTL"]').click();
      await window.page.locator(".welcome-view-content .monaco-button", { hasText: "Get Started" }).click();
      await window.walkthrough("See what is there", "Run the Doctor");
      await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "iverilog" }).first().waitFor();
      await window.picture("doctor");
      await window.page.keyboard.press("Escape");
    },

    "the walkthrough asks for a key, which goes into the secret store": async (window) => {
      await window.page.locator(".welcome-view-content .monaco-button", { hasText: "Get Started" }).click();
      await window.page.locator(".gettingStartedContainer .getting-started-step.expanded").waitFor();
      await window.picture("walkthrough");
      await window.walkthrough("Choose who writes", "Set API Key");
      await window.pick("OpenAI-compatible server");
      await window.answer(KEY);
      await window.running();
      assert.equal((await window.userSettings()).includes(KEY), false);
      // A walkthrough takes the focus when it ticks a step off, from whatever is open by then.
      const welcome = window.page.locator(".tab", { hasText: "Welcome" });
      await welcome.click({ button: "middle" });
      await welcome.waitFor({ state: "detached" });
    },

    "a generator is chosen": async (window) => {
      await window.command("Spec2RTL: Choose Generator");
      await window.pick("OpenAI-compatible server");
      await window.answer(remote.backend);
      const line = `"spec2rtl.generator": "${remote.backend}"`;
      await window.until(async () => (await window.userSettings()).includes(line), "the setting is kept");
    },

    "text leaves the machine only when the user agrees, who is asked once": async (window) => {
      await window.openFile("counter.spec.md");
      remote.says(replies.right, replies.rightWithNote);
      const asks = /specification, RTL and tests of this workspace are sent to/;
      await window.lens("Generate RTL").click();
      await window.toast(asks).waitFor();
      await window.picture("consent");
      await window.press(asks, "Don't send");
      await window.toast(/nothing was sent/).waitFor();
      assert.equal(remote.keys.length, 0);
      await window.tidy();
      await window.command("Spec2RTL: Generate RTL");
      await window.press(asks, "Send");
      await window.toast(/counter: verified/).waitFor();
      await window.tidy();
      await window.lens("Generate RTL").click();
      await window.toast(/counter: verified/).waitFor();
      assert.deepEqual(remote.keys, [KEY, KEY]);
    },
  },
);
