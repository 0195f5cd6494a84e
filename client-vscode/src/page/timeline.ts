/** The timeline: what a run did, each step with its share of the time as a bar. */

import { type Moment, timeline } from "../runs/story";
import type * as wire from "../wire.gen";
import { element, table } from "./dom";

export function timelineOf(events: readonly wire.Event[]): Node {
  const moments = timeline(events);
  const last = Math.max(...moments.map(({ at, took }) => at + took), 0.001);
  const rows = moments.map(({ at, took, what }) => [seconds(at), took ? seconds(took) : "", what]);
  const made = table("What the run did, and when", ["At", "Took", "What"], rows, "timeline");
  made.querySelectorAll("tbody tr").forEach((row, index) => {
    const moment = moments[index];
    if (moment) {
      const cell = element("td", "", "track");
      cell.setAttribute("aria-hidden", "true"); // the numbers say it
      cell.append(bar(moment, last));
      row.append(cell);
    }
  });
  return made;
}

function bar({ at, took, kind }: Moment, last: number): HTMLElement {
  const made = element("div", "", `bar ${kind}`);
  made.style.marginLeft = `${(100 * at) / last}%`;
  made.style.width = `${(100 * took) / last}%`;
  return made;
}

const seconds = (time: number): string => `${time.toFixed(time < 10 ? 2 : 1)} s`;
