/** The run page's own script: builds the page from a run's detail. */

import type { CandidateKey } from "../runs/documents";
import type { Wish } from "../runs/page";
import { keyOf, keyOfBest, keyOfTried, story, type Tried, textOf } from "../runs/story";
import { count } from "../text";
import type * as wire from "../wire.gen";
import { changed, unified } from "./diff";
import { button, details, element, table } from "./dom";
import { timelineOf } from "./timeline";

declare function acquireVsCodeApi(): { postMessage(wish: Wish): void };

const host = acquireVsCodeApi();
const root = document.getElementById("run") as HTMLElement;

window.addEventListener("message", ({ data }: MessageEvent<wire.RunDetail>) => show(data));
host.postMessage({ type: "ready" });

/** Shows a run as far as it has come; what the reader has opened, and where they are, stays. */
function show(detail: wire.RunDetail): void {
  const sections = (): HTMLDetailsElement[] => [...root.querySelectorAll("details")];
  const title = (one: HTMLDetailsElement | null): string =>
    one?.querySelector("summary")?.textContent ?? "";
  const place = (one: Element): string => `${title(one.closest("details"))}: ${one.textContent}`;
  const open = new Map(sections().map((one) => [title(one), one.open]));
  const { activeElement } = document;
  const focused = activeElement && place(activeElement);
  root.replaceChildren(...page(detail));
  for (const one of sections()) {
    one.open = open.get(title(one)) ?? one.open;
  }
  const controls = [...root.querySelectorAll<HTMLElement>("summary, button")];
  controls.find((one) => place(one) === focused)?.focus();
}

function page(detail: wire.RunDetail): Node[] {
  const { run, iterations, result, events, spec } = detail;
  const told = story(events);
  return [
    element("h1", `${run.module || run.title}: ${run.status}`, `status ${run.status}`),
    facts(run, result),
    ...(result?.message ? [element("p", result.message, "message")] : []),
    ...(result?.behaviour ? [element("p", result.behaviour.says, "message")] : []),
    ...(spec === null ? [] : [specOf(spec)]),
    element("h2", "Tests"),
    matrix(iterations),
    element("h2", "Iterations"),
    ...iterations.map((one, index) =>
      iterationOf(detail, told.iterations[index] ?? [], one, iterations[index - 1]),
    ),
    ...(told.unfinished.length ? [unfinished(detail, told.unfinished)] : []),
    element("h2", "Timeline"),
    timelineOf(events),
    element("h2", "Prompts and replies"),
    ...conversation(events),
    ...(result?.diff ? [element("h2", "Change"), unified(result.diff)] : []),
  ];
}

function specOf(text: string): Node {
  const lines = count(text.trimEnd().split("\n").length, "line");
  return details(`Specification (${lines})`, [element("pre", text)], false);
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
  tried: readonly Tried[],
  one: wire.Iteration,
  before: wire.Iteration | undefined,
): Node {
  const failed = one.tests.filter(({ status }) => status !== "passed");
  const found = one.diagnostics.filter(({ source }) => source !== "cocotb" || !failed.length);
  const explained = explanation(detail.events, one);
  const body: Node[] = [
    ...(one.diagnosis ? [element("p", one.diagnosis, "diagnosis")] : []),
    ...found.map(({ severity, line, message }) =>
      element("p", `${severity}, line ${line}: ${message}`, severity),
    ),
    ...failed.map(({ name, message }) => element("p", `${name}: ${message}`, "error")),
    ...(explained ? [element("pre", explained)] : []),
    ...ofBest(detail, one, before),
    ...(tried.length > 1 ? tried.map((text) => triedOf(detail, text, one)) : []),
  ];
  const state = one.ok ? "good" : ENDS[one.stage];
  const title = `Iteration ${one.index + 1}: ${state} (${one.seconds.toFixed(1)} s)`;
  return details(title, body, !one.ok);
}

function unfinished(detail: wire.RunDetail, tried: readonly Tried[]): Node {
  const rows = tried.map((text) => triedOf(detail, text, undefined));
  return details("Not brought to its end", rows, true);
}

/** What the recording of the first failing test tells. */
function explanation(
  events: readonly wire.Event[],
  { candidate }: wire.Iteration,
): string | undefined {
  const told = events.filter((event) => event.type === "test_explained");
  return told.find((event) => event.candidate === candidate)?.explained.text;
}

/** An iteration's best text, and how it differs from that of the iteration before. */
function ofBest(
  detail: wire.RunDetail,
  one: wire.Iteration,
  before: wire.Iteration | undefined,
): Node[] {
  const shown = keyOfBest(detail, one);
  const from = before && keyOfBest(detail, before);
  if (!shown) {
    return [];
  }
  const row = buttons(shown, from ? ["Compare with the one before", from] : undefined);
  const { events } = detail;
  const texts = from ? [textOf(events, from.candidate), textOf(events, shown.candidate)] : [];
  const [old, now] = texts;
  const changes = old !== undefined && now !== undefined && old !== now;
  const title = "Changes since the one before";
  return [row, ...(changes ? [details(title, [changed(old, now)], false)] : [])];
}

/** One of the texts that an iteration chose among. */
function triedOf(detail: wire.RunDetail, text: Tried, of: wire.Iteration | undefined): Node {
  const { id, number, how, came } = text;
  const best = of?.candidate && of.candidate !== id && keyOf(detail, of.candidate, "the best");
  const key = keyOfTried(detail, text);
  const row = buttons(key, best ? ["Compare with the best", best] : undefined, key.name);
  row.prepend(element("span", `Candidate ${number}: ${came} (${how}) `));
  return row;
}

type Comparison = readonly [title: string, from: CandidateKey];

/** What can be done with a text; `name` tells buttons apart that stand below each other. */
function buttons(shown: CandidateKey, comparison?: Comparison, name = ""): HTMLElement {
  const row = element("p", "");
  const add = (title: string, wish: Wish): void => {
    const made = button(title, () => host.postMessage(wish));
    if (name) {
      made.setAttribute("aria-label", `${title}: ${name}`);
    }
    row.append(made);
  };
  add("Open", { type: "open", shown });
  add("Apply", { type: "apply", shown });
  if (comparison) {
    const [title, from] = comparison;
    add(title, { type: "diff", from, to: shown });
  }
  return row;
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
