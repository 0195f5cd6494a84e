/** The user's own RTL: quick fixes, tests, changes as a diff, and a server that comes back. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { killServers } from "./lib/servers.ts";
import { session } from "./lib/session.ts";
import { EXAMPLES } from "./lib/vscode.ts";

const model = await Model.start();

const broken = readFileSync(path.join(EXAMPLES, "fifo_repair/fifo.v"), "utf8");
const mended = broken.replace("case ({wr_en, rd_en})", "case ({do_write, do_read})");
const twice = mended.replace("endmodule", "    // a note\n\nendmodule");
const FAILS = "a_write_to_a_full_fifo_is_ignored";
const fenced = (rtl: string): string => `\`\`\`verilog\n${rtl}\`\`\`\n`;

session(
  "repair",
  {
    examples: ["fifo_repair", "counter"],
    files: { "counter.v": replies.withoutReg },
    settings: { "spec2rtl.generator": model.backend },
  },
  {
    "a quick fix mends an error": async (window) => {
      await window.openFile("counter.v");
      await window.squiggle("counter.v", "error").waitFor();
      await window.command("Go to Next Problem in Files (Error, Warning, Info)");
      await window.page.keyboard.press("Escape");
      const action = window.page.locator(".action-widget .monaco-list-row.action").first();
      await window.until(async () => {
        // A peek view that is just closing takes the key with it.
        await window.page.keyboard.press("Control+.");
        return action.waitFor({ timeout: 8_000 }).then(() => true).catch(() => false);
      }, "the quick fixes are shown");
      await window.picture("quick-fix");
      await action.click();
      await window.shows("counter.v", "reg [3:0] count");
      await window.squiggle("counter.v", "error").waitFor({ state: "detached" });
      await window.page.keyboard.press("Control+S");
    },

    "the Test Explorer runs one test, or all": async (window) => {
      const file = await window.unfold("test_counter.py");
      const one = window.tests().filter({ hasText: "reset_wins_over_enable" });
      await window.testAction(one, "Run Test");
      await window.labelled(one, /\(Passed\), in \d/);
      const other = window.tests().filter({ hasText: "counts_and_wraps" });
      assert.equal((await other.getAttribute("aria-label"))?.includes("Passed"), false);
      await window.testAction(file, "Run Test");
      await window.labelled(window.tests().filter({ hasText: "random_inputs" }), /\(Passed\), in \d/);
      await window.labelled(file, /\(Passed\)/);
      await window.picture("tests");
    },

    "a test that fails says where, and shows its waves": async (window) => {
      await window.command("View: Close All Editors");
      await window.openFile("fifo.v");
      const file = await window.unfold("test_fifo.py");
      await window.testAction(file, "Run Test");
      const failing = window.tests().filter({ hasText: FAILS });
      await window.labelled(failing, /\(Failed\), in \d/);
      await window.testAction(failing, "Show Waves");
      const waves = window.frame();
      await waves.locator("svg").first().waitFor();
      await waves.locator("pre", { hasText: FAILS }).waitFor();
      await window.command("View: Hide Panel");
      await window.picture("waves");
      assert.deepEqual(window.complaints, []);
      await window.command("View: Close All Editors");
    },

    "a repair comes as a diff, and is made hunk by hunk": async (window) => {
      model.says(fenced(twice));
      await window.openFile("fifo.v");
      await window.lens("Repair").click();
      const offer = /repair of fifo: verified/;
      await window.toast(offer).waitFor();
      await window.page.locator(".monaco-diff-editor .line-insert").first().waitFor();
      await window.picture("repair");
      assert.equal(readFileSync(path.join(window.folder, "fifo.v"), "utf8"), broken);
      await window.press(offer, "Accept by Hunks");
      const rows = window.page.locator(".bulk-edit-panel .monaco-list-row");
      await rows.filter({ hasText: "a note" }).waitFor();
      await window.picture("hunks");
      await rows.filter({ hasText: "do_write" }).locator(".monaco-checkbox").click();
      await window.page.locator(".bulk-edit-panel .monaco-button", { hasText: "Apply" }).click();
      await window.page.locator(".bulk-edit-panel").waitFor({ state: "hidden" });
      await window.saves("fifo.v", (text) => text === mended);
    },

    "an edit asks what to change, and does not go over one made meanwhile": async (window) => {
      model.says(fenced(twice));
      await window.openFile("fifo.v");
      await window.lens("Edit RTL").click();
      await window.answer("add a note");
      const offer = /edit of fifo: verified/;
      await window.toast(offer).waitFor();
      await window.page.locator(".tab", { hasText: /^\s*fifo\.v\s*$/ }).click();
      await window.focus("fifo.v");
      await window.page.keyboard.press("Control+Home");
      await window.page.keyboard.type("// mine\n");
      await window.page.locator(".tab", { hasText: "edit of fifo" }).click();
      const accept = window.page.locator('.editor-actions .action-label[aria-label^="Accept Change"]');
      await accept.click();
      const again = /fifo.v has changed meanwhile/;
      await window.toast(again).waitFor();
      await window.picture("changed-meanwhile");
      assert.equal(readFileSync(path.join(window.folder, "fifo.v"), "utf8"), mended);
      await window.press(again, "Accept");
      await window.page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
      await window.press(offer, "Accept"); // the first message is still there, for whom it comes late
      await window.toast(/that change was accepted or discarded already/).waitFor();
      await window.saves("fifo.v", (text) => text === twice);
    },

    "a killed server comes back": async (window) => {
      killServers(window.profile);
      await window.openFile("counter.v");
      await window.focus("counter.v");
      await window.page.keyboard.press("Control+Home");
      await window.page.keyboard.type("broken\n");
      await window.squiggle("counter.v", "error").waitFor();
      await window.lens("Simulate").click();
      await window.toast(/simulation failed/).waitFor();
    },
  },
);
