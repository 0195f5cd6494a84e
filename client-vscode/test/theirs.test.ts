import assert from "node:assert/strict";
import { test } from "node:test";
import { type Edit, Theirs } from "../src/stream/theirs";

const at = (rangeOffset: number, text: string, rangeLength = 0): Edit => ({
  rangeOffset,
  rangeLength,
  text,
});

/** What is left of a draft's document after these edits of the user. */
function left(before: string, now: string, ...edits: readonly Edit[]): string {
  const theirs = new Theirs(before, now);
  let text = now;
  for (const edit of edits) {
    const end = edit.rangeOffset + edit.rangeLength;
    text = text.slice(0, edit.rangeOffset) + edit.text + text.slice(end);
    theirs.follow([edit]);
  }
  return theirs.without(text);
}

const rows: readonly [string, string, string, readonly Edit[], string][] = [
  ["nothing typed: as before", "a\n", "draft\n", [], "a\n"],
  ["above the draft", "", "module m;\n", [at(0, "// mine\n")], "// mine\n"],
  ["in the draft", "", "module m;\n", [at(3, "mine")], "mine"],
  ["below the draft", "", "module m;\n", [at(10, "// mine\n")], "// mine\n"],
  ["twice", "", "module m;\n", [at(3, "me"), at(5, " and you")], "me and you"],
  ["over a part of the draft", "", "module m;\n", [at(0, "x", 6)], "x"],
  [
    "in what stood there before",
    "// old\n\n",
    "// old\nm\n\n",
    [at(3, "very ")],
    "// very old\n\n",
  ],
  ["deleted of what stood there", "// old\n\n", "// old\nm\n\n", [at(3, "", 3)], "// \n\n"],
  ["all undone: nothing to take back", "a\n", "draft\n", [at(0, "a", 5)], "a\n"],
  ["in the draft of a longer text", "[a]", "[xyz]", [at(2, "me")], "[ame]"],
  ["above a draft that is as far as what stood there", "abc", "a", [at(0, "me")], "meabc"],
  ["below such a draft", "abc", "a", [at(1, "me")], "amebc"],
  ["over all of such a draft", "abc", "a", [at(0, "me", 1)], "mebc"],
  ["in such a draft in a longer text", "[abc]", "[a]", [at(2, "me"), at(0, "", 1)], "amebc]"],
  ["two units to a character", "", "🙂🙂", [at(2, "ü🙃")], "ü🙃"],
];

for (const [title, before, now, edits, expected] of rows) {
  test(`what the user writes stays: ${title}`, () => {
    assert.equal(left(before, now, ...edits), expected);
  });
}
