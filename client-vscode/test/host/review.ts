/** Proposals in real diffs. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { Review } from "../../src/review";
import type { Tests } from "./index";
import { file, read, until, whileReadOnly, write } from "./workspace";

const OLD = "module m;\nendmodule\n";
const NEW = "module m;\n  wire w;\nendmodule\n";

const diffs = (): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputTextDiff);

export const review: Tests = {
  "a proposal waits as long as its diff is shown, also without its message": async () => {
    const proposals = new Review();
    const uri = file("waits.v");
    await write(uri, OLD);
    const accepted = proposals.ask({ uri, text: NEW, title: "edit of m", why: "verified" });
    await until(() => diffs().length === 1, "the diff is shown");
    await vscode.commands.executeCommand("notifications.clearAll");
    await proposals.decideActive("Accept");
    assert.equal(await accepted, true);
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.getText(), NEW);
    await document.save();
    proposals.dispose();
  },

  "a proposal is not put into a file that is read-only": async () => {
    const proposals = new Review();
    await whileReadOnly("kept.v", OLD, async (uri) => {
      const accepted = proposals.ask({ uri, text: NEW, title: "edit of m", why: "verified" });
      await until(() => diffs().length === 1, "the diff is shown");
      await proposals.decideActive("Accept");
      await proposals.decideActive("Discard");
      assert.equal(await accepted, false);
    });
    proposals.dispose();
  },

  "a proposal for a file that is gone has no hunks to choose from: all of it is taken":
    async () => {
      const proposals = new Review();
      const uri = file("gone_meanwhile.v");
      const accepted = proposals.ask({ uri, text: NEW, title: "edit of m", why: "verified" });
      await until(() => diffs().length === 1, "the diff is shown");
      await proposals.decideActive("Accept by Hunks…");
      assert.equal(await accepted, true);
      assert.equal(await read(uri), NEW);
      await vscode.workspace.fs.delete(uri);
      proposals.dispose();
    },
};
