/** Candidates of runs as read-only documents: `spec2rtl-run:/RUN/NAME/MODULE.v`. */

import * as vscode from "vscode";
import type { Server } from "../server/server";
import * as wire from "../wire.gen";

const SCHEME = "spec2rtl-run";

export interface CandidateKey {
  readonly runId: string;
  /** What it is called beside others of its run, such as `iteration 2`. */
  readonly name: string;
  readonly candidate: string;
  readonly module: string;
}

export function candidateUri({ runId, candidate, module, name }: CandidateKey): vscode.Uri {
  return vscode.Uri.from({
    scheme: SCHEME,
    path: `/${runId}/${name}/${module}.v`,
    query: candidate,
  });
}

export function registerRunDocuments(server: Server): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    async provideTextDocumentContent(uri) {
      const runId = uri.path.split("/")[1] ?? "";
      const detail = await server.execute<wire.RunDetail>(wire.RUN, { run_id: runId });
      const found = detail.events.find(
        (event) => event.type === "candidate" && event.id === uri.query,
      );
      return found?.type === "candidate" ? found.rtl : "";
    },
  });
}
