/** Settings on their way to the server. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { traffic } from "../../src/server/traffic";
import { chosen, enabled, turnOff, turnOn } from "../../src/settings";
import * as wire from "../../src/wire.gen";
import type { Tests } from "./index";
import { file, until, write } from "./workspace";

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
    const check = (): Thenable<wire.CheckAnswer> =>
      vscode.commands.executeCommand(wire.CHECK, { uri: uri.toString() });
    assert.equal((await check()).ok, false);
    await own().update("defines", { VALUE: "1'b1" }, Workspace);
    assert.equal((await check()).ok, true);
    await own().update("defines", undefined, Workspace);
    assert.equal((await check()).ok, false);
    await vscode.workspace.fs.delete(uri);
  },

  "the traffic with the server is shown as long as the setting says so": async () => {
    const shown: string[] = [];
    const log = vscode.window.createOutputChannel("Test of the traffic", { log: true });
    const channel = traffic({ ...log, info: (message: string) => shown.push(message) });
    const { Info, Trace } = vscode.LogLevel;
    const told: vscode.LogLevel[] = [];
    const listening = channel.onDidChangeLogLevel((level) => told.push(level));
    assert.equal(channel.logLevel, Info);
    await own().update("trace.server", "messages", Workspace);
    assert.equal(channel.logLevel, Trace);
    await own().update("trace.server", undefined, Workspace);
    assert.deepEqual(told, [Trace, Info]);
    channel.trace("Sending request");
    assert.deepEqual(shown, ["Sending request"]);
    listening.dispose();
    log.dispose();
  },

  "the server is off as long as the setting says so": async () => {
    await turnOff();
    assert.equal(enabled(), false);
    assert.equal(own().inspect("enable")?.workspaceValue, false);
    await turnOn();
    assert.equal(enabled(), true);
    assert.equal(own().inspect("enable")?.workspaceValue, undefined);
    const check = (): Thenable<wire.CheckAnswer | undefined> =>
      vscode.commands.executeCommand(wire.CHECK, { uri: file("counter.spec.md").toString() });
    await until(async () => (await check()) !== undefined, "the server answers again");
  },
};
