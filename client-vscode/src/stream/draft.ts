/** One run's text on its way to the user: what shall be shown, and what is. */

import { rmSync, statSync } from "node:fs";
import * as vscode from "vscode";
import { exists, openDocument, removeFile, textOf } from "../places";
import { offsetOf } from "../text";
import type * as wire from "../wire.gen";
import { isAsBefore } from "./before";
import { paced, STEP_MS } from "./pace";
import { EditorScreen, PreviewScreen, type Screen } from "./screen";
import { Theirs } from "./theirs";

/** What a draft begins from, and goes back to unless it is accepted. */
interface Baseline {
  readonly text: string;
  readonly version: number;
  readonly dirty: boolean;
  readonly created: boolean;
}

/** What a draft in a file's own editor has to tell of its document. */
export interface Ties {
  /** It is about to be written into; `created`: there was no such file. */
  hold(document: vscode.TextDocument, created: boolean): void;
  /** Its text now is one that an undo must not stop at. */
  seam(document: vscode.TextDocument): void;
  /** It is the user's again. */
  freed(): void;
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
  /** The document's text after the last change of it that was told. */
  private there = "";
  /** The user writes in the document: nothing more is shown there, and what they write stays. */
  private theirs: Theirs | undefined;
  over = false;
  /** Of a draft that was parted from its file: that was made for it, and is empty. */
  leftEmpty = false;

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
      this.there = document.getText();
      this.watch = vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document && event.contentChanges.length) {
          this.noticed(event);
        }
      });
    }
  }

  /** A draft in the file's own editor, where there is room for it. */
  static async inEditor(uri: vscode.Uri, room: wire.Room, ties: Ties): Promise<Draft> {
    const created = !(await exists(uri));
    if (created) {
      // A document may be open whose file is gone: it keeps its text.
      const text = openDocument(uri)?.getText() ?? "";
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    }
    const screen = await EditorScreen.open(uri, (document) => ties.seam(document));
    const { document } = screen;
    ties.hold(document, created);
    const baseline = {
      text: document.getText(),
      version: document.version,
      dirty: document.isDirty,
      created,
    };
    const frame = around(textOf(document), room);
    return new Draft(uri, screen, baseline, frame, () => ties.freed());
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

  /** The document that the draft is written into; none for a preview, or one that was closed. */
  get document(): vscode.TextDocument | undefined {
    const { document } = this.screen;
    return this.over || document?.isClosed ? undefined : document;
  }

  get disturbed(): boolean {
    return this.theirs !== undefined;
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
    if (!isAsBefore(delivery, plain(baseline.text), baseline.version)) {
      return false;
    }
    const accepted = await this.write(delivery.text);
    await this.end();
    if (accepted && !baseline.dirty) {
      await screen.document.save();
    }
    return accepted;
  }

  /** Ends with the document as it was when the draft began, but for what the user wrote. */
  async revert({ parts = false } = {}): Promise<void> {
    await this.halt();
    const { baseline, screen } = this;
    if (this.over) {
      return;
    }
    try {
      if (baseline && screen instanceof EditorScreen) {
        if (screen.document.isClosed) {
          await this.restoreFile(baseline);
        } else {
          await this.restore(baseline, screen, parts);
        }
      }
    } finally {
      await this.end();
    }
  }

  /** Ends in the same way because the file goes: it is left there, be it empty. */
  part(): Promise<void> {
    return this.revert({ parts: true });
  }

  /** The window closes, its editor does nothing more: an empty file that was made goes without it. */
  leave(): void {
    const { fsPath } = this.uri;
    const made = !this.over && this.baseline?.created;
    if (made && statSync(fsPath, { throwIfNoEntry: false })?.size === 0) {
      rmSync(fsPath);
    }
  }

  dispose(): void {
    this.over = true;
    this.watch?.dispose();
  }

  private async restore(baseline: Baseline, screen: EditorScreen, parts: boolean): Promise<void> {
    const { document } = screen;
    if (this.theirs) {
      await screen.replace(this.theirs.without(document.getText()));
    } else {
      await this.write(plain(baseline.text));
    }
    const nothing = baseline.created && !document.getText().trim();
    if (nothing || (!this.theirs && !baseline.dirty)) {
      await document.save();
    }
    this.leftEmpty = nothing && parts;
    if (nothing && !parts) {
      await removeFile(this.uri);
    }
  }

  /** The same where the user has closed the file: it may have been saved half-written. */
  private async restoreFile(baseline: Baseline): Promise<void> {
    if (!(await exists(this.uri))) {
      return;
    }
    const found = new TextDecoder().decode(await vscode.workspace.fs.readFile(this.uri));
    if (baseline.created && (!found.trim() || found === this.there)) {
      await vscode.workspace.fs.delete(this.uri);
    } else if (found === this.there) {
      await vscode.workspace.fs.writeFile(this.uri, new TextEncoder().encode(baseline.text));
    }
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

  private noticed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const before = this.there;
    this.there = document.getText();
    if (!this.theirs && !this.over && this.baseline && textOf(document) !== this.shown) {
      this.theirs = new Theirs(this.baseline.text, before);
      this.freed();
    }
    this.theirs?.follow(contentChanges);
    if (this.theirs && this.there === this.baseline?.text) {
      this.theirs = new Theirs(this.there, this.there); // undone: there is no draft any more
    }
  }

  private async end(): Promise<void> {
    this.dispose();
    await this.screen.close();
    this.freed();
  }
}

/** A text with line ends as the server writes them. */
const plain = (text: string): string => text.replaceAll("\r\n", "\n");

function around(text: string, { range, head }: wire.Room): Frame {
  return range
    ? [text.slice(0, offsetOf(text, range.start)) + head, text.slice(offsetOf(text, range.end))]
    : NOTHING;
}
