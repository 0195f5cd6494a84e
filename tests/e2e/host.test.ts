/** What needs no eyes: the tests of client-vscode/test/host, inside the extension host. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Model } from "./lib/model.ts";
import * as replies from "./lib/replies.ts";
import { vscode } from "./lib/session.ts";

const RUN_MS = 240_000;

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
    settings: { "spec2rtl.generator": model.backend },
    extension: process.env["E2E_HOST"] ?? "",
    log: (line) => lines.push(line),
  });
  await window.until(async () => lines.some((line) => line.startsWith("EXIT")), "the tests end", RUN_MS);
  await window.close();
  const told = lines.flatMap((line) => /TEST (\{.*\})/.exec(line)?.[1] ?? []);
  for (const { name, error } of told.map((line) => JSON.parse(line) as Outcome)) {
    await all.test(name, () => assert.equal(error, null));
  }
  assert.equal(lines.find((line) => line.startsWith("EXIT")), "EXIT 0", told.length ? "" : lines.join("\n"));
});
