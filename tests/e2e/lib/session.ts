/** Tests that share a window, one step after another; where one fails, a picture of it is kept. */

import { after, test } from "node:test";
import { type Setting, VSCode } from "./vscode.ts";
import type { Window } from "./window.ts";

const started = new Map<boolean, Promise<VSCode>>();

after(async () => {
  for (const code of started.values()) {
    await (await code).stop();
  }
});

/** The VS Code of all tests; one more takes other extensions, and shows no toasts. */
export function vscode({ driven = false } = {}): Promise<VSCode> {
  const code = started.get(driven) ?? VSCode.start({ driven });
  started.set(driven, code);
  return code;
}

export type Steps = Record<string, (window: Window) => Promise<void>>;

/** Opens a window and takes the steps in it; after one that fails the rest are not taken. */
export function session(name: string, setting: Setting, steps: Steps): void {
  test(name, async (session) => {
    const code = await vscode({ driven: setting.extension !== undefined });
    const window = await code.open(setting);
    let failed: unknown;
    try {
      for (const [title, step] of Object.entries(steps)) {
        await session.test(title, async (one) => {
          if (failed) {
            one.skip("an earlier step failed");
            return;
          }
          try {
            await step(window);
            await window.tidy();
          } catch (error) {
            failed = error;
            await window.picture(`failed ${title}`);
            throw error;
          }
        });
      }
    } finally {
      await window.close();
    }
  });
}
