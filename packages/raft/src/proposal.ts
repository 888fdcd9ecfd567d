import { assert } from "@isthmus/kernel";
import { asV2, decodeConfChange, isConfChange } from "./conf-change.ts";
import type { Core } from "./core.ts";
import { payloadBytes } from "./entry.ts";
import { appendOwn, broadcastAppend } from "./replication.ts";
import { traceChangeProposed } from "./trace.ts";
import { type ConfChangeV2, type Entry, NO_NODE } from "./types.ts";

/** What became of a step: `dropped` is a proposal that nobody will carry out. */
export type Outcome = "taken" | "dropped";

/**
 * Appends and sends out what a leader is asked to. A configuration change that is refused becomes an empty entry: it
 * keeps its place, so that whoever proposed it learns of it.
 */
export function proposeAsLeader(core: Core, entries: Entry[]): Outcome {
  assert(core.isLeader, "only a leader appends proposals");
  assert(entries.length > 0, "a proposal holds something");
  // A leader that was removed, or hands over, would append what it may not be able to commit.
  if (core.tracker.peer(core.id) === undefined) return "dropped";
  if (core.leadTransferee !== NO_NODE) return "dropped";
  if (isTooMuch(core, entries)) return "dropped";
  const first = core.log.lastIndex + 1;
  const hasChange = entries.some((entry) => isConfChange(entry.type));
  const admit = (entry: Entry, at: number): Entry =>
    isConfChange(entry.type) ? admitted(core, entry, first + at) : entry;
  appendOwn(core, hasChange ? entries.map(admit) : entries);
  broadcastAppend(core);
  return "taken";
}

/** Leaves a joint configuration that is to leave by itself, once the change that entered it is applied. */
export function maybeAutoLeave(core: Core): void {
  if (!core.isLeader || !core.tracker.conf.autoLeave || core.log.applied < core.pendingConfIndex) return;
  // Dropped during a transfer, and asked again with the next entry applied, here or on the next leader.
  const outcome = proposeAsLeader(core, [{ term: 0, index: 0, type: "EntryConfChangeV2" }]);
  core.config.logger?.info(`${core.id} proposes to leave the joint configuration: ${outcome}`);
}

/** Whether the log would hold more data than allowed that is not applied; one proposal of any size is, and empty ones. */
function isTooMuch(core: Core, entries: Entry[]): boolean {
  const limit = core.config.maxUncommittedEntriesSize;
  if (limit === Number.POSITIVE_INFINITY || core.uncommittedBytes === 0) return false;
  const bytes = payloadBytes(entries);
  return bytes > 0 && core.uncommittedBytes + bytes > limit;
}

function admitted(core: Core, entry: Entry, index: number): Entry {
  const change = asV2(decodeConfChange(entry));
  const fault = faultOf(core, change);
  if (fault !== undefined && !core.config.disableConfChangeValidation) {
    core.config.logger?.info(`${core.id} refuses a configuration change: ${fault}`);
    return { term: 0, index: 0, type: "EntryNormal" };
  }
  core.pendingConfIndex = index;
  traceChangeProposed(core, change);
  return entry;
}

/** Invariant: at most one change that is not applied yet (R8), and none that the configuration cannot take. */
function faultOf(core: Core, change: ConfChangeV2): string | undefined {
  const leaves = change.changes.length === 0;
  if (core.pendingConfIndex > core.log.applied) return "another one may not be applied yet";
  assert(core.log.applied <= core.log.committed, "what is applied was committed");
  if (core.tracker.isJoint && !leaves) return "the joint configuration is to be left first";
  if (!core.tracker.isJoint && leaves) return "there is no joint configuration to leave";
  return undefined;
}
