import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../src/server/program";

const seconds = 20;

/** What running a shell script comes to. */
async function told(script: string, mode = 0o755): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "spec2rtl-test-"));
  const program = join(folder, "program");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, mode);
  try {
    return await run(program, [], { seconds });
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a program gives its output", async () => {
  assert.equal(await told("echo out; echo err >&2"), "out");
});

test("a program that fails is told in the line that says why", async () => {
  const usage = "echo 'Unknown option: -P' >&2; echo 'Try -h' >&2; exit 2";
  assert.equal(await told(usage), "program: Unknown option: -P");
  const trace = "echo 'Traceback:' >&2; echo 'ValueError: x' >&2; exit 1";
  assert.equal(await told(trace), "program: ValueError: x");
  assert.equal(await told("echo one >&2; echo two >&2; exit 1"), "program: two");
});

test("a program that isn't there, or may not be run, is told so", async () => {
  assert.equal(await told("", 0o644), "program: it may not be executed");
  const none = run("/nowhere/program", [], { seconds });
  await assert.rejects(none, { message: "program: there is no such program" });
});
