/** Generate RTL: streamed, judged in sight, undone, cancelled, brought up to date. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { killServers } from "./lib/servers.ts";
import { session } from "./lib/session.ts";

const COMMENT = `// spec: an inverter
// - input a
// - output y: the inverse of a, combinational

module other (input x, output z);
  assign z = x;
endmodule
`;

const inverter = (value: string): string =>
  `\`\`\`verilog\nmodule gates (\n  input a,\n  output y\n);\n  assign y = ${value};\nendmodule\n\`\`\`\n`;

const VERIFIED = /counter: verified, 6 of 6 tests pass/;

const model = await Model.start();

session(
  "generate",
  {
    examples: ["counter"],
    files: { "gates.v": COMMENT },
    settings: { "spec2rtl.generator": model.backend },
  },
  {
    "a cancelled run leaves nothing behind": async (window) => {
      const endless = model.holds(replies.right);
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").click();
      endless.begin();
      await window.shows("counter.v", "module counter");
      await window.status(/counter: writing/).click();
      await window.editor("counter.v").waitFor({ state: "detached" });
      const file = path.join(window.folder, "counter.v");
      await window.until(async () => !existsSync(file), "the file is gone");
      await window.until(async () => (await window.status(/counter:/).count()) === 0, "idle");
    },

    "each candidate is judged in sight while the next is awaited": async (window) => {
      const [first, second, third] = [
        model.holds(replies.misspelt),
        model.holds(replies.shifting),
        model.holds(replies.right),
      ];
      await window.lens("Generate RTL").click();
      first.begin();
      await window.shows("counter.v", "output reg [3:0] count");
      await window.picture("streaming");
      first.end();
      await second.asked();
      await window.squiggle("counter.v", "error").waitFor();
      await window.command("Problems: Focus on Problems View");
      await window.problems().filter({ hasText: "enable" }).first().waitFor();
      await window.picture("compile-error");
      second.end();
      await third.asked();
      await window.problems().filter({ hasText: "counts_and_wraps" }).first().waitFor();
      await window.picture("failing-test");
      third.end();
      await window.toast(VERIFIED).waitFor();
      await window.shows("counter.v", "else if (en)");
      await window.until(async () => (await window.problems().count()) === 0, "no problem is left");
      await window.command("View: Toggle Panel Visibility");
      await window.picture("generate");
    },

    "the cursor stays where it is while text streams": async (window) => {
      const reply = model.holds(replies.rightWithNote);
      await window.focus("counter.spec.md");
      await window.page.keyboard.press("Control+Home");
      await window.page.keyboard.press("ArrowDown");
      await window.page.keyboard.press("ArrowRight");
      const caret = "counter.spec.md Ln 2, Col 2";
      await window.until(async () => (await window.caret()) === caret, "the cursor is there");
      await window.page.keyboard.press("Control+Alt+G");
      reply.begin();
      await window.until(async () => !(await window.text("counter.v")).includes("endmodule"), "it streams");
      await window.shows("counter.v", "output reg [3:0] count");
      assert.equal(await window.caret(), caret);
      reply.end();
      await window.toast(VERIFIED).waitFor();
      await window.shows("counter.v", "a note");
      assert.equal(await window.caret(), caret);
    },

    "one undo takes a generation back": async (window) => {
      const before = (await window.text("counter.v")).replace("    // a note\n", "");
      await window.focus("counter.v");
      await window.page.keyboard.press("Control+Z");
      await window.until(async () => (await window.text("counter.v")) === before, "as before");
      await window.page.keyboard.press("Control+Y");
      await window.shows("counter.v", "a note");
      await window.page.keyboard.press("Control+S");
    },

    "a draft that is hidden for a while is one step to undo": async (window) => {
      const reply = model.holds(replies.right);
      const before = await window.text("counter.v");
      await window.lens("Generate RTL").click();
      reply.begin();
      await window.until(async () => !(await window.text("counter.v")).includes("endmodule"), "it streams");
      await window.focus("counter.v");
      await window.openFile("gates.v");
      reply.end();
      await window.toast(VERIFIED).waitFor();
      await window.command("View: Close Editor");
      await window.shows("counter.v", "endmodule");
      const after = await window.text("counter.v");
      assert.equal(after.includes("a note"), false);
      await window.focus("counter.v");
      await window.page.keyboard.press("Control+Z");
      await window.until(async () => (await window.text("counter.v")) === before, "as before");
      await window.page.keyboard.press("Control+Y");
      await window.until(async () => (await window.text("counter.v")) === after, "as after");
      await window.page.keyboard.press("Control+S");
    },

    "what the user types into a draft stays when the run is cancelled, the draft goes": async (window) => {
      const reply = model.holds(replies.rightWithNote);
      const before = await window.text("counter.v");
      await window.lens("Generate RTL").click();
      reply.begin();
      await window.until(async () => !(await window.text("counter.v")).includes("endmodule"), "it streams");
      await window.focus("counter.v");
      await window.page.keyboard.press("Control+Home");
      await window.page.keyboard.type("// mine\n");
      await window.status(/counter: writing/).click();
      await window.until(async () => (await window.text("counter.v")) === `// mine\n${before}`, "only that is new");
      await window.until(async () => (await window.status(/counter:/).count()) === 0, "idle");
      await window.command("File: Revert File");
      await window.until(async () => (await window.text("counter.v")) === before, "as before");
    },

    "a target with unsaved changes is not written over": async (window) => {
      await window.focus("counter.v");
      await window.page.keyboard.press("Control+Home");
      await window.page.keyboard.type("// mine\n");
      model.says(replies.right);
      await window.lens("Generate RTL").click();
      const offer = /counter.v holds edits that are not ours/;
      await window.toast(offer).waitFor();
      await window.picture("unsaved-target");
      // What is closed without a word is not wanted, and not lost.
      await window.command("View: Close Editor");
      await window.command("Notifications: Clear All Notifications");
      await window.toast(/counter.v holds edits that are not ours: the result is kept/).waitFor();
      await window.shows("counter.v", "// mine");
      await window.focus("counter.v");
      await window.until(async () => (await window.squiggles("counter.v").count()) === 0, "no fault");
      await window.command("File: Revert File");
      await window.until(async () => !(await window.text("counter.v")).includes("mine"), "reverted");
    },

    "a spec that changed says so, and its RTL is updated": async (window) => {
      await window.openFile("counter.spec.md");
      await window.page.keyboard.press("Control+End");
      await window.page.keyboard.type("5. The count is held while en is 0, whatever else happens.\n");
      await window.page.keyboard.press("Control+S");
      await window.lens("spec changed, 1 requirement differs").waitFor();
      await window.status(/counter: spec changed, 1 requirement differs/).waitFor();
      await window.command("Spec2RTL: Focus on Runs View");
      await window.runs().filter({ hasText: "1 requirement differs" }).waitFor();
      await window.picture("spec-changed");
      model.says(replies.rightWithNote, replies.rightWithNote);
      const offer = /edit of counter: verified/;
      await window.lens("Update RTL").click();
      await window.press(offer, "Discard");
      await window.page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
      await window.status(/counter: spec changed/).waitFor();
      await window.lens("Update RTL").click();
      await window.toast(offer).waitFor();
      await window.picture("update");
      await window.press(offer, "Accept");
      await window.toast(/simulation passed: 6 of 6 tests/).waitFor();
      await window.until(async () => (await window.lens("spec changed").count()) === 0, "no change");
      assert.match(readFileSync(path.join(window.folder, "counter.spec.md"), "utf8"), /^---/);
    },

    "a spec comment's module comes below it, with marks of what is wrong": async (window) => {
      const [wrong, right] = [model.holds(inverter("~b")), model.holds(inverter("~a"))];
      await window.openFile("gates.v");
      await window.lens("Generate RTL").click();
      wrong.end();
      await right.asked();
      await window.shows("gates.v", "assign y = ~b;");
      await window.command("Problems: Focus on Problems View");
      await window.problems().filter({ hasText: "[Ln 9, Col" }).first().waitFor();
      await window.picture("spec-comment-error");
      right.end();
      await window.toast(/gates: compiled/).waitFor();
      await window.shows("gates.v", "assign y = ~a;");
      await window.shows("gates.v", "module other");
      await window.until(async () => (await window.problems().count()) === 0, "no problem is left");
      await window.command("View: Toggle Panel Visibility");
      await window.lens("Show last run").waitFor();
      await window.picture("spec-comment");
      await window.focus("gates.v");
      await window.page.keyboard.press("Control+Z");
      await window.until(async () => (await window.text("gates.v")).trim() === COMMENT.trim(), "as before");
    },

    "a target that is renamed while a draft streams is renamed as it was": async (window) => {
      const reply = model.holds(replies.right);
      await window.openFile("counter.v");
      const before = await window.text("counter.v");
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").click();
      reply.begin();
      await window.until(async () => !(await window.text("counter.v")).includes("endmodule"), "it streams");
      await window.renameFile("counter.v", "kept.v");
      await window.until(async () => (await window.text("kept.v")) === before, "as before");
      assert.equal(existsSync(path.join(window.folder, "counter.v")), false);
      reply.end();
      const offer = /counter.v was renamed or deleted during the run/;
      await window.toast(offer).waitFor();
      await window.press(offer, "Discard");
      await window.toast(/the result is kept; apply run/).waitFor();
      assert.equal(existsSync(path.join(window.folder, "counter.v")), false);
      assert.match(readFileSync(path.join(window.folder, "kept.v"), "utf8"), /endmodule/);
    },
  },
);

session(
  "generate cut off",
  { examples: ["counter"], settings: { "spec2rtl.generator": model.backend } },
  {
    "a server that ends while a draft streams leaves nothing, and the next run is as any": async (window) => {
      const file = path.join(window.folder, "counter.v");
      const reply = model.holds(replies.right);
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").click();
      reply.begin();
      await window.shows("counter.v", "output reg [3:0] count");
      killServers(window.profile);
      await window.toast(/the server ended unasked/).waitFor();
      await window.until(async () => !existsSync(file), "the file is gone");
      await window.running();
      model.says(replies.right);
      await window.lens("Generate RTL").click();
      await window.toast(VERIFIED).waitFor();
      await window.until(async () => existsSync(file), "the result is in the file");
      assert.deepEqual(await window.toast(/Connection|textDocument/).allTextContents(), []);
    },

    "a window that is loaded anew while a draft streams offers to take it back": async (window) => {
      const before = readFileSync(path.join(window.folder, "counter.v"), "utf8");
      const reply = model.holds(replies.rightWithNote);
      await window.lens("Generate RTL").click();
      reply.begin();
      await window.until(async () => !(await window.text("counter.v")).includes("endmodule"), "it streams");
      await window.until(async () => window.backedUp("counter.v"), "VS Code has kept what is unsaved");
      await window.page.reload();
      await window.ready();
      await window.press(/counter.v holds the draft of a run that was cut off/, "Take It Back");
      await window.until(async () => !(await window.backedUp("counter.v")), "nothing is unsaved");
      // Which of its files a window that is loaded anew shows is its own affair.
      await window.openFile("counter.v");
      await window.until(async () => (await window.text("counter.v")).trim() === before.trim(), "as before");
    },
  },
);

session(
  "generate beside",
  {
    examples: ["counter"],
    settings: { "spec2rtl.generator": model.backend, "files.autoSave": "afterDelay" },
  },
  {
    "a file that saves itself gets the result only, in one step": async (window) => {
      const file = path.join(window.folder, "counter.v");
      const reply = model.holds(replies.right);
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").click();
      reply.begin();
      await window.shows("counter.v", "output reg [3:0] count");
      assert.equal(existsSync(file), false);
      reply.end();
      await window.toast(VERIFIED).waitFor();
      await window.until(async () => existsSync(file), "the result is in the file");
      await window.focus("counter.v");
      await window.page.keyboard.press("Control+Z");
      await window.until(async () => (await window.text("counter.v")).trim() === "", "empty again");
    },
  },
);
