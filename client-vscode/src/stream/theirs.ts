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
  private readonly instead: string;

  /** `before` has become `now` by the draft alone; what comes after that is the user's. */
  constructor(before: string, now: string) {
    const { start, end, text } = change(before, now);
    const after = start + text.length;
    this.marks = USER.repeat(start) + DRAFT.repeat(text.length) + USER.repeat(now.length - after);
    this.instead = before.slice(start, end);
  }

  follow(edits: readonly Edit[]): void {
    for (const { rangeOffset, rangeLength, text } of edits) {
      const [head, tail] = [rangeOffset, rangeOffset + rangeLength];
      this.marks = this.marks.slice(0, head) + USER.repeat(text.length) + this.marks.slice(tail);
    }
  }

  /** The text as the user would have it without the draft, of which what is left makes room. */
  without(text: string): string {
    const first = this.marks.indexOf(DRAFT);
    if (first < 0 || text.length !== this.marks.length) {
      return text;
    }
    const rest = [...this.marks.slice(first).matchAll(/u+/g)].map(({ 0: run, index }) =>
      text.slice(first + index, first + index + run.length),
    );
    return text.slice(0, first) + this.instead + rest.join("");
  }
}
