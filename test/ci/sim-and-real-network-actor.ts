/**
 * One side of a story between two machines: takes commands, a line each, and tells what its sockets tell it. It stands on
 * any network; run as a program it stands on the machine's, and its lines are its input and output.
 *
 *     listen ADDRESS | connect SOCKET ADDRESS | send SOCKET TEXT
 *
 * Accepted sockets are called `in`. What is told: `listening`, and of a socket `open`, `got TEXT` and `closed REASON`.
 */
import { createInterface } from "node:readline";
import { must, type Network, Registry, type Socket } from "../../packages/kernel/dist/index.js";
import { webSocketNetwork } from "../../packages/link/dist/index.js";

export class Actor {
  readonly #network: Network;
  readonly #tell: (line: string) => void;
  readonly #sockets = new Map<string, Socket>();

  constructor(network: Network, tell: (line: string) => void) {
    this.#network = network;
    this.#tell = tell;
  }

  async take(line: string): Promise<void> {
    const [command, name = "", what = ""] = line.split(" ");
    switch (command) {
      case "listen":
        await this.#network.listen(name, (socket) => this.#handle("in", socket));
        this.#tell("listening");
        return;
      case "connect":
        this.#handle(name, this.#network.connect(what));
        return;
      case "send":
        must(this.#sockets.get(name), "a socket of this name").send(Buffer.from(what));
        return;
      default:
        throw new Error(`what is ${line}?`);
    }
  }

  #handle(name: string, socket: Socket): void {
    this.#sockets.set(name, socket);
    socket.handle({
      onOpen: () => this.#tell(`${name} open`),
      onMessage: (bytes) => this.#tell(`${name} got ${Buffer.from(bytes).toString()}`),
      onClose: (reason) => this.#tell(`${name} closed ${reason}`),
    });
  }
}

if (import.meta.main) {
  const network = webSocketNetwork({ maxMessageBytes: 1024 * 1024, registry: new Registry() });
  const actor = new Actor(network, (line) => void process.stdout.write(`${line}\n`));
  // When nobody commands it any more it ends, with all that it holds.
  for await (const line of createInterface(process.stdin)) await actor.take(line);
  process.exit();
}
