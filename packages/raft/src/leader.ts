import { assert } from "@isthmus/kernel";
import type { Core } from "./core.ts";
import { blank } from "./message.ts";
import type { PeerProgress } from "./progress.ts";
import { type Outcome, proposeAsLeader } from "./proposal.ts";
import { askRead, confirmRead, releaseEarlyReads } from "./reading.ts";
import { broadcastAppend, broadcastHeartbeat, maybeCommit, sendAppend } from "./replication.ts";
import { type Message, NO_NODE } from "./types.ts";

/** What a leader does with a message of its term. */
export function stepLeader(core: Core, message: Message): Outcome {
  assert(core.isLeader, "only a leader leads");
  switch (message.type) {
    case "MsgBeat":
      // A heartbeat repeats the last read that waits, in case the one that asked for it was lost.
      broadcastHeartbeat(core, core.reads.lastContext);
      return "taken";
    case "MsgCheckQuorum":
      checkQuorum(core);
      return "taken";
    case "MsgProp":
      return proposeAsLeader(core, message.entries);
    case "MsgReadIndex":
      askRead(core, message);
      return "taken";
    default: {
      // Who is no member (any more) is not heard: it counts for nothing.
      const progress = core.tracker.peer(message.from);
      if (progress !== undefined) hearPeer(core, message, progress);
      return "taken";
    }
  }
}

/** What a member says. Whatever it is, but for reports of others about it, shows that it is alive. */
function hearPeer(core: Core, message: Message, progress: PeerProgress): void {
  switch (message.type) {
    case "MsgAppResp":
      progress.recentActive = true;
      if (message.reject) takeRefusal(core, message, progress);
      else takeAcknowledgement(core, message, progress);
      break;
    case "MsgHeartbeatResp":
      takeHeartbeatAnswer(core, message, progress);
      break;
    case "MsgSnapStatus":
      settleSnapshot(message, progress);
      break;
    case "MsgUnreachable":
      // Whatever is under way to it may be lost: go back to what it is known to have.
      if (progress.state === "StateReplicate") progress.becomeProbe();
      break;
    case "MsgTransferLeader":
      transferLeadership(core, message.from, progress);
      break;
    default:
      break;
  }
}

/**
 * Goes back in the log to where the peer's may agree. Both sides skip whole terms: the peer named the last of its entries
 * that can be ours, we look for the last of ours that can be its own; so the way back costs a message a term, not an entry.
 */
function takeRefusal(core: Core, message: Message, progress: PeerProgress): void {
  // Its last entry of a term not above the hint's is the last that can be the same as ours.
  const hint =
    message.logTerm > 0
      ? core.log.findConflictByTerm(message.rejectHint, message.logTerm).index
      : message.rejectHint;
  assert(hint <= message.rejectHint, "the way back leads back");
  if (!progress.maybeDecrTo(message.index, hint)) return;
  if (progress.state === "StateReplicate") progress.becomeProbe();
  sendAppend(core, message.from, progress, true);
}

function takeAcknowledgement(core: Core, message: Message, progress: PeerProgress): void {
  // A probe may be answered by what was known already: then too the peer's place is found.
  const found = progress.match === message.index && progress.state === "StateProbe";
  if (!progress.maybeUpdate(message.index) && !found) return;
  leaveState(core, message.index, progress);
  const isPeer = message.from !== core.id;
  // All are told of a commit at once; a peer that lags is told when it has come so far that it can use it.
  if (maybeCommit(core)) {
    releaseEarlyReads(core);
    broadcastAppend(core);
  } else if (isPeer && progress.canBumpCommit(core.log.committed)) {
    sendAppend(core, message.from, progress, true);
  }
  if (!isPeer) return;
  while (sendAppend(core, message.from, progress, false)) {
    // The window may have opened for several messages of limited size.
  }
  if (message.from === core.leadTransferee && progress.match === core.log.lastIndex) {
    core.send(blank("MsgTimeoutNow", message.from));
  }
}

/** An acknowledgement shows where the peer's log stands: replication may go on without waiting. */
function leaveState(core: Core, acknowledged: number, progress: PeerProgress): void {
  switch (progress.state) {
    case "StateProbe":
      progress.becomeReplicate();
      break;
    case "StateReplicate":
      progress.inflights.freeUpTo(acknowledged);
      break;
    case "StateSnapshot":
      // It may have come by another snapshot, or by the log itself: what matters is that our log goes on from there.
      if (progress.match + 1 >= core.log.firstIndex) {
        // By way of probing, which takes what the snapshot was for into account.
        progress.becomeProbe();
        progress.becomeReplicate();
      }
      break;
  }
}

/** The one thing that is answered even by a peer whose flow is paused: here a lost message is found out. */
function takeHeartbeatAnswer(core: Core, message: Message, progress: PeerProgress): void {
  progress.recentActive = true;
  progress.flowPaused = false;
  if (progress.match < core.log.lastIndex || progress.state === "StateProbe") {
    sendAppend(core, message.from, progress, true);
  }
  const { context } = message;
  if (context === undefined || context.length === 0) return;
  confirmRead(core, message.from, context);
}

/** After a snapshot the peer's own acknowledgement says where it stands; until then one probe at a time. */
function settleSnapshot(message: Message, progress: PeerProgress): void {
  if (progress.state !== "StateSnapshot") return;
  assert(progress.pendingSnapshot > 0, "who waits for a snapshot was sent one");
  if (message.reject) progress.pendingSnapshot = 0;
  progress.becomeProbe();
  progress.flowPaused = true;
}

/** Steps down if too few voters were heard of since the last time. */
function checkQuorum(core: Core): void {
  if (!core.tracker.quorumActive()) {
    core.config.logger?.warn(`${core.id} steps down: its quorum is not active`);
    core.becomeFollower(core.term, NO_NODE);
  }
  // From now on everybody has to be heard of anew, in this role or the next.
  for (const [id, progress] of core.tracker.progress) {
    if (id !== core.id) progress.recentActive = false;
  }
}

/** Hands leadership over. Invariant: it ends by an election, by another request, or after electionTick ticks (R18). */
function transferLeadership(core: Core, to: number, progress: PeerProgress): void {
  if (progress.isLearner || core.leadTransferee === to) return;
  core.leadTransferee = NO_NODE;
  if (to === core.id) return;
  core.config.logger?.info(`${core.id} hands leadership over to ${to}`);
  assert(core.tracker.isVoter(to), "leadership goes to a voter");
  core.electionElapsed = 0;
  core.leadTransferee = to;
  // Only who has all of the log wins for sure; the others are brought there first, and told when they acknowledge it.
  if (progress.match === core.log.lastIndex) core.send(blank("MsgTimeoutNow", to));
  else sendAppend(core, to, progress, true);
}
