import type { Entry, HardState } from "@isthmus/raft";

/** The log of one group, as a replica reads it: `wal`'s GroupLog. Shows what is queued at once, durable or not. */
export interface LogPort {
  readonly hardState: HardState;
  readonly conf: Uint8Array | undefined;
  readonly firstIndex: number;
  readonly lastIndex: number;
  term(index: number): number;
  entries(lo: number, hi: number, maxBytes: number): Entry[];
  outcome(sequence: number): LoggedOutcome | undefined;
  readonly lastOutcomeSequence: number;
  /** 0 when none is there any more. */
  readonly firstOutcomeSequence: number;
  /** The first of the newest entries that together have at most `bytes`, as the whole node's log counts. */
  firstWithin(bytes: number): number;
}

/** Queues records for the group; `onDurable` is called when they are on stable storage, in order. */
export type AppendToLog = (records: LogRecords, onDurable: () => void) => void;

export interface LogRecords {
  readonly entries?: readonly Entry[];
  readonly hardState?: HardState;
  readonly conf?: Uint8Array;
  readonly outcomes?: readonly LoggedOutcome[];
  /** Entries up to `index` go; where the log is not the one of which this is true it restarts empty behind `index`. */
  readonly compact?: { readonly index: number; readonly term: number };
}

export interface LoggedOutcome {
  readonly index: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}
