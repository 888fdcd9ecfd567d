import { BatchBook } from "./batch-book.ts";
import { AppliedPrefixes } from "./checkers/applied-prefixes.ts";
import { type Bounds, WithinBounds } from "./checkers/bounds.ts";
import { CausalOrder } from "./checkers/causal-order.ts";
import { CheckpointBehindLog } from "./checkers/checkpoint-behind-log.ts";
import { CommittedStays } from "./checkers/committed-stays.ts";
import { Convergence } from "./checkers/convergence.ts";
import { Durability } from "./checkers/durability.ts";
import { Effects } from "./checkers/effects.ts";
import { EqualDigests } from "./checkers/equal-digests.ts";
import { ExactlyOnce } from "./checkers/exactly-once.ts";
import { LeaderReads } from "./checkers/leader-reads.ts";
import { LinearizableKeys } from "./checkers/linearizable-keys.ts";
import { LogMatching } from "./checkers/log-matching.ts";
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
  readonly linearizable: LinearizableKeys;
}

/** One of each checker, for one run. `retryKeys` is the limit of the world's nodes, where it is small. */
export function allJudges({ retryKeys }: { readonly retryKeys?: number | undefined } = {}): Judges {
  const book = new BatchBook();
  const linearizable = new LinearizableKeys();
  const checkers: Checker[] = [
    // First: the others look things up in it.
    book,
    new OneLeader(),
    new LogMatching(),
    new CommittedStays(),
    new CheckpointBehindLog(),
    new AppliedPrefixes(),
    new CausalOrder(),
    new EqualDigests(),
    new ExactlyOnce(book, retryKeys === undefined ? {} : { retryKeys }),
    new Durability(book),
    new LeaderReads(),
    new SessionReads(),
    new WithinBounds(BOUNDS),
    new Convergence(),
    new Effects(book),
    linearizable,
  ];
  return { checkers, book, linearizable };
}
