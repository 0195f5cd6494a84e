/** The commands about runs that were, and the one that ends a run. */

import * as vscode from "vscode";
import type { Parts } from "../commands";
import { carryOut } from "../run";
import type { Server } from "../server/server";
import { count } from "../text";
import { type Command, trusted } from "../trust";
import * as wire from "../wire.gen";
import { type CandidateKey, candidateUri } from "./documents";
import { candidateOf, type Node } from "./tree";

/** What names a run: a lens (its id, alone or in an object), or a node of the Runs view. */
type Named = string | Node | { readonly run_id: string } | undefined;

export function runCommands(parts: Parts): Record<string, Command> {
  const { pages } = parts;
  return {
    [wire.CANCEL]: (said?: Named) => cancel(parts, said),
    [wire.SHOW_RUN]: async (said?: Named) => {
      const run = await runOf(parts, said);
      return run && pages.show(run);
    },
    "spec2rtl.openCandidate": (node: Node) => openCandidate(node),
    "spec2rtl.diffCandidates": (node: Node, all?: Node[]) => diffCandidates(node, all),
    "spec2rtl.reapply": (said?: Named) => reapply(parts, said),
    [wire.EXPORT_RUN]: (said?: Named) => exportRun(parts, said),
    [wire.DELETE_RUN]: (said?: Named, all?: Node[]) => deleteRuns(parts, said, all),
    [wire.RESUME_RUN]: trusted((said?: Named) => resume(parts, said)),
  };
}

async function cancel({ server, progress }: Parts, said: Named): Promise<void> {
  const named = idOf(said);
  const running = progress.running();
  const run_id = named ?? (running.length > 1 ? await pickLive(running) : running[0]?.run_id);
  if (run_id) {
    await server.execute(wire.CANCEL, { run_id });
  } else {
    void vscode.window.showInformationMessage("Spec2RTL: no run is going on.");
  }
}

async function pickLive(running: readonly wire.Progress[]): Promise<string | undefined> {
  const items = running.map((run) => ({ ...run, label: run.module, description: run.line }));
  return (await vscode.window.showQuickPick(items, { title: "Cancel which run?" }))?.run_id;
}

function idOf(said: Named): string | undefined {
  if (typeof said === "string") {
    return said;
  }
  if (said && "run_id" in said) {
    return said.run_id;
  }
  return said && "run" in said ? said.run.run_id : undefined;
}

/** The run that is meant; asks where none is named: those of the active file first. */
async function runOf({ server }: Parts, said: Named): Promise<string | undefined> {
  const named = idOf(said);
  if (named) {
    return named;
  }
  const { runs } = await server.execute(wire.RUNS, { limit: 50 });
  const items = runs.map((run) => ({
    label: `${run.module || run.title} (${run.task})`,
    description: run.status,
    detail: `${run.run_id} · ${new Date(run.started * 1000).toLocaleString()}`,
    run_id: run.run_id,
  }));
  return (await vscode.window.showQuickPick(items, { title: "Spec2RTL: which run?" }))?.run_id;
}

async function openCandidate(node: Node): Promise<void> {
  const candidate = candidateOf(node);
  if (candidate) {
    await vscode.window.showTextDocument(candidateUri(candidate), { preview: true });
  }
}

async function diffCandidates(node: Node, all: Node[] = [node]): Promise<void> {
  const [from, to] = all.map(candidateOf).filter((key) => key !== undefined);
  if (!from || !to) {
    void vscode.window.showInformationMessage("Spec2RTL: select two candidates to compare.");
    return;
  }
  await compare(from, to);
}

export async function compare(from: CandidateKey, to: CandidateKey): Promise<void> {
  const title = `${from.module}: ${from.name} ↔ ${to.name}`;
  await vscode.commands.executeCommand("vscode.diff", candidateUri(from), candidateUri(to), title);
}

/** Puts a run's result, or one of its candidates, into its file: an edit that can be undone. */
async function reapply(parts: Parts, said: Named): Promise<void> {
  const node = typeof said === "object" && "kind" in said ? candidateOf(said) : undefined;
  const run_id = node?.runId ?? (await runOf(parts, said));
  if (run_id) {
    await applyRun(parts.server, { run_id, candidate: node?.candidate ?? null });
  }
}

export async function applyRun(server: Server, args: wire.ApplyRunArgs): Promise<void> {
  const { applied } = await server.execute(wire.APPLY_RUN, args);
  if (applied) {
    const { run_id } = args;
    const { target } = await server.execute(wire.RUN, { run_id });
    await vscode.window.showTextDocument(vscode.Uri.parse(target), { preview: false });
  } // else the server says why
}

/** A deleted run is gone for good: asks first. */
async function deleteRuns(parts: Parts, said: Named, all: Node[] = []): Promise<void> {
  const named = all.length > 1 ? all.map(idOf) : [await runOf(parts, said)];
  const ids = [...new Set(named.filter((id) => id !== undefined))];
  if (!ids.length) {
    return;
  }
  const what = ids.length === 1 ? `run ${ids[0]}` : count(ids.length, "run");
  const detail = "Its prompts, candidates and results are removed from the journal.";
  const sure = await vscode.window.showWarningMessage(
    `Delete ${what}?`,
    { modal: true, detail },
    "Delete",
  );
  if (sure) {
    for (const run_id of ids) {
      await parts.server.execute(wire.DELETE_RUN, { run_id });
      parts.pages.close(run_id);
    }
    await vscode.commands.executeCommand("spec2rtl.refreshRuns");
  }
}

async function resume(parts: Parts, said: Named): Promise<void> {
  const run_id = await runOf(parts, said);
  if (run_id) {
    await carryOut(parts, `resuming ${run_id}`, wire.RESUME_RUN, { run_id });
  }
}

async function exportRun(parts: Parts, said: Named): Promise<void> {
  const run_id = await runOf(parts, said);
  if (!run_id) {
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, `${run_id}.json`) }),
    filters: { JSON: ["json"] },
  });
  if (target) {
    const { text } = await parts.server.execute(wire.EXPORT_RUN, { run_id });
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  }
}
