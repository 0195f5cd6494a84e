/** What runs inside the extension host: each test's outcome is one line of the log. */

import * as vscode from "vscode";
import { drafts } from "./drafts";
import { extension } from "./extension";
import { install } from "./install";
import { review } from "./review";
import { settings } from "./settings";
import { streams } from "./streams";
import { until } from "./workspace";

export type Tests = Record<string, () => Promise<void>>;

/** Called by VS Code, where the window was opened with this as its tests. */
export async function run(): Promise<void> {
  // The setting that turns trust off may be read a little later than the window opens.
  await until(() => vscode.workspace.isTrusted, "the workspace is trusted");
  let failed = 0;
  for (const [name, test] of Object.entries({
    ...settings,
    ...extension,
    ...review,
    ...drafts,
    ...streams,
    ...install,
  })) {
    let error: string | null = null;
    try {
      await test();
    } catch (thrown) {
      error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      failed++;
    }
    console.log(`TEST ${JSON.stringify({ name, error })}`);
  }
  if (failed) {
    throw new Error(`${failed} tests failed`);
  }
}
