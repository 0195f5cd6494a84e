/** Generate RTL: streamed, judged in sight, undone, cancelled. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { scenario } from "./lib/scenario.ts";

const VERIFIED = /counter: verified, \d of \d tests pass/;

scenario(
  "a lens generates RTL that passes its tests",
  { example: "counter", replies: [replies.misspelt, replies.wrongPriority, replies.right] },
  async (window) => {
    await window.openFile("counter.spec.md");
    await window.lens("Generate RTL").click();
    await window.toast(VERIFIED).waitFor();
    await window.shows("counter.v", "if (rst)");
    await window.picture("generate");
    assert.equal((await window.text("counter.v")).includes("enable)"), false);
    await window.press(VERIFIED, "Show Run");
    const page = window.frame();
    await page.locator("h1", { hasText: "counter: verified" }).waitFor();
    assert.equal(await page.locator("table").count(), 2);
    await window.picture("run-page");
  },
);

const judged = await Model.start([replies.misspelt, replies.wrongPriority, replies.right]);

scenario(
  "each candidate is judged in sight while the next is awaited",
  { example: "counter", settings: { "spec2rtl.generator": judged.backend } },
  async (window) => {
    await window.openFile("counter.spec.md");
    await window.lens("Generate RTL").click();
    judged.begin(0);
    await window.shows("counter.v", "output reg [3:0] count");
    await window.picture("streaming");
    judged.release(0);
    await judged.asked(1);
    await window.squiggle("counter.v", "error").waitFor();
    await window.command("Problems: Focus on Problems View");
    await window.problems().filter({ hasText: "enable" }).first().waitFor();
    await window.picture("compile-error");
    judged.release(1);
    await judged.asked(2);
    await window.problems().filter({ hasText: "reset_wins_over_enable" }).first().waitFor();
    await window.picture("failing-test");
    judged.release(2);
    await window.toast(VERIFIED).waitFor();
    await window.shows("counter.v", "else if (en)");
    judged.stop();
  },
);

const twice = await Model.start([replies.right, replies.rightWithNote]);

scenario(
  "one undo takes a generation back",
  { example: "counter", settings: { "spec2rtl.generator": twice.backend } },
  async (window) => {
    await window.openFile("counter.spec.md");
    twice.release(0);
    await window.lens("Generate RTL").click();
    await window.toast(VERIFIED).waitFor();
    const before = await window.text("counter.v");
    await window.command("Notifications: Clear All Notifications");
    await window.lens("Generate RTL").click();
    twice.release(1);
    await window.toast(VERIFIED).waitFor();
    await window.shows("counter.v", "a note");
    await window.focus("counter.v");
    await window.page.keyboard.press("Control+Z");
    await window.until(async () => (await window.text("counter.v")) === before, "as before");
    twice.stop();
  },
);

const endless = await Model.start([replies.right]);

scenario(
  "a cancelled run leaves nothing behind",
  { example: "counter", settings: { "spec2rtl.generator": endless.backend } },
  async (window) => {
    await window.openFile("counter.spec.md");
    await window.lens("Generate RTL").click();
    endless.begin(0);
    await window.shows("counter.v", "module counter");
    await window.status(/counter: writing/).click();
    await window.editor("counter.v").waitFor({ state: "detached" });
    const file = path.join(window.folder, "counter.v");
    await window.until(async () => !existsSync(file), "the file is gone");
    await window.until(async () => (await window.status(/counter/).count()) === 0, "idle");
    endless.stop();
  },
);
