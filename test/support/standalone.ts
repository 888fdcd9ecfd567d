import path from "node:path";
import { Command, type Ended } from "./command.ts";
import { within } from "./eventually.ts";
import { NodeClient } from "./http.ts";

const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 15_000;

/** `isthmus serve --data DIR --listen ...`: one node that is a cluster, up in a second. Close it in an `after` hook. */
export class Standalone {
  readonly data: string;
  readonly listen: string;
  readonly client: NodeClient;
  #server: Command | null = null;
  readonly #root: string;

  private constructor(root: string, name: string, port: number) {
    this.#root = root;
    this.data = path.join(root, name);
    this.listen = `127.0.0.1:${port}`;
    this.client = new NodeClient(`http://${this.listen}`);
  }

  /** Its data goes into `root/name`; the cluster's port is 100 above `port`. */
  static async start(root: string, name: string, port: number): Promise<Standalone> {
    const standalone = new Standalone(root, name, port);
    await standalone.start();
    return standalone;
  }

  get api(): string {
    return this.client.api;
  }

  get server(): Command {
    if (this.#server === null) throw new Error("the server was not started");
    return this.#server;
  }

  /** Starts it over the data that is there. Resolves once it listens. */
  async start(): Promise<void> {
    this.#server = new Command(["serve", "--data", this.data, "--listen", this.listen], { cwd: this.#root });
    await this.#server.says(/^ready: /m, READY_WITHIN_MS);
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<Ended> {
    this.server.child.kill(signal);
    return await within(END_WITHIN_MS, "the server ends", this.server.ended);
  }

  async close(): Promise<void> {
    this.client.close();
    if (this.server.running) await this.end("SIGKILL");
  }
}
