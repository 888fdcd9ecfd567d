import { assert } from "@isthmus/kernel";
import type { VoteResult } from "./types.ts";

/**
 * What a majority has acknowledged. `ids` are the voters, `acked` what each has; a voter not in it has nothing.
 * Without voters everything is committed (Infinity), so that the empty half of a configuration never holds the other
 * one back.
 */
export function majorityCommitted(ids: readonly number[], acked: ReadonlyMap<number, number>): number {
  return majorityOf(ids, (id) => acked.get(id) ?? 0);
}

/** What both halves of a joint configuration have committed. */
export function jointCommitted(
  incoming: readonly number[],
  outgoing: readonly number[],
  acked: ReadonlyMap<number, number>,
): number {
  return Math.min(majorityCommitted(incoming, acked), majorityCommitted(outgoing, acked));
}

/** How a vote stands. Without voters it is won. */
export function majorityVote(ids: readonly number[], votes: ReadonlyMap<number, boolean>): VoteResult {
  if (ids.length === 0) return "VoteWon";
  let granted = 0;
  let missing = 0;
  for (const id of ids) {
    const vote = votes.get(id);
    if (vote === undefined) missing += 1;
    else if (vote) granted += 1;
  }
  const needed = quorumOf(ids.length);
  assert(granted + missing <= ids.length, "each voter counts once");
  if (granted >= needed) return "VoteWon";
  return granted + missing >= needed ? "VotePending" : "VoteLost";
}

/** Invariant: won needs both halves, lost needs one. */
export function jointVote(
  incoming: readonly number[],
  outgoing: readonly number[],
  votes: ReadonlyMap<number, boolean>,
): VoteResult {
  const first = majorityVote(incoming, votes);
  const second = majorityVote(outgoing, votes);
  if (first === second) return first;
  return first === "VoteLost" || second === "VoteLost" ? "VoteLost" : "VotePending";
}

/**
 * The highest index that a majority has reached. It runs for each acknowledgement, so it sorts by insertion in one
 * array that is kept: the cores are synchronous and nothing here calls back into raft.
 */
export function majorityOf(ids: readonly number[], ackedOf: (id: number) => number): number {
  const count = ids.length;
  if (count === 0) return Number.POSITIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const acked = ackedOf(ids[at] as number);
    let place = at;
    while (place > 0 && (sorted[place - 1] as number) > acked) {
      sorted[place] = sorted[place - 1] as number;
      place -= 1;
    }
    sorted[place] = acked;
  }
  const index = sorted[count - quorumOf(count)];
  assert(index !== undefined, "a majority has a least member");
  return index;
}

function quorumOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

const sorted: number[] = [];
