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

type Pair = readonly [number, number];

/** Pairs of equal lines, as many as there can be; equal ends are left out of the search. */
function common(a: readonly string[], b: readonly string[]): Pair[] {
  let [head, tail] = [0, 0];
  const most = Math.min(a.length, b.length);
  while (head < most && a[head] === b[head]) {
    head++;
  }
  while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) {
    tail++;
  }
  const between = search(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [
    ...Array.from({ length: head }, (_, k): Pair => [k, k]),
    ...between.map(([x, y]): Pair => [head + x, head + y]),
    ...Array.from({ length: tail }, (_, k): Pair => [a.length - tail + k, b.length - tail + k]),
  ];
}

/** Texts that differ in more lines than this are one block: nobody chooses among so many. */
const MOST = 2_000;

/**
 * Myers' search for the fewest lines that go and come. `rounds[d]` holds, for each diagonal
 * `x - y = k` at `d + k`, the furthest `x` that `d` such lines lead to.
 */
function search(a: readonly string[], b: readonly string[]): Pair[] {
  const rounds: Int32Array[] = [];
  for (let d = 0; d <= Math.min(MOST, a.length + b.length); d++) {
    const reached = new Int32Array(2 * d + 1);
    rounds.push(reached);
    for (let k = -d; k <= d; k += 2) {
      let x = d && step(rounds, d, k).x;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) {
        x++;
      }
      reached[d + k] = x;
      if (x >= a.length && x - k >= b.length) {
        return way(rounds, d, k);
      }
    }
  }
  return [];
}

/** The better of the two lines that lead to diagonal `k` in round `d`: where from, and where it ends. */
function step(rounds: readonly Int32Array[], d: number, k: number): { from: number; x: number } {
  const before = (diagonal: number): number => rounds[d - 1]?.[d - 1 + diagonal] ?? -1;
  const comes = k === -d || (k !== d && before(k - 1) < before(k + 1));
  return comes ? { from: k + 1, x: before(k + 1) } : { from: k - 1, x: before(k - 1) + 1 };
}

/** The equal lines on the way that ends on diagonal `k` after `last` rounds. */
function way(rounds: readonly Int32Array[], last: number, end: number): Pair[] {
  const pairs: Pair[] = [];
  for (let [d, k] = [last, end]; d >= 0; d--) {
    const { from, x: begin } = d ? step(rounds, d, k) : { from: k, x: 0 };
    for (let x = (rounds[d]?.[d + k] ?? 0) - 1; x >= begin; x--) {
      pairs.push([x, x - k]);
    }
    k = from;
  }
  return pairs.reverse();
}
