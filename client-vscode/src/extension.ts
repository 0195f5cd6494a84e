/** Starts and wires everything; nothing here knows how any of it works. */

import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { showExample } from "./example";
import { noting } from "./failure";
import { Keys } from "./keys";
import { Review } from "./review";
import { registerRunDocuments } from "./runs/documents";
import { RunPages } from "./runs/page";
import { Progress } from "./runs/progress";
import { RunsView } from "./runs/view";
import { Server } from "./server/server";
import { onServerSettings } from "./settings";
import { Specs } from "./specs";
import { StatusBar } from "./status";
import { Leftovers } from "./stream/leftovers";
import { Streams } from "./stream/streams";
import { registerTests } from "./testing";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Spec2RTL", { log: true });
  const keys = new Keys(context.secrets);
  server = new Server(context, log, keys);
  const review = new Review();
  const progress = new Progress(server);
  const specs = new Specs(server, progress, log);
  const pages = new RunPages(context.extensionUri, server, progress, log);
  const leftovers = new Leftovers(context.workspaceState);
  const streams = new Streams(server, review, leftovers, log);
  context.subscriptions.push(
    log,
    server,
    review,
    progress,
    specs,
    pages,
    streams,
    new StatusBar(server, progress, specs),
    registerRunDocuments(server),
    new RunsView(server, progress, specs, context.workspaceState),
    registerTests(server, log),
    registerCommands({ context, log, server, keys, review, progress, pages, streams }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server?.restart()),
    onServerSettings(
      (another) => void (another ? server?.restart() : server?.start()),
      () => void server?.stop(),
    ),
  );
  void server.start(); // may take minutes, where it is installed first: commands don't wait for it
  void leftovers.offer().catch(noting(log));
  await showExample(context);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
