import { BatchBook } from "./batch-book.ts";
import { AppliedPrefixes } from "./checkers/applied-prefixes.ts";
import { type Bounds, WithinBounds } from "./checkers/bounds.ts";
import { CausalOrder } from "./checkers/causal-order.ts";
import { Convergence } from "./checkers/convergence.ts";
import { Durability } from "./checkers/durability.ts";
import { Effects } from "./checkers/effects.ts";
import { EqualDigests } from "./checkers/equal-digests.ts";
import { ExactlyOnce } from "./checkers/exactly-once.ts";
import { LeaderReads } from "./checkers/leader-reads.ts";
import { OneLeader } from "./checkers/one-leader.ts";
import { SessionReads } from "./checkers/session-reads.ts";
import type { Checker } from "./evidence.ts";

/** What simulated nodes may hold: their limits are small, and so is what clients send. */
const BOUNDS: Bounds = {
  "isthmus.write.waiting": 2048,
  "isthmus.store.dirty_bytes": 4 * 1024 * 1024,
  "isthmus.wal.queued_bytes": 8 * 1024 * 1024,
};

export interface Judges {
  readonly checkers: readonly Checker[];
  readonly book: BatchBook;
}

/** One of each checker, for one run. */
export function allJudges(): Judges {
  const book = new BatchBook();
  const checkers: Checker[] = [
    // First: the others look things up in it.
    book,
    new OneLeader(),
    new AppliedPrefixes(),
    new CausalOrder(),
    new EqualDigests(),
    new ExactlyOnce(book),
    new Durability(book),
    new LeaderReads(),
    new SessionReads(),
    new WithinBounds(BOUNDS),
    new Convergence(),
    new Effects(book),
  ];
  return { checkers, book };
}
