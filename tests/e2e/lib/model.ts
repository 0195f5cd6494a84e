/** An OpenAI-compatible server on this machine that replies what, and when, the test says. */

import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PATIENCE_MS } from "./window.ts";

/** A reply in three moments, each with the call that brings it about. */
export class Reply {
  private readonly moments = [gate(), gate(), gate()] as const;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Resolves when the reply is wanted; rejects when that takes too long. */
  async asked(): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    await Promise.race([this.moments[0].promise, once(late, "abort")]);
    late.throwIfAborted();
  }

  /** Lets the first half of it out. */
  begin(): void {
    this.moments[1].resolve();
  }

  /** Lets it come to its end. */
  end(): this {
    this.begin();
    this.moments[2].resolve();
    return this;
  }

  async send(response: ServerResponse): Promise<void> {
    const [asked, begun, ended] = this.moments;
    const middle = this.text.indexOf("\n", this.text.length / 2);
    response.writeHead(200, { "content-type": "text/event-stream" });
    asked.resolve();
    await begun.promise;
    response.write(chunk(this.text.slice(0, middle)));
    await ended.promise;
    response.write(chunk(this.text.slice(middle)));
    response.write(chunk("", "stop"));
    response.end("data: [DONE]\n\n");
  }
}

export class Model {
  private readonly waiting: Reply[] = [];
  /** The keys that it was called with, one for each call. */
  readonly keys: string[] = [];

  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    server.on("request", (request, response: ServerResponse) => {
      this.keys.push(request.headers.authorization?.replace("Bearer ", "") ?? "");
      request.resume();
      request.on("end", () => {
        const reply = this.waiting.shift();
        if (reply) {
          void reply.send(response);
        } else {
          response.writeHead(400).end("no more replies");
        }
      });
    });
  }

  static async start(host = "127.0.0.1"): Promise<Model> {
    const server = createServer().listen(0, host);
    await once(server, "listening");
    server.unref();
    return new Model(server);
  }

  get backend(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `openai:test@http://${address}:${port}/v1`;
  }

  /** The next replies, given as soon as they are asked for. */
  says(...texts: readonly string[]): void {
    this.waiting.push(...texts.map((text) => new Reply(text).end()));
  }

  /** The next reply, given when the test lets it. */
  holds(text: string): Reply {
    const reply = new Reply(text);
    this.waiting.push(reply);
    return reply;
  }
}

const gate = (): PromiseWithResolvers<void> => Promise.withResolvers<void>();

function chunk(content: string, finish_reason: string | null = null): string {
  const choice = { index: 0, delta: { role: "assistant", content }, finish_reason };
  const body = { id: "1", object: "chat.completion.chunk", created: 0, model: "test", choices: [choice] };
  return `data: ${JSON.stringify(body)}\n\n`;
}
