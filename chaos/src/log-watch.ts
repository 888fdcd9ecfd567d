import { crc32, type GroupId } from "@isthmus/kernel";
import type { NodeCore } from "@isthmus/node";
import type { Checker, LoggedEntry, LogSeen, Sighting } from "./evidence.ts";

type GroupLog = ReturnType<NodeCore["log"]>;

/** Of a log that a new life takes up, the bytes of so many entries are read; of those before only their terms. */
const READ_AT_START = 64;
const READ_BYTES = 1024 * 1024;

export interface LogWatchOptions {
  readonly log: GroupLog;
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
    const { log } = this.#options;
    const last = log.lastIndex;
    const lastTerm = log.term(last);
    if (last !== this.#last || lastTerm !== this.#lastTerm) this.#changed(last, lastTerm);
    const { commit, term } = log.hardState;
    if (commit <= this.#commit) return;
    this.#commit = commit;
    const seen = { ...this.#options.sighting(), index: commit, term };
    for (const checker of this.#ofCommits) checker.committed?.(seen);
  }

  #changed(last: number, lastTerm: number): void {
    const { log } = this.#options;
    const isStart = this.#lastTerm === -1;
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
    const seen: LogSeen = { ...this.#options.sighting(), first, previousTerm, entries };
    for (const checker of this.#ofEntries) checker.logged?.(seen);
  }
}
