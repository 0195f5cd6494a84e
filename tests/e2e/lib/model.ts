/** An OpenAI-compatible server on this machine whose replies come when the test says so. */

import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Gate {
  readonly asked: Promise<void>;
  readonly open: Promise<void>;
  ask(): void;
  release(): void;
}

function gate(): Gate {
  let [ask, release] = [() => {}, () => {}];
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const open = new Promise<void>((resolve) => (release = resolve));
  return { asked, open, ask, release };
}

export class Model {
  private readonly server: Server;
  private readonly replies: readonly string[];
  private readonly gates: readonly Gate[];
  private used = 0;

  private constructor(replies: readonly string[]) {
    this.replies = replies;
    this.gates = replies.map(gate);
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

  /** Resolves when this reply is wanted: its first half is out. */
  asked(index: number): Promise<void> {
    return (this.gates[index] as Gate).asked;
  }

  /** Lets this reply come to its end. */
  release(index: number): void {
    this.gates[index]?.release();
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
    response.write(chunk(text.slice(0, middle)));
    held.ask();
    await held.open;
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
