/** Whether a result's file is still what the run saw: pure. */

import type * as wire from "../wire.gen";

type Seen = Pick<wire.Delivery, "before" | "version">;

/** Is a document with this text and version what it was when the run began? */
export function isAsBefore({ before, version }: Seen, text: string, now: number): boolean {
  return version === now || text === (before ?? "").replace(/\r\n?/g, "\n");
}
