/** What needs no eyes: the tests of client-vscode/test/host, inside the extension host. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { vscode } from "./lib/session.ts";
import { PATIENCE_MS } from "./lib/window.ts";

const RUN_MS = 12 * PATIENCE_MS;

interface Outcome {
  readonly name: string;
  readonly error: string | null;
}

test("inside the extension host", async (all) => {
  const model = await Model.start();
  model.says(replies.right);
  const lines: string[] = [];
  const window = await (await vscode({ driven: true })).open({
    examples: ["counter"],
    files: {
      "whole.v": 'module whole(input a, output y);\n  `include "part.v"\nendmodule\n',
      "part.v": "  wire n = nowhere;\n  assign y = a & n;\n",
    },
    settings: { "spec2rtl.generator": model.backend },
    extension: process.env["E2E_HOST"] ?? "",
    log: (line) => lines.push(line),
  });
  const over = async (): Promise<boolean> => lines.some((line) => line.startsWith("EXIT"));
  await window.until(over, "the tests end", RUN_MS).catch(console.error); // what was told is told
  await window.close();
  const told = lines.flatMap((line) => /TEST (\{.*\})/.exec(line)?.[1] ?? []);
  for (const { name, error } of told.map((line) => JSON.parse(line) as Outcome)) {
    await all.test(name, () => assert.equal(error, null));
  }
  assert.equal(lines.find((line) => line.startsWith("EXIT")), "EXIT 0", told.length ? "" : lines.join("\n"));
});
