/** How fast text appears that is there already: about as fast as it can be followed. Pure. */

import { change } from "../text";

/** Between two steps. */
export const STEP_MS = 40;
/** A step shows at least this much (300 characters a second) … */
const LEAST = 12;
/** … and this share of what waits: a long text is never far behind. */
const SHARE = 1 / 12;

/** What to show next on the way from what is shown to the whole text. */
export function paced(shown: string, text: string): string {
  const { start, text: waiting } = change(shown, text);
  const next = Math.max(LEAST, Math.ceil(waiting.length * SHARE));
  if (next >= waiting.length) {
    return text;
  }
  const splits = /[\uDC00-\uDFFF]/.test(waiting[next] ?? "");
  const end = start + next + (splits ? 1 : 0);
  return text.slice(0, end) + text.slice(start + waiting.length);
}
