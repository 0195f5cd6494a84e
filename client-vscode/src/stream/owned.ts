/** Which documents still hold what we wrote there: only those may be written over in sight. */

import { createHash } from "node:crypto";
import type * as vscode from "vscode";

const KEY = "spec2rtl.owned";
const MOST = 200;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

export class Owned {
  constructor(private readonly memory: vscode.Memento) {}

  /** Is this text empty, or what we last wrote into this file? */
  holds(uri: vscode.Uri, text: string): boolean {
    return !text.trim() || this.all().get(uri.toString()) === digest(text);
  }

  async remember(uri: vscode.Uri, text: string): Promise<void> {
    const all = this.all();
    all.delete(uri.toString());
    all.set(uri.toString(), digest(text));
    await this.memory.update(KEY, [...all].slice(-MOST));
  }

  private all(): Map<string, string> {
    return new Map(this.memory.get<[string, string][]>(KEY, []));
  }
}
