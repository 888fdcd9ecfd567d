import type { Command } from "commander";
import { ClusterClient } from "./cluster-client.ts";
import { findEndpoints } from "./endpoints.ts";
import type { ExitStatus } from "./failure.ts";
import type { Format } from "./output.ts";
import type { Parent } from "./parent.ts";
import type { Terminal } from "./terminal.ts";

/** The flags that every command takes. */
export interface GlobalOptions {
  readonly endpoint?: string;
  readonly output: Format;
  readonly db: string;
}

/** What a command is given beside its own arguments. */
export interface Context extends Surroundings {
  readonly format: Format;
  readonly db: string;
  /** Finds the endpoints when it is first asked, and is closed when the command ends. */
  client(): Promise<ClusterClient>;
}

/** Tells the program how a command ended. Commands are registered with functions that return this. */
export type CommandResult = Promise<ExitStatus>;

/** Gives a command its context; what the body returns is the exit status of the whole. */
export type Run = (command: Command, body: (context: Context) => CommandResult) => Promise<void>;

export interface Surroundings {
  readonly terminal: Terminal;
  readonly parent: Parent;
  /** This very program, past its launcher: what `dev` starts nodes with. */
  readonly entry: string;
}

/** Runs `body` with the context of `command`; `settle` is told its exit status. */
export async function runInContext(
  command: Command,
  surroundings: Surroundings,
  settle: (status: ExitStatus) => void,
  body: (context: Context) => CommandResult,
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  let client: ClusterClient | null = null;
  const context: Context = {
    ...surroundings,
    format: options.output,
    db: options.db,
    client: async () => {
      client ??= new ClusterClient(await findEndpoints(options.endpoint, surroundings.terminal));
      return client;
    },
  };
  try {
    settle(await body(context));
  } finally {
    (client as ClusterClient | null)?.close();
  }
}
