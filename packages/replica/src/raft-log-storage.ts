import {
  type ConfState,
  type Entry,
  type HardState,
  RaftError,
  type RaftStorage,
  type Snapshot,
} from "@isthmus/raft";
import { decodeConfState } from "@isthmus/wire";
import type { LogPort } from "./log-port.ts";

/** Raft's view of the log on disk. */
export class RaftLogStorage implements RaftStorage {
  readonly #log: LogPort;
  readonly #founding: ConfState;
  readonly #appliedIndex: number;

  /** `founding` is the configuration of a group whose log holds none yet. */
  constructor(log: LogPort, founding: ConfState, appliedIndex: number) {
    this.#log = log;
    this.#founding = founding;
    this.#appliedIndex = appliedIndex;
  }

  initialState(): { hard: HardState; conf: ConfState } {
    const { term, vote, commit } = this.#log.hardState;
    // What a checkpoint holds was committed, even if the log's own word of the commit was not written in time.
    const hard = { term, vote, commit: Math.max(commit, this.#appliedIndex) };
    return { hard, conf: this.#log.conf ? decodeConfState(this.#log.conf) : this.#founding };
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

  snapshot(): Snapshot {
    throw new RaftError(
      "ErrSnapshotTemporarilyUnavailable",
      "the log is kept whole, so that no peer needs a snapshot",
    );
  }
}
