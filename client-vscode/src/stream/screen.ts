/** Where a draft is shown: in the editor of its file, or in a preview beside it. */

import * as vscode from "vscode";
import { nameOf, positionAt, tabsOf, textOf } from "../places";
import { change } from "../text";

export interface Screen {
  readonly uri: vscode.Uri;
  /** The file's own document; none for a preview. */
  readonly document: vscode.TextDocument | undefined;
  /** Shows `text`, of which `shown` is there already; false: not now. */
  show(shown: string, text: string): Promise<boolean>;
  close(): Promise<void>;
}

const editorOf = (document: vscode.TextDocument): vscode.TextEditor | undefined =>
  vscode.window.visibleTextEditors.find((one) => one.document === document);

/** Shows a document that isn't shown, beside what the user looks at, who keeps the focus. */
async function showBeside(
  document: vscode.TextDocument,
  preview = false,
): Promise<vscode.TextEditor> {
  const { Active, Beside } = vscode.ViewColumn;
  const viewColumn = vscode.window.tabGroups.activeTabGroup.tabs.length ? Beside : Active;
  const options = { viewColumn, preserveFocus: true, preview };
  return editorOf(document) ?? (await vscode.window.showTextDocument(document, options));
}

/** The file's own document; all that is shown there is one undo step. */
export class EditorScreen implements Screen {
  private begun = false;

  private constructor(
    readonly document: vscode.TextDocument,
    private readonly seam: (document: vscode.TextDocument) => void,
  ) {}

  /** `seam` is told of texts at which an undo step may end although it must not. */
  static async open(
    uri: vscode.Uri,
    seam: (document: vscode.TextDocument) => void,
  ): Promise<EditorScreen> {
    const document = await vscode.workspace.openTextDocument(uri);
    await showBeside(document);
    return new EditorScreen(document, seam);
  }

  get uri(): vscode.Uri {
    return this.document.uri;
  }

  async show(shown: string, text: string): Promise<boolean> {
    return this.write(shown, text, false);
  }

  /** Shows the last text: the undo step ends here. */
  async finish(shown: string, text: string): Promise<boolean> {
    return this.begun || text !== textOf(this.document) ? this.write(shown, text, true) : true;
  }

  async close(): Promise<void> {}

  private async write(shown: string, text: string, last: boolean): Promise<boolean> {
    const { document } = this;
    if (!editorOf(document) && this.begun) {
      this.seam(document);
      return last && this.replace(text);
    }
    const editor = last ? await showBeside(document) : editorOf(document);
    if (!editor) {
      return false;
    }
    const { start, end, text: piece } = change(shown, text);
    const stops = { undoStopBefore: !this.begun, undoStopAfter: last };
    const range = new vscode.Range(positionAt(shown, start), positionAt(shown, end));
    const edited = editor.edit((edit) => edit.replace(range, piece), stops);
    const done = await edited.then(
      (taken) => taken,
      () => false, // the editor was closed in that moment
    );
    this.begun ||= done;
    if (done && !last) {
      const place = positionAt(text, start + piece.length);
      editor.revealRange(new vscode.Range(place, place));
    }
    // An editor that is read-only says that it is done, and does nothing.
    return done && textOf(document) === text;
  }

  /** Puts another text in place of what is there, seen or not, as an undo step of its own. */
  async replace(text: string): Promise<boolean> {
    const { document } = this;
    const { start, end, text: piece } = change(document.getText(), text);
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, range, piece);
    return vscode.workspace.applyEdit(edit);
  }
}

const PREVIEW = "spec2rtl-draft";

/** A read-only document that grows. */
export class PreviewScreen implements Screen, vscode.TextDocumentContentProvider {
  readonly document = undefined;
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration: vscode.Disposable;
  private text = "";

  private constructor(readonly uri: vscode.Uri) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(uri.scheme, this);
  }

  static async open(target: vscode.Uri, runId: string): Promise<PreviewScreen> {
    const scheme = `${PREVIEW}-${runId.toLowerCase()}`;
    const screen = new PreviewScreen(vscode.Uri.from({ scheme, path: `/${nameOf(target)}` }));
    await showBeside(await vscode.workspace.openTextDocument(screen.uri), true);
    return screen;
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  async show(_shown: string, text: string): Promise<boolean> {
    this.text = text;
    this.changed.fire(this.uri);
    return true;
  }

  async close(): Promise<void> {
    await vscode.window.tabGroups.close(tabsOf(this.uri), true);
    this.registration.dispose();
    this.changed.dispose();
  }
}
