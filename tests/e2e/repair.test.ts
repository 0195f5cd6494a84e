/** The user's own RTL: quick fixes, tests, a repair as a diff. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import * as replies from "./lib/replies.ts";
import { scenario } from "./lib/scenario.ts";
import { EXAMPLES } from "./lib/vscode.ts";

scenario(
  "a quick fix mends an error, and the tests pass",
  { example: "counter", files: { "counter.v": replies.withoutReg } },
  async (window) => {
    await window.openFile("counter.v");
    await window.squiggle("counter.v", "error").waitFor();
    await window.command("Go to Next Problem in Files (Error, Warning, Info)");
    await window.page.keyboard.press("Escape");
    await window.page.keyboard.press("Control+.");
    const action = window.page.locator(".action-widget .monaco-list-row.action").first();
    await action.waitFor();
    await window.picture("quick-fix");
    await action.click();
    await window.shows("counter.v", "reg [3:0] count");
    await window.squiggle("counter.v", "error").waitFor({ state: "detached" });
    await window.command("Test: Run All Tests");
    await window.command("Testing: Focus on Test Explorer View");
    await window.tests().filter({ hasText: "test_counter.py" }).first().waitFor();
    await window.until(async () => {
      const label = await window.tests().first().getAttribute("aria-label");
      return label?.includes("(Passed)") ?? false;
    }, "all tests pass");
    await window.picture("tests");
  },
);

const broken = readFileSync(path.join(EXAMPLES, "fifo_repair/fifo.v"), "utf8");
const mended = broken.replace("case ({wr_en, rd_en})", "case ({do_write, do_read})");

scenario(
  "a repair comes as a diff and is made when it is accepted",
  { example: "fifo_repair", replies: [`\`\`\`verilog\n${mended}\`\`\`\n`] },
  async (window) => {
    await window.openFile("fifo.v");
    await window.lens("Repair").click();
    const offer = /repair of fifo: verified/;
    await window.toast(offer).waitFor();
    await window.page.locator(".monaco-diff-editor .line-insert").first().waitFor();
    await window.picture("repair");
    assert.equal(readFileSync(path.join(window.folder, "fifo.v"), "utf8"), broken);
    await window.press(offer, "Accept");
    await window.status(/passed, \d tests passed/).waitFor();
    await window.command("File: Save");
    await window.until(
      async () => readFileSync(path.join(window.folder, "fifo.v"), "utf8") === mended,
      "the repair is in the file",
    );
  },
);
