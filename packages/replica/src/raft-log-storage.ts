import {
  type ConfState,
  type Entry,
  type HardState,
  RaftError,
  type RaftStorage,
  type Snapshot,
} from "@isthmus/raft";
import { decodeConfState, type LoggedConf } from "@isthmus/wire";
import type { LogPort } from "./log-port.ts";

/** Where snapshots of a group come from. */
export interface SnapshotSource {
  /** A finished one with at least this index; null where there is none yet, and then one is begun if it can be. */
  snapshot(leastIndex: number): Snapshot | null;
}

/** Raft's view of the log on disk. */
export class RaftLogStorage implements RaftStorage {
  readonly #log: LogPort;
  readonly #founding: ConfState;
  readonly #appliedIndex: number;
  readonly #snapshots: SnapshotSource | null;

  /** `founding` is the configuration of a group whose log holds none yet. */
  constructor(
    log: LogPort,
    founding: ConfState,
    appliedIndex: number,
    snapshots: SnapshotSource | null = null,
  ) {
    this.#log = log;
    this.#snapshots = snapshots;
    this.#founding = founding;
    this.#appliedIndex = appliedIndex;
  }

  initialState(): { hard: HardState; conf: ConfState } {
    const { term, vote, commit } = this.#log.hardState;
    const { conf, index } = this.conf();
    // What a checkpoint holds, and what brought a configuration, was committed, even if the log's own word of the
    // commit was not written in time.
    return { hard: { term, vote, commit: Math.max(commit, this.#appliedIndex, index) }, conf };
  }

  /** The configuration that was last in force here, and the index of the entry that brought it. */
  conf(): LoggedConf {
    return this.#log.conf ? decodeConfState(this.#log.conf) : { conf: this.#founding, index: 0 };
  }

  entries(lo: number, hi: number, maxBytes: number): Entry[] {
    return this.#log.entries(lo, hi, maxBytes);
  }

  term(index: number): number {
    return this.#log.term(index);
  }

  firstIndex(): number {
    return this.#log.firstIndex;
  }

  lastIndex(): number {
    return this.#log.lastIndex;
  }

  /** What a peer needs whose next entry is compacted: the log must go on where the snapshot ends. */
  snapshot(): Snapshot {
    const snapshot = this.#snapshots?.snapshot(this.#log.firstIndex - 1);
    if (snapshot) return snapshot;
    throw new RaftError(
      "ErrSnapshotTemporarilyUnavailable",
      "no snapshot is finished that the log goes on behind",
    );
  }
}
