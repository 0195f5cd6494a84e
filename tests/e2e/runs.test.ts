/** What was tried: the Runs view and the run page. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { session } from "./lib/session.ts";

const model = await Model.start();

const VERIFIED = /counter: verified, 6 of 6 tests pass/;

session(
  "runs",
  {
    examples: ["counter"],
    settings: { "spec2rtl.generator": model.backend, "spec2rtl.stream": "preview" },
  },
  {
    "by setting, text streams into a preview, and only the result into the file": async (window) => {
      const [first, second, third] = [
        model.holds(replies.misspelt),
        model.holds(replies.shifting),
        model.holds(replies.right),
      ];
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").click();
      first.end();
      await second.asked();
      await window.squiggle("counter.v", "error").waitFor();
      await window.picture("preview");
      assert.equal(existsSync(path.join(window.folder, "counter.v")), false);
      await window.command("Spec2RTL: Focus on Runs View");
      const running = window.runs().filter({ hasText: "running" });
      await running.click();
      await window.page.keyboard.press("ArrowRight");
      await window.runs().filter({ hasText: "Iteration 1" }).waitFor();
      await running.locator('.action-label[aria-label^="Show Run"]').click();
      const page = window.frame();
      await page.locator("h1", { hasText: "counter: running" }).waitFor();
      const section = page.locator("details", { has: page.locator("summary", { hasText: "Iteration 1" }) });
      await section.locator("summary").first().click();
      second.end();
      await window.runs().filter({ hasText: "Iteration 2" }).waitFor();
      const later = page.locator("details", { has: page.locator("summary", { hasText: "Iteration 2" }) });
      await later.waitFor();
      assert.equal(await section.getAttribute("open"), null); // as the reader left it
      await later.locator("button", { hasText: "Open" }).focus();
      third.end();
      await page.locator("summary", { hasText: "Iteration 3" }).waitFor();
      await later.locator("button:focus", { hasText: "Open" }).waitFor(); // they are where they were
      await window.command("View: Close Editor");
      await window.focus("counter.spec.md");
      await window.toast(VERIFIED).waitFor();
      assert.equal(existsSync(path.join(window.folder, "counter.v")), true);
    },

    "the run page tells of a run": async (window) => {
      await window.lens("Show last run").click();
      const page = window.frame();
      await page.locator("h1", { hasText: "counter: verified" }).waitFor();
      const tables = page.locator("table caption");
      const captions = ["What was run", "Tests by iteration", "What the run did, and when"];
      assert.deepEqual(await tables.allTextContents(), captions);
      await page.locator(".timeline tr", { hasText: "simulate candidate 2" }).first().waitFor();
      await window.picture("run-page");
      await page.locator("summary", { hasText: "Specification" }).click();
      await page.locator("pre", { hasText: "4-bit up-counter" }).first().waitFor();
      await page.locator("summary", { hasText: "Iteration 2" }).click({ trial: true });
      await page.locator("summary", { hasText: "Changes since" }).first().click();
      await page.locator(".diff .added", { hasText: "else if (en)" }).first().waitFor();
      await window.picture("run-page-changes");
      await page.locator("summary", { hasText: "Changes since" }).first().click();
      await page.locator("summary", { hasText: "Specification" }).click();
    },

    "the run page is used by keyboard alone": async (window) => {
      const page = window.frame();
      const first = page.locator("summary", { hasText: "Iteration 1" });
      await first.focus();
      const open = (): Promise<boolean> =>
        first.evaluate((summary) => (summary.parentElement as HTMLDetailsElement).open);
      const before = await open();
      await window.page.keyboard.press("Enter");
      await window.until(async () => (await open()) !== before, "Enter toggles the details");
      if (before) {
        await window.page.keyboard.press("Enter");
      }
      await window.page.keyboard.press("Tab");
      const focused = await page.locator(":focus").textContent();
      assert.equal(focused, "Open");
      await window.page.keyboard.press("Enter");
      await window.candidate().waitFor();
      await window.command("View: Close Editor");
      await page.locator("h1").waitFor();
      await window.command("Spec2RTL: Focus on Runs View");
      await window.page.keyboard.press("Home");
      await window.page.keyboard.press("Shift+F10");
      await window.page.locator(".context-view .action-item", { hasText: "Show Run" }).waitFor();
      await window.page.keyboard.press("Escape");
    },

    "the run page is legible in every theme": async (window) => {
      const themes = {
        "Dark Modern": "vscode-dark",
        "Light High Contrast": "vscode-high-contrast-light",
        "Dark High Contrast": "vscode-high-contrast",
      };
      for (const [theme, kind] of Object.entries(themes)) {
        await window.theme(theme, kind);
        await window.frame().locator("h1", { hasText: "counter: verified" }).waitFor();
        await window.picture(`run-page ${theme}`);
      }
      await window.theme("Light Modern", "vscode-light");
      assert.deepEqual(window.complaints, []);
    },

    "two candidates are compared": async (window) => {
      await window.command("Spec2RTL: Focus on Runs View");
      await window.runs().filter({ hasText: "6/6 tests" }).first().click();
      await window.page.keyboard.press("ArrowRight");
      const [first, second] = [
        window.runs().filter({ hasText: "Iteration 1" }),
        window.runs().filter({ hasText: "Iteration 2" }),
      ];
      await first.click();
      await window.candidate().waitFor();
      await second.click({ modifiers: ["Control"] });
      await window.menu(second, "Compare Candidates");
      await window.page.locator(".monaco-diff-editor .line-insert").first().waitFor();
      await window.picture("runs-view");
    },

    "an earlier candidate is applied": async (window) => {
      const file = path.join(window.folder, "counter.v");
      await window.command("View: Close All Editors");
      await window.menu(window.runs().filter({ hasText: "Iteration 2" }), "Apply to Its File");
      await window.shows("counter.v", "count <= {count[2:0], 1'b1}");
      await window.command("File: Save All");
      await window.until(
        async () => readFileSync(file, "utf8").includes("count <= {count[2:0], 1'b1}"),
        "the candidate is in the file",
      );
    },

    "a run is exported": async (window) => {
      await window.menu(window.runs().filter({ hasText: /^counter/ }), "Export Run");
      const name = window.page.locator(".quick-input-widget:visible input").first();
      await window.until(async () => (await name.inputValue()).endsWith(".json"), "a name is proposed");
      await name.press("Enter");
      const exports = (): string[] => readdirSync(window.folder).filter((one) => one.endsWith(".json"));
      await window.until(async () => {
        const [file] = exports();
        const text = file ? readFileSync(path.join(window.folder, file), "utf8") : "";
        return text.endsWith("}\n") && "events" in JSON.parse(text);
      }, "the export is there, whole");
    },

    "a cancelled run is resumed": async (window) => {
      const endless = model.holds(replies.right);
      await window.command("View: Close All Editors");
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").click();
      await endless.asked();
      await window.status(/counter: writing/).click();
      const cancelled = window.runs().filter({ hasText: "cancelled" });
      await cancelled.waitFor();
      model.says(replies.rightWithNote);
      await window.menu(cancelled, "Resume Run");
      await window.toast(VERIFIED).waitFor();
      await window.until(async () => readFileSync(path.join(window.folder, "counter.v"), "utf8").includes("a note"), "its result is in the file");
    },

    "the view shows the runs of a file, of the workspace, or all": async (window) => {
      await window.openFile("test_counter.py");
      await window.titleAction("Show Runs of");
      await window.pick("Runs of the Active File");
      await window.page.locator(".welcome-view-content", { hasText: "No run of this file" }).waitFor();
      await window.openFile("counter.v");
      await window.runs().filter({ hasText: "cancelled" }).waitFor();
      await window.titleAction("Show Runs of");
      await window.pick("All Runs");
      await window.runs().filter({ hasText: "cancelled" }).first().waitFor();
      await window.picture("runs-filter");
    },

    "a run is deleted when the user is sure": async (window) => {
      const cancelled = window.runs().filter({ hasText: "cancelled" });
      const before = await cancelled.count();
      await window.menu(cancelled.first(), "Delete Run");
      await window.confirm("Cancel");
      assert.equal(await cancelled.count(), before);
      await window.menu(cancelled.first(), "Show Run");
      const page = window.page.locator(".tab", { hasText: "counter: run" });
      await page.waitFor();
      await window.menu(cancelled.first(), "Delete Run");
      await window.confirm("Delete");
      await window.until(async () => (await cancelled.count()) === before - 1, "the run is gone");
      await page.waitFor({ state: "detached" });
    },

    "a key that is set while a run goes on is taken up when it is over, or at once": async (window) => {
      const set = async (key: string): Promise<void> => {
        await window.command("Spec2RTL: Set API Key");
        await window.pick("OpenAI-compatible server");
        await window.answer(key);
      };
      const stored = /the key is stored; the server takes it up when the run that goes on is over/;
      await window.openFile("counter.spec.md");
      const kept = model.holds(replies.right);
      await window.lens("Generate RTL").click();
      await kept.asked();
      await set("sk-one");
      await window.toast(stored).waitFor();
      await window.picture("key-during-a-run");
      kept.end();
      await window.toast(VERIFIED).waitFor();
      await window.tidy();
      const cut = model.holds(replies.right);
      await window.command("Spec2RTL: Generate RTL");
      await cut.asked();
      await set("sk-two");
      await window.press(stored, "Restart Now");
      model.says(replies.right);
      await window.until(async () => (await window.status(/counter:/).count()) === 0, "the run is cut off");
      await window.running();
      await window.command("Spec2RTL: Generate RTL");
      await window.toast(VERIFIED).waitFor();
      assert.deepEqual(model.keys.slice(-2), ["sk-one", "sk-two"]);
      assert.equal(model.keys.at(-3), model.keys[0]);
      await set("");
      await window.running();
    },

    "any of the texts that an iteration chose among is opened, compared and applied": async (window) => {
      const file = path.join(window.folder, "counter.v");
      await window.configure({ "spec2rtl.candidates": 2 });
      model.says(replies.misspelt, replies.shifting, replies.right, replies.right);
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").click();
      await window.toast(VERIFIED).waitFor();
      await window.runs().filter({ hasText: "6/6 tests" }).first().click();
      await window.page.keyboard.press("ArrowRight");
      await window.runs().filter({ hasText: "Iteration 1" }).first().click();
      await window.page.keyboard.press("ArrowRight");
      const other = window.runs().filter({ hasText: /Candidate \d/, hasNotText: "the best" }).first();
      await other.click();
      await window.candidate().waitFor();
      await window.runs().filter({ hasText: "the best" }).click({ modifiers: ["Control"] });
      await window.menu(other, "Compare Candidates");
      await window.page.locator(".monaco-diff-editor .line-insert").first().waitFor();
      await window.picture("candidates");
      await window.menu(other, "Apply to Its File");
      await window.shows("counter.v", "else if (enable)");
      await window.command("File: Save All");
      await window.until(async () => readFileSync(file, "utf8").includes("else if (enable)"), "it is in the file");
    },
  },
);
