/** Candidates of runs as read-only documents: `spec2rtl-run:/RUN/NAME/MODULE.v` (or `.sv`). */

import * as vscode from "vscode";
import type { Server } from "../server/server";
import * as wire from "../wire.gen";
import { textOf } from "./story";

const SCHEME = "spec2rtl-run";

export interface CandidateKey {
  readonly runId: string;
  /** What it is called beside others of its run, such as `iteration 2`. */
  readonly name: string;
  readonly candidate: string;
  readonly module: string;
  /** The URI of the file that the run's result is meant for. */
  readonly target: string;
}

export function candidateUri(key: CandidateKey): vscode.Uri {
  const { runId, candidate, module, name, target } = key;
  const suffix = target.endsWith(".sv") ? "sv" : "v";
  return vscode.Uri.from({
    scheme: SCHEME,
    path: `/${runId}/${name}/${module}.${suffix}`,
    query: candidate,
  });
}

export function registerRunDocuments(server: Server): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    async provideTextDocumentContent(uri) {
      const runId = uri.path.split("/")[1] ?? "";
      const detail = await server.execute(wire.RUN, { run_id: runId });
      return textOf(detail.events, uri.query) ?? "";
    },
  });
}
