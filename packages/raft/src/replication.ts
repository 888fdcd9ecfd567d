import { assert } from "@isthmus/kernel";
import type { Core } from "./core.ts";
import { NO_ENTRIES, payloadBytes } from "./entry.ts";
import { blank } from "./message.ts";
import type { PeerProgress } from "./progress.ts";
import { traceStep } from "./trace.ts";
import type { Entry } from "./types.ts";

/**
 * Appends to the leader's own log. Its acknowledgement to itself waits for its own disk like everybody else's, so the
 * leader's copy counts only once it is durable (R3).
 */
export function appendOwn(core: Core, proposed: Entry[]): void {
  let index = core.log.lastIndex;
  const entries = proposed.map((entry): Entry => {
    index += 1;
    const { type, data } = entry;
    return data === undefined ? { term: core.term, index, type } : { term: core.term, index, type, data };
  });
  for (const { type } of entries) if (type === "EntryNormal") traceStep(core, "Replicate");
  core.log.append(entries);
  if (core.config.maxUncommittedEntriesSize !== Number.POSITIVE_INFINITY)
    core.uncommittedBytes += payloadBytes(entries);
  assert(core.log.lastIndex === index, "a leader appends at the end of its log");
  const acknowledgement = blank("MsgAppResp", core.id);
  acknowledgement.index = index;
  core.send(acknowledgement);
}

/** Sends a MsgApp to every peer that is not paused, an empty one where there is nothing new. */
export function broadcastAppend(core: Core): void {
  for (const [id, progress] of core.tracker.progress) {
    if (id !== core.id) sendAppend(core, id, progress, true);
  }
}

/** Sends what peers lack, and nothing to those that lack nothing. */
export function broadcastMissing(core: Core): void {
  for (const [id, progress] of core.tracker.progress) {
    if (id !== core.id) sendAppend(core, id, progress, false);
  }
}

/** One MsgApp, or a snapshot where the log is gone; false if nothing was sent. */
export function sendAppend(core: Core, to: number, progress: PeerProgress, evenIfEmpty: boolean): boolean {
  if (progress.paused) return false;
  const previous = progress.next - 1;
  const previousTerm = core.log.term(previous);
  if (previousTerm === undefined) return sendSnapshot(core, to, progress);
  // With a full window an empty message still goes out: it carries the commit index and finds a loss.
  const blocked = progress.state === "StateReplicate" && progress.inflights.full;
  const entries = blocked ? NO_ENTRIES : core.log.entriesFrom(progress.next, core.config.maxSizePerMsg);
  if (!evenIfEmpty && (entries === undefined || entries.length === 0)) return false;
  if (entries === undefined) return sendSnapshot(core, to, progress);
  const message = blank("MsgApp", to);
  message.index = previous;
  message.logTerm = previousTerm;
  message.entries = entries;
  message.commit = core.log.committed;
  core.send(message);
  const bounded = core.config.maxInflightBytes !== Number.POSITIVE_INFINITY;
  progress.sentEntries(entries.length, bounded ? payloadBytes(entries) : 0);
  progress.sentCommit = core.log.committed;
  return true;
}

/** Invariant: a heartbeat never lets a peer commit what it is not known to have. */
export function broadcastHeartbeat(core: Core, context: Uint8Array | undefined): void {
  for (const [id, progress] of core.tracker.progress) {
    if (id === core.id) continue;
    const message = blank("MsgHeartbeat", id);
    message.commit = Math.min(progress.match, core.log.committed);
    if (context !== undefined && context.length > 0) message.context = context;
    core.send(message);
    progress.sentCommit = message.commit;
  }
}

/** Commits what a majority has, if its last entry is of the present term (R1). */
export function maybeCommit(core: Core): boolean {
  assert(core.isLeader, "only a leader counts acknowledgements");
  const moved = core.log.maybeCommit(core.tracker.committed(), core.term);
  traceStep(core, "Commit");
  return moved;
}

/** False if none goes out now: the next heartbeat's answer tries again. */
function sendSnapshot(core: Core, to: number, progress: PeerProgress): boolean {
  // A peer that is gone would only make us produce snapshots for nobody.
  if (!progress.recentActive) return false;
  const snapshot = core.log.snapshot();
  if (snapshot === undefined) return false;
  assert(snapshot.index > 0, "storage that has compacted its log has a snapshot");
  core.config.logger?.debug(
    `${core.id} sends snapshot ${snapshot.index} to ${to}, who needs ${progress.next}`,
  );
  progress.becomeSnapshot(snapshot.index);
  const message = blank("MsgSnap", to);
  message.snapshot = snapshot;
  core.send(message);
  return true;
}
