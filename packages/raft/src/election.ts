import { assert, equalBytes } from "@isthmus/kernel";
import { isConfChange } from "./conf-change.ts";
import type { Core } from "./core.ts";
import { blank, CAMPAIGN_TRANSFER } from "./message.ts";
import { appendOwn, broadcastAppend } from "./replication.ts";
import { type Message, NO_NODE } from "./types.ts";

/** Asking first, standing at once, or standing because the leader hands over. */
export type Campaign = "pre-election" | "election" | "transfer";

/** Starts an election unless this node leads, may not stand, or has a committed configuration change to apply. */
export function hup(core: Core, campaign: Campaign): void {
  if (core.isLeader || !core.isPromotable) return;
  const { applied, committed } = core.log;
  // It might win in a configuration that the others have left (R7).
  if (core.log.some(applied, committed, (entry) => isConfChange(entry.type))) {
    core.config.logger?.warn(`${core.id} does not campaign before it has applied a configuration change`);
    return;
  }
  start(core, campaign);
}

/** Counts an answer to this node's own request, its own answer to itself included. */
export function countVote(core: Core, from: number, granted: boolean): void {
  assert(core.lead === NO_NODE, "votes are counted while nobody leads");
  core.tracker.recordVote(from, granted);
  switch (core.tracker.tallyVotes()) {
    case "VoteWon":
      if (core.role === "StatePreCandidate") start(core, "election");
      else takeOffice(core);
      break;
    case "VoteLost":
      // A pre-candidate's answers may name a higher term, but that alone does not make it theirs.
      core.becomeFollower(core.term, NO_NODE);
      break;
    case "VotePending":
      break;
  }
}

/**
 * Answers a MsgVote or MsgPreVote of the present term, or a pre-vote of a later one.
 *
 * Invariant: one vote a term, to a candidate whose log is no older than ours (SPEC 1, 4).
 */
export function answerVote(core: Core, request: Message): void {
  const isPreVote = request.type === "MsgPreVote";
  const free =
    core.vote === request.from ||
    (core.vote === NO_NODE && core.lead === NO_NODE) ||
    (isPreVote && request.term > core.term);
  const granted = free && core.log.isUpToDate(request.index, request.logTerm);
  const answer = blank(isPreVote ? "MsgPreVoteResp" : "MsgVoteResp", request.from);
  // A granted pre-vote is for the asked term: with ours, the asker would take it for an old answer.
  answer.term = granted ? request.term : core.term;
  answer.reject = !granted;
  core.send(answer);
  if (granted && !isPreVote) {
    assert(core.vote === NO_NODE || core.vote === request.from, "a vote once given stays");
    assert(request.term === core.term, "a vote is given in the term that it is asked for");
    core.electionElapsed = 0;
    core.vote = request.from;
  }
}

/**
 * Whether a request for a vote in a higher term is to be left unanswered, because a leader was heard of a moment ago:
 * a node that came back from a partition must not unseat it.
 */
export function isLeaseHeld(core: Core, request: Message): boolean {
  const transfer = request.context !== undefined && equalBytes(request.context, CAMPAIGN_TRANSFER);
  const { checkQuorum, electionTick } = core.config;
  return !transfer && checkQuorum && core.lead !== NO_NODE && core.electionElapsed < electionTick;
}

function start(core: Core, campaign: Campaign): void {
  assert(core.isPromotable, "only a voter with its log at hand stands for election");
  const isPreVote = campaign === "pre-election";
  if (isPreVote) core.becomePreCandidate();
  else core.becomeCandidate();
  const term = isPreVote ? core.term + 1 : core.term;
  const { lastIndex, lastTerm } = core.log;
  for (const id of core.tracker.voterIds()) {
    if (id === core.id) {
      // The own vote counts when it is on disk, like everybody's (R2).
      const own = blank(isPreVote ? "MsgPreVoteResp" : "MsgVoteResp", id);
      own.term = term;
      core.send(own);
      continue;
    }
    const request = blank(isPreVote ? "MsgPreVote" : "MsgVote", id);
    request.term = term;
    request.index = lastIndex;
    request.logTerm = lastTerm;
    if (campaign === "transfer") request.context = CAMPAIGN_TRANSFER;
    core.send(request);
  }
}

/** A new leader appends an empty entry: only with an entry of its own term can it commit the older ones (R1). */
function takeOffice(core: Core): void {
  assert(core.role === "StateCandidate", "only a candidate takes office");
  core.becomeLeader();
  appendOwn(core, [{ term: 0, index: 0, type: "EntryNormal" }]);
  broadcastAppend(core);
}
