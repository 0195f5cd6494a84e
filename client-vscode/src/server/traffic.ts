/** What is shown of the traffic with the server: as the setting says, whatever the log's level is. */

import * as vscode from "vscode";
import { onTracing, tracing } from "../settings";

/** vscode-languageclient tells of the traffic only to a log of the level Trace, at that level. */
export function traffic(log: vscode.LogOutputChannel): vscode.LogOutputChannel {
  const { Trace, Info } = vscode.LogLevel;
  const level = (): vscode.LogLevel => (tracing() ? Trace : Info);
  return {
    ...log,
    get logLevel() {
      return level();
    },
    onDidChangeLogLevel: (listener) => onTracing(() => listener(level())),
    trace: (message, ...args) => log.info(message, ...args),
  };
}
