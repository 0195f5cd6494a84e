/** One run from its start to what the user is told of its end. */

import * as vscode from "vscode";
import type { Parts } from "./commands";
import { telling } from "./failure";
import type { Argument } from "./server/server";
import * as wire from "./wire.gen";

/** The commands that start a run. */
export type Run = {
  [C in keyof wire.Commands]: wire.Commands[C]["answer"] extends wire.RunAnswer ? C : never;
}[keyof wire.Commands];

/** Carries out a run; its result is shown, and a change to the user's RTL put up for review. */
export async function carryOut<R extends Run>(
  parts: Parts,
  title: string,
  command: R,
  args: Argument<R>,
): Promise<wire.RunAnswer> {
  const { server, progress } = parts;
  const shown = server.executeShown(`Spec2RTL: ${title}`, command, args);
  const result = await progress.during(shown);
  void tellOfEnd(parts, result).catch(telling(parts.log));
  return result;
}

async function tellOfEnd(parts: Parts, result: wire.RunAnswer): Promise<void> {
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
  const text = `Spec2RTL: ${module}: ${result.words}`;
  const tell = good ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  if (await tell(message && !good ? `${text}: ${message}` : text, "Show Run")) {
    parts.pages.show(result.run_id);
  }
}

async function propose({ review, streams }: Parts, result: wire.RunAnswer): Promise<void> {
  await streams.settled(); // the file is the user's again
  await review.ask({
    uri: vscode.Uri.parse(result.target),
    text: result.rtl,
    title: `${result.task} of ${result.module}`,
    why: result.words,
  });
}
