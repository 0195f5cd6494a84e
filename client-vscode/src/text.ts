/** Arithmetic on texts: pure. Places are 0-based and in UTF-16 units unless they say otherwise. */

export interface Place {
  readonly line: number;
  readonly character: number;
}

/** The one stretch in which two texts differ: `start` to `end` of the first becomes `text`. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function change(before: string, after: string): Change {
  const most = Math.min(before.length, after.length);
  let [start, same] = [0, 0];
  while (start < most && before[start] === after[start]) {
    start++;
  }
  while (same < most - start && before.at(-1 - same) === after.at(-1 - same)) {
    same++;
  }
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length - 1, character: offset - lineStart };
}

export function offsetOf(text: string, { line, character }: Place): number {
  let start = 0;
  for (let left = line; left > 0; left--) {
    const end = text.indexOf("\n", start);
    if (end < 0) {
      return text.length;
    }
    start = end + 1;
  }
  return Math.min(start + character, text.length);
}

/** UTF-16 units before the code point with this 1-based column. */
export function unitsBefore(line: string, column: number): number {
  return [...line].slice(0, Math.max(column - 1, 0)).join("").length;
}

/** A number with its noun. */
export const count = (number: number, noun: string): string =>
  `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
