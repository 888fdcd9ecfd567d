import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { within } from "./eventually.ts";

/** What a user's `isthmus` is: any Node may run it. */
export const ISTHMUS = fileURLToPath(new URL("../../packages/cli/bin/isthmus.js", import.meta.url));

export interface Ended {
  /** The exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Finished extends Ended {
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** What runs it; by default the Node that runs the tests. */
  readonly node?: string;
}

/** An `isthmus` that runs. It holds a pipe of ours, so that it also ends when the tests are killed. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  readonly #listeners = new Set<() => void>();

  constructor(args: readonly string[], { cwd, env = {}, node = process.execPath }: CommandOptions) {
    this.child = spawn(node, [ISTHMUS, ...args], {
      cwd,
      // The test runner's own variables would make a child of a child report to it.
      env: { ...withoutOurs(process.env), NO_COLOR: "1", ...env, ISTHMUS_PARENT_FD: "3" },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.child.stdio[3]?.on("error", () => undefined);
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#tell();
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#tell();
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (status, signal) => resolve({ status, signal }));
    });
    this.ended.then(
      () => this.#tell(),
      () => this.#tell(),
    );
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves once stdout matches. Rejects when the command ends before, or after `withinMs`. */
  async says(pattern: RegExp, withinMs: number): Promise<RegExpExecArray> {
    const said = new Promise<RegExpExecArray>((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.#stdout);
        if (match === null) return;
        this.#listeners.delete(look);
        resolve(match);
      };
      this.#listeners.add(look);
      look();
    });
    const ended = this.ended.then(({ status, signal }) => {
      throw new EndedEarly(
        `it ended (${signal ?? status}) before it said ${pattern}: ${this.#stderr.trim()}`,
      );
    });
    return await within(
      withinMs,
      `it says ${pattern}; it said: ${this.#stderr}`,
      Promise.race([said, ended]),
    );
  }

  #tell(): void {
    for (const look of this.#listeners) look();
  }
}

export class EndedEarly extends Error {}

/** Runs a command to its end. Past its time it is killed, and that is an error. */
export async function isthmus(args: readonly string[], options: CommandOptions): Promise<Finished> {
  const command = new Command(args, options);
  try {
    const ended = await within(options.timeoutMs ?? 30_000, `isthmus ${args.join(" ")} ends`, command.ended);
    return { ...ended, stdout: command.stdout, stderr: command.stderr };
  } finally {
    if (command.running) command.child.kill("SIGKILL");
  }
}

function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("NODE_") && !name.startsWith("ISTHMUS_")),
  );
}
