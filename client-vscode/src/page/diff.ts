/** Differences of texts, as blocks of lines that went and came. */

import { hunks } from "../hunks";
import { element } from "./dom";

/** A unified diff. */
export function unified(text: string): HTMLElement {
  const shown = element("pre", "", "diff");
  for (const line of text.split("\n")) {
    const kind = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "";
    shown.append(element("span", `${line}\n`, kind));
  }
  return shown;
}

/** What turns one text into the other. */
export function changed(before: string, after: string): HTMLElement {
  const old = before.split("\n");
  const marked = (mark: string, text: string): string[] =>
    text
      ? text
          .trimEnd()
          .split("\n")
          .map((line) => `${mark}${line}`)
      : [];
  const lines = hunks(before, after).flatMap(({ start, end, text, label }) => [
    `@ ${label}`,
    ...marked("-", old.slice(start, end).join("\n")),
    ...marked("+", text),
  ]);
  return unified(lines.join("\n"));
}
