/**
 * A draft whose editor is hidden for a while takes more than one step to undo: the half-written
 * texts between the steps, at which no undo and no redo shall stop.
 */

import * as vscode from "vscode";
import { textOf } from "../places";

export class Seams implements vscode.Disposable {
  private readonly texts = new Map<string, Set<string>>();
  private readonly listening = vscode.workspace.onDidChangeTextDocument((event) =>
    this.pass(event),
  );

  /** The document's text as it is now is one. */
  add(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    this.texts.set(uri, (this.texts.get(uri) ?? new Set()).add(textOf(document)));
  }

  /** Another draft begins in the file: only its own count from now on. */
  forget(uri: vscode.Uri): void {
    this.texts.delete(uri.toString());
  }

  dispose(): void {
    this.listening.dispose();
  }

  private pass({ document, reason }: vscode.TextDocumentChangeEvent): void {
    const half = this.texts.get(document.uri.toString())?.has(textOf(document));
    if (half && reason) {
      const undone = reason === vscode.TextDocumentChangeReason.Undo;
      void vscode.commands.executeCommand(undone ? "undo" : "redo");
    }
  }
}
