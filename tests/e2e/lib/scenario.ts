/** A test in a window of its own; where it fails, pictures of it and of our log are kept. */

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
  test(name, { todo: setting.todo ?? false }, async () => {
    started ??= VSCode.start();
    const code = await started;
    const window = await code.open(setting);
    try {
      await body(window);
    } catch (error) {
      await window.picture(`failed: ${name}`);
      await window.command("Spec2RTL: Show Log");
      await window.picture(`failed: ${name} (log)`);
      throw error;
    } finally {
      await window.close();
    }
  });
}
