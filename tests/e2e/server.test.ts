/** The server's life: it comes back, and does nothing in a workspace that isn't trusted. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import * as replies from "./lib/replies.ts";
import { scenario } from "./lib/scenario.ts";

scenario(
  "a killed server comes back",
  { example: "counter", files: { "counter.v": replies.withoutReg } },
  async (window) => {
    await window.openFile("counter.v");
    await window.squiggle("counter.v", "error").waitFor();
    const [first] = servers(window.profile);
    assert.ok(first);
    process.kill(first, "SIGKILL");
    await window.until(async () => {
      const [now] = servers(window.profile);
      return now !== undefined && now !== first;
    }, "another server");
    await window.squiggle("counter.v", "error").waitFor();
    await window.openFile("counter.spec.md");
    await window.lens("Simulate").click();
    await window.toast(/simulation failed/).waitFor();
  },
);

const SPY = `
from pathlib import Path
Path(__file__).with_name("was_run").touch()
`;

scenario(
  "in a workspace that isn't trusted nothing is run",
  {
    example: "counter",
    files: { "counter.v": replies.withoutReg, "test_counter.py": SPY },
    replies: [replies.right],
    trusted: false,
    todo: "the server refuses, but its message isn't seen in the window",
  },
  async (window) => {
    await window.openFile("counter.spec.md");
    await window.running();
    await window.command("Spec2RTL: Generate RTL");
    await window.toast(/not trusted/).waitFor();
    await window.picture("untrusted");
    assert.equal(await window.squiggle("counter.v", "error").count(), 0);
    assert.equal(existsSync(path.join(window.folder, "was_run")), false);
  },
);

/** The language servers of this profile, by the environment that they were given. */
function servers(profile: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/cmdline`, "utf8").includes("\0lsp\0") &&
          readFileSync(`/proc/${name}/environ`, "utf8").includes(profile)
        );
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}
