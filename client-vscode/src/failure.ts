/** What went wrong, in a line: in the log, and before the user where they wait for it. */

import * as vscode from "vscode";
import { LSPErrorCodes, ResponseError } from "vscode-languageclient/node";

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Was it somebody's wish: was it cancelled, or the server stopped or restarted meanwhile? */
const isWanted = (error: unknown): boolean =>
  error instanceof vscode.CancellationError ||
  (error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled);

/** Notes a failure that nobody waits for. */
export const noting =
  (log: vscode.LogOutputChannel) =>
  (error: unknown): undefined => {
    if (!isWanted(error)) {
      log.error(error instanceof Error ? error : String(error));
    }
  };

/** Notes a failure and tells of it; whoever calls doesn't wait until that is read. */
export const telling =
  (log: vscode.LogOutputChannel) =>
  (error: unknown): undefined => {
    noting(log)(error);
    if (!isWanted(error)) {
      const told = vscode.window.showErrorMessage(`Spec2RTL: ${reasonOf(error)}`, "Show Log");
      void told.then((chosen) => chosen && log.show());
    }
  };
