import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { run, type Terminal } from "@isthmus/cli";

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Settings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  readonly outIsTerminal?: boolean;
  readonly inIsTerminal?: boolean;
}

/** Runs one command line in this process, with a terminal that only writes down. */
export async function isthmus(args: readonly string[], settings: Settings = {}): Promise<Outcome> {
  const out: Buffer[] = [];
  let err = "";
  const terminal: Terminal = {
    env: settings.env ?? {},
    cwd: settings.cwd ?? os.tmpdir(),
    outIsTerminal: settings.outIsTerminal ?? false,
    inIsTerminal: settings.inIsTerminal ?? false,
    errIsTerminal: false,
    out: async (text) => {
      out.push(Buffer.from(text));
    },
    err: (text) => {
      err += text;
    },
    input: (async function* () {
      yield Buffer.from(settings.input ?? "");
    })(),
  };
  const parent = { onGone: () => undefined };
  const status = await run(args, { terminal, parent, entry: "no-such-program" });
  return { status, out: Buffer.concat(out).toString("utf8"), err };
}

/** A directory that goes when the test ends. */
export async function temporaryDirectory(context: TestContext, name = "isthmus-cli-"): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), name));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
