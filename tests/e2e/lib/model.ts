/** An OpenAI-compatible server on this machine whose replies come when the test says so. */

import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A reply's three moments, each with the call that brings it about. */
interface Gates {
  readonly asked: PromiseWithResolvers<void>;
  readonly begun: PromiseWithResolvers<void>;
  readonly ended: PromiseWithResolvers<void>;
}

const gates = (): Gates => ({
  asked: Promise.withResolvers(),
  begun: Promise.withResolvers(),
  ended: Promise.withResolvers(),
});

export class Model {
  private readonly server: Server;
  private readonly replies: readonly string[];
  private readonly gates: readonly Gates[];
  private used = 0;

  private constructor(replies: readonly string[]) {
    this.replies = replies;
    this.gates = replies.map(gates);
    this.server = createServer((request, response) => {
      request.resume();
      request.on("end", () => void this.reply(response));
    });
  }

  static async start(replies: readonly string[]): Promise<Model> {
    const model = new Model(replies);
    model.server.listen(0, "127.0.0.1");
    await once(model.server, "listening");
    return model;
  }

  get backend(): string {
    return `openai:test@http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** Resolves when this reply is wanted. */
  asked(index: number): Promise<void> {
    return (this.gates[index] as Gates).asked.promise;
  }

  /** Lets the first half of this reply out. */
  begin(index: number): void {
    this.gates[index]?.begun.resolve();
  }

  /** Lets this reply come to its end. */
  release(index: number): void {
    this.begin(index);
    this.gates[index]?.ended.resolve();
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async reply(response: ServerResponse): Promise<void> {
    const index = this.used++;
    const [text, held] = [this.replies[index], this.gates[index]];
    if (text === undefined || !held) {
      response.writeHead(500).end("no more replies");
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const middle = text.indexOf("\n", text.length / 2);
    held.asked.resolve();
    await held.begun.promise;
    response.write(chunk(text.slice(0, middle)));
    await held.ended.promise;
    response.write(chunk(text.slice(middle)));
    response.write(chunk("", "stop"));
    response.end("data: [DONE]\n\n");
  }
}

function chunk(content: string, finish_reason: string | null = null): string {
  const choice = { index: 0, delta: { role: "assistant", content }, finish_reason };
  const body = { id: "1", object: "chat.completion.chunk", created: 0, model: "test", choices: [choice] };
  return `data: ${JSON.stringify(body)}\n\n`;
}
