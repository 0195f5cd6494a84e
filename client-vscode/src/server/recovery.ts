/** What happens when the server ends unasked: it comes back, each time a little later. */

import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  type ErrorHandler,
  type ErrorHandlerResult,
} from "vscode-languageclient/node";
import { backOff, MOST_CRASHES } from "./backoff";

export class Recovery implements ErrorHandler {
  private crashes: number[] = [];
  private last: Promise<CloseHandlerResult> | undefined;

  /** `crashed` is told of every end; `gaveUp` once, when there will be no further start. */
  constructor(
    private readonly crashed: () => void,
    private readonly gaveUp: () => void,
  ) {}

  error(): ErrorHandlerResult {
    return { action: ErrorAction.Continue, handled: true };
  }

  closed(): Promise<CloseHandlerResult> {
    // Reader and writer may both report the same end.
    this.last ??= this.decide().finally(() => (this.last = undefined));
    return this.last;
  }

  private async decide(): Promise<CloseHandlerResult> {
    const now = Date.now();
    this.crashes = [...this.crashes, now].slice(-2 * MOST_CRASHES);
    this.crashed();
    const delay = backOff(this.crashes, now);
    if (delay === null) {
      this.gaveUp();
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    await new Promise((resolve) => setTimeout(resolve, delay));
    return { action: CloseAction.Restart, handled: true };
  }
}
