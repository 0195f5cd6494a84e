/** Changes to the user's own text: shown as a diff, made only when they are accepted. */

import * as path from "node:path";
import * as vscode from "vscode";
import { hunks } from "./hunks";
import { exists, nameOf, openDocument, tabsOf, textOf, wholeOf } from "./places";
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
  /** The messages that offer it, on the screen or among those that the bell keeps. */
  offers: number;
  decide(accepted: boolean): void;
}

const SCHEME = "spec2rtl-proposal";

const CHOICES = ["Accept", "Accept by Hunks…", "Discard"] as const;

type Choice = (typeof CHOICES)[number];

export class Review implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly open = new Map<string, Open>();
  private readonly registrations: vscode.Disposable;
  private count = 0;

  constructor() {
    this.registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.tabGroups.onDidChangeTabs(() => this.discardLeft()),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.open.get(uri.toString())?.text ?? "";
  }

  /** Shows a proposal and waits for the user's word; true where it is in the file now. */
  async ask(proposal: Proposal): Promise<boolean> {
    const name = nameOf(proposal.uri);
    const shown = vscode.Uri.from({ scheme: SCHEME, path: `/${++this.count}/${name}` });
    const { promise: accepted, resolve: decide } = Promise.withResolvers<boolean>();
    const seen = await textNow(proposal.uri);
    const entry: Open = { ...proposal, shown, seen, offers: 1, decide };
    this.open.set(shown.toString(), entry);
    await this.show(proposal, shown, name);
    void this.toast(entry, `${entry.title}: ${entry.why}`);
    const decision = await accepted;
    this.open.delete(shown.toString());
    await vscode.window.tabGroups.close(tabsOf(shown), true);
    return decision;
  }

  /** What the user wants of the proposal whose diff is active. */
  async decideActive(choice: Choice): Promise<void> {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    const shown = input instanceof vscode.TabInputTextDiff ? input.modified : undefined;
    const entry = shown && this.open.get(shown.toString());
    if (entry) {
      await this.carryOut(entry, choice);
    }
  }

  dispose(): void {
    for (const { decide } of this.open.values()) {
      decide(false);
    }
    this.registrations.dispose();
  }

  private async show(proposal: Proposal, shown: vscode.Uri, name: string): Promise<void> {
    const left = (await isThere(proposal.uri))
      ? proposal.uri
      : vscode.Uri.from({ scheme: SCHEME, path: "/none" });
    await vscode.commands.executeCommand("vscode.diff", left, shown, `${name}: ${proposal.title}`, {
      preview: false,
    });
  }

  private async toast(entry: Open, text: string): Promise<void> {
    const chosen = await vscode.window.showInformationMessage(`Spec2RTL: ${text}.`, ...CHOICES);
    entry.offers--;
    if (chosen && !this.open.has(entry.shown.toString())) {
      const known = "Spec2RTL: that change was accepted or discarded already.";
      void vscode.window.showInformationMessage(known);
    } else if (chosen) {
      await this.carryOut(entry, chosen);
    } else {
      this.discardLeft();
    }
  }

  private async carryOut(entry: Open, choice: Choice): Promise<void> {
    if (choice === "Accept") {
      await this.accept(entry);
    } else if (choice === "Accept by Hunks…") {
      await this.acceptHunks(entry);
    } else {
      entry.decide(false);
    }
  }

  /** A proposal of which neither the message nor the diff is left is not wanted. */
  private discardLeft(): void {
    for (const { offers, shown, decide } of this.open.values()) {
      if (!offers && !tabsOf(shown).length) {
        decide(false);
      }
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
    entry.offers++;
    const name = nameOf(uri);
    const why = known
      ? `the editor did not take the change of ${name}`
      : `${name} has changed meanwhile, accepting takes that back`;
    await this.show(entry, shown, name);
    void this.toast(entry, `${title}: ${why}`);
  }

  /** Opens the refactor preview, where each hunk has a box to tick. */
  private async acceptHunks(entry: Open): Promise<void> {
    if (!(await isThere(entry.uri))) {
      return this.accept(entry);
    }
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
}

const isThere = async (uri: vscode.Uri): Promise<boolean> =>
  openDocument(uri) !== undefined || exists(uri);

async function textNow(uri: vscode.Uri): Promise<string> {
  return (await isThere(uri)) ? textOf(await vscode.workspace.openTextDocument(uri)) : "";
}

async function replaceAll(uri: vscode.Uri, text: string): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  if (!(await isThere(uri))) {
    edit.createFile(uri, { contents: new TextEncoder().encode(text) });
    return vscode.workspace.applyEdit(edit);
  }
  const document = await vscode.workspace.openTextDocument(uri);
  edit.replace(uri, wholeOf(document), text);
  return !isReadonly(document) && vscode.workspace.applyEdit(edit);
}

/** Does a setting of the user's make the file read-only? An edit would be made, and never saved. */
function isReadonly(document: vscode.TextDocument): boolean {
  const files = vscode.workspace.getConfiguration("files", document.uri);
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  const named = (setting: string): boolean =>
    Object.entries(files.get<Record<string, boolean>>(setting, {})).some(([glob, on]) => {
      const pattern =
        folder && !path.isAbsolute(glob) ? new vscode.RelativePattern(folder, glob) : glob;
      return on && vscode.languages.match({ pattern }, document) > 0;
    });
  return named("readonlyInclude") && !named("readonlyExclude");
}
