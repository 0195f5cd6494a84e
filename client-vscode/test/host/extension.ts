/** The extension as VS Code and other extensions see it. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { candidateUri } from "../../src/runs/documents";
import * as wire from "../../src/wire.gen";
import type { Tests } from "./index";
import { file, read, until } from "./workspace";

const extensionId = "spec2rtl.spec2rtl";

export const extension: Tests = {
  "every command that is announced is there": async () => {
    const found = vscode.extensions.getExtension(extensionId);
    await found?.activate();
    const announced: { command: string }[] = found?.packageJSON.contributes.commands ?? [];
    const there = new Set(await vscode.commands.getCommands(true));
    assert.ok(announced.length);
    const missing = announced.filter(({ command }) => !there.has(command));
    assert.deepEqual(missing, []);
  },

  "a command gives its caller the server's answer": async () => {
    const uri = file("counter.spec.md").toString();
    const result = await vscode.commands.executeCommand<wire.Result>(wire.GENERATE, { uri });
    assert.equal(result.status, "verified");
    assert.equal(await read(file("counter.v")), result.rtl);
    const simulated = await vscode.commands.executeCommand<wire.SimulationAnswer>(wire.SIMULATE, {
      uri,
    });
    assert.equal(simulated.tests.length, 6);
    assert.ok(simulated.tests.every(({ seconds }) => seconds !== null));
    const { run_id: runId, module, iterations } = result;
    const candidate = iterations.at(-1)?.candidate ?? "";
    const key = { runId, module, candidate, name: "iteration 1", target: "counter.v" };
    const shown = await vscode.workspace.openTextDocument(candidateUri(key));
    assert.equal(shown.getText(), result.rtl);
    assert.equal(shown.languageId, "verilog");
  },

  "diagnostics come and go with their cause": async () => {
    const document = await vscode.workspace.openTextDocument(file("counter.v"));
    const faults = (): number => vscode.languages.getDiagnostics(document.uri).length;
    await until(() => faults() === 0, "no fault");
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), "broken\n");
    await vscode.workspace.applyEdit(edit);
    await until(() => faults() > 0, "a fault is told");
    const undo = new vscode.WorkspaceEdit();
    undo.delete(document.uri, new vscode.Range(0, 0, 1, 0));
    await vscode.workspace.applyEdit(undo);
    await until(() => faults() === 0, "it is taken back");
    await document.save();
  },

  "a part of a module has its own faults, and no false ones": async () => {
    const part = file("part.v");
    const told: string[] = [];
    const faults = (): string[] => {
      const found = vscode.languages.getDiagnostics(part);
      return found.map(({ range, message }) => `line ${range.start.line + 1}: ${message}`);
    };
    const listening = vscode.languages.onDidChangeDiagnostics(() => told.push(...faults()));
    const { document } = await vscode.window.showTextDocument(part);
    await until(() => faults().length > 0, "its fault is told");
    const edit = new vscode.WorkspaceEdit();
    edit.replace(part, new vscode.Range(0, 11, 0, 18), "a");
    await vscode.workspace.applyEdit(edit);
    await until(() => !faults().length, "it is taken back");
    await document.save();
    listening.dispose();
    const own = /^line 1: (Unable to bind|use of undeclared) .*'?nowhere'/;
    assert.deepEqual(
      told.filter((fault) => !own.test(fault)),
      [],
    );
  },
};
