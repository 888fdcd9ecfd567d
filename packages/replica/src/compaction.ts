import { assert } from "@isthmus/kernel";

/** How far a laggard may be behind, as a multiple of the tail that is always kept, before it must take a snapshot. */
const LAGGARD_TAILS = 8;
/** The same for the receiver of a snapshot, so that it finds the log's continuation when it is done. */
const RECEIVER_TAILS = 64;

export interface CompactionQuestion {
  /** All up to here is in the durable checkpoint. */
  readonly checkpointIndex: number;
  /** Bytes of the newest entries that stay whatever happens: a member that was away for a moment needs no snapshot. */
  readonly keepBytes: number;
  /** Up to where the furthest behind of the other members has the log; null where that is not known. */
  readonly slowestMatch: number | null;
  /** Entries behind this one are still needed by a snapshot that is being made or fetched; null for none. */
  readonly snapshotIndex: number | null;
  /** The entry of the first own batch that another region is not known to have; null when all have all. */
  readonly unseenIndex: number | null;
  /** The first of the newest entries that have at most so many bytes. */
  firstWithin(bytes: number): number;
}

/**
 * Up to which entry a group's log may go. Pure.
 *
 * Invariant: nothing goes that is not in the durable checkpoint, nor a batch that another region has still to see (R24):
 * for that there is no budget. Members and snapshots are waited for within a budget: past it, there is a newer snapshot.
 */
export function compactionIndex(question: CompactionQuestion): number {
  const { checkpointIndex, keepBytes, slowestMatch, snapshotIndex, unseenIndex, firstWithin } = question;
  assert(keepBytes >= 0, "a tail has a size");
  let index = Math.min(checkpointIndex, firstWithin(keepBytes) - 1);
  const waitFor = (needed: number | null, tails: number): void => {
    if (needed === null || needed >= index) return;
    index = Math.min(index, Math.max(needed, firstWithin(keepBytes * tails) - 1));
  };
  waitFor(slowestMatch, LAGGARD_TAILS);
  waitFor(snapshotIndex, RECEIVER_TAILS);
  if (unseenIndex !== null) index = Math.min(index, unseenIndex - 1);
  return Math.max(0, index);
}
