/** Proposals in real diffs. */

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
};
