/** One run's text on its way to the user: what shall be shown, and what is. */

import * as vscode from "vscode";
import { exists, openDocument, textOf } from "../places";
import { offsetOf } from "../text";
import type * as wire from "../wire.gen";
import { isAsBefore } from "./before";
import { paced, STEP_MS } from "./pace";
import { EditorScreen, PreviewScreen, type Screen } from "./screen";

/** What a draft begins from, and goes back to unless it is accepted. */
interface Baseline {
  readonly text: string;
  readonly version: number;
  readonly dirty: boolean;
  readonly created: boolean;
}

/** What stands around a draft in its file. */
type Frame = readonly [before: string, after: string];

const NOTHING: Frame = ["", ""];

const step = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, STEP_MS));

export class Draft implements vscode.Disposable {
  private code = "";
  private shown = "";
  private ending = false;
  private attempt = -1;
  private pumping: Promise<void> | undefined;
  private readonly watch: vscode.Disposable | undefined;
  /** The user writes in the document: it is theirs, nothing more is shown there. */
  disturbed = false;
  over = false;

  private constructor(
    readonly uri: vscode.Uri,
    private readonly screen: Screen,
    private readonly baseline: Baseline | undefined,
    private readonly frame: Frame,
    private readonly freed: () => void,
  ) {
    const document = screen.document;
    if (document) {
      this.shown = textOf(document);
      this.watch = vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document && event.contentChanges.length) {
          this.noticed(textOf(document));
        }
      });
    }
  }

  /**
   * A draft in the file's own editor, at the place that its first piece names; `freed` is called
   * when the document is the user's again.
   */
  static async inEditor(
    uri: vscode.Uri,
    piece: wire.Draft,
    hold: (document: vscode.TextDocument) => void,
    freed: () => void,
  ): Promise<Draft> {
    const created = !(await exists(uri));
    if (created) {
      // A document may be open whose file is gone: it keeps its text.
      const text = openDocument(uri)?.getText() ?? "";
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    }
    const screen = await EditorScreen.open(uri);
    const { document } = screen;
    hold(document);
    const baseline = {
      text: textOf(document),
      version: document.version,
      dirty: document.isDirty,
      created,
    };
    return new Draft(uri, screen, baseline, around(baseline.text, piece), freed);
  }

  static async inPreview(uri: vscode.Uri, runId: string): Promise<Draft> {
    return new Draft(uri, await PreviewScreen.open(uri, runId), undefined, NOTHING, () => {});
  }

  /** Where the draft is read: its file, or the preview. */
  get shownAt(): vscode.Uri {
    return this.screen.uri;
  }

  /** How many lines stand before the draft in what is shown. */
  get line(): number {
    return this.frame[0].split("\n").length - 1;
  }

  /** The document that the draft is written into; none for a preview. */
  get document(): vscode.TextDocument | undefined {
    return this.over ? undefined : this.screen.document;
  }

  /** Takes a piece of an attempt's text; a later attempt voids an earlier one. */
  add(attempt: number, piece: string, restart: boolean): void {
    if (attempt < this.attempt) {
      return;
    }
    const anew = restart || attempt > this.attempt;
    this.attempt = attempt;
    this.code = anew ? piece : this.code + piece;
    void this.pump();
  }

  /** Puts an attempt's final code in place of what was streamed, without a pause. */
  async settle(code: string): Promise<void> {
    await this.pump();
    this.code = code;
    if (!this.over && !this.disturbed) {
      await this.step(this.text());
    }
  }

  /** Resolves when all is shown that can be, at reading speed. */
  pump(): Promise<void> {
    this.pumping ??= this.showAll().finally(() => (this.pumping = undefined));
    return this.pumping;
  }

  /** Ends with a result in the document, as one undo step; false where the user is in the way. */
  async accept(delivery: wire.Delivery): Promise<boolean> {
    await this.halt();
    const { baseline, screen } = this;
    if (this.over || this.disturbed || !baseline || !(screen instanceof EditorScreen)) {
      return false;
    }
    if (!isAsBefore(delivery, baseline.text, baseline.version)) {
      return false;
    }
    const accepted = await this.write(delivery.text);
    await this.end();
    if (accepted && !baseline.dirty) {
      await screen.document.save();
    }
    return accepted;
  }

  /** Ends with the document as it was when the draft began. */
  async revert(): Promise<void> {
    await this.halt();
    const { baseline, screen } = this;
    if (this.over) {
      return;
    }
    if (baseline && !this.disturbed && screen instanceof EditorScreen) {
      await this.write(baseline.text);
      if (!baseline.dirty) {
        await screen.document.save();
      }
      if (baseline.created) {
        await this.removeFile();
      }
    }
    await this.end();
  }

  dispose(): void {
    this.over = true;
    this.watch?.dispose();
  }

  private async write(text: string): Promise<boolean> {
    const before = this.shown;
    this.shown = text;
    return this.screen instanceof EditorScreen && this.screen.finish(before, text);
  }

  private text(): string {
    const [before, after] = this.frame;
    const end = after && !this.code.endsWith("\n") ? "\n" : "";
    return before + this.code + end + after;
  }

  private async showAll(): Promise<void> {
    while (!this.ending && !this.over && !this.disturbed && this.shown !== this.text()) {
      if (!(await this.step(paced(this.shown, this.text())))) {
        return; // hidden for now: the next piece, or the end, tries again
      }
      await step();
    }
  }

  private async step(next: string): Promise<boolean> {
    const before = this.shown;
    this.shown = next; // before the edit: the event of the change asks for it
    const done = await this.screen.show(before, next);
    if (!done) {
      this.shown = before;
    }
    return done;
  }

  /** Nothing more is streamed: the end is near. */
  async halt(): Promise<void> {
    this.ending = true;
    await this.pumping;
  }

  private noticed(text: string): void {
    if (text !== this.shown && !this.over) {
      this.disturbed = true;
      this.freed();
    }
  }

  private async removeFile(): Promise<void> {
    const tabs = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(
        ({ input }) =>
          input instanceof vscode.TabInputText && input.uri.toString() === this.uri.toString(),
      );
    await vscode.window.tabGroups.close(tabs, true);
    await vscode.workspace.fs.delete(this.uri);
  }

  private async end(): Promise<void> {
    this.dispose();
    await this.screen.close();
    this.freed();
  }
}

function around(text: string, { range, head }: wire.Draft): Frame {
  return range
    ? [text.slice(0, offsetOf(text, range.start)) + head, text.slice(offsetOf(text, range.end))]
    : NOTHING;
}
