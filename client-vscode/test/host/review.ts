/** Proposals in real diffs: what becomes of them when nobody says a word. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { Review } from "../../src/review";
import type { Tests } from "./index";
import { file, until, write } from "./workspace";

const OLD = "module m;\nendmodule\n";
const NEW = "module m;\n  wire w;\nendmodule\n";

const diffs = (): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputTextDiff);

async function propose(review: Review, name: string): Promise<{ accepted: Promise<boolean> }> {
  const uri = file(name);
  await write(uri, OLD);
  const accepted = review.ask({ uri, text: NEW, title: "edit of m", why: "verified" });
  await until(() => diffs().length === 1, "the diff is shown");
  return { accepted };
}

const clear = (): Thenable<void> => vscode.commands.executeCommand("notifications.clearAll");

export const review: Tests = {
  "a proposal of which neither message nor diff is left is discarded": async () => {
    const proposals = new Review();
    const { accepted } = await propose(proposals, "left.v");
    let decided = false;
    void accepted.then(() => (decided = true));
    await vscode.window.tabGroups.close(diffs());
    await until(() => diffs().length === 0, "the diff is closed");
    assert.equal(decided, false); // its message is still there
    await clear();
    assert.equal(await accepted, false);
    proposals.dispose();
  },

  "a proposal whose diff is shown waits": async () => {
    const proposals = new Review();
    const { accepted } = await propose(proposals, "waits.v");
    await clear();
    await proposals.decideActive("Accept");
    assert.equal(await accepted, true);
    const document = await vscode.workspace.openTextDocument(file("waits.v"));
    assert.equal(document.getText(), NEW);
    await document.save();
    proposals.dispose();
  },
};
