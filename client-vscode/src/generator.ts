/** Choosing the backend that writes RTL: a few that are common, or any by its name. */

import * as vscode from "vscode";
import { SECTION } from "./settings";

interface Choice extends vscode.QuickPickItem {
  /** How the name begins that the user writes to its end; none: there is nothing to write. */
  readonly begins?: string;
  /** The setting's value; none: it is taken back. */
  readonly value?: string;
}

const CHOICES: readonly Choice[] = [
  {
    label: "Automatic",
    description: "Claude if a key is set, else the configured endpoint, else the embedded model",
  },
  {
    label: "Embedded model",
    description: "runs on this machine; some 1.1 GB are downloaded once",
    value: "embedded",
  },
  { label: "Claude…", description: "anthropic:MODEL; wants an API key", begins: "anthropic:" },
  {
    label: "OpenAI-compatible server…",
    description: "openai:MODEL@BASE_URL: vLLM, SGLang, llama.cpp, Ollama and others",
    begins: "openai:MODEL@http://127.0.0.1:8000/v1",
  },
];

export async function chooseGenerator(): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const now = settings.get<string>("generator") ?? "";
  const chosen = await vscode.window.showQuickPick(CHOICES, {
    title: "Spec2RTL: Choose Generator",
    placeHolder: now ? `now ${now}` : "now automatic",
    ignoreFocusOut: true, // asked from the walkthrough, which takes the focus back
  });
  if (!chosen) {
    return;
  }
  const { begins, value } = chosen;
  const name = begins === undefined ? value : await named(begins, now);
  if (begins === undefined || name !== undefined) {
    const kept = name?.trim() || undefined;
    await settings.update("generator", kept, vscode.ConfigurationTarget.Global);
  }
}

async function named(begins: string, now: string): Promise<string | undefined> {
  const [kind = ""] = begins.split(":");
  return vscode.window.showInputBox({
    title: "Spec2RTL: Choose Generator",
    prompt: "The backend, as KIND:MODEL",
    value: now.startsWith(kind) ? now : begins,
    ignoreFocusOut: true,
  });
}
