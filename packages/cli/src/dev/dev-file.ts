import { mkdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "../failure.ts";

/** What a running `dev` tells the other commands, and anybody who wants to kill a node of it. */
export interface DevFile {
  readonly cluster: string;
  readonly data: string;
  /** The process that stops all of it, not a launcher before it. */
  readonly pid: number;
  readonly topology: string;
  readonly nodes: readonly DevNode[];
  readonly dashboard: string | null;
}

export interface DevNode {
  readonly region: string;
  readonly node: string;
  readonly pid: number;
  readonly api: string;
  readonly cluster: string;
  readonly dir: string;
}

/** Seen from the directory in which `dev` was started. */
export const DEV_FILE = path.join(".isthmus", "dev.json");

/** Renamed into place: a reader sees the whole of it or none. */
export async function writeDevFile(file: string, content: DevFile): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`);
  await rename(draft, file);
}

/** The platform that was started in `directory`, or null. It may have died since: then nobody answers. */
export async function readDevFile(directory: string): Promise<DevFile | null> {
  return readDevFileAt(path.join(directory, DEV_FILE));
}

/** Takes the file away if it is still ours; a platform started later in the same directory keeps its own. */
export async function removeDevFile(file: string, pid: number): Promise<void> {
  const content = await readDevFileAt(file);
  if (content?.pid !== pid) return;
  await rm(file, { force: true });
  if (path.basename(path.dirname(file)) === ".isthmus") await removeIfEmpty(path.dirname(file));
}

async function readDevFileAt(file: string): Promise<DevFile | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  }
  return parseDevFile(text);
}

/** Null for what `dev` did not write: a foreign file names no platform. */
export function parseDevFile(text: string): DevFile | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null || !("nodes" in parsed)) return null;
  const { nodes } = parsed;
  const whole = Array.isArray(nodes) && nodes.every((node) => typeof node?.api === "string");
  return whole ? (parsed as DevFile) : null;
}

async function removeIfEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOTEMPTY" && code !== "ENOENT" && code !== "EEXIST") throw error;
  }
}
