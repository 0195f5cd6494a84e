/** One run from its start to what the user is told of its end. */

import * as vscode from "vscode";
import type { Parts } from "./commands";
import * as wire from "./wire.gen";

/** Carries out a run; its result is shown, and a change to the user's RTL put up for review. */
export async function carryOut(
  parts: Parts,
  title: string,
  command: string,
  args: object,
): Promise<wire.Result> {
  const { server, progress } = parts;
  const shown = server.executeShown<wire.Result>(`Spec2RTL: ${title}`, command, args);
  const result = await progress.during(shown);
  void tellOfEnd(parts, result);
  return result;
}

async function tellOfEnd(parts: Parts, result: wire.Result): Promise<void> {
  const { status, module, message } = result;
  if (status === "cancelled") {
    return; // as the user wanted
  }
  if (status === "error") {
    const chosen = await vscode.window.showErrorMessage(
      `Spec2RTL: ${message}`,
      "Doctor",
      "Show Log",
    );
    if (chosen === "Doctor") {
      await vscode.commands.executeCommand(wire.DOCTOR);
    } else if (chosen) {
      parts.log.show();
    }
    return;
  }
  const good = status !== "failed";
  if (good && result.task !== "generate" && result.diff) {
    await propose(parts, result);
    return;
  }
  const text = `Spec2RTL: ${module}: ${status}${testsOf(result)}`;
  const tell = good ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  if (await tell(message && !good ? `${text}: ${message}` : text, "Show Run")) {
    parts.pages.show(result.run_id);
  }
}

async function propose({ server, review, streams }: Parts, result: wire.Result): Promise<void> {
  const { run_id } = result;
  const { target: uri } = await server.execute<wire.RunDetail>(wire.RUN, { run_id });
  await streams.settled(); // the file is the user's again
  await review.ask({
    uri: vscode.Uri.parse(uri),
    text: result.rtl,
    title: `${result.task} of ${result.module}`,
    why: `${result.status}${testsOf(result)}${changesOf(result)}`,
  });
}

/** What the run didn't see: the proposal was not made for it. */
function changesOf({ inputs_changed }: wire.Result): string {
  const names = inputs_changed.map((path) => path.split(/[\\/]/).at(-1));
  return names.length ? `; changed during the run: ${names.join(", ")}` : "";
}

function testsOf(result: wire.Result): string {
  const best = result.iterations.findLast(({ tests }) => tests.length);
  const passed = best?.tests.filter(({ status }) => status === "passed").length;
  const kind = result.status === "compiled" ? "generated tests" : "tests"; // given ones verify
  return best ? `, ${passed} of ${best.tests.length} ${kind} pass` : "";
}
