import type { Environment } from "@isthmus/node";

/** Where a command runs: everything that it reads or prints beside files and the network. */
export interface Terminal {
  readonly env: Environment;
  readonly cwd: string;
  /** Columns and colour are for people: a pipe gets neither. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Whether somebody is there to be asked. */
  readonly inIsTerminal?: boolean;
  /** Resolves once the text was taken, so that a slow reader holds a fast command back. */
  out(text: string | Uint8Array): Promise<void>;
  err(text: string): void;
  readonly input: AsyncIterable<Uint8Array>;
}

export function processTerminal(): Terminal {
  return {
    env: process.env,
    cwd: process.cwd(),
    outIsTerminal: process.stdout.isTTY === true,
    inIsTerminal: process.stdin.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    out: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    err: (text) => {
      process.stderr.write(text);
    },
    input: process.stdin,
  };
}
