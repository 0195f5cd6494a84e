/** One VS Code window, as a person at the keyboard uses it. */

import * as path from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";

const PATIENCE_MS = 20_000;

export class Window {
  readonly page: Page;
  readonly folder: string;
  readonly profile: string;
  private readonly output: string;

  constructor(page: Page, folder: string, profile: string, output: string) {
    this.page = page;
    this.folder = folder;
    this.profile = profile;
    this.output = output;
    page.setDefaultTimeout(PATIENCE_MS);
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
    await this.page.keyboard.press("F1");
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
    await this.page.keyboard.press("Control+P");
    await this.pick(name);
    await this.editor(name).waitFor();
  }

  /** The editor that shows a file. */
  editor(name: string): Locator {
    return this.page.locator(`.editor-instance[aria-label^="${name}"], .editor-instance[data-uri$="/${name}"], .monaco-editor[data-uri$="/${name}"]`).first();
  }

  async focus(name: string): Promise<void> {
    await this.editor(name).locator(".view-line").first().click();
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

  async until(holds: () => Promise<boolean>, what: string, milliseconds = PATIENCE_MS): Promise<void> {
    const end = Date.now() + milliseconds;
    while (!(await holds())) {
      if (Date.now() > end) {
        await this.picture(`failed-${what.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 60)}`);
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

  problems(): Locator {
    return this.page.locator(".markers-panel .monaco-list-row");
  }

  tests(): Locator {
    return this.page.locator(".test-explorer .monaco-list-row");
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(this.output, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
