/** The Test Explorer: the cocotb tests that the server finds, run by the server. */

import * as vscode from "vscode";
import { coalesced } from "./coalesced";
import { noting, reasonOf } from "./failure";
import { nameOf } from "./places";
import type { Server } from "./server/server";
import * as wire from "./wire.gen";

export function registerTests(server: Server, log: vscode.LogOutputChannel): vscode.Disposable {
  const controller = vscode.tests.createTestController("spec2rtl", "Spec2RTL (cocotb)");
  const explorer = new Explorer(controller, server);
  const refresh = (): void => void explorer.refresh().catch(noting(log));
  controller.refreshHandler = () => explorer.refresh();
  controller.createRunProfile("Simulate", vscode.TestRunProfileKind.Run, (request, token) =>
    explorer.run(request, token),
  );
  return vscode.Disposable.from(
    controller,
    server.onTestsChanged(refresh),
    server.onHealth((health) => health === "running" && refresh()),
  );
}

class Explorer {
  /** Finds the tests anew; many files may change at once. */
  readonly refresh = coalesced(() => this.find());

  constructor(
    private readonly controller: vscode.TestController,
    private readonly server: Server,
  ) {}

  /** Simulates each file that is asked for, and tells of the tests that were. */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.controller.createTestRun(request);
    const asked = this.asked(request);
    each([...asked.values()].flat(), (item) => run.enqueued(item));
    try {
      for (const [file, items] of asked) {
        if (!token.isCancellationRequested) {
          each(items, (item) => run.started(item));
          await this.simulate(run, file, items, token);
        }
      }
    } finally {
      run.end();
    }
  }

  private async find(): Promise<void> {
    if (this.server.health !== "running") {
      return;
    }
    const { tests } = await this.server.execute(wire.TESTS, {});
    const files = Map.groupBy(tests, ({ uri }) => uri);
    this.controller.items.replace([...files].map(([uri, own]) => this.fileItem(uri, own)));
  }

  private fileItem(uri: string, tests: readonly wire.Test[]): vscode.TestItem {
    const file = vscode.Uri.parse(uri);
    const item = this.controller.createTestItem(uri, nameOf(file), file);
    item.description = vscode.workspace.asRelativePath(file).split("/").slice(0, -1).join("/");
    item.children.replace(tests.map(({ name, line }) => this.testItem(item, name, line)));
    return item;
  }

  private testItem(file: vscode.TestItem, name: string, line: number): vscode.TestItem {
    const item = this.controller.createTestItem(`${file.id}#${name}`, name, file.uri);
    item.range = new vscode.Range(line, 0, line, 0);
    return item;
  }

  /** Tests that ran and weren't known: their file isn't saved yet. */
  private unknown(file: vscode.TestItem, { tests }: wire.SimulationAnswer): vscode.TestItem[] {
    const fresh = tests.filter(({ name }) => !file.children.get(`${file.id}#${name}`));
    const items = fresh.map(({ name, line }) => this.testItem(file, name, (line ?? 1) - 1));
    each(items, (item) => file.children.add(item));
    return items;
  }

  private asked(request: vscode.TestRunRequest): Map<vscode.TestItem, vscode.TestItem[]> {
    const found = new Map<vscode.TestItem, vscode.TestItem[]>();
    const add = (item: vscode.TestItem): void => {
      if (request.exclude?.includes(item)) {
        return;
      }
      if (item.parent) {
        found.set(item.parent, [...(found.get(item.parent) ?? []), item]);
      } else {
        item.children.forEach(add);
      }
    };
    if (request.include) {
      request.include.forEach(add);
    } else {
      this.controller.items.forEach(add);
    }
    return found;
  }

  private async simulate(
    run: vscode.TestRun,
    file: vscode.TestItem,
    items: readonly vscode.TestItem[],
    token: vscode.CancellationToken,
  ): Promise<void> {
    try {
      const some = items.length < file.children.size;
      const args: wire.SimulateArgs = {
        uri: file.id,
        ...(some && { only: items.map(({ label }) => label) }),
      };
      const result = await this.server.execute(wire.SIMULATE, args, token);
      const reason = result.reason.replaceAll("_", " ");
      const why = result.reason === "ok" ? "" : ` (${reason})`;
      run.appendOutput(`${file.label}: ${result.status}${why}\r\n`);
      each([...items, ...this.unknown(file, result)], (item) => report(run, item, result));
    } catch (error) {
      if (!token.isCancellationRequested) {
        const message = new vscode.TestMessage(reasonOf(error));
        each(items, (item) => run.errored(item, message));
      }
    }
  }
}

function each(items: readonly vscode.TestItem[], tell: (item: vscode.TestItem) => void): void {
  for (const item of items) {
    tell(item);
  }
}

function report(run: vscode.TestRun, item: vscode.TestItem, result: wire.SimulationAnswer): void {
  const test = result.tests.find(({ name }) => name === item.label);
  if (!test) {
    run.errored(item, whyNot(result));
    return;
  }
  item.description = test.time_ns === null ? "" : `${test.time_ns.toLocaleString("en")} ns`;
  const took = test.seconds === null ? undefined : 1000 * test.seconds;
  switch (test.status) {
    case "passed":
      run.passed(item, took);
      break;
    case "skipped":
      run.skipped(item);
      break;
    case "failed":
      run.failed(item, failure(item, test), took);
      break;
    case "errored":
      run.errored(item, failure(item, test), took);
  }
}

function failure(item: vscode.TestItem, test: wire.TestResult): vscode.TestMessage {
  const message = new vscode.TestMessage(test.message || test.status);
  const line = test.line ? test.line - 1 : item.range?.start.line;
  const file = test.file ? vscode.Uri.file(test.file) : item.uri;
  if (file && line !== undefined) {
    message.location = new vscode.Location(file, new vscode.Position(line, 0));
  }
  return message;
}

/** A test that has no result of its own: what kept the simulation from it. */
function whyNot(result: wire.SimulationAnswer): vscode.TestMessage {
  const first = result.diagnostics.find(({ severity }) => severity === "error");
  const message = new vscode.TestMessage(
    result.message ?? first?.message ?? `the simulation ended: ${result.reason}`,
  );
  if (first) {
    const place = new vscode.Position(first.line - 1, 0);
    message.location = new vscode.Location(vscode.Uri.file(first.file), place);
  }
  return message;
}
