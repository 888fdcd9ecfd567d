import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";

/**
 * Stands between a client and a node and passes everything on; the answers to writes it gives back one by one, in the
 * order of the requests, when it is told that it may. So a test decides how much a client has acknowledged.
 */
export class Gate {
  readonly api: string;
  /** Called before each answer to a write that the node took. What never resolves holds that answer, and all behind it, until the client goes. */
  mayPass: () => Promise<void> = async () => undefined;
  readonly #to: string;
  readonly #server: Server;
  /** Settles when every answer so far was passed. */
  #before: Promise<void> = Promise.resolve();

  private constructor(to: string, port: number) {
    this.#to = to;
    this.api = `http://127.0.0.1:${port}`;
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  }

  static async open(to: string, port: number): Promise<Gate> {
    const gate = new Gate(to, port);
    await new Promise<void>((resolve, reject) => {
      gate.#server.once("error", reject);
      gate.#server.listen(port, "127.0.0.1", resolve);
    });
    return gate;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const before = this.#before;
    const passed = Promise.withResolvers<void>();
    this.#before = before.then(() => passed.promise);
    // What is held for a client that has died would hold the next one.
    const gone = new Promise<void>((resolve) => outgoing.once("close", resolve));
    try {
      const body = await textOf(incoming);
      const answer = await this.#ask(incoming, body);
      const text = await textOf(answer);
      await Promise.race([before, gone]);
      if (answer.statusCode === 200 && !outgoing.closed) await Promise.race([this.mayPass(), gone]);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
    } catch {
      // The node is gone, or the client: what the other side sees of it is a broken connection.
      incoming.socket.destroy();
    } finally {
      passed.resolve();
    }
  }

  #ask({ method = "GET", url = "/", headers }: IncomingMessage, body: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request(`${this.#to}${url}`, { method, headers: { ...headers, host: new URL(this.#to).host } }, resolve)
        .on("error", reject)
        .end(body);
    });
  }
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
