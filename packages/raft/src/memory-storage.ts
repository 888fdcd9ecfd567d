import { assert, must } from "@isthmus/kernel";
import { countWithin } from "./entry.ts";
import { RaftError } from "./errors.ts";
import type { ConfState, Entry, HardState, RaftStorage, Snapshot } from "./types.ts";

/**
 * A log in memory, for tests and for callers that keep the durable copy elsewhere. Nothing here is on disk: the caller
 * orders its own fsync before it tells raft that something is stable.
 */
export class MemoryStorage implements RaftStorage {
  #hard: HardState = { term: 0, vote: 0, commit: 0 };
  #snapshot: Snapshot = { index: 0, term: 0, conf: NOBODY };
  /** Index and term of the entry before the first: compacted, but its term is still known. */
  #before = { index: 0, term: 0 };
  /** Invariant: `#entries[i].index === #before.index + 1 + i`. */
  #entries: Entry[] = [];

  initialState(): { hard: HardState; conf: ConfState } {
    return { hard: this.#hard, conf: this.#snapshot.conf };
  }

  entries(lo: number, hi: number, maxBytes: number): Entry[] {
    if (lo <= this.#before.index) throw new RaftError("ErrCompacted", `entry ${lo} is compacted`);
    assert(lo <= hi && hi <= this.lastIndex() + 1, "entries are asked for within the log");
    if (this.#entries.length === 0) throw new RaftError("ErrUnavailable", `entry ${lo} is not in the log`);
    const from = lo - this.#before.index - 1;
    const to = hi - this.#before.index - 1;
    return this.#entries.slice(from, from + countWithin(this.#entries, from, to, maxBytes));
  }

  term(index: number): number {
    if (index < this.#before.index) throw new RaftError("ErrCompacted", `the term of ${index} is compacted`);
    if (index === this.#before.index) return this.#before.term;
    const entry = this.#entries[index - this.#before.index - 1];
    if (entry === undefined) throw new RaftError("ErrUnavailable", `entry ${index} is not in the log`);
    return entry.term;
  }

  firstIndex(): number {
    return this.#before.index + 1;
  }

  lastIndex(): number {
    return this.#before.index + this.#entries.length;
  }

  snapshot(): Snapshot {
    return this.#snapshot;
  }

  setHardState(hard: HardState): void {
    this.#hard = hard;
  }

  /** Takes what overlaps from the first new entry on away, skips what is compacted. Asserts that no gap opens. */
  append(entries: Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    const skip = Math.max(0, this.firstIndex() - first.index);
    if (skip >= entries.length) return;
    const keep = first.index + skip - this.firstIndex();
    assert(keep <= this.#entries.length, "appended entries follow the log without a gap");
    this.#entries.length = keep;
    for (let at = skip; at < entries.length; at++) {
      const entry = must(entries[at], "an entry below the length is there");
      assert(entry.index === this.lastIndex() + 1, "appended entries are consecutive");
      this.#entries.push(entry);
    }
  }

  /** Replaces the whole log. Throws ErrSnapOutOfDate unless it is newer than a snapshot that is not empty. */
  applySnapshot(snapshot: Snapshot): void {
    const present = this.#snapshot.index;
    if (present !== 0 && snapshot.index <= present)
      throw new RaftError("ErrSnapOutOfDate", `snapshot ${snapshot.index} is not above ${present}`);
    this.#snapshot = snapshot;
    this.#before = { index: snapshot.index, term: snapshot.term };
    this.#entries = [];
  }

  /** Drops the entries up to and including `index`; its term stays known. The snapshot is left as it is. */
  compact(index: number): void {
    if (index <= this.#before.index) throw new RaftError("ErrCompacted", `${index} is already compacted`);
    assert(index <= this.lastIndex(), "what is compacted is in the log");
    const count = index - this.#before.index;
    const last = must(this.#entries[count - 1], "the entry compacted last is in the log");
    this.#before = { index, term: last.term };
    this.#entries = this.#entries.slice(count);
    assert(this.firstIndex() === index + 1, "the log begins behind what was compacted");
  }
}

const NOBODY: ConfState = { voters: [], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
