import { assert } from "@isthmus/kernel";
import { stepCandidate } from "./candidate.ts";
import type { Core } from "./core.ts";
import { answerVote, hup, isLeaseHeld } from "./election.ts";
import { payloadBytes } from "./entry.ts";
import { stepFollower } from "./follower.ts";
import { stepLeader } from "./leader.ts";
import { blank } from "./message.ts";
import { maybeAutoLeave, type Outcome } from "./proposal.ts";
import { wake } from "./resting.ts";
import { traceReceive } from "./trace.ts";
import { type Message, NO_NODE, type Snapshot } from "./types.ts";

/** Takes one message: first what its term means, then what its type means in the present role. */
export function step(core: Core, message: Message): Outcome {
  traceReceive(core, message);
  if (core.isResting) wake(core, message.from);
  assert(Number.isSafeInteger(message.term) && message.term >= 0, "a term is a non-negative safe integer");
  // Term 0 is a local message, or a request that is good in any term.
  if (message.term > core.term) {
    if (!meetHigherTerm(core, message)) return "taken";
  } else if (message.term !== 0 && message.term < core.term) {
    meetLowerTerm(core, message);
    return "taken";
  }
  switch (message.type) {
    case "MsgHup":
      hup(core, core.config.preVote ? "pre-election" : "election");
      return "taken";
    case "MsgStorageAppendResp":
      if (message.index !== 0) core.log.stableTo(message.index, message.logTerm);
      if (message.snapshot !== undefined) settleSnapshot(core, message.snapshot);
      return "taken";
    case "MsgStorageApplyResp":
      settleApplied(core, message);
      return "taken";
    case "MsgVote":
    case "MsgPreVote":
      answerVote(core, message);
      return "taken";
    default:
      return stepInRole(core, message);
  }
}

/** Moves the clock by one tick. A resting node has none. */
export function tick(core: Core): void {
  if (core.isResting) return;
  core.electionElapsed += 1;
  if (!core.isLeader) {
    if (core.isPromotable && core.electionElapsed >= core.randomizedElectionTimeout) {
      core.electionElapsed = 0;
      step(core, blank("MsgHup", NO_NODE));
    }
    return;
  }
  core.heartbeatElapsed += 1;
  assert(core.lead === core.id, "who leads knows it");
  if (core.electionElapsed >= core.config.electionTick) {
    core.electionElapsed = 0;
    if (core.config.checkQuorum) step(core, blank("MsgCheckQuorum", NO_NODE));
    // A transfer that has not come about in this time is given up (R18).
    core.leadTransferee = NO_NODE;
  }
  if (core.isLeader && core.heartbeatElapsed >= core.config.heartbeatTick) {
    core.heartbeatElapsed = 0;
    step(core, blank("MsgBeat", NO_NODE));
  }
}

/** What a type means depends on the role from here on. */
function stepInRole(core: Core, message: Message): Outcome {
  switch (core.role) {
    case "StateFollower":
      return stepFollower(core, message);
    case "StateCandidate":
    case "StatePreCandidate":
      return stepCandidate(core, message);
    case "StateLeader":
      return stepLeader(core, message);
  }
}

/** False if the message is to be left unanswered. */
function meetHigherTerm(core: Core, message: Message): boolean {
  const { type } = message;
  const asksVote = type === "MsgVote" || type === "MsgPreVote";
  if (asksVote && isLeaseHeld(core, message)) return false;
  // A pre-vote asks about a term that nobody is in yet, and its granting answer only repeats it.
  if (type === "MsgPreVote" || (type === "MsgPreVoteResp" && !message.reject)) return true;
  const fromLeader = type === "MsgApp" || type === "MsgHeartbeat" || type === "MsgSnap";
  // A vote request names nobody as leader yet, and an answer only shows that time has passed us by.
  core.becomeFollower(message.term, fromLeader ? message.from : NO_NODE);
  return true;
}

/** Invariant: nothing of an older term is acknowledged or counted (R14); its sender may only learn of ours. */
function meetLowerTerm(core: Core, message: Message): void {
  const { type, from } = message;
  const { checkQuorum, preVote } = core.config;
  if ((checkQuorum || preVote) && (type === "MsgApp" || type === "MsgHeartbeat")) {
    // This node may have a higher term that nobody else takes notice of, since its requests for votes are ignored. Its
    // answer makes the leader step down and so lets it back in (R13).
    core.send(blank("MsgAppResp", from));
  } else if (type === "MsgPreVote") {
    // Without an answer, a candidate with an old term and a longer log would keep asking for ever.
    const refusal = blank("MsgPreVoteResp", from);
    refusal.term = core.term;
    refusal.reject = true;
    core.send(refusal);
  } else if (type === "MsgStorageAppendResp" && message.snapshot !== undefined) {
    // Entries may have been overwritten since (R15), but a snapshot that is on disk stays there: the log only grows
    // behind it.
    settleSnapshot(core, message.snapshot);
  }
}

/** A snapshot on disk is applied: everything up to it. */
function settleSnapshot(core: Core, snapshot: Snapshot): void {
  core.log.stableSnapshotTo(snapshot.index);
  appliedTo(core, snapshot.index, 0);
}

/** Application has got this far: room for more, and perhaps the moment to leave a joint configuration. */
function settleApplied(core: Core, message: Message): void {
  const { entries } = message;
  const last = entries.at(-1);
  if (last === undefined) return;
  // Entries of an earlier term were not counted by this leader: what is left never falls below nothing.
  if (core.uncommittedBytes > 0)
    core.uncommittedBytes = Math.max(0, core.uncommittedBytes - payloadBytes(entries));
  appliedTo(core, last.index, core.log.sizeForBudget(entries));
}

/** A snapshot may overtake entries that are being applied: then their acknowledgement comes late and moves nothing. */
function appliedTo(core: Core, index: number, bytes: number): void {
  core.log.appliedTo(Math.max(index, core.log.applied), bytes);
  maybeAutoLeave(core);
}
