import { assert } from "@isthmus/kernel";
import type { Core } from "./core.ts";
import { hup } from "./election.ts";
import { restoreConfiguration } from "./membership.ts";
import { blank } from "./message.ts";
import type { Outcome } from "./proposal.ts";
import { readContext } from "./read-only.ts";
import { type Message, NO_NODE, type Snapshot } from "./types.ts";

/** What a follower or learner does with a message of its term. */
export function stepFollower(core: Core, message: Message): Outcome {
  assert(core.role === "StateFollower", "only a follower follows");
  switch (message.type) {
    case "MsgApp":
    case "MsgHeartbeat":
    case "MsgSnap":
      // A term has one leader: whoever speaks as such is it.
      core.electionElapsed = 0;
      core.lead = message.from;
      followLeader(core, message);
      break;
    case "MsgProp":
      if (core.lead === NO_NODE) return "dropped";
      forward(core, message);
      break;
    case "MsgReadIndex":
    case "MsgTransferLeader":
      if (core.lead !== NO_NODE) forward(core, message);
      break;
    case "MsgForgetLeader":
      forgetLeader(core);
      break;
    case "MsgTimeoutNow":
      // The leader knows that this node has all of the log: asking first would only cost time.
      hup(core, "transfer");
      break;
    case "MsgReadIndexResp":
      if (message.entries.length === 1)
        core.readStates.push({ index: message.index, context: readContext(message) });
      break;
    default:
      break;
  }
  return "taken";
}

/** Takes what the leader of this term sends. */
export function followLeader(core: Core, message: Message): void {
  assert(core.lead === message.from, "what is followed comes from the leader");
  if (message.type === "MsgApp") takeAppend(core, message);
  else if (message.type === "MsgHeartbeat") takeHeartbeat(core, message);
  else takeSnapshot(core, message);
}

/** Takes entries that go on from its log, or says where the logs may part. Answered in every case but one. */
function takeAppend(core: Core, message: Message): void {
  const answer = blank("MsgAppResp", message.from);
  const { log } = core;
  if (message.index < log.committed) {
    // An old message, or a leader that does not know how far we are: what is committed is the same in both logs.
    answer.index = log.committed;
    core.send(answer);
    return;
  }
  // Invariant: a Ready brings a snapshot or entries, never both. What overtook the hand-over of a snapshot counts as lost
  // and will be sent again.
  if (message.entries.length > 0 && log.nextUnstableSnapshot() !== undefined) return;
  const lastNew = log.maybeAppend(message.index, message.logTerm, message.entries, message.commit);
  if (lastNew !== undefined) {
    answer.index = lastNew;
  } else {
    // The last place where ours may agree with the leader's log: whole terms are skipped on the way back.
    const hint = log.findConflictByTerm(Math.min(message.index, log.lastIndex), message.logTerm);
    answer.index = message.index;
    answer.reject = true;
    answer.rejectHint = hint.index;
    answer.logTerm = hint.term;
  }
  core.send(answer);
}

/** A heartbeat's commit is cut to what the leader knows us to have: past the log it says that the disk lost something (R17). */
function takeHeartbeat(core: Core, message: Message): void {
  assert(message.entries.length === 0, "a heartbeat carries no entries");
  core.log.commitTo(message.commit);
  const answer = blank("MsgHeartbeatResp", message.from);
  if (message.context !== undefined) answer.context = message.context;
  core.send(answer);
}

/** Answered by how far the log goes in either case, so that the leader finds the place. */
function takeSnapshot(core: Core, message: Message): void {
  const answer = blank("MsgAppResp", message.from);
  const taken = message.snapshot !== undefined && restore(core, message.snapshot);
  answer.index = taken ? core.log.lastIndex : core.log.committed;
  core.send(answer);
}

/** Replaces log and configuration by a snapshot's, unless it brings nothing new; false then. */
function restore(core: Core, snapshot: Snapshot): boolean {
  const { log, id } = core;
  if (snapshot.index <= log.committed) return false;
  const { voters, outgoing, learners } = snapshot.conf;
  // A configuration without this node would leave it with a log that it has no part in (R16).
  if (![voters, outgoing, learners].some((ids) => ids.includes(id))) {
    core.config.logger?.warn(`${id} ignores snapshot ${snapshot.index}, whose configuration lacks it`);
    return false;
  }
  if (log.matches(snapshot.index, snapshot.term)) {
    // The log has all that the snapshot stands for. Throwing it away would take back acknowledged entries.
    log.commitTo(snapshot.index);
    return false;
  }
  log.restore(snapshot);
  restoreConfiguration(core, snapshot.conf);
  assert(
    log.lastIndex === snapshot.index && log.committed === snapshot.index,
    "the log ends in the snapshot",
  );
  core.config.logger?.info(`${id} takes snapshot ${snapshot.index} of term ${snapshot.term}`);
  return true;
}

/** Frees this node to vote for another in a term whose leader it has heard of. A lease forbids that. */
function forgetLeader(core: Core): void {
  if (core.config.readOnly === "lease") {
    core.config.logger?.error(`${core.id} does not forget its leader: reads rely on the lease`);
    return;
  }
  core.lead = NO_NODE;
}

/** The sender stays in it, since the answer to a read goes to whoever asked. */
function forward(core: Core, message: Message): void {
  assert(core.lead !== NO_NODE && core.lead !== core.id, "a request goes on to another, who leads");
  core.send({ ...message, to: core.lead, term: 0 });
}
