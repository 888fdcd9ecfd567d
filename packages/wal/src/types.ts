import type { Disk, GroupId, NodeId, Random, Registry } from "@isthmus/kernel";
import type { Entry, HardState } from "@isthmus/raft";

export interface WalOptions {
  readonly disk: Disk;
  /** Where the segments lie, relative to the node's data directory; nothing else lives there. */
  readonly directory: string;
  readonly cluster: string;
  readonly node: NodeId;
  /** Draws the salt of each segment: two generations of one file must not verify each other's bytes. */
  readonly random: Random;
  readonly registry: Registry;
  /** Size of an ordinary segment, header included. Default 16 MiB. Segments that no group needs are removed. */
  readonly segmentBytes?: number;
  /** How much of recent entries and outcomes stays in memory, for all groups together. Default 32 MiB. */
  readonly cacheBytes?: number;
  /** A monotonic clock for `isthmus.wal.sync_seconds`; without it that counter stays at zero. */
  monotonicMs?(): number;
  /** Calls once at the end of this turn (the clock's `soon`): what is queued until then shares one write. */
  soon(call: () => void): void;
  /** The disk failed a write or a sync, or a callback threw. Called once; nothing is acknowledged afterwards. */
  onFailed(error: unknown): void;
}

/** What one append brings for one group. Order on disk: compaction, entries, hard state, conf, outcomes. */
export interface GroupRecords {
  /** Without gaps, from at most `lastIndex + 1`. Entries at or after the first one's index are replaced. */
  readonly entries?: readonly Entry[];
  readonly hardState?: HardState;
  /** The latest configuration, opaque here. */
  readonly conf?: Uint8Array;
  /** Dense by sequence while any is there, ascending by log index. */
  readonly outcomes?: readonly OutcomeRecord[];
  /**
   * Entries up to `index` are gone, and outcomes of such entries. Where the log ends before `index`, or holds another
   * term there, it restarts empty behind it: that is how a snapshot is installed.
   */
  readonly compact?: CompactionMark;
}

/** What applying an entry decided. */
export interface OutcomeRecord {
  /** Log index of the entry. */
  readonly index: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export interface CompactionMark {
  readonly index: number;
  readonly term: number;
}

/** What opening found. */
export interface WalRecovery {
  readonly segments: number;
  readonly batches: number;
  /**
   * A torn tail that was cut, or null. Invariant for its reader: bytes above the last mark may have been acknowledged
   * before they rotted, so a node that cut gives no vote until a leader has brought it to its commit.
   */
  readonly cut: { readonly file: string; readonly offset: number } | null;
}

/** One log for all Raft groups of a node. One write is under way while the next fills. */
export interface Wal {
  readonly groups: ReadonlyMap<GroupId, GroupLog>;
  readonly recovery: WalRecovery;
  /** The log of a group; it is declared on disk with the first records that follow. */
  group(id: GroupId): GroupLog;
  /**
   * Queues. All that is queued in one turn, or while a write is under way, goes in one write, which is on disk whole
   * or not at all. `onDurable` is called after it is on stable storage, in the order of the appends. The records are
   * visible in the GroupLog at once, durable or not. Entries, conf and outcomes are shared: nobody changes them later.
   * The caller bounds what it queues by `queuedBytes`.
   * After a failure nothing is taken: `onDurable` is not called, and `onFailed` has told why.
   */
  append(group: GroupId, records: GroupRecords, onDurable: () => void): void;
  /** Resolves when everything queued before is durable; rejects after a failure. */
  sync(): Promise<void>;
  /**
   * Writes an empty batch if nothing on disk says yet that the last one was synced. For an idle log: from then on
   * rot in the last acknowledged batch is told from a torn tail.
   */
  mark(): void;
  /** A write is under way. */
  readonly busy: boolean;
  /** Bytes accepted and not yet durable. */
  readonly queuedBytes: number;
  /** Makes durable what is queued, marks the log, closes the files. */
  close(): Promise<void>;
}

/** The log of one group as memory knows it, durable or not. */
export interface GroupLog {
  readonly id: GroupId;
  /** Zeros until the first one is appended. */
  readonly hardState: HardState;
  readonly conf: Uint8Array | undefined;
  /** The first entry that is there, or would be: one after the compaction mark. */
  readonly firstIndex: number;
  /** `firstIndex - 1` when there is none. */
  readonly lastIndex: number;
  /** Term of the entry before `firstIndex`. */
  readonly firstIndexTerm: number;
  /** From `firstIndex - 1` to `lastIndex`. Throws IsthmusError `ErrCompacted` below, `ErrUnavailable` above. */
  term(index: number): number;
  /**
   * [lo, hi), cut when `maxBytes` of encoded entries are passed, but at least one. Reads the segment in this turn
   * what the cache has no more, and verifies it: throws IsthmusError `wal_damaged`, `disk_failed`, and as `term`.
   */
  entries(lo: number, hi: number, maxBytes: number): Entry[];
  /** By sequence number; undefined when compacted or not there yet. Errors as `entries`. */
  outcome(sequence: number): OutcomeRecord | undefined;
  /** 0 when none is there any more. */
  readonly firstOutcomeSequence: number;
  /** Of the last outcome, compacted or not; 0 when there was none since the log began or restarted. */
  readonly lastOutcomeSequence: number;
  /** Log index of the last outcome, compacted or not; 0 as above. */
  readonly lastOutcomeIndex: number;
  /**
   * The first of the newest entries that together have at most `bytes`, and that lie in the newest `bytes` of the whole
   * log, whoever filled it; `lastIndex + 1` when none does. What is before it is what a group may be asked to give up.
   */
  firstWithin(bytes: number): number;
}
