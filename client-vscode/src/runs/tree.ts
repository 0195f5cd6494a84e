/** The nodes of the Runs view: specs that changed, runs, their iterations, what each came to. */

import * as vscode from "vscode";
import { count } from "../text";
import type * as wire from "../wire.gen";
import { type CandidateKey, candidateUri } from "./documents";
import { keyOfBest, keyOfTried, story, type Tried } from "./story";

export type Node =
  | { readonly kind: "outdated"; readonly spec: wire.SpecState }
  | { readonly kind: "run"; readonly run: wire.RunSummary }
  | {
      readonly kind: "iteration";
      readonly run: wire.RunSummary;
      readonly iteration: wire.Iteration;
      readonly tried: readonly Tried[];
      readonly target: string;
    }
  | {
      readonly kind: "tried";
      readonly run: wire.RunSummary;
      readonly tried: Tried;
      readonly best: boolean;
      readonly target: string;
    }
  | { readonly kind: "test"; readonly test: wire.TestResult }
  | { readonly kind: "fault"; readonly fault: wire.Diagnostic; readonly candidate: CandidateKey }
  | { readonly kind: "diagnosis"; readonly text: string };

const RUN_ICONS: Record<wire.RunSummary["status"], string> = {
  verified: "pass-filled",
  compiled: "pass",
  accepted: "pass",
  refused: "error",
  failed: "error",
  error: "warning",
  cancelled: "circle-slash",
  interrupted: "debug-disconnect",
  running: "sync~spin",
};

const TEST_ICONS: Record<wire.TestResult["status"], string> = {
  passed: "pass",
  failed: "error",
  errored: "warning",
  skipped: "debug-step-over",
};

/** The candidate that a node stands for, where it has one. */
export function candidateOf(node: Node): CandidateKey | undefined {
  if (node.kind === "tried") {
    return keyOfTried(node, node.tried);
  }
  return node.kind === "iteration" ? keyOfBest(node, node.iteration) : undefined;
}

/** A run's iterations, then what it had begun to try when it ended. */
export function childrenOf(detail: wire.RunDetail): Node[] {
  const { run, target } = detail;
  const { iterations, unfinished } = story(detail.events);
  return [
    ...detail.iterations.map((iteration, index) => {
      const tried = iterations[index] ?? [];
      return { kind: "iteration" as const, run, iteration, tried, target };
    }),
    ...unfinished.map((tried) => ({ kind: "tried" as const, run, tried, best: false, target })),
  ];
}

export function itemOf(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case "outdated":
      return outdatedItem(node.spec);
    case "run":
      return runItem(node.run);
    case "iteration":
      return iterationItem(node);
    case "tried":
      return triedItem(node);
    case "test":
      return testItem(node.test);
    case "fault":
      return faultItem(node.fault, node.candidate);
    case "diagnosis": {
      const item = new vscode.TreeItem(node.text);
      item.iconPath = new vscode.ThemeIcon("lightbulb");
      item.tooltip = node.text;
      return item;
    }
  }
}

/** What an iteration came to, and the texts that it chose among. */
export function parts(node: Node & { kind: "iteration" }): Node[] {
  const { iteration, tried, run, target } = node;
  const others = tried.length > 1 ? tried : [];
  const candidate = candidateOf(node);
  const untold = iteration.diagnostics.filter(
    ({ source }) => source !== "cocotb" || !iteration.tests.length,
  );
  return [
    ...(iteration.diagnosis ? [{ kind: "diagnosis" as const, text: iteration.diagnosis }] : []),
    ...others.map((one) => {
      const best = one.id === iteration.candidate;
      return { kind: "tried" as const, run, tried: one, best, target };
    }),
    ...(candidate ? untold.map((fault) => ({ kind: "fault" as const, fault, candidate })) : []),
    ...iteration.tests.map((test) => ({ kind: "test" as const, test })),
  ];
}

function outdatedItem(spec: wire.SpecState): vscode.TreeItem {
  const uri = vscode.Uri.parse(spec.uri);
  const item = new vscode.TreeItem(`${spec.module}: ${spec.difference}`);
  item.tooltip = spec.changed.join("\n");
  item.iconPath = new vscode.ThemeIcon("warning");
  item.contextValue = "outdated";
  item.command = { title: "Open", command: "vscode.open", arguments: [uri] };
  return item;
}

function runItem(run: wire.RunSummary): vscode.TreeItem {
  const { Collapsed } = vscode.TreeItemCollapsibleState;
  const name = run.module || run.title;
  const label = run.task === "generate" ? name : `${name} (${run.task})`;
  const item = new vscode.TreeItem(label, Collapsed);
  const came = run.tests_total ? `${run.tests_passed}/${run.tests_total} tests` : run.status;
  item.id = run.run_id;
  item.description = `${came} · ${when(run.started)}`;
  item.tooltip = [
    `${run.task} ${run.module}: ${run.status}`,
    run.title,
    `${run.generator}, ${run.reflector}`,
    `${run.run_id}, ${new Date(run.started * 1000).toLocaleString()}`,
  ].join("\n");
  item.iconPath = new vscode.ThemeIcon(RUN_ICONS[run.status]);
  item.contextValue = run.resumable ? "run unfinished" : "run";
  return item;
}

/** The time of today, else the day. */
function when(seconds: number): string {
  const then = new Date(seconds * 1000);
  const today = then.toDateString() === new Date().toDateString();
  return today
    ? then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : then.toLocaleDateString();
}

function iterationItem(node: Node & { kind: "iteration" }): vscode.TreeItem {
  const { iteration } = node;
  const { Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(`Iteration ${iteration.index + 1}`, Collapsed);
  const passed = iteration.tests.filter(({ status }) => status === "passed").length;
  const errors = iteration.diagnostics.filter(({ severity }) => severity === "error").length;
  item.description = iteration.tests.length
    ? `${passed}/${iteration.tests.length} tests`
    : errors
      ? count(errors, "error")
      : iteration.stage;
  item.iconPath = new vscode.ThemeIcon(iteration.ok ? "pass" : "error");
  item.contextValue = iteration.candidate ? "candidate" : "iteration";
  if (iteration.candidate) {
    item.command = opens(node);
  }
  return item;
}

function triedItem(node: Node & { kind: "tried" }): vscode.TreeItem {
  const { number, how, came, ok } = node.tried;
  const item = new vscode.TreeItem(`Candidate ${number}${node.best ? ", the best" : ""}`);
  item.description = `${came} · ${how}`;
  item.tooltip = `${how}\n${came}`;
  item.iconPath = new vscode.ThemeIcon(ok ? "pass" : "file-code");
  item.contextValue = "candidate";
  item.command = opens(node);
  return item;
}

const opens = (node: Node): vscode.Command => ({
  title: "Open Candidate",
  command: "spec2rtl.openCandidate",
  arguments: [node],
});

function testItem(test: wire.TestResult): vscode.TreeItem {
  const item = new vscode.TreeItem(test.name);
  item.description = test.message || test.status;
  item.tooltip = test.message;
  item.iconPath = new vscode.ThemeIcon(TEST_ICONS[test.status]);
  if (test.file && test.line) {
    const place = new vscode.Range(test.line - 1, 0, test.line - 1, 0);
    item.command = {
      title: "Open",
      command: "vscode.open",
      arguments: [vscode.Uri.file(test.file), { selection: place }],
    };
  }
  return item;
}

function faultItem(fault: wire.Diagnostic, candidate: CandidateKey): vscode.TreeItem {
  const item = new vscode.TreeItem(fault.message);
  item.description = `line ${fault.line}`;
  item.iconPath = new vscode.ThemeIcon(fault.severity);
  const place = new vscode.Range(fault.line - 1, 0, fault.line - 1, 0);
  item.command = {
    title: "Open",
    command: "vscode.open",
    arguments: [candidateUri(candidate), { selection: place }],
  };
  return item;
}
