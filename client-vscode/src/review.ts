/** Changes to the user's own text: shown as a diff, made only when they are accepted. */

import * as vscode from "vscode";
import { hunks } from "./hunks";
import { exists, openDocument, textOf, wholeOf } from "./places";
import * as wire from "./wire.gen";

export interface Proposal {
  readonly uri: vscode.Uri;
  readonly text: string;
  readonly title: string;
  readonly why: string;
}

interface Open extends Proposal {
  readonly shown: vscode.Uri;
  /** The file's text that the user has last seen the proposal beside. */
  seen: string;
  decide(accepted: boolean): void;
}

const SCHEME = "spec2rtl-proposal";

export class Review implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly open = new Map<string, Open>();
  private readonly registrations: vscode.Disposable;
  private count = 0;

  constructor() {
    this.registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.commands.registerCommand("spec2rtl.acceptProposal", () => this.decideActive(true)),
      vscode.commands.registerCommand("spec2rtl.discardProposal", () => this.decideActive(false)),
      vscode.commands.registerCommand("spec2rtl.acceptHunks", () => this.acceptHunksOfActive()),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.open.get(uri.toString())?.text ?? "";
  }

  /** Shows a proposal and waits for the user's word; true where it is in the file now. */
  async ask(proposal: Proposal): Promise<boolean> {
    const name = proposal.uri.path.split("/").at(-1) ?? "";
    const shown = vscode.Uri.from({ scheme: SCHEME, path: `/${++this.count}/${name}` });
    const { promise: accepted, resolve: decide } = Promise.withResolvers<boolean>();
    const entry: Open = { ...proposal, shown, seen: await textNow(proposal.uri), decide };
    this.open.set(shown.toString(), entry);
    await this.show(proposal, shown, name);
    void this.toast(entry, `${entry.title}: ${entry.why}`);
    const decision = await accepted;
    this.open.delete(shown.toString());
    await closeDiff(shown);
    return decision;
  }

  dispose(): void {
    for (const { decide } of this.open.values()) {
      decide(false);
    }
    this.registrations.dispose();
  }

  private async show(proposal: Proposal, shown: vscode.Uri, name: string): Promise<void> {
    const there = openDocument(proposal.uri) || (await exists(proposal.uri));
    const left = there ? proposal.uri : vscode.Uri.from({ scheme: SCHEME, path: "/none" });
    await vscode.commands.executeCommand("vscode.diff", left, shown, `${name}: ${proposal.title}`, {
      preview: false,
    });
  }

  private async toast(entry: Open, text: string): Promise<void> {
    const chosen = await vscode.window.showInformationMessage(
      `Spec2RTL: ${text}.`,
      "Accept",
      "Accept by Hunks…",
      "Discard",
    );
    if (chosen === "Accept") {
      await this.accept(entry);
    } else if (chosen === "Accept by Hunks…") {
      await this.acceptHunks(entry);
    } else if (chosen === "Discard") {
      entry.decide(false);
    }
  }

  /** Puts the whole proposal into its file, unless that holds edits that were made meanwhile. */
  private async accept(entry: Open): Promise<void> {
    const { uri, text, shown, title } = entry;
    const now = await textNow(uri);
    const known = now === entry.seen;
    if (known && (await replaceAll(uri, text))) {
      entry.decide(true);
      return;
    }
    entry.seen = now;
    const name = uri.path.split("/").at(-1) ?? "";
    const why = known
      ? `the editor did not take the change of ${name}`
      : `${name} has changed meanwhile, accepting takes that back`;
    await this.show(entry, shown, name);
    void this.toast(entry, `${title}: ${why}`);
  }

  private async decideActive(accepted: boolean): Promise<void> {
    const entry = this.active();
    if (entry && accepted) {
      await this.accept(entry);
    } else {
      entry?.decide(false);
    }
  }

  private async acceptHunksOfActive(): Promise<void> {
    const entry = this.active();
    if (entry) {
      await this.acceptHunks(entry);
    }
  }

  /** Opens the refactor preview, where each hunk has a box to tick. */
  private async acceptHunks(entry: Open): Promise<void> {
    const document = await vscode.workspace.openTextDocument(entry.uri);
    const edit = new vscode.WorkspaceEdit();
    for (const hunk of hunks(textOf(document), entry.text)) {
      const range = new vscode.Range(hunk.start, 0, hunk.end, 0);
      edit.replace(entry.uri, range, hunk.text, {
        needsConfirmation: true,
        label: hunk.label,
        description: entry.title,
      });
    }
    const before = textOf(document);
    await vscode.workspace.applyEdit(edit);
    entry.decide(false); // what was ticked is in the file, the rest is not wanted
    const now = textOf(document);
    if (now !== before && now !== entry.text) {
      // The server knows by itself when all of it was accepted.
      await vscode.commands.executeCommand(wire.SIMULATE, { uri: entry.uri.toString() });
    }
  }

  private active(): Open | undefined {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    return input instanceof vscode.TabInputTextDiff
      ? this.open.get(input.modified.toString())
      : undefined;
  }
}

async function textNow(uri: vscode.Uri): Promise<string> {
  const there = openDocument(uri) || (await exists(uri));
  return there ? textOf(await vscode.workspace.openTextDocument(uri)) : "";
}

async function replaceAll(uri: vscode.Uri, text: string): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  if (openDocument(uri) || (await exists(uri))) {
    const document = await vscode.workspace.openTextDocument(uri);
    edit.replace(uri, wholeOf(document), text);
  } else {
    edit.createFile(uri, { contents: new TextEncoder().encode(text) });
  }
  return vscode.workspace.applyEdit(edit);
}

async function closeDiff(shown: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(
      ({ input }) =>
        input instanceof vscode.TabInputTextDiff && input.modified.toString() === shown.toString(),
    );
  await vscode.window.tabGroups.close(tabs, true);
}
