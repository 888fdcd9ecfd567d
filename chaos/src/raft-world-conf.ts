import { must, type Random } from "@isthmus/kernel";
import type {
  ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeV1,
  ConfChangeV2,
  ConfState,
} from "@isthmus/raft";

type Change = ConfChangeV1 | ConfChangeV2;

/** A configuration of these voters alone. Without any: that of a node that nobody has told anything. */
export function confOfVoters(voters: readonly number[]): ConfState {
  return { voters: [...voters], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
}

/**
 * What a change makes of a configuration, reckoned apart from the product's own way; null where it does not fit. In a
 * joint configuration nothing fits but to leave it.
 */
export function nextConf(conf: ConfState, change: Change): ConfState | null {
  const changes = "changes" in change ? change.changes : [change];
  if (changes.length === 0) {
    if (conf.outgoing.length === 0) return null;
    return { ...confOfVoters(conf.voters), learners: ascending([...conf.learners, ...conf.learnersNext]) };
  }
  if (conf.outgoing.length > 0) return null;
  const isAuto = !("changes" in change) || change.transition === "ConfChangeTransitionAuto";
  const isJoint = changes.length > 1 || !isAuto;
  const voters = new Set(conf.voters);
  const learners = new Set(conf.learners);
  const learnersNext = new Set<number>();
  for (const { type, nodeId } of changes) {
    for (const ids of [voters, learners, learnersNext]) ids.delete(nodeId);
    if (type === "ConfChangeAddNode") voters.add(nodeId);
    // Who votes in the old half goes on voting in it, and learns only afterwards.
    if (type === "ConfChangeAddLearnerNode")
      (isJoint && conf.voters.includes(nodeId) ? learnersNext : learners).add(nodeId);
  }
  if (voters.size === 0) return null;
  return {
    voters: ascending(voters),
    outgoing: isJoint ? conf.voters : [],
    learners: ascending(learners),
    learnersNext: ascending(learnersNext),
    autoLeave:
      isJoint && !("transition" in change && change.transition === "ConfChangeTransitionJointExplicit"),
  };
}

/** Whether those for whom `has` holds are a majority of each half. Invariant: nobody else is asked (R9, R10, R19). */
export function isQuorum({ voters, outgoing }: ConfState, has: (id: number) => boolean): boolean {
  return [voters, outgoing].every((half) => half.length === 0 || half.filter(has).length * 2 > half.length);
}

export function isMember({ voters, outgoing, learners }: ConfState, id: number): boolean {
  return [voters, outgoing, learners].some((ids) => ids.includes(id));
}

export function confText({ voters, outgoing, learners, learnersNext, autoLeave }: ConfState): string {
  return `[${voters}] from [${outgoing}], learn [${learners}], then [${learnersNext}]${autoLeave ? ", leaves" : ""}`;
}

const TRANSITIONS: readonly ConfChangeTransition[] = [
  "ConfChangeTransitionAuto",
  "ConfChangeTransitionJointImplicit",
  "ConfChangeTransitionJointExplicit",
];

/**
 * A change that a leader may ask for in this configuration, of nodes 1 to `nodes`; in a joint one that is to leave it.
 *
 * A majority of the voters stays, each time. Else whoever stays may need a vote of those who went until it hears that they
 * are out; and they, with entries behind that which nobody else has, would neither give it nor stand themselves.
 */
export function drawChange(random: Random, conf: ConfState, nodes: number): Change {
  const transition = must(TRANSITIONS[random.below(TRANSITIONS.length)], "a transition");
  if (conf.outgoing.length > 0) return { transition: "ConfChangeTransitionAuto", changes: [] };
  const ids = Array.from({ length: nodes }, (_, at) => at + 1);
  let mayGo = Math.ceil(conf.voters.length / 2) - 1;
  const changes: ConfChangeSingle[] = [];
  for (let left = 1 + random.below(3); left > 0; left--) {
    const nodeId = must(ids.splice(random.below(ids.length), 1)[0], "a node");
    const isVoter = conf.voters.includes(nodeId);
    const drawn = isVoter && mayGo === 0 ? 0 : random.below(5);
    if (isVoter && drawn >= 2) mayGo -= 1;
    if (drawn < 2) changes.push({ type: "ConfChangeAddNode", nodeId });
    else if (drawn === 2) changes.push({ type: "ConfChangeAddLearnerNode", nodeId });
    else changes.push({ type: "ConfChangeRemoveNode", nodeId });
    if (ids.length === 0) break;
  }
  const [first] = changes;
  if (changes.length === 1 && first && random.below(2) === 0) return first;
  return { transition, changes };
}

function ascending(ids: Iterable<number>): number[] {
  return [...ids].toSorted((a, b) => a - b);
}
