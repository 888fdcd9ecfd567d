import { assert } from "@isthmus/kernel";
import type { Core } from "./core.ts";
import { blank } from "./message.ts";
import { NO_NODE } from "./types.ts";

/** Whether the clock may stop: all is applied, the leader is known, and nobody waits for anything. */
export function canRest(core: Core): boolean {
  const { log, tracker, id } = core;
  // A member of neither half has no business here; a joint configuration waits to be left.
  if (core.lead === NO_NODE || tracker.isJoint || tracker.peer(id) === undefined) return false;
  if (log.applied !== log.lastIndex || log.hasUnstable || log.hasUnstableSnapshot) return false;
  if (!core.isLeader) return true;
  assert(core.hasCommittedInTerm, "a leader's log ends in its own term: with all of it applied, so is that");
  if (core.leadTransferee !== NO_NODE || !tracker.isVoter(id)) return false;
  if (core.earlyReads.length > 0 || core.reads.lastContext !== undefined) return false;
  for (const { match } of tracker.progress.values()) if (match !== log.lastIndex) return false;
  return true;
}

/**
 * Stops the clock.
 *
 * Invariant: a resting leader holds no lease (T29). Nobody hears from it, so the others may elect a new leader without its
 * knowledge; its reads go by confirmation until a quorum has followed it again.
 */
export function rest(core: Core): void {
  assert(canRest(core), "a node rests only where nothing is going on");
  core.isResting = true;
  core.isLeaseVoid = core.isLeader;
  core.electionElapsed = 0;
  core.heartbeatElapsed = 0;
}

/**
 * Starts the clock again, on word from `from`, and lets the others know: they may be resting still, and a lone waker would
 * unseat a leader that only rests. What comes from the leader is answered anyhow.
 */
export function wake(core: Core, from: number): void {
  assert(core.isResting, "only who rests wakes");
  core.isResting = false;
  if (!core.isLeader) {
    if (from !== core.lead) core.send(blank("MsgHeartbeatResp", core.lead));
    return;
  }
  // The next tick sends heartbeats. What was heard of the peers before says nothing of now.
  core.heartbeatElapsed = core.config.heartbeatTick;
  for (const [id, progress] of core.tracker.progress) if (id !== core.id) progress.recentActive = false;
}
