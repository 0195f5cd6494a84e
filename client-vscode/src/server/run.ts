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
          const last = stderr.trim().split("\n").at(-1);
          reject(new Error(`${path.basename(command)}: ${last || error.message}`));
        } else {
          resolve(stdout.trim());
        }
      },
    );
  });
}
