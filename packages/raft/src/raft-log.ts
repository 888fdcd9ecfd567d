import { assert, must } from "@isthmus/kernel";
import { entriesBytes, NO_ENTRIES } from "./entry.ts";
import { isOutOfLog } from "./errors.ts";
import type { Entry, RaftStorage, Snapshot } from "./types.ts";
import { Unstable } from "./unstable.ts";

/**
 * The whole log: what storage has, then what it does not have yet.
 *
 * Invariant: applied <= applying <= committed <= lastIndex.
 */
export class RaftLog {
  readonly #storage: RaftStorage;
  readonly #unstable: Unstable;
  /** The highest index known to be on a majority's disks. */
  committed: number;
  /** The highest index handed out for application. */
  applying: number;
  /** The highest index known to be applied. */
  applied: number;
  readonly #maxApplyingBytes: number;
  #applyingBytes = 0;
  /** Set when what was handed out filled the budget: nothing more until some of it is applied. */
  #applyingPaused = false;

  constructor(storage: RaftStorage, maxApplyingBytes: number) {
    this.#storage = storage;
    this.#unstable = new Unstable(storage.lastIndex() + 1);
    this.#maxApplyingBytes = maxApplyingBytes;
    // What was compacted had been applied: nothing below the first index is ever asked for again.
    this.committed = storage.firstIndex() - 1;
    this.applying = this.committed;
    this.applied = this.committed;
  }

  get firstIndex(): number {
    const { snapshot } = this.#unstable;
    return snapshot === undefined ? this.#storage.firstIndex() : snapshot.index + 1;
  }

  get lastIndex(): number {
    return this.#unstable.lastIndex ?? this.#storage.lastIndex();
  }

  get lastTerm(): number {
    return must(this.term(this.lastIndex), "the last entry's term is known");
  }

  /** The term of an entry, or undefined where the log has it no more or not yet. */
  term(index: number): number | undefined {
    const unstable = this.#unstable.term(index);
    if (unstable !== undefined) return unstable;
    // The entry just before the first has a term too: it is what the first one is matched against.
    if (index + 1 < this.firstIndex || index > this.lastIndex) return undefined;
    try {
      return this.#storage.term(index);
    } catch (error) {
      if (isOutOfLog(error)) return undefined;
      throw error;
    }
  }

  matches(index: number, term: number): boolean {
    return this.term(index) === term;
  }

  /** Whether a log that ends like this may lead us: a higher last term, or the same and no shorter. */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    const ours = this.lastTerm;
    return lastTerm > ours || (lastTerm === ours && lastIndex >= this.lastIndex);
  }

  /**
   * Takes a leader's entries after (prevIndex, prevTerm). Gives the last index that is now known to match, or undefined
   * if ours does not match before them.
   *
   * Invariant: only a conflict truncates (R4), never a committed entry, and the commit index never passes the last
   * entry that this very message vouches for (R5).
   */
  maybeAppend(prevIndex: number, prevTerm: number, entries: Entry[], commit: number): number | undefined {
    if (!this.matches(prevIndex, prevTerm)) return undefined;
    const lastNew = prevIndex + entries.length;
    const fresh = entries.findIndex((entry) => !this.matches(entry.index, entry.term));
    if (fresh >= 0) {
      const from = must(entries[fresh], "the found entry is there").index;
      assert(from > this.committed, "a committed entry is never overwritten");
      this.append(fresh === 0 ? entries : entries.slice(fresh));
    }
    this.commitTo(Math.min(commit, lastNew));
    return lastNew;
  }

  append(entries: Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    assert(first.index > this.committed, "a committed entry is never overwritten");
    this.#unstable.truncateAndAppend(entries);
  }

  /**
   * The last entry at or below `index` whose term is at most `term`: where two logs may still agree. The term is 0
   * where ours is not known.
   */
  findConflictByTerm(index: number, term: number): { index: number; term: number } {
    for (let at = index; at > 0; at--) {
      const ours = this.term(at);
      if (ours === undefined) return { index: at, term: 0 };
      if (ours <= term) return { index: at, term: ours };
    }
    return { index: 0, term: 0 };
  }

  /** Entries from `index` to the end, cut to `maxBytes` but for the first; undefined if they are compacted. */
  entriesFrom(index: number, maxBytes: number): Entry[] | undefined {
    const last = this.lastIndex;
    return index > last ? NO_ENTRIES : this.#slice(index, last + 1, maxBytes);
  }

  get hasUnstable(): boolean {
    return !this.#unstable.isEmpty;
  }

  get hasNextUnstable(): boolean {
    return this.#unstable.hasNextEntries;
  }

  nextUnstable(): Entry[] {
    return this.#unstable.nextEntries();
  }

  /** A received snapshot that storage has not been asked to write yet. */
  nextUnstableSnapshot(): Snapshot | undefined {
    return this.#unstable.nextSnapshot();
  }

  /** Whether a received snapshot is not known to be on disk. */
  get hasUnstableSnapshot(): boolean {
    return this.#unstable.snapshot !== undefined;
  }

  acceptUnstable(): void {
    this.#unstable.acceptInProgress();
  }

  stableTo(index: number, term: number): void {
    this.#unstable.stableTo(index, term);
  }

  stableSnapshotTo(index: number): void {
    this.#unstable.stableSnapshotTo(index);
  }

  /** A snapshot to send; undefined while storage is still making it. */
  snapshot(): Snapshot | undefined {
    if (this.#unstable.snapshot !== undefined) return this.#unstable.snapshot;
    try {
      return this.#storage.snapshot();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ErrSnapshotTemporarilyUnavailable")
        return undefined;
      throw error;
    }
  }

  hasNextCommitted(allowUnstable: boolean): boolean {
    return (
      !this.#applyingPaused && !this.hasUnstableSnapshot && this.applying < this.#appliable(allowUnstable)
    );
  }

  /** Committed entries to apply next, within the budget of what is handed out and not yet applied. */
  nextCommitted(allowUnstable: boolean): Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return NO_ENTRIES;
    const room = this.#maxApplyingBytes - this.#applyingBytes;
    assert(room >= 0, "the budget of entries under application is kept");
    const entries = this.#slice(this.applying + 1, this.#appliable(allowUnstable) + 1, room);
    return must(entries, "committed entries are kept until they are applied");
  }

  acceptApplying(entries: Entry[], allowUnstable: boolean): void {
    const last = must(entries.at(-1), "what is handed out is not empty").index;
    assert(last <= this.committed, "only committed entries are applied");
    this.applying = last;
    this.#applyingBytes += this.sizeForBudget(entries);
    // If not all that is committed went out, it was the budget that stopped it, even if some bytes are left in it.
    this.#applyingPaused = this.#isBudgetUsed || last < this.#appliable(allowUnstable);
  }

  appliedTo(index: number, bytes: number): void {
    assert(
      this.applied <= index && index <= this.committed,
      "application goes forward and stays within the commit",
    );
    this.applied = index;
    this.applying = Math.max(this.applying, index);
    this.#applyingBytes = Math.max(0, this.#applyingBytes - bytes);
    this.#applyingPaused = this.#isBudgetUsed;
  }

  /** What entries count against the budget: nothing where there is none, to spare the sum. */
  sizeForBudget(entries: Entry[]): number {
    return this.#maxApplyingBytes === Number.POSITIVE_INFINITY ? 0 : entriesBytes(entries);
  }

  commitTo(index: number): void {
    if (index <= this.committed) return;
    assert(index <= this.lastIndex, "what is committed is in the log: else it was damaged, cut or lost");
    this.committed = index;
    assert(this.applied <= this.applying && this.applying <= index, "what is applied was committed");
  }

  /**
   * Commits up to `index` if its entry is of `term`. Invariant: the leader passes its own term, so that an entry of an
   * older one is committed only below one of its own (R1).
   */
  maybeCommit(index: number, term: number): boolean {
    if (index <= this.committed || term === 0 || !this.matches(index, term)) return false;
    this.commitTo(index);
    return true;
  }

  /** Starts over behind a received snapshot: all of it counts as committed. */
  restore(snapshot: Snapshot): void {
    assert(snapshot.index > this.committed, "a snapshot never takes the log back");
    this.committed = snapshot.index;
    this.#unstable.restore(snapshot);
    assert(
      this.lastIndex === snapshot.index && this.firstIndex === snapshot.index + 1,
      "the log begins behind it",
    );
  }

  /**
   * Whether `found` holds for an entry of (from, to], read in portions of the application budget. Compacted ones have been
   * applied, also where their acknowledgement is still on its way.
   */
  some(from: number, to: number, found: (entry: Entry) => boolean): boolean {
    for (let at = Math.max(from + 1, this.firstIndex); at <= to; ) {
      const entries = must(
        this.#slice(at, to + 1, this.#maxApplyingBytes),
        "the scanned entries are in the log",
      );
      if (entries.some(found)) return true;
      assert(entries.length > 0, "a limited read gives at least one entry");
      at += entries.length;
    }
    return false;
  }

  get #isBudgetUsed(): boolean {
    return this.#applyingBytes > 0 && this.#applyingBytes >= this.#maxApplyingBytes;
  }

  #appliable(allowUnstable: boolean): number {
    return allowUnstable ? this.committed : Math.min(this.committed, this.#unstable.offset - 1);
  }

  #slice(lo: number, hi: number, maxBytes: number): Entry[] | undefined {
    assert(lo <= hi && hi <= this.lastIndex + 1, "a slice lies within the log");
    if (lo < this.firstIndex) return undefined;
    if (lo === hi) return NO_ENTRIES;
    const { offset } = this.#unstable;
    if (lo >= offset) return this.#unstable.slice(lo, hi, maxBytes);
    const cut = Math.min(hi, offset);
    const stable = this.#stored(lo, cut, maxBytes);
    if (stable === undefined || hi <= offset || stable.length < cut - lo) return stable;
    if (maxBytes === Number.POSITIVE_INFINITY) return stable.concat(this.#unstable.slice(offset, hi));
    const bytes = entriesBytes(stable);
    if (bytes >= maxBytes) return stable;
    const tail = this.#unstable.slice(offset, hi, maxBytes - bytes);
    // A limited read always gives one entry; here the stored ones are already there, so a large one must wait.
    if (tail.length === 1 && bytes + entriesBytes(tail) > maxBytes) return stable;
    return stable.concat(tail);
  }

  #stored(lo: number, hi: number, maxBytes: number): Entry[] | undefined {
    try {
      return this.#storage.entries(lo, hi, maxBytes);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ErrCompacted") return undefined;
      throw error;
    }
  }
}
