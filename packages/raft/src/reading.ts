import { assert } from "@isthmus/kernel";
import type { Core } from "./core.ts";
import { blank } from "./message.ts";
import { readContext } from "./read-only.ts";
import { broadcastHeartbeat } from "./replication.ts";
import { type Message, NO_NODE } from "./types.ts";

/** Takes a read request on the leader: answers it, or has leadership confirmed first, or holds it back. */
export function askRead(core: Core, request: Message): void {
  assert(core.isLeader, "only a leader says what may be read");
  // Also where it is the only voter: more may have been committed before a crash than its disk remembers (R11).
  if (!core.hasCommittedInTerm) core.earlyReads.push(request);
  else if (core.tracker.isAlone(core.id)) answer(core, request, core.log.committed);
  else confirm(core, request);
}

/** Lets go of the reads that waited for the term's first commit (R11). */
export function releaseEarlyReads(core: Core): void {
  if (core.earlyReads.length === 0 || !core.hasCommittedInTerm) return;
  const waiting = core.earlyReads;
  core.earlyReads = [];
  for (const request of waiting) askRead(core, request);
}

/** Counts a heartbeat's answer as a confirmation of the reads that it names. */
export function confirmRead(core: Core, from: number, context: Uint8Array): void {
  const acks = core.reads.acknowledge(from, context);
  // Without a vote on record a joint configuration's vote is never won, unless there is nobody to ask.
  if (acks === undefined || core.tracker.voteResult(acks) !== "VoteWon") return;
  // Only what was asked after it woke waits here: a quorum has followed this leader since.
  core.isLeaseVoid = false;
  for (const read of core.reads.advance(context)) answer(core, read.request, read.index);
}

function confirm(core: Core, request: Message): void {
  if (core.config.readOnly === "lease" && !core.isLeaseVoid) {
    answer(core, request, core.log.committed);
    return;
  }
  const context = readContext(request);
  // An index from before the term's first commit could be behind what an older leader had committed (R11).
  assert(core.hasCommittedInTerm, "a read's index is not behind an older leader's");
  core.reads.add(core.log.committed, request);
  core.reads.acknowledge(core.id, context);
  broadcastHeartbeat(core, context);
}

function answer(core: Core, request: Message, index: number): void {
  if (request.from === NO_NODE || request.from === core.id) {
    core.readStates.push({ index, context: readContext(request) });
    return;
  }
  const response = blank("MsgReadIndexResp", request.from);
  response.index = index;
  response.entries = request.entries;
  core.send(response);
}
