import type { GroupId } from "@isthmus/kernel";
import { type Database, open, type RootDatabase, type RootDatabaseOptions } from "lmdb";

export type Bytes = Uint8Array;
export type GroupDatabase = Database<Bytes, Bytes>;
export type EnvironmentRoot = RootDatabase<Bytes, Bytes>;

/** Groups that one environment can hold: a limit of LMDB's that must be known when it is opened. */
const MAX_GROUPS = 4096;
/** Snapshots open at a time over all threads: each view of another turn is one. */
const MAX_READERS = 1024;

/**
 * Opens the environment, in whichever thread: every thread has a handle of its own on it, and all must ask for the
 * same modes. The mode is LMDB's power-safe one, as it is by default here: a commit is visible first and durable when
 * flushed; `safeRestore` opens at the last flushed one, whatever else the file holds.
 */
export function openRoot(path: string): EnvironmentRoot {
  const options: RootDatabaseOptions & { noSubdir: boolean; safeRestore: boolean } = {
    pageSize: 16384,
    noSubdir: false,
    safeRestore: true,
    maxDbs: MAX_GROUPS,
    maxReaders: MAX_READERS,
    // Else a turn's writes stand in an outer batch whose promise nobody holds: its rejection would end the thread.
    eventTurnBatching: false,
    encoding: "binary",
    keyEncoding: "binary",
    cache: false,
    compression: false,
  };
  return open<Bytes, Bytes>(path, options);
}

/**
 * Makes the groups' databases where there are none, all in one transaction: each by itself would be one of its own, and
 * a thousand of them take seconds.
 */
export function makeGroups(root: EnvironmentRoot, groups: readonly GroupId[]): void {
  root.transactionSync(() => {
    for (const group of groups) openGroup(root, group);
  });
}

export function openGroup(root: EnvironmentRoot, group: GroupId): GroupDatabase {
  return root.openDB<Bytes, Bytes>({ name: group, encoding: "binary", keyEncoding: "binary", cache: false });
}
