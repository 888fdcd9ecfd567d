import { assert, must } from "@isthmus/kernel";
import { RaftError } from "./errors.ts";
import type { ConfChangeSingle, ConfState, Progress } from "./types.ts";

/** A configuration together with what is known of its members. */
export interface ConfigurationState extends ConfState {
  progress: Map<number, Progress>;
}

/**
 * A change being worked out. Only membership is followed here; who holds progress objects brings them along with
 * `carryProgress`, so that one set of rules serves the pure functions and the running node.
 */
export interface Draft {
  voters: Set<number>;
  outgoing: Set<number>;
  learners: Set<number>;
  learnersNext: Set<number>;
  autoLeave: boolean;
  members: Map<number, Member>;
}

interface Member {
  isLearner: boolean;
  /** Came with this change: whatever was known of an earlier member of that id is not known of this one. */
  fresh: boolean;
}

/** Changes that move at most one voter, outside a joint configuration. Throws RaftError; gives a new state. */
export function simple(
  state: ConfigurationState,
  changes: ConfChangeSingle[],
  lastIndex: number,
): ConfigurationState {
  const draft = draftOf(state, state.progress);
  draftSimple(draft, changes);
  return stateOf(draft, state.progress, lastIndex);
}

/** Makes the present voters the outgoing half and applies the changes to the incoming one. */
export function enterJoint(
  state: ConfigurationState,
  autoLeave: boolean,
  changes: ConfChangeSingle[],
  lastIndex: number,
): ConfigurationState {
  const draft = draftOf(state, state.progress);
  draftEnterJoint(draft, autoLeave, changes);
  return stateOf(draft, state.progress, lastIndex);
}

/** Drops the outgoing half; its voters that were to become learners become so now. */
export function leaveJoint(state: ConfigurationState): ConfigurationState {
  const draft = draftOf(state, state.progress);
  draftLeaveJoint(draft);
  return stateOf(draft, state.progress, 0);
}

/** A copy to work on, so that a refused change leaves no trace. */
export function draftOf(conf: ConfState, known: ReadonlyMap<number, { isLearner: boolean }>): Draft {
  const members = new Map<number, Member>();
  for (const [id, { isLearner }] of known) members.set(id, { isLearner, fresh: false });
  const draft: Draft = {
    voters: new Set(conf.voters),
    outgoing: new Set(conf.outgoing),
    learners: new Set(conf.learners),
    learnersNext: new Set(conf.learnersNext),
    autoLeave: conf.autoLeave,
    members,
  };
  checkDraft(draft);
  return draft;
}

/** Two majorities of sets that differ by one voter meet: no joint configuration is needed. */
export function draftSimple(draft: Draft, changes: ConfChangeSingle[]): void {
  if (draft.outgoing.size > 0)
    throw new RaftError("ErrInJoint", "a simple change is refused while the configuration is joint");
  const before = new Set(draft.voters);
  applyChanges(draft, changes);
  if (countDifferent(before, draft.voters) > 1)
    throw new RaftError("ErrManyVoters", "more than one voter changes outside a joint configuration");
  checkDraft(draft);
}

/** From here on both halves decide, so that the old voters and the new ones never decide apart. */
export function draftEnterJoint(draft: Draft, autoLeave: boolean, changes: ConfChangeSingle[]): void {
  if (draft.outgoing.size > 0) throw new RaftError("ErrAlreadyJoint", "the configuration is joint already");
  if (draft.voters.size === 0)
    throw new RaftError("ErrZeroVoters", "a configuration without voters cannot become joint");
  draft.outgoing = new Set(draft.voters);
  applyChanges(draft, changes);
  draft.autoLeave = autoLeave;
  checkDraft(draft);
}

/** Safe once the joint configuration is committed: whoever decides by it, a majority of the new half takes part. */
export function draftLeaveJoint(draft: Draft): void {
  if (draft.outgoing.size === 0) throw new RaftError("ErrNotJoint", "the configuration is not joint");
  for (const id of draft.learnersNext) {
    draft.learners.add(id);
    must(draft.members.get(id), "whoever becomes a learner is a member").isLearner = true;
  }
  draft.learnersNext.clear();
  for (const id of draft.outgoing) {
    if (!draft.voters.has(id) && !draft.learners.has(id)) draft.members.delete(id);
  }
  draft.outgoing.clear();
  draft.autoLeave = false;
  checkDraft(draft);
}

/** The configuration that a snapshot or the storage brings. Asserts that it is sound: it was agreed on once. */
export function draftRestored(conf: ConfState): Draft {
  const draft: Draft = {
    voters: new Set(conf.voters),
    outgoing: new Set(conf.outgoing),
    learners: new Set(conf.learners),
    learnersNext: new Set(conf.learnersNext),
    autoLeave: conf.autoLeave,
    members: new Map(),
  };
  for (const id of [...conf.voters, ...conf.outgoing])
    draft.members.set(id, { isLearner: false, fresh: true });
  for (const id of conf.learners) {
    assert(!draft.members.has(id), "a learner of a stored configuration does not vote in it");
    draft.members.set(id, { isLearner: true, fresh: true });
  }
  assert(draft.voters.size > 0 || draft.members.size === 0, "a stored configuration with members has voters");
  checkDraft(draft);
  return draft;
}

/** The lists that a status and a snapshot show. */
export function confOf(draft: Draft): ConfState {
  return {
    voters: ascending(draft.voters),
    outgoing: ascending(draft.outgoing),
    learners: ascending(draft.learners),
    learnersNext: ascending(draft.learnersNext),
    autoLeave: draft.autoLeave,
  };
}

/** Each member's progress after the change, in ascending id: kept, kept in another role, or begun. */
export function carryProgress<P extends { isLearner: boolean }>(
  draft: Draft,
  known: ReadonlyMap<number, P>,
  begin: (isLearner: boolean) => P,
  inRole: (progress: P, isLearner: boolean) => P,
): Map<number, P> {
  const carried = new Map<number, P>();
  for (const id of ascending(draft.members.keys())) {
    const member = must(draft.members.get(id), "a listed member is there");
    const before = member.fresh ? undefined : known.get(id);
    if (before === undefined) carried.set(id, begin(member.isLearner));
    else carried.set(id, before.isLearner === member.isLearner ? before : inRole(before, member.isLearner));
  }
  return carried;
}

/** Where replication to a new member begins. It is probed, and taken as active until it is found silent. */
export function firstNext(lastIndex: number): number {
  return Math.max(lastIndex, 1);
}

function stateOf(draft: Draft, known: ReadonlyMap<number, Progress>, lastIndex: number): ConfigurationState {
  const begin = (isLearner: boolean): Progress => ({
    match: 0,
    next: firstNext(lastIndex),
    state: "StateProbe",
    isLearner,
    paused: false,
    pendingSnapshot: 0,
    recentActive: true,
    inflight: 0,
    inflightFull: false,
  });
  const inRole = (progress: Progress, isLearner: boolean): Progress => ({ ...progress, isLearner });
  return { ...confOf(draft), progress: carryProgress(draft, known, begin, inRole) };
}

function applyChanges(draft: Draft, changes: ConfChangeSingle[]): void {
  for (const { type, nodeId } of changes) {
    // A change for nobody is how an application takes back a change that it refused after it was committed.
    if (nodeId === 0) continue;
    switch (type) {
      case "ConfChangeAddNode":
        makeVoter(draft, nodeId);
        break;
      case "ConfChangeAddLearnerNode":
        makeLearner(draft, nodeId);
        break;
      case "ConfChangeRemoveNode":
        remove(draft, nodeId);
        break;
      case "ConfChangeUpdateNode":
        break;
    }
  }
  if (draft.voters.size === 0) throw new RaftError("ErrRemovedAllVoters", "the change removes all voters");
}

/** Known already or new; who was a learner keeps what it has. */
function makeVoter(draft: Draft, id: number): void {
  assert(Number.isSafeInteger(id) && id > 0, "a node's id is a positive safe integer");
  const member = draft.members.get(id);
  if (member === undefined) draft.members.set(id, { isLearner: false, fresh: true });
  else member.isLearner = false;
  draft.learners.delete(id);
  draft.learnersNext.delete(id);
  draft.voters.add(id);
}

/**
 * Invariant: nobody is learner and voter at once. Who still votes in the outgoing half is noted as a learner to be and
 * becomes one when the joint configuration is left.
 */
function makeLearner(draft: Draft, id: number): void {
  assert(Number.isSafeInteger(id) && id > 0, "a node's id is a positive safe integer");
  const member = draft.members.get(id);
  if (member === undefined) {
    draft.members.set(id, { isLearner: true, fresh: true });
    draft.learners.add(id);
    return;
  }
  if (member.isLearner) return;
  remove(draft, id);
  draft.members.set(id, member);
  if (draft.outgoing.has(id)) {
    draft.learnersNext.add(id);
  } else {
    member.isLearner = true;
    draft.learners.add(id);
  }
}

/** Who votes in the outgoing half stays a member until that half is gone: its votes still count. */
function remove(draft: Draft, id: number): void {
  if (!draft.members.has(id)) return;
  draft.voters.delete(id);
  draft.learners.delete(id);
  draft.learnersNext.delete(id);
  if (!draft.outgoing.has(id)) draft.members.delete(id);
}

/** Invariant: what holds of every configuration, before and after a change (SPEC 14). */
function checkDraft(draft: Draft): void {
  for (const ids of [draft.voters, draft.outgoing, draft.learners, draft.learnersNext]) {
    for (const id of ids) assert(draft.members.has(id), "everyone named in a configuration has progress");
  }
  for (const id of draft.learnersNext) {
    assert(draft.outgoing.has(id), "a learner to be votes in the outgoing half");
    assert(draft.members.get(id)?.isLearner === false, "a learner to be is not yet a learner");
  }
  for (const id of draft.learners) {
    assert(!draft.outgoing.has(id) && !draft.voters.has(id), "a learner votes in neither half");
    assert(draft.members.get(id)?.isLearner === true, "a learner is marked as one");
  }
  if (draft.outgoing.size > 0) return;
  assert(
    draft.learnersNext.size === 0 && !draft.autoLeave,
    "what belongs to a joint configuration ends with it",
  );
}

function countDifferent(before: Set<number>, after: Set<number>): number {
  let different = 0;
  for (const id of before) if (!after.has(id)) different += 1;
  for (const id of after) if (!before.has(id)) different += 1;
  return different;
}

function ascending(ids: Iterable<number>): number[] {
  return [...ids].sort((a, b) => a - b);
}
