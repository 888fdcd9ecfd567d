import { assert, must } from "@isthmus/kernel";
import {
  type ConfState,
  type Entry,
  type HardState,
  MemoryStorage,
  type Message,
  type RaftConfig,
  type RaftStorage,
  RawNode,
  type Snapshot,
} from "@isthmus/raft";
import { confOfVoters } from "./raft-world-conf.ts";

/**
 * What survives a crash: a log, a checkpoint of what was applied, and term, vote and commit. Writes reach it in order, each
 * wholly or not at all.
 */
export class RaftDisk implements RaftStorage {
  readonly #log = new MemoryStorage();
  #checkpoint: Snapshot;
  hard: HardState = { term: 0, vote: 0, commit: 0 };

  constructor(voters: readonly number[]) {
    this.#checkpoint = { index: 0, term: 0, conf: confOfVoters(voters) };
  }

  initialState(): { hard: HardState; conf: ConfState } {
    return { hard: this.hard, conf: this.#checkpoint.conf };
  }

  entries(lo: number, hi: number, maxBytes: number): Entry[] {
    return this.#log.entries(lo, hi, maxBytes);
  }

  term(index: number): number {
    return this.#log.term(index);
  }

  firstIndex(): number {
    return this.#log.firstIndex();
  }

  lastIndex(): number {
    return this.#log.lastIndex();
  }

  snapshot(): Snapshot {
    return this.#checkpoint;
  }

  /** What is compacted was applied: it is there, in another form. */
  has(index: number, term: number): boolean {
    return index < this.firstIndex() || (index <= this.lastIndex() && this.term(index) === term);
  }

  write({ term, vote, commit, entries, snapshot }: Message): void {
    if (term !== 0 || vote !== 0 || commit !== 0)
      this.hard = { term, vote, commit: Math.max(commit, this.hard.commit) };
    if (snapshot !== undefined) {
      this.#log.applySnapshot(snapshot);
      this.checkpoint(snapshot);
    }
    this.#log.append(entries);
  }

  /** A start goes on from here. Invariant: what is in a checkpoint counts as committed, also if nothing else says so. */
  checkpoint(snapshot: Snapshot): void {
    assert(snapshot.index <= this.lastIndex(), "what is applied is on disk");
    this.#checkpoint = snapshot;
    this.hard = { ...this.hard, commit: Math.max(this.hard.commit, snapshot.index) };
  }

  /** Drops what is in the checkpoint, up to `index`. */
  compact(index: number): void {
    assert(index <= this.#checkpoint.index, "what is dropped is in the checkpoint");
    if (index >= this.firstIndex()) this.#log.compact(index);
  }
}

/** A running node, and all that dies with it. */
export interface RaftLife {
  readonly raw: RawNode;
  /** Writes that the disk has not finished, in order. */
  readonly writes: Message[];
  /** What its storage has to say to itself, in order. */
  readonly own: Message[];
  /** What it has been given to apply, in order. */
  readonly applying: Message[];
  /** The log as it will be once all writes are done; entry 1 first, compacted or not. */
  readonly log: Entry[];
  /** How far the judge has heard of its commits. */
  commit: number;
  applied: number;
  /** The configuration as of what is applied. */
  conf: ConfState;
}

/** One node of a world: its disk, and its life while it has one. */
export class RaftWorldNode {
  readonly id: number;
  readonly disk: RaftDisk;
  readonly #config: Omit<RaftConfig, "id" | "storage">;
  life: RaftLife | null = null;

  constructor(id: number, voters: readonly number[], config: Omit<RaftConfig, "id" | "storage">) {
    this.id = id;
    this.disk = new RaftDisk(voters);
    this.#config = config;
  }

  /** `committed` are all entries that ever were, from 1: they stand for those that its log has no more. */
  start(committed: readonly Entry[] = []): void {
    assert(this.life === null, "a node lives once at a time");
    const { disk, id } = this;
    const { index: applied, conf } = disk.snapshot();
    const raw = new RawNode({ ...this.#config, id, storage: disk, applied });
    const first = disk.firstIndex();
    const last = disk.lastIndex();
    const log = committed.slice(0, first - 1);
    if (last >= first) log.push(...disk.entries(first, last + 1, Number.POSITIVE_INFINITY));
    assert(log.length === last, "the log is whole");
    this.life = { raw, writes: [], own: [], applying: [], log, commit: 0, applied, conf };
  }

  /** Of the writes under way the first `kept` reach the disk all the same; nobody is told. */
  crash(kept: number): void {
    const { writes } = must(this.life, "who crashes lives");
    for (const write of writes.slice(0, kept)) this.disk.write(write);
    this.life = null;
  }
}
