/** A new user's first minutes: the server installs itself, a generator is chosen, a key is set. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import * as path from "node:path";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { session } from "./lib/session.ts";

const INSTALL_MS = 150_000;

/** An address of this machine that isn't its loopback: for the product, another machine. */
const address = Object.values(networkInterfaces())
  .flatMap((own) => own ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

const remote = await Model.start(address);

session(
  "first minutes",
  { examples: ["counter"], fresh: true },
  {
    "without a network the server's installation says what is wrong": async (window) => {
      writeFileSync(path.join(window.profile, "pip.conf"), "[global]\nno-index = true\n");
      await window.openFile("counter.spec.md");
      const failed = window.toast(/could not be installed/);
      await failed.waitFor({ timeout: INSTALL_MS });
      await window.picture("offline");
      await rm(path.join(window.profile, "pip.conf"));
      await failed.locator(".monaco-button", { hasText: "Restart" }).click();
      await window.toast(/installing the language server/).waitFor();
      await window.picture("installing");
    },

    "with a network the server installs itself": async (window) => {
      await window.lens("Generate RTL").waitFor({ timeout: INSTALL_MS });
    },

    "the walkthrough leads to the first steps": async (window) => {
      await window.command("Spec2RTL: Focus on Runs View");
      await window.page.locator(".welcome-view-content a, .welcome-view-content .monaco-button", { hasText: "Get Started" }).click();
      const walkthrough = window.page.locator(".gettingStartedContainer");
      await walkthrough.locator("h2", { hasText: "From a Specification to Verified RTL" }).waitFor();
      await window.picture("walkthrough");
      await walkthrough.locator(".monaco-button", { hasText: "Run the Doctor" }).click();
      await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "iverilog" }).first().waitFor();
      await window.picture("doctor");
      await window.page.keyboard.press("Escape");
    },

    "a generator is chosen": async (window) => {
      await window.command("Spec2RTL: Choose Generator");
      await window.pick("OpenAI-compatible server");
      await window.answer(remote.backend);
      await window.until(async () => (await window.userSettings())["spec2rtl.generator"] === remote.backend, "the setting is kept");
    },

    "text leaves the machine only when the user agrees, who is asked once": async (window) => {
      await window.openFile("counter.spec.md");
      remote.says(replies.right, replies.rightWithNote);
      const asks = /will send specification, RTL and tests/;
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
      assert.deepEqual(remote.keys, ["", ""].map(() => remote.keys[0]));
    },

    "a key goes into the secret store, and to the server that wants it": async (window) => {
      await window.command("Spec2RTL: Set API Key");
      await window.pick("OpenAI-compatible server");
      await window.answer("sk-of-this-test");
      await window.running();
      remote.says(replies.right);
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").click();
      await window.toast(/counter: verified/).waitFor();
      assert.equal(remote.keys.at(-1), "sk-of-this-test");
      assert.equal(JSON.stringify(await window.userSettings()).includes("sk-of-this-test"), false);
    },
  },
);
