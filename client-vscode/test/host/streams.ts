/** What the server tells of runs, while files and documents go their own ways. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import {
  type DocumentDiagnosticReport,
  LSPErrorCodes,
  ResponseError,
} from "vscode-languageclient/node";
import type { Review } from "../../src/review";
import { RunPages } from "../../src/runs/page";
import { Progress } from "../../src/runs/progress";
import { Specs } from "../../src/specs";
import { Held } from "../../src/stream/held";
import { Leftovers } from "../../src/stream/leftovers";
import { EditorScreen } from "../../src/stream/screen";
import { Streams } from "../../src/stream/streams";
import type * as wire from "../../src/wire.gen";
import { FakeServer, logOf, memory } from "./fakes";
import type { Tests } from "./index";
import { file, until, write } from "./workspace";

const CODE = "module m;\nendmodule\n";
const run_id = "r1";

const labels = (): string[] =>
  vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));

/** What the server would say of a file, as far as it is asked. */
async function diagnostics(fake: FakeServer, uri: vscode.Uri): Promise<readonly unknown[]> {
  const found = { kind: "full", items: ["asked"] } as unknown as DocumentDiagnosticReport;
  const { token } = new vscode.CancellationTokenSource();
  const ask = fake.middleware.provideDiagnostics as NonNullable<
    typeof fake.middleware.provideDiagnostics
  >;
  const report = await ask(uri, undefined, token, async () => found as never);
  return report?.kind === "full" ? report.items : [];
}

/** Streams of a server that is none, and the errors that are noted. */
function streaming() {
  const fake = new FakeServer();
  const { log, errors } = logOf();
  const all = new Streams(fake.server, {} as Review, new Leftovers(memory()), log);
  return { fake, all, errors };
}

/** The first and only piece of a draft in a file. */
function pieceOf(uri: vscode.Uri): wire.Draft {
  const room: wire.Room = { range: null, head: "", version: null };
  return { run_id, candidate: 0, uri: uri.toString(), append: CODE, restart: false, room };
}

export const streams: Tests = {
  "a draft that begins while no editor is open leaves no empty place beside it": async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    const { fake, all } = streaming();
    const uri = file("alone.v");
    fake.draft.fire(pieceOf(uri));
    await all.settled();
    assert.deepEqual(labels(), ["alone.v"]);
    assert.equal(vscode.window.tabGroups.all.length, 1);
    fake.draftOver.fire({ run_id });
    await all.settled();
    all.dispose();
  },

  "a file that was made for a draft does not go with its folder": async () => {
    const { fake, all } = streaming();
    const [old, now] = [file("old"), file("now")];
    await vscode.workspace.fs.createDirectory(old);
    fake.draft.fire(pieceOf(vscode.Uri.joinPath(old, "made.v")));
    await all.settled();
    assert.ok(labels().includes("made.v"));
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(old, now);
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    const left = async (): Promise<number> => (await vscode.workspace.fs.readDirectory(now)).length;
    await until(async () => (await left()) === 0, "nothing of the draft is left");
    await until(() => !labels().includes("made.v"), "its editor is closed");
    fake.draftOver.fire({ run_id });
    await all.settled();
    all.dispose();
    await vscode.workspace.fs.delete(now);
  },

  "a file that no editor can show is streamed into a preview, and is not held": async () => {
    const { fake, all, errors } = streaming();
    const uri = file("binary file.v");
    await vscode.workspace.fs.writeFile(uri, new Uint8Array(100));
    fake.draft.fire(pieceOf(uri));
    await all.settled();
    assert.equal(errors.length, 1);
    assert.deepEqual(await diagnostics(fake, uri), ["asked"]);
    assert.ok(labels().includes("binary file.v"));
    fake.draftOver.fire({ run_id });
    await all.settled();
    assert.equal(labels().includes("binary file.v"), false);
    all.dispose();
    await vscode.workspace.fs.delete(uri);
  },

  "an edit of an editor that closes in that moment is not made, and no failure": async () => {
    const uri = file("closes.v");
    await write(uri, CODE);
    const screen = await EditorScreen.open(uri, () => {});
    assert.equal(await screen.show(CODE, CODE), true);
    const shown: Promise<unknown>[] = [];
    const closing = vscode.commands.executeCommand("workbench.action.closeAllEditors");
    while (vscode.window.visibleTextEditors.length) {
      shown.push(screen.show(CODE, CODE));
      await new Promise((resolve) => setTimeout(resolve));
    }
    await Promise.all(shown);
    await closing;
  },

  "a document that is opened anew while its old self is held is no secret to the server":
    async () => {
      const fake = new FakeServer();
      const held = new Held();
      held.install(fake.middleware);
      const uri = file("reopened.v");
      const document = (isClosed: boolean) =>
        ({ uri, isClosed, getText: () => CODE }) as unknown as vscode.TextDocument;
      held.hold(document(true), new vscode.Range(0, 0, 0, 0));
      const told: vscode.TextDocumentChangeEvent[] = [];
      const event = { document: document(false) } as vscode.TextDocumentChangeEvent;
      await fake.middleware.didChange?.(event, async (one) => void told.push(one));
      assert.deepEqual(told, [event]);
      assert.deepEqual(await diagnostics(fake, uri), ["asked"]);
    },

  "a run that tells of no end is over when its draft is": async () => {
    const fake = new FakeServer();
    const progress = new Progress(fake.server);
    fake.progress.fire({ run_id, module: "m", line: "writes" });
    assert.equal(progress.busy, true);
    let told = 0;
    progress.onChange(() => told++);
    fake.draftOver.fire({ run_id });
    assert.equal(told, 1);
    assert.deepEqual(progress.running(), []);
    progress.dispose();
  },

  "a spec that is gone is no longer one that changed": async () => {
    const fake = new FakeServer();
    const { log, errors } = logOf();
    const progress = new Progress(fake.server);
    const specs = new Specs(fake.server, progress, log);
    const uri = file("two.v").toString();
    const state = { uri, target: uri, module: "m", outdated: true } as wire.SpecState;
    const other = { ...state, uri: file("two.v2").toString() };
    fake.answer = async () => ({ specs: [state, { ...state, module: "n" }, other] });
    fake.healthy.fire("running");
    await until(() => specs.outdated().length === 3, "the specs are known");
    fake.specs.fire({ uri, specs: [state] });
    assert.deepEqual(specs.outdated(), [state, other]);
    fake.specs.fire({ uri, specs: [] });
    assert.deepEqual(specs.outdated(), [other]);
    assert.deepEqual(specs.of(vscode.Uri.parse(uri)), other); // by its target
    specs.dispose();
    progress.dispose();
    assert.deepEqual(errors, []);
  },

  "what the server doesn't answer is noted, unless it was stopped": async () => {
    const fake = new FakeServer();
    const { log, errors } = logOf();
    const progress = new Progress(fake.server);
    const specs = new Specs(fake.server, progress, log);
    const ends = new ResponseError(LSPErrorCodes.RequestCancelled, "the server has ended");
    fake.answer = () => Promise.reject(ends);
    fake.healthy.fire("running");
    await new Promise((resolve) => setTimeout(resolve, 10));
    fake.answer = () => Promise.reject(new Error("no"));
    fake.healthy.fire("running");
    await until(() => errors.length > 0, "it is noted");
    assert.deepEqual(errors, ["Error: no"]);
    specs.dispose();
    progress.dispose();
  },

  "a run page that is closed before the server answers is left alone": async () => {
    const fake = new FakeServer();
    const { log, errors } = logOf();
    const progress = new Progress(fake.server);
    const asked = Promise.withResolvers<unknown>();
    let times = 0;
    fake.answer = () => {
      times++;
      return asked.promise;
    };
    const pages = new RunPages(file("."), fake.server, progress, log);
    pages.show(run_id);
    fake.event.fire({ type: "run_started", run_id } as wire.Event);
    assert.equal(times, 1);
    await until(() => labels().includes(`Run ${run_id}`), "the page is shown");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until(() => !labels().includes(`Run ${run_id}`), "the page is closed");
    asked.resolve({ run: { module: "m" } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(errors, []);
    pages.dispose();
    progress.dispose();
  },
};
