/** Between the server's places (1-based, in code points) and the editor's (0-based, UTF-16). */

import * as vscode from "vscode";
import { placeAt, unitsBefore } from "./text";
import type * as wire from "./wire.gen";

export function toRange(document: vscode.TextDocument, found: wire.Diagnostic): vscode.Range {
  const place = (line: number, column: number): vscode.Position => {
    const index = Math.min(Math.max(line - 1, 0), document.lineCount - 1);
    return new vscode.Position(index, unitsBefore(document.lineAt(index).text, column));
  };
  return new vscode.Range(place(found.line, found.column), place(found.end_line, found.end_column));
}

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
} as const;

export function toDiagnostic(
  document: vscode.TextDocument,
  found: wire.Diagnostic,
): vscode.Diagnostic {
  const shown = new vscode.Diagnostic(
    toRange(document, found),
    found.message,
    SEVERITIES[found.severity],
  );
  shown.source = found.source;
  shown.code = found.code;
  shown.relatedInformation = found.related.map((related) => {
    const place = new vscode.Position(
      Math.max(related.line - 1, 0),
      Math.max(related.column - 1, 0),
    );
    const location = new vscode.Location(vscode.Uri.file(related.file), place);
    return new vscode.DiagnosticRelatedInformation(location, related.message);
  });
  return shown;
}

/** A diagnostic whose places in some files lie further down there than it says. */
export function lowered(
  found: wire.Diagnostic,
  where: (file: string) => boolean,
  lines: number,
): wire.Diagnostic {
  const down = ({ file }: { readonly file: string }): number => (where(file) ? lines : 0);
  return {
    ...found,
    line: found.line + down(found),
    end_line: found.end_line + down(found),
    related: found.related.map((one) => ({ ...one, line: one.line + down(one) })),
  };
}

export function toWireRange(range: vscode.Range): wire.Range {
  const { start, end } = range;
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}

export function positionAt(text: string, offset: number): vscode.Position {
  const { line, character } = placeAt(text, offset);
  return new vscode.Position(line, character);
}

/** A file's name, without its folders. */
export const nameOf = ({ path }: vscode.Uri): string => path.split("/").at(-1) ?? "";

/** The whole of a document. */
export function wholeOf(document: vscode.TextDocument): vscode.Range {
  return new vscode.Range(
    new vscode.Position(0, 0),
    document.lineAt(document.lineCount - 1).range.end,
  );
}

/** A document's text with line ends as the server writes them. */
export function textOf(document: vscode.TextDocument): string {
  return document.getText().replaceAll("\r\n", "\n");
}

/** The document of an open file, however its name is written. */
export function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
}

/** The tabs that show a document, alone or beside what it was made from. */
export function tabsOf(uri: vscode.Uri): readonly vscode.Tab[] {
  const shown = ({ input }: vscode.Tab): vscode.Uri | undefined =>
    input instanceof vscode.TabInputTextDiff
      ? input.modified
      : input instanceof vscode.TabInputText
        ? input.uri
        : undefined;
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter((tab) => shown(tab)?.toString() === uri.toString());
}

/** Closes a file's editors, and deletes it. */
export async function removeFile(uri: vscode.Uri): Promise<void> {
  await vscode.window.tabGroups.close(tabsOf(uri), true);
  await vscode.workspace.fs.delete(uri);
}

export async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
