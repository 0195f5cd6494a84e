/**
 * Documents that a draft is written into: until it is over, the server goes on seeing the text
 * that the user gave it, and then gets the difference as one change.
 */

import * as vscode from "vscode";
import { type Middleware, vsdiag } from "vscode-languageclient/node";

type Next = (event: vscode.TextDocumentChangeEvent) => Promise<void>;

interface Hold {
  readonly document: vscode.TextDocument;
  readonly range: vscode.Range;
  readonly length: number;
  next: Next | undefined;
}

const NONE: vsdiag.DocumentDiagnosticReport = {
  kind: vsdiag.DocumentDiagnosticReportKind.full,
  items: [],
};

export class Held {
  private readonly holds = new Map<string, Hold | undefined>();

  install(middleware: Middleware): void {
    middleware.didChange = async (event, next) => {
      const hold = this.holds.get(event.document.uri.toString());
      // One that was closed and opened again is another, of which the server has the text.
      if (hold?.document === event.document) {
        hold.next = next;
      } else {
        await next(event);
      }
    };
    middleware.provideDiagnostics = async (document, previous, token, next) => {
      const uri = document instanceof vscode.Uri ? document : document.uri;
      const found = this.isHeld(uri) ? NONE : await next(document, previous, token);
      // What the server says is about another text than the one on the screen.
      return this.isHeld(uri) ? NONE : found;
    };
  }

  /** The document of this file is about to be held. */
  reserve(uri: vscode.Uri): void {
    this.holds.set(uri.toString(), undefined);
  }

  hold(document: vscode.TextDocument, range: vscode.Range): void {
    const length = document.getText().length;
    this.holds.set(document.uri.toString(), { document, range, length, next: undefined });
  }

  /** The server is gone: one that comes back gets each document as it is. */
  disconnect(): void {
    for (const hold of this.holds.values()) {
      if (hold) {
        hold.next = undefined;
      }
    }
  }

  async release(uri: vscode.Uri): Promise<void> {
    const hold = this.holds.get(uri.toString());
    this.holds.delete(uri.toString());
    if (!hold?.next || hold.document.isClosed) {
      return;
    }
    const { document, range, length } = hold;
    const change = { range, rangeOffset: 0, rangeLength: length, text: document.getText() };
    await hold.next({
      document,
      contentChanges: [change],
      reason: undefined,
      detailedReason: undefined,
    } as vscode.TextDocumentChangeEvent);
  }

  private isHeld(uri: vscode.Uri): boolean {
    const hold = this.holds.get(uri.toString());
    return hold ? !hold.document.isClosed : this.holds.has(uri.toString());
  }
}
