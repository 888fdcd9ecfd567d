import { assert } from "@isthmus/kernel";
import { type Draft, draftEnterJoint, draftLeaveJoint, draftRestored, draftSimple } from "./changer.ts";
import { entersJoint, leavesJoint } from "./conf-change.ts";
import type { Core } from "./core.ts";
import { releaseEarlyReads } from "./reading.ts";
import { broadcastAppend, broadcastMissing, maybeCommit } from "./replication.ts";
import { traceChangeApplied } from "./trace.ts";
import { type ConfChangeV2, type ConfState, NO_NODE } from "./types.ts";

/** Puts a committed change in force. Throws RaftError, and changes nothing, if it does not fit the configuration. */
export function applyConfChange(core: Core, change: ConfChangeV2): ConfState {
  // Worked out on a copy: a change that is refused half-way leaves no trace.
  const draft = core.tracker.draft();
  const { enters, autoLeave } = entersJoint(change);
  if (leavesJoint(change)) draftLeaveJoint(draft);
  else if (enters) draftEnterJoint(draft, autoLeave, change.changes);
  else draftSimple(draft, change.changes);
  return switchTo(core, draft);
}

/** Takes over the configuration of a snapshot: what was known of the members is void (R16). */
export function restoreConfiguration(core: Core, conf: ConfState): void {
  core.tracker.clear();
  switchTo(core, draftRestored(conf));
}

function switchTo(core: Core, draft: Draft): ConfState {
  const { tracker } = core;
  traceChangeApplied(
    core,
    [...draft.voters].sort((a, b) => a - b),
  );
  tracker.switchTo(draft, core.log.lastIndex);
  const { conf } = tracker;
  assert(tracker.isJoint || !conf.autoLeave, "only a joint configuration is left by itself");
  if (!core.isLeader) return conf;
  if (tracker.peer(core.id)?.isLearner !== false) {
    // It may go on until the change is committed by the others: it no longer counts itself (R10).
    if (core.config.stepDownOnRemoval) core.becomeFollower(core.term, NO_NODE);
    return conf;
  }
  // A leader that is not in the new configuration has returned above: from here on it counts itself.
  if (conf.voters.length === 0) return conf;
  // A smaller quorum may already be reached; a new member may lack everything.
  if (maybeCommit(core)) {
    releaseEarlyReads(core);
    broadcastAppend(core);
  } else {
    broadcastMissing(core);
  }
  if (core.leadTransferee !== NO_NODE && !tracker.isVoter(core.leadTransferee)) core.leadTransferee = NO_NODE;
  return conf;
}
