/** Brings what runs write into documents: drafts while they come, results when they are done. */

import * as vscode from "vscode";
import { noting } from "../failure";
import {
  exists,
  lowered,
  nameOf,
  openDocument,
  removeFile,
  textOf,
  toDiagnostic,
  wholeOf,
} from "../places";
import type { Review } from "../review";
import type { Server } from "../server/server";
import { streamTo } from "../settings";
import type * as wire from "../wire.gen";
import { isAsBefore } from "./before";
import { Draft } from "./draft";
import { Held } from "./held";
import type { Leftovers } from "./leftovers";
import { EditorScreen } from "./screen";
import { Seams } from "./seams";

export class Streams implements vscode.Disposable {
  /** Each run's draft; none where it could not be shown. */
  private readonly drafts = new Map<string, Promise<Draft | undefined>>();
  private readonly held = new Held();
  private readonly seams = new Seams();
  /** What a candidate on the screen was found to be, until another takes its place. */
  private readonly marks = vscode.languages.createDiagnosticCollection("spec2rtl-run");
  /** The files that a run has marks in. */
  private readonly marked = new Map<string, readonly vscode.Uri[]>();
  private readonly listening: vscode.Disposable;
  /** What was told earlier is shown earlier, however long opening a document takes. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    server: Server,
    private readonly review: Review,
    private readonly leftovers: Leftovers,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.held.install(server.middleware);
    server.deliver = (delivery) => this.deliver(delivery);
    this.listening = vscode.Disposable.from(
      server.onDraft((draft) => this.inTurn(() => this.drafted(draft))),
      server.onDraftOver(({ run_id }) => {
        void this.drafts.get(run_id)?.then((draft) => draft?.halt()); // at once
        this.inTurn(() => this.drop(run_id));
      }),
      server.onEvent((event) => event.type === "text" || this.inTurn(() => this.happened(event))),
      vscode.workspace.onWillRenameFiles(({ files, waitUntil }) =>
        waitUntil(this.going(files.map(({ oldUri }) => oldUri))),
      ),
      vscode.workspace.onDidRenameFiles(
        ({ files }) => void this.moved(files).catch(noting(this.log)),
      ),
      vscode.workspace.onWillDeleteFiles(({ files, waitUntil }) => waitUntil(this.going(files))),
      server.onHealth((health) => health === "running" || this.cutOff()),
    );
  }

  dispose(): void {
    this.listening.dispose();
    this.leftovers.dispose();
    this.seams.dispose();
    this.marks.dispose();
    for (const draft of this.drafts.values()) {
      void draft.then((one) => one?.leave());
    }
    void this.revertAll();
  }

  /** Resolves when all that was told so far is shown, and what is over was taken back. */
  settled(): Promise<void> {
    return this.turn;
  }

  private inTurn(work: () => Promise<void>): void {
    this.turn = this.turn.then(work).catch(noting(this.log));
  }

  private async drafted(piece: wire.Draft): Promise<void> {
    const draft = await this.draftOf(piece);
    this.unmark(piece.run_id);
    draft?.add(piece.candidate, piece.append, piece.restart);
  }

  private draftOf(piece: wire.Draft): Promise<Draft | undefined> {
    let draft = this.drafts.get(piece.run_id);
    if (!draft) {
      draft = this.begin(vscode.Uri.parse(piece.uri), piece).catch(noting(this.log));
      this.drafts.set(piece.run_id, draft);
    }
    return draft;
  }

  private async begin(uri: vscode.Uri, { room, run_id }: wire.Draft): Promise<Draft> {
    if (room && streamTo() !== "preview" && !savesItself(uri) && isAsSeen(uri, room)) {
      try {
        return await this.beginThere(uri, room, run_id);
      } catch (error) {
        noting(this.log)(error);
        await this.held.release(uri);
      }
    }
    return Draft.inPreview(uri, run_id);
  }

  private beginThere(uri: vscode.Uri, room: wire.Room, runId: string): Promise<Draft> {
    this.held.reserve(uri);
    this.seams.forget(uri);
    return Draft.inEditor(uri, room, {
      hold: (document, created) => {
        this.held.hold(document, wholeOf(document));
        this.leftovers.begun(document, created);
      },
      seam: (document) => this.seams.add(document),
      freed: () => void this.freed(uri, runId).catch(noting(this.log)),
    });
  }

  private async freed(uri: vscode.Uri, runId: string): Promise<void> {
    this.unmark(runId);
    this.leftovers.over(uri);
    await this.held.release(uri);
  }

  private async happened(event: wire.Event): Promise<void> {
    const draft = await this.drafts.get(event.run_id);
    if (!draft) {
      return;
    }
    if (event.type === "candidate") {
      await draft.settle(event.rtl);
    } else if (event.type === "compiled" || event.type === "simulated") {
      await draft.pump();
      await this.mark(event.run_id, draft, event.diagnostics);
    }
  }

  /** Of this run nothing comes. */
  private async drop(runId: string): Promise<void> {
    const draft = await this.drafts.get(runId);
    this.drafts.delete(runId);
    this.unmark(runId);
    await draft?.revert();
  }

  /** Files are about to be renamed or deleted: what is half-written doesn't go with them. */
  private async going(files: readonly vscode.Uri[]): Promise<void> {
    for (const drafted of this.drafts.values()) {
      const draft = await drafted;
      if (draft && files.some((file) => holds(file, draft.uri))) {
        await draft.part();
      }
    }
  }

  /** Folders were renamed: an empty file in them that was made for a draft is not wanted there. */
  private async moved(files: vscode.FileRenameEvent["files"]): Promise<void> {
    for (const drafted of this.drafts.values()) {
      const draft = await drafted;
      const path = draft?.leftEmpty ? draft.uri.path : "";
      for (const { oldUri, newUri } of files) {
        if (path.startsWith(`${oldUri.path}/`)) {
          const rest = path.slice(oldUri.path.length + 1);
          await removeFile(vscode.Uri.joinPath(newUri, rest));
        }
      }
    }
  }

  /** Marks what was found in the draft and, where a test failed, in the tests. */
  private async mark(
    runId: string,
    draft: Draft,
    found: readonly wire.Diagnostic[],
  ): Promise<void> {
    this.unmark(runId);
    if (draft.over || draft.disturbed) {
      return;
    }
    const isOwn = (file: string): boolean =>
      vscode.Uri.file(file).toString() === draft.uri.toString();
    const placed = found.map((one) => lowered(one, isOwn, draft.line));
    const uris: vscode.Uri[] = [];
    for (const [file, here] of Map.groupBy(placed, (one) => one.file)) {
      const own = isOwn(file);
      const uri = own ? draft.shownAt : vscode.Uri.file(file);
      if (own || (await exists(uri))) {
        const document = await vscode.workspace.openTextDocument(uri);
        this.marks.set(
          uri,
          here.map((one) => toDiagnostic(document, one)),
        );
        uris.push(uri);
      }
    }
    this.marked.set(runId, uris);
  }

  private unmark(runId: string): void {
    for (const uri of this.marked.get(runId) ?? []) {
      this.marks.delete(uri);
    }
    this.marked.delete(runId);
  }

  private async deliver(delivery: wire.Delivery): Promise<wire.Applied> {
    await this.turn;
    const draft = await this.drafts.get(delivery.run_id);
    this.drafts.delete(delivery.run_id);
    this.unmark(delivery.run_id);
    try {
      return { applied: await this.put(delivery, draft) };
    } finally {
      await draft?.revert();
    }
  }

  private async put(delivery: wire.Delivery, draft: Draft | undefined): Promise<boolean> {
    const uri = vscode.Uri.parse(delivery.uri);
    const name = nameOf(uri);
    const parted = draft?.over ? `${name} was renamed or deleted during the run` : undefined;
    if (!parted && delivery.confirm === null) {
      if (draft?.document) {
        if (await draft.accept(delivery)) {
          return true;
        }
      } else {
        await draft?.revert();
        if (await this.write(uri, delivery)) {
          return true;
        }
      }
    }
    await draft?.revert();
    const now = openDocument(uri);
    const same = now && isAsBefore(delivery, textOf(now), now.version);
    const refused = same ? `the editor did not take the change of ${name}` : undefined;
    const gone = delivery.create || (await exists(uri)) ? undefined : `${name} is gone`;
    const why = parted ?? delivery.confirm ?? refused ?? gone ?? "the file changed meanwhile";
    const title = `RTL of ${name}`;
    return this.review.ask({ uri, text: delivery.text, title, why });
  }

  /** Puts a result into a file that nothing was streamed into. */
  private async write(uri: vscode.Uri, delivery: wire.Delivery): Promise<boolean> {
    if (delivery.create === (await exists(uri))) {
      return false;
    }
    if (delivery.create) {
      await vscode.workspace.fs.writeFile(uri, new Uint8Array());
    }
    const screen = await EditorScreen.open(uri, () => {});
    const { document } = screen;
    const before = textOf(document);
    if (!isAsBefore(delivery, before, document.version)) {
      return false;
    }
    const clean = !document.isDirty;
    const applied = await screen.finish(before, delivery.text);
    if (applied && clean) {
      await document.save();
    }
    return applied;
  }

  private cutOff(): void {
    this.held.disconnect();
    this.inTurn(() => this.revertAll());
  }

  private async revertAll(): Promise<void> {
    const drafts = [...this.drafts.values()];
    this.drafts.clear();
    for (const draft of drafts) {
      await draft.then((one) => one?.revert()).catch(noting(this.log));
    }
  }
}

/** Is a file this one, or in this folder? */
const holds = (place: vscode.Uri, file: vscode.Uri): boolean => `${file}/`.startsWith(`${place}/`);

/** Is a file still as the server saw it when it said what makes room there? */
function isAsSeen(uri: vscode.Uri, { version }: wire.Room): boolean {
  const document = openDocument(uri);
  return !document || (version === null ? !document.isDirty : document.version === version);
}

/** Each save would end an undo step, and put half a module on the disk. */
function savesItself(uri: vscode.Uri): boolean {
  return vscode.workspace.getConfiguration("files", uri).get("autoSave") !== "off";
}
