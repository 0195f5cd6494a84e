/** A test in a window of its own; where it fails, a picture and the logs are kept. */

import { after, test } from "node:test";
import { VSCode, type Setting } from "./vscode.ts";
import type { Window } from "./window.ts";

let started: Promise<VSCode> | undefined;

after(async () => {
  if (started) {
    await (await started).stop();
  }
});

export function scenario(
  name: string,
  setting: Setting,
  body: (window: Window) => Promise<void>,
): void {
  test(name, async () => {
    started ??= VSCode.start();
    const code = await started;
    const window = await code.open(setting);
    try {
      await body(window);
    } catch (error) {
      await window.picture(`failed: ${name}`);
      await code.keepLogs(name);
      throw error;
    } finally {
      await window.close();
    }
  });
}
