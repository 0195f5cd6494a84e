/** Programs that end by themselves: their output, or a line that says why there is none. */

import { execFile } from "node:child_process";
import * as path from "node:path";

export interface Options {
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

/** The program's standard output; rejects with one line that names the program. */
export function run(command: string, args: readonly string[], options: Options): Promise<string> {
  const { seconds, signal } = options;
  return new Promise((resolve, reject) => {
    execFile(
      command,
      [...args],
      { timeout: seconds * 1000, maxBuffer: 1 << 24, ...(signal && { signal }) },
      (error, stdout, stderr) => {
        if (error) {
          reject(new Error(`${path.basename(command)}: ${why(error, stderr)}`));
        } else {
          resolve(stdout.trim());
        }
      },
    );
  });
}

/** Why a program came to nothing, in a line. */
function why(error: Error, stderr: string): string {
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "EACCES") {
    return code === "ENOENT" ? "there is no such program" : "it may not be executed";
  }
  const lines = stderr.trim().split("\n");
  const telling = lines.findLast((line) => /error|no module|unknown/i.test(line));
  return telling || lines.at(-1) || error.message;
}
