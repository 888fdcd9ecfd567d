import { assert, type GroupId, must } from "@isthmus/kernel";
import type { Entry, HardState } from "@isthmus/raft";
import { WalError } from "./errors.ts";
import { decodeEntry, decodeOutcome, type Standing } from "./record.ts";
import type { Segments } from "./segment.ts";
import { type CacheBudget, type Place, Series } from "./series.ts";
import type { CompactionMark, GroupLog, OutcomeRecord } from "./types.ts";

/** What the log on disk says of a group at the place where the next batch begins. */
export interface Logged {
  readonly hardState: HardState;
  readonly conf: Uint8Array | undefined;
  readonly compaction: CompactionMark;
  readonly standing: Standing;
}

/** The log of one group in memory. Writers change it first, the disk follows; recovery rebuilds it. */
export class GroupState implements GroupLog {
  readonly id: GroupId;
  readonly #entries: Series<Entry>;
  readonly #outcomes: Series<OutcomeRecord>;
  readonly #segments: Segments;
  #number: number | null = null;
  #hardState: HardState = { term: 0, vote: 0, commit: 0 };
  #conf: Uint8Array | undefined;
  #firstIndexTerm = 0;
  #lastOutcomeIndex = 0;
  /** Where the log was known to be compacted when the segments before were removed; null if they are there. */
  #floor: CompactionMark | null = null;
  /** Null until a batch with the group's declaration got its place. */
  #logged: Logged | null = null;
  /** The batch that fills has records of this group. */
  touched = false;

  constructor(id: GroupId, segments: Segments, budget: CacheBudget) {
    this.id = id;
    this.#segments = segments;
    this.#entries = new Series(budget);
    this.#outcomes = new Series(budget);
  }

  /** Stands for the group in records; null until a batch, be it still filling, declares it. */
  get number(): number | null {
    return this.#number;
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  get conf(): Uint8Array | undefined {
    return this.#conf;
  }

  get firstIndex(): number {
    return this.#entries.first;
  }

  get lastIndex(): number {
    return this.#entries.last;
  }

  get firstIndexTerm(): number {
    return this.#firstIndexTerm;
  }

  get firstOutcomeSequence(): number {
    return this.#outcomes.empty ? 0 : this.#outcomes.first;
  }

  get lastOutcomeSequence(): number {
    return this.#outcomes.last;
  }

  get lastOutcomeIndex(): number {
    return this.#lastOutcomeIndex;
  }

  get logged(): Logged | null {
    return this.#logged;
  }

  term(index: number): number {
    if (index === this.firstIndex - 1) return this.#firstIndexTerm;
    this.#check(index, index);
    return this.#entries.note(index);
  }

  entries(lo: number, hi: number, maxBytes: number): Entry[] {
    if (lo === hi) return [];
    this.#check(lo, hi - 1);
    const found: Entry[] = [];
    let bytes = 0;
    for (let index = lo; index < hi; index++) {
      bytes += this.#entries.lengthOf(index);
      if (bytes > maxBytes && found.length > 0) break;
      found.push(this.#entries.cached(index) ?? this.#readEntry(index));
    }
    return found;
  }

  outcome(sequence: number): OutcomeRecord | undefined {
    if (sequence < this.#outcomes.first || sequence > this.#outcomes.last) return undefined;
    const cached = this.#outcomes.cached(sequence);
    if (cached) return cached;
    const outcome = decodeOutcome(this.#segments.read(this.#outcomes.place(sequence)));
    assert(outcome.sequence === sequence, "the index points at the outcome that it names");
    return outcome;
  }

  declare(number: number): void {
    assert(this.#number === null, "a group is declared once");
    this.#number = number;
  }

  firstWithin(bytes: number): number {
    return this.#entries.firstWithin(bytes, this.#segments.firstWithin(bytes));
  }

  /** The oldest segment with something that is still there; null when all of it is newer than any segment. */
  get firstSegment(): number | null {
    const entries = this.#entries.firstSegment;
    const outcomes = this.#outcomes.firstSegment;
    if (entries === null || outcomes === null) return entries ?? outcomes;
    return Math.min(entries, outcomes);
  }

  /**
   * All entries and what was decided about them, if that is little: what may be written once more, so that the segments
   * that hold it can go. Null otherwise.
   */
  fewRecords(maxBytes: number): { entries: Entry[]; outcomes: OutcomeRecord[] } | null {
    const { first, last } = this.#outcomes;
    if (this.#entries.empty || this.#entries.firstWithin(maxBytes, 0) > this.firstIndex) return null;
    if (this.#outcomes.firstWithin(maxBytes, 0) > first) return null;
    const entries = this.entries(this.firstIndex, this.lastIndex + 1, Number.POSITIVE_INFINITY);
    const outcomes: OutcomeRecord[] = [];
    for (let sequence = first; sequence <= last; sequence++)
      outcomes.push(must(this.outcome(sequence), "no outcome is missing between the first and the last"));
    return { entries, outcomes };
  }

  /** Forgets what `fewRecords` has told, which follows anew in the same turn; what is compacted stays known. */
  beginAnew(): void {
    this.#entries.truncateFrom(this.firstIndex);
    if (this.#lastOutcomeIndex < this.firstIndex) return;
    this.#outcomes.restart(0);
    this.#lastOutcomeIndex = 0;
  }

  /** A run that was found on disk: unlike a writer's it may speak of entries that are gone, or tell the log anew. */
  foundRun(first: number): void {
    if (this.#floor !== null && first < this.firstIndex && first > this.#floor.index) {
      // What stood before it went with its segment, which nobody needed: a later record compacts up to here.
      this.#entries.restart(first - 1);
      this.#firstIndexTerm = this.#floor.term;
    }
    // Nobody replaces what was applied: this is the whole log once more, and its outcomes follow in the same batch.
    if (first === this.firstIndex && first <= this.#lastOutcomeIndex) this.beginAnew();
    this.beginRun(first);
  }

  /** Makes room for a run that begins at `first`: what stood there and behind it is replaced. */
  beginRun(first: number): void {
    assert(first >= this.firstIndex, "no entry comes back from below the compaction mark");
    assert(first <= this.lastIndex + 1, "entries have no gap");
    assert(first > this.#lastOutcomeIndex, "an entry that was applied is not replaced");
    if (first <= this.lastIndex) this.#entries.truncateFrom(first);
  }

  queueEntry(entry: Entry, offset: number, length: number): void {
    assert(entry.index === this.lastIndex + 1, "entries have no gap");
    this.#checkTerm(entry.term);
    this.#entries.queue(offset, length, entry.term, entry);
  }

  foundEntry(term: number, place: Place): void {
    this.#checkTerm(term);
    this.#entries.found(place, term);
  }

  queueOutcome(outcome: OutcomeRecord, offset: number, length: number): void {
    this.#beginOutcome(outcome.index, outcome.sequence);
    this.#outcomes.queue(offset, length, outcome.index, outcome);
  }

  foundOutcome(index: number, sequence: number, place: Place): void {
    if (this.#floor !== null && index < this.firstIndex) {
      // Of an entry that went with its segment: only its number still counts.
      assert(index > this.#lastOutcomeIndex && this.#outcomes.empty, "outcomes follow the log");
      this.#outcomes.restart(sequence);
      this.#lastOutcomeIndex = index;
      return;
    }
    this.#beginOutcome(index, sequence);
    this.#outcomes.found(place, index);
  }

  setHardState(state: HardState): void {
    this.#hardState = { term: state.term, vote: state.vote, commit: state.commit };
  }

  setConf(conf: Uint8Array): void {
    this.#conf = conf;
  }

  /** See GroupRecords.compact. False when it changes nothing. */
  compact(index: number, term: number): boolean {
    if (index < this.firstIndex) {
      if (this.#floor === null || index <= this.#floor.index) return false;
      this.#floor = { index, term };
      if (index === this.firstIndex - 1) this.#firstIndexTerm = term;
      return false;
    }
    this.#floor = null;
    if (index <= this.lastIndex && this.#entries.note(index) === term) {
      this.#entries.dropTo(index);
      this.#dropOutcomes(index);
    } else {
      assert(this.#lastOutcomeIndex <= index, "a snapshot does not go back behind what was applied");
      this.#entries.restart(index);
      this.#outcomes.restart(0);
      this.#lastOutcomeIndex = 0;
    }
    this.#firstIndexTerm = term;
    return true;
  }

  /** The log begins here: the segments before are gone. */
  beginAt(standing: Standing): void {
    this.#floor = { index: this.firstIndex - 1, term: this.#firstIndexTerm };
    this.#entries.restart(standing.lastIndex);
    this.#firstIndexTerm = standing.lastTerm;
    this.#outcomes.restart(standing.lastOutcomeSequence);
    this.#lastOutcomeIndex = standing.lastOutcomeIndex;
  }

  standing(): Standing {
    return {
      lastIndex: this.lastIndex,
      lastTerm: this.term(this.lastIndex),
      lastOutcomeSequence: this.lastOutcomeSequence,
      lastOutcomeIndex: this.#lastOutcomeIndex,
    };
  }

  /** The batch with this group's queued records got its place. */
  settle(segment: number, base: number): void {
    this.#entries.settle(segment, base);
    this.#outcomes.settle(segment, base);
    this.touched = false;
    this.markLogged();
  }

  markLogged(): void {
    const compaction = { index: this.firstIndex - 1, term: this.#firstIndexTerm };
    this.#logged = {
      hardState: this.#hardState,
      conf: this.#conf,
      compaction,
      standing: this.standing(),
    };
  }

  durable(): void {
    this.#entries.durable();
    this.#outcomes.durable();
  }

  #readEntry(index: number): Entry {
    const entry = decodeEntry(this.#segments.read(this.#entries.place(index)), index);
    assert(entry.term === this.#entries.note(index), "the index points at the entry that it names");
    return entry;
  }

  #check(lo: number, last: number): void {
    if (lo < this.firstIndex) {
      throw new WalError(
        "ErrCompacted",
        `${this.id}: entry ${lo} is compacted, the first is ${this.firstIndex}`,
      );
    }
    if (last > this.lastIndex) {
      throw new WalError(
        "ErrUnavailable",
        `${this.id}: entry ${last} is not there, the last is ${this.lastIndex}`,
      );
    }
  }

  #checkTerm(term: number): void {
    const before =
      this.lastIndex < this.firstIndex ? this.#firstIndexTerm : this.#entries.note(this.lastIndex);
    assert(term >= before, "terms do not go back");
  }

  #beginOutcome(index: number, sequence: number): void {
    assert(index > this.#lastOutcomeIndex, "outcomes follow the log");
    assert(index >= this.firstIndex && index <= this.lastIndex, "an outcome's entry is in the log");
    assert(sequence > 0, "outcomes are numbered from 1");
    assert(sequence > this.lastOutcomeSequence, "outcomes are numbered upwards");
    // Numbers may be left out where nothing is there that they would belong to: a snapshot stands for those batches.
    if (this.#outcomes.empty) this.#outcomes.restart(sequence - 1);
    assert(sequence === this.lastOutcomeSequence + 1, "outcomes are numbered without gaps");
    this.#lastOutcomeIndex = index;
  }

  #dropOutcomes(index: number): void {
    let sequence = this.#outcomes.first;
    while (sequence <= this.#outcomes.last && this.#outcomes.note(sequence) <= index) sequence += 1;
    this.#outcomes.dropTo(sequence - 1);
  }
}
