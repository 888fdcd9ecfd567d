import { crc32, type GroupId } from "@isthmus/kernel";
import type { NodeCore } from "@isthmus/node";
import type { Checker, LoggedEntry, LogSeen, Sighting } from "./evidence.ts";

type WatchedLog = Pick<
  ReturnType<NodeCore["log"]>,
  "id" | "firstIndex" | "firstIndexTerm" | "lastIndex" | "term" | "entries"
>;

/**
 * What a replica itself takes for committed, and the term in which it is. Not what its log says: a commit index is written
 * with the next entry, in a later term than it was learned in, or never.
 */
export interface WatchedReplica {
  readonly commitIndex: number;
  readonly role: { readonly term: number };
  /** While it fetches its state what it last heard never came into its log, and it takes nothing for committed. */
  readonly isInstalling?: boolean;
}

/** Of a log that a new life takes up, the bytes of so many entries are read; of those before only their terms. */
const READ_AT_START = 64;
const READ_BYTES = 1024 * 1024;

export interface LogWatchOptions {
  readonly log: WatchedLog;
  readonly replica: WatchedReplica;
  readonly checkers: readonly Checker[];
  sighting(): Sighting;
}

/** Tells the checkers how one node's log of one group changes: looked at after each turn, in which little or nothing did. */
export class LogWatch {
  readonly group: GroupId;
  readonly #options: LogWatchOptions;
  /** Those whom it concerns: most checkers look at something else. */
  readonly #ofEntries: readonly Checker[];
  readonly #ofCommits: readonly Checker[];
  /** The term of each entry as last seen, by index. */
  readonly #terms: number[] = [];
  #last: number;
  #lastTerm: number;
  #commit = 0;

  constructor(options: LogWatchOptions) {
    this.#options = options;
    const { log, checkers } = options;
    this.#ofEntries = checkers.filter((checker) => checker.logged !== undefined);
    this.#ofCommits = checkers.filter((checker) => checker.committed !== undefined);
    this.group = log.id;
    this.#last = log.firstIndex - 1;
    this.#lastTerm = -1;
    this.#terms[this.#last] = log.firstIndexTerm;
  }

  look(): void {
    const { log, replica } = this.#options;
    const last = log.lastIndex;
    const lastTerm = log.term(last);
    if (last !== this.#last || lastTerm !== this.#lastTerm) this.#changed(last, lastTerm);
    const { commitIndex, role } = replica;
    if (replica.isInstalling || commitIndex <= this.#commit) return;
    this.#commit = commitIndex;
    const seen = { ...this.#options.sighting(), index: commitIndex, term: role.term };
    for (const checker of this.#ofCommits) checker.committed?.(seen);
  }

  #changed(last: number, lastTerm: number): void {
    const { log } = this.#options;
    const isStart = this.#lastTerm === -1;
    const before = log.firstIndex - 1;
    // A snapshot brings another log: one that begins behind all that was there, or behind an entry that was another one.
    const isOther = before > this.#last || this.#terms[before] !== log.firstIndexTerm;
    const begins = isStart || isOther;
    if (begins) {
      this.#last = before;
      this.#terms[before] = log.firstIndexTerm;
    }
    let first = Math.min(last, this.#last) + 1;
    // What was replaced has other terms than before, up to where the logs still agree.
    while (first > log.firstIndex && log.term(first - 1) !== this.#terms[first - 1]) first -= 1;
    const previousTerm = log.term(first - 1);
    const entries: LoggedEntry[] = [];
    const readFrom = isStart ? Math.max(first, last + 1 - READ_AT_START) : first;
    for (let index = first; index < readFrom; index++)
      entries.push({ term: log.term(index), checksum: null });
    for (let index = readFrom; index <= last; ) {
      const read = log.entries(index, last + 1, READ_BYTES);
      for (const { term, data } of read) entries.push({ term, checksum: data ? crc32(data) : 0 });
      index += read.length;
    }
    this.#terms.length = first;
    for (const { term } of entries) this.#terms.push(term);
    this.#last = last;
    this.#lastTerm = lastTerm;
    const seen: LogSeen = { ...this.#options.sighting(), first, previousTerm, entries, begins };
    for (const checker of this.#ofEntries) checker.logged?.(seen);
  }
}
