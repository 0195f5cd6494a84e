/** The commands: each finds what it is about, asks the server, and shows the answer. */

import * as vscode from "vscode";
import { showDoctor } from "./doctor";
import { openExample } from "./example";
import { telling } from "./failure";
import { chooseGenerator } from "./generator";
import type { Keys } from "./keys";
import { nameOf, toWireRange } from "./places";
import type { Review } from "./review";
import { carryOut } from "./run";
import { runCommands } from "./runs/commands";
import type { RunPages } from "./runs/page";
import type { Progress } from "./runs/progress";
import type { Node } from "./runs/tree";
import type { Argument, Server } from "./server/server";
import { turnOff, turnOn } from "./settings";
import { ofSpec } from "./specs";
import type { Streams } from "./stream/streams";
import { type Command, trusted } from "./trust";
import { type Asked, showWaves } from "./waves";
import * as wire from "./wire.gen";

export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly server: Server;
  readonly keys: Keys;
  readonly review: Review;
  readonly progress: Progress;
  readonly pages: RunPages;
  readonly streams: Streams;
}

/** What a lens, a menu (a URI) or the palette (nothing) say a command is about. */
type About = { readonly uri: string; readonly range?: wire.Range | null };
type Said = vscode.Uri | About | undefined;

export function registerCommands(parts: Parts): vscode.Disposable {
  const { server, log } = parts;
  const commands: Record<string, Command> = {
    [wire.GENERATE]: trusted((said: Said) => start(parts, wire.GENERATE, about(said))),
    [wire.REPAIR]: trusted((said: Said) => start(parts, wire.REPAIR, whole(said))),
    [wire.UPDATE]: trusted((said: Said | Node) => start(parts, wire.UPDATE, about(said))),
    [wire.EDIT_RTL]: trusted((said: Said) => edit(parts, said)),
    [wire.SIMULATE]: trusted((said: Said) => simulate(server, about(said))),
    [wire.CHECK]: trusted((said: Said) => check(server, about(said))),
    [wire.REFLECT]: trusted((said: Said) => reflect(parts, about(said))),
    [wire.DOCTOR]: () => showDoctor(server),
    [wire.WAVES]: trusted((asked: Asked) => showWaves(server, asked)),
    "spec2rtl.startServer": () => turnOn().then(() => server.start()),
    "spec2rtl.restartServer": () => turnOn().then(() => server.restart()),
    "spec2rtl.stopServer": () => stop(server),
    "spec2rtl.showLog": () => log.show(),
    "spec2rtl.setApiKey": async () => (await parts.keys.ask()) && renew(parts),
    "spec2rtl.chooseGenerator": () => chooseGenerator(),
    "spec2rtl.acceptProposal": () => parts.review.decideActive("Accept"),
    "spec2rtl.acceptHunks": () => parts.review.decideActive("Accept by Hunks…"),
    "spec2rtl.discardProposal": () => parts.review.decideActive("Discard"),
    "spec2rtl.openExample": () => openExample(parts.context),
    ...runCommands(parts),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, command]) =>
      vscode.commands.registerCommand(name, guarded(command, log)),
    ),
  );
}

/** A command whose failure is one line with the log at hand. */
function guarded(command: Command, log: vscode.LogOutputChannel): Command {
  return async (...given) => {
    try {
      return await command(...given);
    } catch (error) {
      return telling(log)(error);
    }
  };
}

/** The server stays off as long as the window is open, and longer where the user says so. */
async function stop(server: Server): Promise<void> {
  await server.stop();
  const text = "Spec2RTL: the server is stopped until this window is opened again.";
  if (await vscode.window.showInformationMessage(text, "Keep It Off")) {
    await turnOff();
  }
}

/** The server has its keys from its start; a run that goes on is not cut off for a new one. */
async function renew({ server, progress }: Parts): Promise<void> {
  if (progress.busy) {
    const text =
      "Spec2RTL: the key is stored; the server takes it up when the run that goes on is over.";
    const { promise: now, resolve } = Promise.withResolvers<void>();
    void vscode.window.showInformationMessage(text, RESTART).then((it) => it && resolve());
    await Promise.race([progress.idle(), now]);
  }
  if (server.health !== "stopped") {
    await server.restart();
  }
}

const RESTART = "Restart Now";

/** The document, and the part of it, that a command is about. */
function about(said: Said | Node): About {
  if (said && "kind" in said) {
    return about(said.kind === "outdated" ? ofSpec(said.spec) : undefined);
  }
  const editor = vscode.window.activeTextEditor;
  if (said instanceof vscode.Uri) {
    const active = editor?.document.uri.toString() === said.toString();
    return active ? about(undefined) : { uri: said.toString() };
  }
  if (said?.uri) {
    return said;
  }
  if (!editor) {
    throw new Error("open a specification or an RTL file first");
  }
  return { uri: editor.document.uri.toString(), range: toWireRange(editor.selection) };
}

/** The same where no part can be meant. */
function whole(said: Said): Omit<About, "range"> {
  const { range: _, ...rest } = about(said);
  return rest;
}

const TITLES = {
  [wire.GENERATE]: "RTL of",
  [wire.REPAIR]: "repair of",
  [wire.EDIT]: "edit of",
  [wire.UPDATE]: "update from",
};

function start<R extends keyof typeof TITLES>(
  parts: Parts,
  command: R,
  args: Argument<R>,
): Promise<wire.RunAnswer> {
  const name = nameOf(vscode.Uri.parse(args.uri));
  return carryOut(parts, `${TITLES[command]} ${name}`, command, args);
}

async function edit(parts: Parts, said: Said): Promise<wire.RunAnswer | undefined> {
  const { uri, range } = about(said);
  const instruction = await vscode.window.showInputBox({
    title: "Spec2RTL: Edit RTL",
    prompt: "What shall change? What this doesn't touch stays as it is.",
    placeHolder: "add an enable input that stops the counter",
    ignoreFocusOut: true,
  });
  if (!instruction?.trim()) {
    return undefined;
  }
  const selected = range && JSON.stringify(range.start) !== JSON.stringify(range.end);
  const args: wire.EditArgs = { uri, instruction, ...(selected && { range }) };
  return start(parts, wire.EDIT, args);
}

async function simulate(server: Server, { uri }: About): Promise<wire.SimulationAnswer> {
  const result = await server.execute(wire.SIMULATE, { uri });
  const text = `Spec2RTL: ${result.words}`;
  void (result.status === "passed"
    ? vscode.window.showInformationMessage(text)
    : vscode.window.showWarningMessage(text));
  return result;
}

async function check(server: Server, { uri }: About): Promise<wire.CheckAnswer> {
  const result = await server.execute(wire.CHECK, { uri });
  void vscode.window.showInformationMessage(`Spec2RTL: ${result.words}`);
  return result;
}

/** Asks for repairs of what is wrong in a file; the chosen one is put up for review. */
async function reflect(parts: Parts, { uri }: About): Promise<void> {
  const answer = await parts.server.execute(wire.REFLECT, { uri });
  if (!answer.proposals.length) {
    void vscode.window.showInformationMessage(
      `Spec2RTL: ${answer.message ?? "no repair was found"}`,
    );
    return;
  }
  const choices = answer.proposals.map((proposal) => ({
    label: proposal.title,
    description: proposal.evidence,
    detail: proposal.root_cause,
    proposal,
  }));
  const chosen = await vscode.window.showQuickPick(choices, { title: "Spec2RTL: repairs" });
  if (chosen) {
    const { title, rtl, evidence } = chosen.proposal;
    await parts.review.ask({ uri: vscode.Uri.parse(answer.uri), text: rtl, title, why: evidence });
  }
}
