/** Drafts in real documents: what is left of them when they end. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { Draft } from "../../src/stream/draft";
import type * as wire from "../../src/wire.gen";
import type { Tests } from "./index";
import { file, read, whileReadOnly, write } from "./workspace";

const OLD = "// old\nmodule m;\nendmodule\n";
const NEW = "// new\nmodule n;\n  wire w;\nendmodule\n";

const nothing = (): void => {};
const ties = { hold: nothing, seam: nothing, freed: nothing };
const room: wire.Room = { range: null, head: "", version: null };

interface Begun {
  readonly draft: Draft;
  readonly uri: vscode.Uri;
  readonly document: vscode.TextDocument;
}

/** A draft of which something is on the screen. */
async function begin(name: string, before: string | null): Promise<Begun> {
  const uri = file(name);
  if (before !== null) {
    await write(uri, before);
  }
  const draft = await Draft.inEditor(uri, room, ties);
  draft.add(0, NEW, false);
  await draft.pump();
  const document = await vscode.workspace.openTextDocument(uri);
  assert.equal(plain(document), NEW);
  return { draft, uri, document };
}

const plain = (document: vscode.TextDocument): string =>
  document.getText().replaceAll("\r\n", "\n");

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

async function type(uri: vscode.Uri, line: number, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(uri, new vscode.Position(line, 0), text);
  await vscode.workspace.applyEdit(edit);
}

async function close(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** Makes a draft's document one that is closed, as it is some minutes after its editor is. */
function closed(draft: Draft): void {
  const { screen } = draft as unknown as { screen: { document: vscode.TextDocument } };
  screen.document = Object.create(screen.document, { isClosed: { value: true } });
}

export const drafts: Tests = {
  "a draft that is taken back leaves the file as it was": async () => {
    const { draft, uri, document } = await begin("taken_back.v", OLD);
    await draft.revert();
    assert.equal(document.getText(), OLD);
    assert.equal(document.isDirty, false);
    assert.equal(await read(uri), OLD);
  },

  "line ends stay what they were": async () => {
    const { draft, uri, document } = await begin("crlf.v", OLD.replaceAll("\n", "\r\n"));
    await draft.revert();
    assert.equal(document.getText(), OLD.replaceAll("\n", "\r\n"));
    assert.equal(await read(uri), OLD.replaceAll("\n", "\r\n"));
  },

  "what the user wrote into it stays, in line ends of two units, too": async () => {
    const { draft, uri, document } = await begin("theirs.v", OLD.replaceAll("\n", "\r\n"));
    await type(uri, 0, "// mine 🙂\n");
    assert.equal(draft.disturbed, true);
    await draft.revert();
    assert.equal(plain(document), `// mine 🙂\n${OLD}`);
    assert.equal(document.isDirty, true);
    assert.equal(await read(uri), OLD.replaceAll("\n", "\r\n"));
    await document.save();
  },

  "a draft that the user undid is none": async () => {
    const { draft, uri, document } = await begin("undone.v", OLD);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), OLD);
    await type(uri, 0, "// mine\n");
    await draft.revert();
    assert.equal(document.getText(), `// mine\n${OLD}`);
    await document.save();
  },

  "a file that was made for it stays where the user wrote into it": async () => {
    const { draft, uri, document } = await begin("made.v", null);
    await type(uri, 1, "// mine\n");
    await draft.revert();
    assert.equal(document.getText(), "// mine\n");
    assert.equal(await exists(uri), true);
    await document.save();
  },

  "a file that was made for it goes with it": async () => {
    const { draft, uri } = await begin("gone.v", null);
    await draft.revert();
    assert.equal(await exists(uri), false);
  },

  "a file that was made for it does not outlive the window, unless somebody has saved it":
    async () => {
      const { draft, uri, document } = await begin("left.v", null);
      draft.leave();
      assert.equal(await exists(uri), false);
      await document.save();
      draft.leave();
      assert.equal(await read(uri), NEW);
      await draft.revert();
    },

  "a file that was saved half-written, and its editor closed, is as it was": async () => {
    const { draft, uri, document } = await begin("closed.v", OLD);
    await document.save();
    assert.equal(await read(uri), NEW);
    await close();
    assert.equal(vscode.window.visibleTextEditors.length, 0);
    closed(draft);
    await draft.revert();
    assert.equal(await read(uri), OLD);
  },

  "a file that goes while its editor is closed is no reason not to end": async () => {
    const { draft, uri, document } = await begin("removed.v", OLD);
    await document.save();
    await close();
    closed(draft);
    await vscode.workspace.fs.delete(uri);
    await draft.revert();
    assert.equal(draft.over, true);
    assert.equal(await exists(uri), false);
  },

  "what a read-only editor does not take is not taken for done": async () => {
    await whileReadOnly("locked.v", OLD, async (uri) => {
      const draft = await Draft.inEditor(uri, room, ties);
      draft.add(0, NEW, false);
      await draft.pump();
      const { version } = await vscode.workspace.openTextDocument(uri);
      const delivery = { text: NEW, version, before: OLD } as unknown as wire.Delivery;
      assert.equal(await draft.accept(delivery), false);
      await draft.revert();
    });
  },

  "a result goes over nothing that the user wrote": async () => {
    const { draft, uri, document } = await begin("accepted.v", OLD);
    await type(uri, 0, "// mine\n");
    const { version, before } = { version: document.version, before: OLD };
    const accepted = await draft.accept({ text: NEW, version, before } as unknown as wire.Delivery);
    assert.equal(accepted, false);
    assert.match(document.getText(), /^\/\/ mine\n/);
    await draft.revert();
    await document.save();
  },
};
