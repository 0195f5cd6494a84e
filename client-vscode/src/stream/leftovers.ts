/** Drafts that a window's end cut off: VS Code keeps what is unsaved, also half a module. */

import * as vscode from "vscode";
import { exists, nameOf, removeFile, wholeOf } from "../places";

/** What a file was before its draft. */
interface Before {
  readonly text: string;
  readonly dirty: boolean;
  readonly created: boolean;
}

const KEY = "spec2rtl.drafts";

export class Leftovers implements vscode.Disposable {
  private closed = false;

  constructor(private readonly memory: vscode.Memento) {}

  /** A draft is about to be written into a document. */
  begun(document: vscode.TextDocument, created: boolean): void {
    const before = { text: document.getText(), dirty: document.isDirty, created };
    this.keep({ ...this.kept(), [document.uri.toString()]: before });
  }

  /** It is over, or the document is the user's again. */
  over(uri: vscode.Uri): void {
    const { [uri.toString()]: _, ...others } = this.kept();
    this.keep(others);
  }

  /** Offers to take back what an earlier window left. */
  async offer(): Promise<void> {
    const left = Object.entries(this.kept());
    this.keep({});
    await Promise.all(left.map(([uri, before]) => this.ask(vscode.Uri.parse(uri), before)));
  }

  /** The window closes: whether what is under way is still taken back, nobody knows. */
  dispose(): void {
    this.closed = true;
  }

  private async ask(uri: vscode.Uri, before: Before): Promise<void> {
    const opened = vscode.workspace.openTextDocument(uri);
    const document = await opened.then(
      (found) => found,
      () => undefined, // it has gone without a trace
    );
    if (!document?.isDirty || document.getText() === before.text) {
      return;
    }
    const left = document.getText();
    const text = `Spec2RTL: ${nameOf(uri)} holds the draft of a run that was cut off.`;
    if (!(await vscode.window.showWarningMessage(text, "Take It Back"))) {
      return;
    }
    if (document.getText() === left) {
      await takeBack(document, before);
    } else {
      const kept = `Spec2RTL: ${nameOf(uri)} has changed meanwhile: it is left as it is.`;
      void vscode.window.showWarningMessage(kept);
    }
  }

  private kept(): Record<string, Before> {
    return this.memory.get(KEY) ?? {};
  }

  private keep(drafts: Record<string, Before>): void {
    if (!this.closed) {
      void this.memory.update(KEY, drafts);
    }
  }
}

async function takeBack(document: vscode.TextDocument, before: Before): Promise<void> {
  const { uri } = document;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, wholeOf(document), before.text);
  await vscode.workspace.applyEdit(edit);
  if (!before.dirty) {
    await document.save();
  }
  if (before.created && (await exists(uri))) {
    await removeFile(uri);
  }
}
