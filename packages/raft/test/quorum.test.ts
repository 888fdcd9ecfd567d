import { equal } from "node:assert/strict";
import { test } from "node:test";
import { jointCommitted, jointVote, majorityCommitted, majorityVote } from "@isthmus/raft";
import fc from "fast-check";

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 7 });
const acked = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 12 })))
  .map((all) => new Map(all));
const votes = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean())).map((all) => new Map(all));

/** The twin tries every index from the top and counts who has it. */
function committedByCounting(voters: number[], known: Map<number, number>): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY;
  for (let index = 12; index > 0; index--) {
    if (voters.filter((id) => (known.get(id) ?? 0) >= index).length * 2 > voters.length) return index;
  }
  return 0;
}

/** The twin tries both ways in which those who have not voted could vote. */
function voteByTrying(voters: number[], known: Map<number, boolean>): string {
  const wins = (missing: boolean): boolean =>
    voters.length === 0 || voters.filter((id) => known.get(id) ?? missing).length * 2 > voters.length;
  if (wins(false)) return "VoteWon";
  return wins(true) ? "VotePending" : "VoteLost";
}

test("a majority has committed what counting from the top finds", () => {
  fc.assert(
    fc.property(ids, acked, (voters, known) =>
      equal(majorityCommitted(voters, known), committedByCounting(voters, known)),
    ),
  );
});

test("a vote is won or lost when no missing vote can change it", () => {
  fc.assert(
    fc.property(ids, votes, (voters, known) =>
      equal(majorityVote(voters, known), voteByTrying(voters, known)),
    ),
  );
});

test("a joint quorum commits the lesser of its halves, whichever comes first", () => {
  fc.assert(
    fc.property(ids, ids, acked, (incoming, outgoing, known) => {
      const both = jointCommitted(incoming, outgoing, known);
      equal(both, Math.min(committedByCounting(incoming, known), committedByCounting(outgoing, known)));
      equal(both, jointCommitted(outgoing, incoming, known));
    }),
  );
});

test("a joint vote is won by both halves and lost by one", () => {
  fc.assert(
    fc.property(ids, ids, votes, (incoming, outgoing, known) => {
      const halves = [voteByTrying(incoming, known), voteByTrying(outgoing, known)];
      let expected = "VotePending";
      if (halves.every((half) => half === "VoteWon")) expected = "VoteWon";
      if (halves.includes("VoteLost")) expected = "VoteLost";
      equal(jointVote(incoming, outgoing, known), expected);
    }),
  );
});

test("a half without voters never decides", () => {
  equal(majorityCommitted([], new Map()), Number.POSITIVE_INFINITY);
  equal(majorityVote([], new Map()), "VoteWon");
});
