/** Workspaces that aren't trusted. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { session } from "./lib/session.ts";
import { UNCONFINED } from "./lib/vscode.ts";

const model = await Model.start();

const SPY = `
from pathlib import Path
import cocotb
Path(__file__).with_name("tests_were_run").touch()
@cocotb.test()
async def spy(dut):
    pass
`;

const TOOL = `#!/bin/sh
touch "$(dirname "$0")/tool_was_run"
`;

const VAGUE = "---\nmodule: vague\nno_such_key: 1\n---\n# A module\n";

session(
  "untrusted",
  {
    examples: ["counter"],
    files: {
      "counter.v": replies.withoutReg,
      "test_counter.py": SPY,
      "tool.sh": TOOL,
      "vague.spec.md": VAGUE,
      "wire.v": "module passes(input a, output y);\n  assign y = a;\nendmodule\n",
      "test_wire.py": SPY,
      "spec2rtl.toml": 'iverilog = "tool.sh"\n',
      ".vscode/settings.json": JSON.stringify({
        "spec2rtl.iverilog": "./tool.sh",
        "spec2rtl.server.command": "./tool.sh",
        "spec2rtl.endpoint": model.backend,
      }),
    },
    settings: { "spec2rtl.server.command": UNCONFINED },
    trusted: false,
  },
  {
    "without trust nothing is run": async (window) => {
      await window.openFile("counter.spec.md");
      await window.running();
      await window.command("Spec2RTL: Generate RTL");
      await window.toast(/this workspace is not trusted/).waitFor();
      await window.picture("untrusted");
      await window.tidy();
      await window.command("Spec2RTL: Simulate");
      await window.toast(/this workspace is not trusted/).waitFor();
      await window.openFile("counter.v");
      assert.equal(await window.squiggle("counter.v", "error").count(), 0);
      for (const trace of ["tests_were_run", "tool_was_run"]) {
        assert.equal(existsSync(path.join(window.folder, trace)), false, trace);
      }
      assert.equal(model.keys.length, 0);
    },

    "without trust specs are read and checked": async (window) => {
      await window.openFile("vague.spec.md");
      await window.squiggle("vague.spec.md", "warning").waitFor();
      await window.openFile("counter.spec.md");
      await window.command("Go to Symbol in Editor...");
      await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "count" }).first().waitFor();
    },

    "with trust everything works, without a reload": async (window) => {
      await window.command("Workspaces: Manage Workspace Trust");
      await window.page.locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" }).first().click();
      await window.openFile("counter.v");
      await window.squiggle("counter.v", "error").waitFor();
      await window.openFile("counter.spec.md");
      await window.lens("Generate RTL").waitFor();
      assert.equal(existsSync(path.join(window.folder, "tool_was_run")), false);
    },

    "where no sandbox works tests run only when the user agrees, who is asked once": async (window) => {
      const asks = /no sandbox works on this machine/;
      await window.openFile("wire.v");
      await window.lens("Simulate").click();
      await window.toast(asks).waitFor();
      await window.picture("no-sandbox");
      await window.press(asks, "Don't run");
      await window.toast(/simulation errored: nothing was run/).waitFor();
      await window.tidy();
      await window.lens("Simulate").click();
      await window.press(asks, "Run");
      await window.toast(/simulation passed: 1 of 1 tests/).waitFor();
      await window.tidy();
      await window.lens("Simulate").click();
      await window.toast(/simulation passed: 1 of 1 tests/).waitFor();
    },
  },
);
