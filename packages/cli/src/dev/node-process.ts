import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { OVERRIDE_PREFIX } from "@isthmus/node";
import { PARENT_FD_VARIABLE } from "../parent.ts";

export interface NodeProcessOptions {
  readonly node: string;
  readonly topology: string;
  /** The program that has the `serve` command. */
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv;
  /** A line that the node wrote to stderr. */
  onMessage(line: string): void;
}

/** One node of the platform, as a process of its own that ends when this process does, however this one ends. */
export class NodeProcess {
  readonly node: string;
  /** How it ended, in words; resolves once it has. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #running = true;

  constructor(options: NodeProcessOptions) {
    this.node = options.node;
    const { entry, topology, node } = options;
    this.#child = spawn(process.execPath, [entry, "serve", "--config", topology, "--node", node], {
      // The fourth is the pipe of which the node watches the end: the kernel closes ours when we die, also by kill -9.
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { ...nodeEnvironment(options.env), [PARENT_FD_VARIABLE]: "3" },
    });
    this.#child.stdout?.resume();
    if (this.#child.stderr) createInterface(this.#child.stderr).on("line", options.onMessage);
    // The pipe breaks when the node dies: `ended` tells it.
    (this.#child.stdio[3] as Readable | null)?.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#running = false;
        resolve(how);
      };
      this.#child.once("error", (error) => end(`could not be started (${error.message})`));
      // `close` rather than `exit`: its last words have been read by then.
      this.#child.once("close", (code, signal) =>
        end(signal === null ? `ended with status ${code}` : `was ended by ${signal}`),
      );
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Asks with SIGINT (all end: nobody is there to hand leadership to) and, if it has not ended after `patienceMs`, ends it with SIGKILL. */
  async stop(patienceMs: number): Promise<void> {
    if (!this.#running) return;
    this.#child.kill("SIGINT");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), patienceMs);
    await this.ended;
    clearTimeout(timer);
  }
}

/** Limits may be overridden for all nodes at once; an address or a directory for all of them would be one for none. */
export function nodeEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = [`${OVERRIDE_PREFIX}LISTEN__`, `${OVERRIDE_PREFIX}DATA`];
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !own.some((prefix) => name.startsWith(prefix))),
  );
}
