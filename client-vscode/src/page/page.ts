/** The run page's own script: builds the page from a run's detail. */

import type { CandidateKey } from "../runs/documents";
import type { Wish } from "../runs/page";
import type * as wire from "../wire.gen";
import { button, details, element, table } from "./dom";

declare function acquireVsCodeApi(): { postMessage(wish: Wish): void };

const host = acquireVsCodeApi();
const root = document.getElementById("run") as HTMLElement;

window.addEventListener("message", ({ data }: MessageEvent<wire.RunDetail>) => {
  root.replaceChildren(...page(data));
});
host.postMessage({ type: "ready" });

function page(detail: wire.RunDetail): Node[] {
  const { run, iterations, result, events } = detail;
  return [
    element("h1", `${run.module || run.title}: ${run.status}`, `status ${run.status}`),
    facts(run, result),
    ...(result?.message ? [element("p", result.message, "message")] : []),
    ...(result?.behaviour ? [element("p", result.behaviour.says, "message")] : []),
    element("h2", "Tests"),
    matrix(iterations),
    element("h2", "Iterations"),
    ...iterations.map((one, index) =>
      iterationOf(detail, one, iterations[index - 1], explanation(events, one)),
    ),
    element("h2", "Prompts and replies"),
    ...conversation(events),
    ...(result?.diff ? [element("h2", "Change"), diffOf(result.diff)] : []),
  ];
}

function facts(run: wire.RunSummary, result: wire.Result | null): Node {
  const rows = [
    ["Task", run.task],
    ["Subject", run.title],
    ["Generator", run.generator],
    ["Reflector", run.reflector],
    ["Started", new Date(run.started * 1000).toLocaleString()],
    ["Took", `${run.seconds.toFixed(1)} s`],
    ...(result ? [...tokens(result.usage), ...budgets(result)] : []),
  ];
  return table("What was run", [], rows as string[][]);
}

/** What the models say that they took; not all say it. */
function tokens({ generator, reflector }: wire.RoleUsage): string[][] {
  const sum = (usage: wire.Usage): number => usage.prompt_tokens + usage.completion_tokens;
  const prices = [generator.cost_usd, reflector.cost_usd].filter((cost) => cost !== null);
  const cost = prices.length ? ` ($${prices.reduce((a, b) => a + b, 0).toFixed(4)})` : "";
  const parts = [
    `generator ${sum(generator).toLocaleString()}`,
    ...(sum(reflector) ? [`reflector ${sum(reflector).toLocaleString()}`] : []),
  ];
  return sum(generator) + sum(reflector) ? [["Tokens", parts.join(", ") + cost]] : [];
}

function budgets(result: wire.Result): string[][] {
  return result.budgets.map(({ require, value, met }) => [
    `Budget ${require}`,
    `${value ?? "not measured"}: ${met === null ? "unknown" : met ? "met" : "not met"}`,
  ]);
}

const MARKS = {
  passed: "✓ passed",
  failed: "✗ failed",
  errored: "! errored",
  skipped: "– skipped",
};

/** Tests down, iterations across. */
function matrix(iterations: readonly wire.Iteration[]): Node {
  const names = [...new Set(iterations.flatMap(({ tests }) => tests.map(({ name }) => name)))];
  if (!names.length) {
    return element("p", "No test was run.");
  }
  const head = ["Test", ...iterations.map(({ index }) => `${index + 1}`)];
  const rows = names.map((name) => [
    name,
    ...iterations.map(({ tests, stage }) => {
      const test = tests.find((one) => one.name === name);
      return test ? MARKS[test.status] : stage === "simulate" ? "" : "not run";
    }),
  ]);
  return table("Tests by iteration", head, rows);
}

const ENDS = {
  generate: "no usable code",
  compile: "does not compile",
  simulate: "tests fail",
} as const;

function iterationOf(
  detail: wire.RunDetail,
  one: wire.Iteration,
  before: wire.Iteration | undefined,
  explained: string | undefined,
): Node {
  const failed = one.tests.filter(({ status }) => status !== "passed");
  const found = one.diagnostics.filter(({ source }) => source !== "cocotb" || !failed.length);
  const body: Node[] = [
    ...(one.diagnosis ? [element("p", one.diagnosis, "diagnosis")] : []),
    ...found.map(({ severity, line, message }) =>
      element("p", `${severity}, line ${line}: ${message}`, severity),
    ),
    ...failed.map(({ name, message }) => element("p", `${name}: ${message}`, "error")),
    ...(explained ? [element("pre", explained)] : []),
    buttons(detail, one, before),
  ];
  const state = one.ok ? "good" : ENDS[one.stage];
  const title = `Iteration ${one.index + 1}: ${state} (${one.seconds.toFixed(1)} s)`;
  return details(title, body, !one.ok);
}

/** What the recording of the first failing test tells. */
function explanation(
  events: readonly wire.Event[],
  { candidate }: wire.Iteration,
): string | undefined {
  const told = events.filter((event) => event.type === "test_explained");
  return told.find((event) => event.candidate === candidate)?.explained.text;
}

function buttons(
  detail: wire.RunDetail,
  one: wire.Iteration,
  before: wire.Iteration | undefined,
): Node {
  const row = element("p", "");
  const [shown, from] = [keyOf(detail, one), before && keyOf(detail, before)];
  if (shown) {
    row.append(
      button("Open", () => host.postMessage({ type: "open", shown })),
      button("Apply", () => host.postMessage({ type: "apply", shown })),
    );
    if (from) {
      row.append(
        button("Compare with the one before", () =>
          host.postMessage({ type: "diff", from, to: shown }),
        ),
      );
    }
  }
  return row;
}

function keyOf({ run, target }: wire.RunDetail, one: wire.Iteration): CandidateKey | null {
  const { run_id: runId, module } = run;
  const name = `iteration ${one.index + 1}`;
  const { candidate } = one;
  return candidate ? { runId, candidate, module: module || "candidate", name, target } : null;
}

function conversation(events: readonly wire.Event[]): Node[] {
  return events.flatMap((event) => {
    if (event.type === "model_called") {
      const body = event.prompt.flatMap(({ role, content }) => [
        element("h3", role),
        element("pre", content),
      ]);
      return [details(`Attempt ${event.candidate + 1}: asked the ${event.role}`, body, false)];
    }
    if (event.type === "model_replied") {
      const title = `Attempt ${event.candidate + 1}: the ${event.role} replied`;
      return [details(title, [element("pre", event.reply)], false)];
    }
    return [];
  });
}

function diffOf(text: string): Node {
  const shown = element("pre", "", "diff");
  for (const line of text.split("\n")) {
    const kind = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "";
    shown.append(element("span", `${line}\n`, kind));
  }
  return shown;
}
