/** One VS Code window, as a person at the keyboard uses it. */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";

/** How long one thing may take; more on a machine that is busy otherwise. */
export const PATIENCE_MS = 1000 * Number(process.env["E2E_PATIENCE"] ?? 20);

/** Writes the user's settings, where a window takes them from. */
export async function writeSettings(profile: string, settings: Record<string, unknown>): Promise<void> {
  for (const place of ["user/User", "user/Machine"]) {
    const folder = path.join(profile, place);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "settings.json"), JSON.stringify(settings, null, 2));
  }
}

export class Window {
  readonly page: Page;
  readonly folder: string;
  readonly profile: string;
  /** What the window said of violated content security policies. */
  readonly complaints: readonly string[];
  private readonly output: string;

  constructor(
    page: Page,
    folder: string,
    profile: string,
    output: string,
    complaints: readonly string[],
  ) {
    this.complaints = complaints;
    this.page = page;
    this.folder = folder;
    this.profile = profile;
    this.output = output;
  }

  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench .statusbar").waitFor();
  }

  /** Our entry in the status bar. */
  status(text: string | RegExp): Locator {
    return this.page.locator(".statusbar-item", { hasText: text });
  }

  /** Waits until the server runs: our entry in the status bar no longer spins. */
  async running(): Promise<void> {
    const spinning = this.page.locator(".codicon-sync");
    await this.page.locator(".statusbar-item", { hasText: "Spec2RTL", hasNot: spinning }).waitFor();
  }

  async command(title: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget:visible input").first();
    await this.until(async () => {
      // A widget that is just closing takes the key, or the text, with it.
      await this.page.keyboard.press("F1");
      const filled = input.fill(`>${title}`, { timeout: PATIENCE_MS / 10 });
      return filled.then(() => true).catch(() => false);
    }, "the command palette is open");
    await this.pick(title, `>${title}`);
  }

  /** Chooses from the open quick pick. */
  async pick(label: string, typed = label): Promise<void> {
    const widget = this.page.locator(".quick-input-widget:visible");
    await widget.locator("input").first().fill(typed);
    await widget.locator(`.monaco-list-row[aria-label*="${label}"]`).first().click();
  }

  /** Answers the open input box. */
  async answer(text: string): Promise<void> {
    await this.page.locator(".quick-input-widget:visible input").first().fill(text);
    await this.page.keyboard.press("Enter");
  }

  async openFile(name: string): Promise<void> {
    const widget = this.page.locator(".quick-input-widget:visible");
    const row = widget.locator(`.monaco-list-row[aria-label*="${name}"]`).first();
    await this.until(async () => {
      // A window that has just opened may find nothing yet, and doesn't look again.
      await this.page.keyboard.press("Escape");
      await this.page.keyboard.press("Control+P");
      const soon = { timeout: PATIENCE_MS / 5 };
      const typed = widget.locator("input").first().fill(name, soon);
      return typed.then(() => row.click(soon)).then(() => true, () => false);
    }, `${name} is found`);
    await this.editor(name).waitFor();
  }

  /** Renames a file in the Explorer. */
  async renameFile(name: string, to: string): Promise<void> {
    await this.command("View: Show Explorer");
    await this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`).click();
    await this.page.keyboard.press("F2");
    await this.page.locator(".explorer-item-edited input").fill(to);
    await this.page.keyboard.press("Enter");
  }

  /** Has VS Code kept what is unsaved of a file, for when the window is loaded anew? */
  async backedUp(name: string): Promise<boolean> {
    const user = path.join(this.profile, "user/User");
    const places = await readdir(user, { recursive: true, withFileTypes: true });
    const kept = places.filter((place) => place.isFile() && place.parentPath.includes("Backups"));
    const read = kept.map((place) => readFile(path.join(place.parentPath, place.name), "utf8").catch(() => ""));
    return (await Promise.all(read)).some((text) => text.split("\n", 1)[0]?.includes(`/${name}`));
  }

  /** The editor that shows a file. */
  editor(name: string): Locator {
    return this.page.locator(`.editor-instance[aria-label^="${name}"], .editor-instance[data-uri$="/${name}"], .monaco-editor[data-uri$="/${name}"]`).first();
  }

  async focus(name: string): Promise<void> {
    await this.editor(name).locator(".view-line").first().click();
  }

  /** An editor that shows a candidate of a run. */
  candidate(): Locator {
    return this.page.locator('.monaco-editor[data-uri^="spec2rtl-run:"]').first();
  }

  squiggles(name: string): Locator {
    return this.editor(name).locator(".squiggly-error, .squiggly-warning");
  }

  squiggle(name: string, kind: "error" | "warning"): Locator {
    return this.editor(name).locator(`.squiggly-${kind}`).first();
  }

  /** The inside of the webview that is shown. */
  frame(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
  }

  /** The text that an editor shows, as far as it is on the screen. */
  async text(name: string): Promise<string> {
    const lines = await this.editor(name)
      .locator(".view-line")
      .evaluateAll((found) =>
        found
          .map((line) => ({
            top: Number.parseFloat((line as HTMLElement).style.top),
            text: (line.textContent ?? "").replaceAll("\u00a0", " "),
          }))
          .sort((a, b) => a.top - b.top)
          .map(({ text }) => text),
      );
    return lines.join("\n");
  }

  /** Waits until an editor shows this. */
  async shows(name: string, expected: string | RegExp): Promise<void> {
    await this.until(async () => {
      const text = await this.text(name).catch(() => "");
      return typeof expected === "string" ? text.includes(expected) : expected.test(text);
    }, `${name} shows ${expected}`);
  }

  /** Saves an editor's file, and waits until the disk has what it should. */
  async saves(name: string, holds: (text: string) => boolean): Promise<void> {
    await this.focus(name);
    await this.page.keyboard.press("Control+S");
    await this.until(
      async () => holds(await readFile(path.join(this.folder, name), "utf8")),
      `${name} is saved as it should be`,
    );
  }

  async until(holds: () => Promise<boolean>, what: string, milliseconds = PATIENCE_MS): Promise<void> {
    const end = Date.now() + milliseconds;
    while (!(await holds())) {
      if (Date.now() > end) {
        throw new Error(`waited in vain: ${what}`);
      }
      await this.page.evaluate(() => new Promise(requestAnimationFrame));
    }
  }

  lens(title: string): Locator {
    return this.page.locator(".codelens-decoration a", { hasText: title }).first();
  }

  toast(text: string | RegExp): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item", { hasText: text }).first();
  }

  async press(text: string | RegExp, button: string): Promise<void> {
    const toast = this.toast(text);
    await toast.waitFor();
    await toast.locator(".monaco-button", { hasText: button }).first().click();
  }

  /** Waits until a row's label says this. */
  async labelled(row: Locator, words: RegExp): Promise<void> {
    await this.until(async () => {
      const label = await row.first().getAttribute("aria-label");
      return words.test(label ?? "");
    }, `a row says ${words}`);
  }

  /** The rows of the Runs view. */
  runs(): Locator {
    return this.page.locator('.pane:has([aria-label^="Runs"]) .monaco-list-row, [id="workbench.view.extension.spec2rtl"] .monaco-list-row');
  }

  /** A view in a side bar. */
  pane(title: string): Locator {
    return this.page.locator(`.pane:has(.pane-header[aria-label*="${title}"])`);
  }

  /** Chooses from the context menu of something. */
  async menu(place: Locator, item: string): Promise<void> {
    await place.first().click({ button: "right" });
    const entry = this.page.locator(".context-view .action-item", { hasText: item }).first();
    await entry.waitFor();
    await this.until(async () => {
      // A menu that has just opened takes no click.
      await entry.click({ timeout: 1000 }).catch(() => undefined);
      return !(await entry.isVisible());
    }, `the menu's ${item} is taken`);
  }

  /** Chooses a theme, and waits until the webview has it; `kind` is what webviews call its like. */
  async theme(name: string, kind: string): Promise<void> {
    await this.command("Preferences: Color Theme");
    await this.pick(name);
    await this.frame().locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
  }

  /** The user's settings as they are on the disk. */
  async userSettings(): Promise<string> {
    return readFile(path.join(this.profile, "user/Machine/settings.json"), "utf8");
  }

  /** Changes some of the user's settings on the disk; a window looks again at those that it has. */
  async configure(changes: Record<string, unknown>): Promise<void> {
    const settings = JSON.parse(await this.userSettings()) as Record<string, unknown>;
    await writeSettings(this.profile, { ...settings, ...changes });
  }

  /** The editor that has the focus, and where its cursor stands. */
  async caret(): Promise<string> {
    const focused = this.page.locator(".monaco-editor.focused").first();
    const uri = await focused.getAttribute("data-uri");
    const place = await this.page.locator('[id="status.editor.selection"]').textContent();
    return `${uri?.split("/").at(-1)} ${place}`;
  }

  /** Presses a button in the title of the side bar. */
  async titleAction(label: string): Promise<void> {
    await this.page.locator(`.sidebar .title-actions .action-label[aria-label^="${label}"]`).click();
  }

  /** Answers a modal dialog. */
  async confirm(button: string): Promise<void> {
    await this.page.locator(".monaco-dialog-box .monaco-button", { hasText: button }).click();
  }

  /** Opens a step of the walkthrough that is shown, and presses one of its buttons. */
  async walkthrough(step: string, button: string): Promise<void> {
    const shown = this.page.locator(".gettingStartedContainer");
    await shown.locator(".getting-started-step .step-title", { hasText: step }).first().click();
    await shown.locator(".getting-started-step.expanded .monaco-button", { hasText: button }).click();
  }

  problems(): Locator {
    return this.page.locator(".markers-panel .monaco-list-row");
  }

  tests(): Locator {
    return this.page.locator(".test-explorer .monaco-list-row");
  }

  /** Opens a test module in the Test Explorer. */
  async unfold(name: string): Promise<Locator> {
    await this.command("Testing: Focus on Test Explorer View");
    const file = this.tests().filter({ hasText: name });
    await file.click();
    await this.page.keyboard.press("ArrowRight");
    return file;
  }

  /** Presses a button in a row of the Test Explorer. */
  async testAction(row: Locator, label: string): Promise<void> {
    await row.hover();
    await row.locator(`.action-label[aria-label="${label}"]`).click();
  }

  async picture(name: string): Promise<void> {
    const file = `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.png`;
    await this.page.screenshot({ path: path.join(this.output, file), animations: "disabled" });
  }

  /** Ends a step: no message and no widget is left over for the next. */
  async tidy(): Promise<void> {
    await this.command("Notifications: Clear All Notifications");
    await this.page.keyboard.press("Escape");
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
