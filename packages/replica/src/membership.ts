import { assert } from "@isthmus/kernel";
import type { ConfChangeSingle, ConfChangeV2, ConfState, Progress } from "@isthmus/raft";

/** Who should belong to a group, as the control group has agreed, and what is seen of them from here. */
export interface WantedMembers {
  readonly voters: readonly number[];
  readonly learners: readonly number[];
  /** Who should not lead: draining nodes. */
  readonly avoid: ReadonlySet<number>;
  /** Whether a node is connected to this one; its own number counts as up. */
  isUp(number: number): boolean;
}

/** A group as its leader sees it. */
export interface LedGroup {
  readonly self: number;
  readonly conf: ConfState;
  readonly commit: number;
  /** Whether all of its log is applied: then no change of members is on its way. */
  readonly hasAppliedAll: boolean;
  readonly progress: ReadonlyMap<number, Progress>;
}

/** What a leader should do next to bring its group to the wanted members. One step at a time. */
export type MembershipStep =
  | { readonly kind: "nothing" }
  | { readonly kind: "change"; readonly change: ConfChangeV2 }
  | { readonly kind: "transfer"; readonly to: number };

/** A learner that lacks no more entries than this is caught up: what is on its way to it under load. */
const CAUGHT_UP_WITHIN = 200;

const NOTHING: MembershipStep = { kind: "nothing" };

/**
 * The next step from the configuration in force towards the wanted one. Pure.
 *
 * New members learn first and vote when they have caught up; who leaves waits for those that are on their way in, and
 * goes only if a majority of the voters that stay is connected; a leader that is to leave, or to drain, hands over first.
 *
 * Invariant: no step but leaving is asked for while one is under way (the configuration is joint), so that there is never
 * more than one; Raft refuses a second one besides (R8).
 */
export function nextMembershipStep(group: LedGroup, wanted: WantedMembers): MembershipStep {
  const { conf, self } = group;
  assert(
    wanted.voters.every((number) => !wanted.learners.includes(number)),
    "nobody is wanted as voter and as learner",
  );
  // Raft leaves a joint configuration when it applies an entry, unless it hands over just then: after that the next entry
  // may be long in coming.
  if (conf.outgoing.length > 0) return conf.autoLeave && !group.hasAppliedAll ? NOTHING : changeTo([]);
  if (wanted.voters.length === 0) return NOTHING;

  const missing = [...wanted.voters, ...wanted.learners].find((number) => !isMember(conf, number));
  if (missing !== undefined) return changeTo([{ type: "ConfChangeAddLearnerNode", nodeId: missing }]);

  const coming = wanted.voters.filter((number) => conf.learners.includes(number) && wanted.isUp(number));
  const ready = coming.filter((number) => hasCaughtUp(group, number));
  const promotions = ready.map((nodeId) => ({ type: "ConfChangeAddNode", nodeId }) as const);
  const all = [...promotions, ...(ready.length === coming.length ? departures(conf, wanted) : [])];
  const voters = votersAfter(conf, all);
  if (all.length > promotions.length && voters.includes(self) && hasLiveMajority(voters, wanted))
    return changeTo(all);
  if (promotions.length > 0 && hasLiveMajority(votersAfter(conf, promotions), wanted))
    return changeTo(promotions);
  if (!voters.includes(self) || wanted.avoid.has(self)) return handOver(group, wanted, voters);
  return NOTHING;
}

/** Who is wanted as less than it is now. */
function departures(conf: ConfState, wanted: WantedMembers): ConfChangeSingle[] {
  const changes: ConfChangeSingle[] = [];
  for (const nodeId of [...conf.voters, ...conf.learners]) {
    if (wanted.voters.includes(nodeId)) continue;
    if (!wanted.learners.includes(nodeId)) changes.push({ type: "ConfChangeRemoveNode", nodeId });
    else if (conf.voters.includes(nodeId)) changes.push({ type: "ConfChangeAddLearnerNode", nodeId });
  }
  return changes;
}

function votersAfter(conf: ConfState, changes: readonly ConfChangeSingle[]): number[] {
  const voters = new Set(conf.voters);
  for (const { type, nodeId } of changes)
    if (type === "ConfChangeAddNode") voters.add(nodeId);
    else voters.delete(nodeId);
  return [...voters];
}

/** Invariant: a change is only made towards voters that can commit the next one. */
function hasLiveMajority(voters: readonly number[], wanted: WantedMembers): boolean {
  return 2 * voters.filter((number) => wanted.isUp(number)).length > voters.length;
}

function hasCaughtUp({ progress, commit }: LedGroup, number: number): boolean {
  const known = progress.get(number);
  if (known === undefined || known.state !== "StateReplicate") return false;
  return known.match + CAUGHT_UP_WITHIN >= commit && known.match > 0;
}

/** To the voter that stays, is connected and lacks least; of equals the one of the smallest number. */
function handOver(group: LedGroup, wanted: WantedMembers, voters: readonly number[]): MembershipStep {
  let best: { to: number; match: number } | null = null;
  for (const to of [...voters].sort((a, b) => a - b)) {
    const match = group.progress.get(to)?.match ?? 0;
    const fit = to !== group.self && group.conf.voters.includes(to) && !wanted.avoid.has(to);
    if (fit && wanted.isUp(to) && match > (best?.match ?? 0)) best = { to, match };
  }
  return best === null ? NOTHING : { kind: "transfer", to: best.to };
}

function isMember(conf: ConfState, number: number): boolean {
  return conf.voters.includes(number) || conf.learners.includes(number);
}

function changeTo(changes: ConfChangeSingle[]): MembershipStep {
  return { kind: "change", change: { transition: "ConfChangeTransitionAuto", changes } };
}

/** Whether a node belongs to a configuration in any way, also only to the half that is being left. */
export function isNamedIn(conf: ConfState, number: number): boolean {
  return isMember(conf, number) || conf.outgoing.includes(number) || conf.learnersNext.includes(number);
}
