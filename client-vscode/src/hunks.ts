/** The difference of two texts as blocks of lines: pure. */

export interface Hunk {
  /** The lines of the old text that go, 0-based, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly label: string;
}

/** The blocks that turn `before` into `after`, each with its line ends. */
export function hunks(before: string, after: string): Hunk[] {
  const [a, b] = [lines(before), lines(after)];
  const found: Hunk[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...common(a, b), [a.length, b.length] as const]) {
    if (x > i || y > j) {
      const text = b.slice(j, y).join("");
      const label = x > i ? `Lines ${i + 1} to ${x}` : `After line ${i}`;
      found.push({ start: i, end: x, text, label });
    }
    [i, j] = [x + 1, y + 1];
  }
  return found;
}

const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Pairs of equal lines, a longest common subsequence; equal ends are left out of the search. */
function common(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  let [head, tail] = [0, 0];
  const most = Math.min(a.length, b.length);
  while (head < most && a[head] === b[head]) {
    head++;
  }
  while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) {
    tail++;
  }
  const [rows, columns] = [a.length - head - tail, b.length - head - tail];
  const longest = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      const same = a[head + i] === b[head + j];
      (longest[i] as Uint32Array)[j] = same
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let k = 0; k < head; k++) {
    pairs.push([k, k]);
  }
  for (let [i, j] = [0, 0]; i < rows && j < columns; ) {
    if (a[head + i] === b[head + j]) {
      pairs.push([head + i++, head + j++]);
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      i++;
    } else {
      j++;
    }
  }
  for (let k = tail; k > 0; k--) {
    pairs.push([a.length - k, b.length - k]);
  }
  return pairs;
}
