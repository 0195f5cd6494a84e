/** Show Waves where a viewer is installed: the recording opens there, at what matters. */

import * as path from "node:path";
import { session } from "./lib/session.ts";
import type { Window } from "./lib/window.ts";

const FAILS = "a_write_to_a_full_fifo_is_ignored";

const viewer = (name: string) => ({
  examples: ["fifo_repair"],
  extension: path.resolve(import.meta.dirname, "viewers", name),
});

async function showWaves(window: Window): Promise<void> {
  await window.openFile("fifo.v");
  await window.lens("Simulate").waitFor();
  await window.unfold("test_fifo.py");
  const failing = window.tests().filter({ hasText: FAILS });
  await window.testAction(failing, "Run Test");
  await window.labelled(failing, /\(Failed\)/);
  await window.testAction(failing, "Show Waves");
  await window.frame().locator("h1", { hasText: "waves" }).waitFor();
}

session("waves in VaporView", viewer("vaporview"), {
  "the recording opens at its signals and at the failure": async (window) => {
    await showWaves(window);
    const shown = window.frame().locator("p");
    await shown.filter({ hasText: /^signal fifo\.\w*level\w*$/ }).first().waitFor();
    await shown.filter({ hasText: /^marker [\d.]+ ns$/ }).waitFor();
    await window.picture("vaporview");
  },
});

session("waves in Surfer", viewer("surfer"), {
  "the recording opens, and the user is told where to look": async (window) => {
    await showWaves(window);
    await window.command("Notifications: Show Notifications");
    const told = window.page.locator(".notifications-center .notification-list-item");
    await told.filter({ hasText: new RegExp(`${FAILS} fails: look at [\\d.]+ ns: .*level`) }).waitFor();
    await window.picture("surfer");
  },
});
