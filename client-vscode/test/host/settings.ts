/** Settings on their way to the server. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { chosen, enabled, turnOff, turnOn } from "../../src/settings";
import type * as wire from "../../src/wire.gen";
import type { Tests } from "./index";
import { file, write } from "./workspace";

const own = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("spec2rtl");
const { Workspace } = vscode.ConfigurationTarget;

export const settings: Tests = {
  "only what somebody has set is sent": async () => {
    assert.equal("candidates" in chosen(undefined), false);
    await own().update("candidates", 2, Workspace);
    assert.equal(chosen(undefined).candidates, 2);
    await own().update("candidates", undefined, Workspace);
    assert.equal("candidates" in chosen(undefined), false);
  },

  "the server is told of a setting that changes": async () => {
    const uri = file("needs.v");
    await write(uri, "module needs(output y);\n  assign y = `VALUE;\nendmodule\n");
    const check = (): Thenable<wire.Checked> =>
      vscode.commands.executeCommand("spec2rtl.check", { uri: uri.toString() });
    assert.equal((await check()).ok, false);
    await own().update("defines", { VALUE: "1'b1" }, Workspace);
    assert.equal((await check()).ok, true);
    await own().update("defines", undefined, Workspace);
    assert.equal((await check()).ok, false);
    await vscode.workspace.fs.delete(uri);
  },

  "the server is off as long as the setting says so": async () => {
    await turnOff();
    assert.equal(enabled(), false);
    assert.equal(own().inspect("enable")?.workspaceValue, false);
    await turnOn();
    assert.equal(enabled(), true);
    assert.equal(own().inspect("enable")?.workspaceValue, undefined);
  },
};
