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

/** What survives a crash: a log, and term, vote and commit. Writes reach it in order, each wholly or not at all. */
export class RaftDisk implements RaftStorage {
  readonly #log = new MemoryStorage();
  readonly #conf: ConfState;
  hard: HardState = { term: 0, vote: 0, commit: 0 };

  constructor(voters: readonly number[]) {
    this.#conf = { voters: [...voters], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
  }

  initialState(): { hard: HardState; conf: ConfState } {
    return { hard: this.hard, conf: this.#conf };
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
    return this.#log.snapshot();
  }

  has(index: number, term: number): boolean {
    return index <= this.lastIndex() && this.term(index) === term;
  }

  write({ term, vote, commit, entries }: Message): void {
    if (term !== 0 || vote !== 0 || commit !== 0) this.hard = { term, vote, commit };
    this.#log.append(entries);
  }
}

/** A running node, and all that dies with it. */
export interface RaftLife {
  readonly raw: RawNode;
  /** Writes that the disk has not finished, in order. */
  readonly writes: Message[];
  /** What its storage has to say to itself, in order. */
  readonly own: Message[];
  /** The log as it will be once all writes are done; entry 1 first. */
  readonly log: Entry[];
  /** How far the judge has heard of its commits. */
  commit: number;
  applied: number;
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

  start(): void {
    assert(this.life === null, "a node lives once at a time");
    const { disk, id } = this;
    const raw = new RawNode({ ...this.#config, id, storage: disk });
    const last = disk.lastIndex();
    const log = last === 0 ? [] : disk.entries(1, last + 1, Number.POSITIVE_INFINITY);
    this.life = { raw, writes: [], own: [], log, commit: 0, applied: 0 };
  }

  /** Of the writes under way the first `kept` reach the disk all the same; nobody is told. */
  crash(kept: number): void {
    const { writes } = must(this.life, "who crashes lives");
    for (const write of writes.slice(0, kept)) this.disk.write(write);
    this.life = null;
  }
}
