import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { systemCode, usage } from "../failure.ts";

/** How far an import has come: everything before `offset` was acknowledged. */
export interface ImportState {
  readonly version: 1;
  /**
   * Chosen anew by each import, kept when it is resumed: what was in flight when it broke counts once, and a file that
   * is imported again later, on purpose, is written again.
   */
  readonly run: string;
  readonly db: string;
  readonly offset: number;
  readonly line: number;
  readonly records: number;
  /** SHA-256 of the file before `offset`, as hex: a file that changed there cannot be gone on with. */
  readonly hash: string;
}

export function statePath(file: string): string {
  return `${file}.isthmus-import`;
}

/** Null where no import of this file has begun. */
export async function readState(file: string): Promise<ImportState | null> {
  let text: string;
  try {
    text = await readFile(statePath(file), "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
  const state = parseState(text);
  if (state === null) throw usage(`${statePath(file)} is damaged; remove it, or begin anew with --restart`);
  return state;
}

/** Renamed into place: a broken import leaves the state before or after a batch, never half of one. */
export async function writeState(file: string, state: ImportState): Promise<void> {
  const draft = `${statePath(file)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(state)}\n`);
  await rename(draft, statePath(file));
}

export async function removeState(file: string): Promise<void> {
  await rm(statePath(file), { force: true });
}

/** The hash over the file before the state's offset, to go on with. Usage failure if the file is another there. */
export async function hashBefore(file: string, { offset, hash: expected }: ImportState): Promise<Hash> {
  const hash = createHash("sha256");
  if (offset > 0)
    for await (const chunk of createReadStream(file, { end: offset - 1 }) as AsyncIterable<Buffer>)
      hash.update(chunk);
  if (hash.copy().digest("hex") !== expected)
    throw usage(`${file} has changed in the part that was imported already; begin anew with --restart`);
  return hash;
}

function parseState(text: string): ImportState | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null) return null;
  const { version, run, db, offset, line, records, hash } = parsed as Record<string, unknown>;
  if (version !== 1 || typeof run !== "string" || typeof db !== "string" || typeof hash !== "string")
    return null;
  if (![offset, line, records].every((count) => Number.isSafeInteger(count))) return null;
  return parsed as ImportState;
}
