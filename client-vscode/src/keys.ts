/** API keys: kept in the editor's secret store, given to the server as environment only. */

import * as vscode from "vscode";

interface Provider {
  readonly label: string;
  readonly variable: string;
  readonly prompt: string;
}

const PROVIDERS: readonly Provider[] = [
  { label: "Anthropic (Claude)", variable: "ANTHROPIC_API_KEY", prompt: "An Anthropic API key" },
  {
    label: "OpenAI-compatible server",
    variable: "OPENAI_API_KEY",
    prompt: "The key that the server of openai:MODEL@BASE_URL wants",
  },
];

const slot = (variable: string): string => `spec2rtl.${variable}`;

export class Keys {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  /** The variables for the server's environment. */
  async environment(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const { variable } of PROVIDERS) {
      const key = await this.secrets.get(slot(variable));
      if (key) {
        found[variable] = key;
      }
    }
    return found;
  }

  /** Asks for a key; an empty one is forgotten. False where the user turned away. */
  async ask(): Promise<boolean> {
    const provider = await vscode.window.showQuickPick(PROVIDERS, {
      title: "Spec2RTL: Set API Key",
      placeHolder: "Whose key?",
      ignoreFocusOut: true, // asked from the walkthrough, which takes the focus back
    });
    if (!provider) {
      return false;
    }
    const key = await vscode.window.showInputBox({
      title: `Spec2RTL: ${provider.label}`,
      prompt: `${provider.prompt}; leave it empty to forget the one that is stored.`,
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined) {
      return false;
    }
    if (key.trim()) {
      await this.secrets.store(slot(provider.variable), key.trim());
    } else {
      await this.secrets.delete(slot(provider.variable));
    }
    return true;
  }
}
