/** What a run did, told by its events: the texts that it tried, and what took how long. Pure. */

import { count } from "../text";
import type * as wire from "../wire.gen";
import type { CandidateKey } from "./documents";

/** A text that was judged, and how far it came. */
export interface Tried {
  readonly id: string;
  /** In the order of their coming, from 1. */
  readonly number: number;
  readonly how: string;
  readonly came: string;
  readonly ok: boolean;
  readonly rtl: string;
}

export interface Story {
  /** Each iteration's texts. */
  readonly iterations: readonly (readonly Tried[])[];
  /** Those of the iteration that was not brought to its end. */
  readonly unfinished: readonly Tried[];
}

export function story(events: readonly wire.Event[]): Story {
  const known = new Map<string, Tried>();
  const iterations: Tried[][] = [];
  let now = new Set<string>();
  const take = (): Tried[] => {
    const taken = [...now].flatMap((id) => known.get(id) ?? []);
    now = new Set();
    return taken;
  };
  for (const event of events) {
    if (event.type === "candidate") {
      const { id, how, rtl } = event;
      const number = known.size + 1;
      const tried = { id, number, how, rtl, came: "not judged", ok: false };
      known.set(id, known.get(id) ?? tried);
      now.add(id);
    } else if (event.type === "compiled" || event.type === "simulated") {
      const tried = known.get(event.candidate);
      if (tried) {
        known.set(tried.id, { ...tried, ...outcome(event) });
      }
    } else if (event.type === "iteration_finished") {
      iterations.push(take());
    }
  }
  return { iterations, unfinished: take() };
}

type OfRun = Pick<wire.RunDetail, "run" | "target">;

/** What names a text of a run, which is called so beside others. */
export function keyOf({ run, target }: OfRun, candidate: string, name: string): CandidateKey {
  return { runId: run.run_id, candidate, name, module: run.module || "candidate", target };
}

/** What names one of the texts that a run tried. */
export const keyOfTried = (run: OfRun, { id, number }: Tried): CandidateKey =>
  keyOf(run, id, `candidate ${number}`);

/** What names an iteration's best text, where it has one. */
export const keyOfBest = (
  run: OfRun,
  { candidate, index }: wire.Iteration,
): CandidateKey | undefined =>
  candidate === null ? undefined : keyOf(run, candidate, `iteration ${index + 1}`);

/** The text with this id. */
export function textOf(events: readonly wire.Event[], id: string): string | undefined {
  const texts = events.filter((event) => event.type === "candidate");
  return texts.find((event) => event.id === id)?.rtl;
}

function outcome(event: wire.Compiled | wire.Simulated): { came: string; ok: boolean } {
  if (event.type === "compiled") {
    const errors = event.diagnostics.filter(({ severity }) => severity === "error").length;
    const why = errors ? count(errors, "error") : event.reason.replaceAll("_", " ");
    return { came: event.ok ? "compiles" : why, ok: event.ok };
  }
  const passed = event.tests.filter(({ status }) => status === "passed").length;
  const of = event.tests.length;
  const came = of ? `${passed}/${of} tests` : event.reason.replaceAll("_", " ");
  return { came, ok: event.status === "passed" };
}

/** Something that a run did; times in seconds, `at` from the run's beginning. */
export interface Moment {
  readonly at: number;
  readonly took: number;
  readonly what: string;
  readonly kind: "model" | "tool" | "mark";
}

export function timeline(events: readonly wire.Event[]): readonly Moment[] {
  const began = events[0]?.time ?? 0;
  const numbers = new Map<string, number>();
  return events.flatMap((event): Moment[] => {
    if (event.type === "candidate" && !numbers.has(event.id)) {
      numbers.set(event.id, numbers.size + 1);
    }
    const told = moment(event, (id) => `candidate ${numbers.get(id) ?? "?"}`);
    return told ? [{ ...told, at: Math.max(event.time - began - told.took, 0) }] : [];
  });
}

type Told = Omit<Moment, "at">;

function moment(event: wire.Event, name: (id: string) => string): Told | undefined {
  const mark = (what: string): Told => ({ what, took: 0, kind: "mark" });
  switch (event.type) {
    case "run_started":
      return mark(event.resumes ? `resumes ${event.resumes}` : "begins");
    case "model_replied":
      return {
        what: `the ${event.role.replace("_", " ")} writes`,
        took: event.seconds,
        kind: "model",
      };
    case "rejected":
      return mark(`no usable code: ${event.why}`);
    case "compiled":
    case "simulated": {
      const verb = event.type === "compiled" ? "compile" : "simulate";
      const again = event.cached ? ", known" : "";
      const what = `${verb} ${name(event.candidate)}: ${outcome(event).came}${again}`;
      return { what, took: event.cached ? 0 : event.seconds, kind: "tool" };
    }
    case "measured":
      return mark(`budgets of ${name(event.candidate)} measured`);
    case "reflected":
      return mark(`${event.by}: ${event.root_cause}`);
    case "iteration_finished":
      return mark(`iteration ${event.iteration.index + 1} ends`);
    case "warning":
      return mark(event.message);
    case "tests_finished":
      return mark(event.status);
    case "run_finished":
      return mark(event.result.status);
    default:
      return undefined;
  }
}
