import type { GroupId } from "../ids.ts";
import type { Key } from "../key.ts";

/**
 * The checkpoint beneath the overlay: an ordered map that changes by atomic, durable commits. Keys are byte strings
 * in their latin-1 form (see key.ts), ordered by byte.
 */
export interface StateStore extends StoreReader {
  /** A consistent view of the last commit, held until released: hold it briefly, it keeps pages from reuse. */
  view(): StoreView;
  /**
   * All writes or none; durable when resolved; `undefined` removes. Keys come in ascending order. One commit at a
   * time. Rejects with IsthmusError `store_failed` or `disk_full`; afterwards the store counts as doubtful.
   */
  commit(writes: readonly StoreWrite[]): Promise<void>;
  close(): Promise<void>;
}

export type StoreWrite = readonly [key: Key, value: Uint8Array | undefined];

export interface StoreReader {
  get(key: Key): Uint8Array | undefined;
  /** Ascending from `from` (included) to `to` (excluded). */
  range(from: Key, to: Key): Iterable<readonly [Key, Uint8Array]>;
}

export interface StoreView extends StoreReader {
  release(): void;
}

/** All groups' stores of one node. They share one fate: when a commit of one fails, all of them are doubtful. */
export interface StateEnvironment {
  /** The group's store, empty if it is new; the same one until it is closed. */
  store(group: GroupId): StateStore;
  /** Closes the group's store and durably empties it, so that it can be rebuilt. Rejects as `commit` does. */
  remove(group: GroupId): Promise<void>;
  /** Closes all stores after the commits under way. What is durable stays. */
  close(): Promise<void>;
}
