/** When a server that ended unasked is started again: pure. */

export const MOST_CRASHES = 5;
const WINDOW_MS = 3 * 60_000;
const FIRST_DELAY_MS = 250;

/** How long to wait before the next start after crashes at these times; null: no more. */
export function backOff(crashes: readonly number[], now: number): number | null {
  const recent = crashes.filter((time) => now - time < WINDOW_MS).length;
  return recent > MOST_CRASHES ? null : FIRST_DELAY_MS * 2 ** (recent - 1);
}
