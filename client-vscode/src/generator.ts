/** Choosing the backend that writes RTL: a few that are common, or any by its name. */

import * as vscode from "vscode";
import { SECTION } from "./settings";

interface Choice extends vscode.QuickPickItem {
  readonly value?: string | null;
}

const CHOICES: readonly Choice[] = [
  {
    label: "Automatic",
    description: "Claude if a key is set, else the configured endpoint, else the embedded model",
    value: null,
  },
  {
    label: "Embedded model",
    description: "runs on this machine; some 1.1 GB are downloaded once",
    value: "embedded",
  },
  { label: "Claude…", description: "anthropic:MODEL; wants an API key" },
  {
    label: "OpenAI-compatible server…",
    description: "openai:MODEL@BASE_URL: vLLM, SGLang, llama.cpp, Ollama and others",
  },
];

const BEGINNINGS: Record<string, string> = {
  "Claude…": "anthropic:",
  "OpenAI-compatible server…": "openai:MODEL@http://127.0.0.1:8000/v1",
};

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
  const value = chosen.value === undefined ? await name(chosen.label, now) : chosen.value;
  if (value !== undefined) {
    const kept = value?.trim() ? value.trim() : undefined;
    await settings.update("generator", kept, vscode.ConfigurationTarget.Global);
  }
}

async function name(label: string, now: string): Promise<string | undefined> {
  const beginning = BEGINNINGS[label] ?? "";
  const scheme = beginning.split(":")[0] ?? "";
  return vscode.window.showInputBox({
    title: "Spec2RTL: Choose Generator",
    prompt: "The backend, as KIND:MODEL",
    value: now.startsWith(scheme) ? now : beginning,
    ignoreFocusOut: true,
  });
}
