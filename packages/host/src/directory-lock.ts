import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { IsthmusError } from "@isthmus/kernel";

export interface DirectoryLock {
  release(): void;
}

/** The locks that this process holds: one that nobody refers to would be closed, and let go, with the garbage. */
const held = new Set<DatabaseSync>();

/** SQLite's number for "somebody else holds the lock". */
const BUSY = 5;

/**
 * Takes a data directory for this process alone, for as long as it lives: the operating system lets go when the process
 * ends, however it ends. Throws IsthmusError `locked` when another process has it. The lock is that of an empty SQLite
 * file, since Node has no other way to a lock that nobody has to clean up.
 */
export function lockDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true });
  const file = new DatabaseSync(join(directory, "lock"));
  try {
    file.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    file.close();
    if ((cause as { errcode?: number }).errcode !== BUSY) throw cause;
    throw new IsthmusError("locked", `another process is using the data directory ${directory}`, { cause });
  }
  held.add(file);
  return {
    release() {
      if (held.delete(file)) file.close();
    },
  };
}
