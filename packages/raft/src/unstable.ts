import { assert, must } from "@isthmus/kernel";
import { countWithin, NO_ENTRIES } from "./entry.ts";
import type { Entry, Snapshot } from "./types.ts";

/**
 * The end of the log that is not known to be on disk: perhaps a snapshot, then entries from `offset` on. Below
 * `offsetInProgress` they have been handed to storage and wait for its answer.
 *
 * Invariant: offset <= offsetInProgress <= end, and entries are consecutive.
 */
export class Unstable {
  snapshot: Snapshot | undefined;
  #snapshotInProgress = false;
  #entries: Entry[] = [];
  #offset: number;
  #offsetInProgress: number;
  /** The range handed out last. A broadcast asks for one range once a peer: all get the same array. */
  #shared: { lo: number; hi: number; entries: Entry[] } = NOTHING_SHARED;

  constructor(offset: number) {
    this.#offset = offset;
    this.#offsetInProgress = offset;
  }

  /** The first index that is not known to be on disk. */
  get offset(): number {
    return this.#offset;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get hasNextEntries(): boolean {
    return this.#offsetInProgress < this.#end;
  }

  /** The last index, if this end of the log knows it. */
  get lastIndex(): number | undefined {
    return this.#entries.length > 0 ? this.#end - 1 : this.snapshot?.index;
  }

  term(index: number): number | undefined {
    if (index >= this.#offset) return this.#entries[index - this.#offset]?.term;
    return this.snapshot?.index === index ? this.snapshot.term : undefined;
  }

  /** What storage has not been asked to write yet. */
  nextEntries(): Entry[] {
    return this.hasNextEntries ? this.slice(this.#offsetInProgress, this.#end) : NO_ENTRIES;
  }

  nextSnapshot(): Snapshot | undefined {
    return this.#snapshotInProgress ? undefined : this.snapshot;
  }

  /** Storage has now been asked to write all of it. */
  acceptInProgress(): void {
    assert(this.#offsetInProgress <= this.#end, "what was handed out is in the log");
    this.#offsetInProgress = this.#end;
    if (this.snapshot !== undefined) this.#snapshotInProgress = true;
  }

  /**
   * Storage says that the log up to `index` is on disk. Invariant: only entries whose last one still has that term
   * become stable; where the log was overwritten meanwhile the answer is about entries that are gone (R15).
   */
  stableTo(index: number, term: number): void {
    if (index < this.#offset || this.term(index) !== term) return;
    this.#entries.splice(0, index + 1 - this.#offset);
    this.#offset = index + 1;
    this.#offsetInProgress = Math.max(this.#offsetInProgress, this.#offset);
    this.#shared = NOTHING_SHARED;
    assert(this.#offset <= this.#end, "what becomes stable was there");
  }

  stableSnapshotTo(index: number): void {
    if (this.snapshot?.index !== index) return;
    this.snapshot = undefined;
    this.#snapshotInProgress = false;
  }

  /** Starts over behind a received snapshot. */
  restore(snapshot: Snapshot): void {
    this.#offset = snapshot.index + 1;
    this.#offsetInProgress = this.#offset;
    this.#entries = [];
    this.#shared = NOTHING_SHARED;
    this.snapshot = snapshot;
    this.#snapshotInProgress = false;
  }

  /** Appends, overwriting from the first new entry on. What is overwritten must be written again. */
  truncateAndAppend(entries: Entry[]): void {
    const from = must(entries[0], "what is appended is not empty").index;
    assert(from <= this.#end, "what is appended follows the log without a gap");
    if (from < this.#end) {
      this.#shared = NOTHING_SHARED;
      if (from < this.#offset) this.#offset = from;
      this.#entries.length = from - this.#offset;
      this.#offsetInProgress = Math.max(this.#offset, Math.min(this.#offsetInProgress, from));
      assert(this.#end === from, "what is overwritten is gone");
    }
    for (const entry of entries) {
      assert(entry.index === this.#end, "appended entries are consecutive");
      this.#entries.push(entry);
    }
  }

  /** Entries of [lo, hi), cut to `maxBytes` but for the first. The array is shared and never changed. */
  slice(lo: number, hi: number, maxBytes = Number.POSITIVE_INFINITY): Entry[] {
    assert(this.#offset <= lo && lo <= hi && hi <= this.#end, "a slice lies within the unstable log");
    const cut = lo + countWithin(this.#entries, lo - this.#offset, hi - this.#offset, maxBytes);
    if (cut === lo) return NO_ENTRIES;
    if (this.#shared.lo !== lo || this.#shared.hi !== cut) {
      const entries = this.#entries.slice(lo - this.#offset, cut - this.#offset);
      this.#shared = { lo, hi: cut, entries };
    }
    return this.#shared.entries;
  }

  get #end(): number {
    return this.#offset + this.#entries.length;
  }
}

const NOTHING_SHARED = { lo: 0, hi: 0, entries: NO_ENTRIES };
