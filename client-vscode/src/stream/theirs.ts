/** Which characters of a document a draft has put there, while the user writes in it too: pure. */

import { change } from "../text";

/** One change of a document, as the editor tells it. */
export interface Edit {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** Marks, one a character. */
const [DRAFT, USER] = ["d", "u"];

export class Theirs {
  private marks: string;
  /** Where the draft begins. */
  private place: number;
  private readonly instead: string;
  /** The draft has put nothing there, it only left something out. */
  private readonly shorter: boolean;

  /** `before` has become `now` by the draft alone; what comes after that is the user's. */
  constructor(before: string, now: string) {
    const { start, end, text } = change(before, now);
    const after = start + text.length;
    this.marks = USER.repeat(start) + DRAFT.repeat(text.length) + USER.repeat(now.length - after);
    this.place = start;
    this.instead = before.slice(start, end);
    this.shorter = !text;
  }

  follow(edits: readonly Edit[]): void {
    for (const { rangeOffset: head, rangeLength, text } of edits) {
      const tail = head + rangeLength;
      this.marks = this.marks.slice(0, head) + USER.repeat(text.length) + this.marks.slice(tail);
      if (tail <= this.place) {
        this.place += text.length - rangeLength;
      } else if (head < this.place) {
        this.place = head + text.length;
      }
    }
  }

  /** The text as the user would have it without the draft, of which what is left makes room. */
  without(text: string): string {
    const gone = !this.shorter && !this.marks.includes(DRAFT);
    if (gone || text.length !== this.marks.length) {
      return text;
    }
    const kept = (from: number, to: number): string =>
      [...this.marks.slice(from, to).matchAll(/u+/g)]
        .map(({ 0: run, index }) => text.slice(from + index, from + index + run.length))
        .join("");
    return kept(0, this.place) + this.instead + kept(this.place, text.length);
  }
}
