import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  type ConfChangeSingle,
  type ConfigurationState,
  enterJoint,
  leaveJoint,
  RaftError,
  simple,
} from "@isthmus/raft";
import fc from "fast-check";

const EMPTY: ConfigurationState = {
  voters: [],
  outgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
  progress: new Map(),
};

const single: fc.Arbitrary<ConfChangeSingle> = fc.record({
  type: fc.constantFrom(
    "ConfChangeAddNode",
    "ConfChangeAddLearnerNode",
    "ConfChangeRemoveNode",
    "ConfChangeUpdateNode",
  ),
  nodeId: fc.integer({ min: 0, max: 6 }),
});
const changes = fc.array(single, { maxLength: 4 });

function add(...nodes: number[]): ConfChangeSingle[] {
  return nodes.map((nodeId) => ({ type: "ConfChangeAddNode", nodeId }));
}

function starting(...nodes: number[]): ConfigurationState {
  return nodes.reduce((state, id) => simple(state, add(id), 10), EMPTY);
}

/** The twin knows only who is in the end a voter, a learner, or nobody. */
function rolesAfter(state: ConfigurationState, all: ConfChangeSingle[]): Map<number, string> {
  const roles = new Map<number, string>();
  for (const id of state.voters) roles.set(id, "voter");
  for (const id of state.learners) roles.set(id, "learner");
  for (const { type, nodeId } of all) {
    if (nodeId === 0) continue;
    if (type === "ConfChangeAddNode") roles.set(nodeId, "voter");
    if (type === "ConfChangeAddLearnerNode") roles.set(nodeId, "learner");
    if (type === "ConfChangeRemoveNode") roles.delete(nodeId);
  }
  return roles;
}

function withRole(roles: Map<number, string>, role: string): number[] {
  return [...roles.keys()].filter((id) => roles.get(id) === role).sort((a, b) => a - b);
}

test("entering and leaving a joint configuration ends in the roles that the changes name", () => {
  fc.assert(
    fc.property(changes, changes, fc.boolean(), (first, second, autoLeave) => {
      let state = starting(1, 2, 3);
      for (const batch of [first, second]) {
        const roles = rolesAfter(state, batch);
        if (withRole(roles, "voter").length === 0) {
          throws(() => enterJoint(state, autoLeave, batch, 10), { code: "ErrRemovedAllVoters" });
          return;
        }
        const joint = enterJoint(state, autoLeave, batch, 10);
        deepEqual(joint.outgoing, state.voters);
        equal(joint.autoLeave, autoLeave);
        for (const id of joint.outgoing) equal(joint.progress.get(id)?.isLearner, false, "it still votes");
        state = leaveJoint(joint);
        deepEqual([state.voters, state.learners], [withRole(roles, "voter"), withRole(roles, "learner")]);
        deepEqual(
          [...state.progress.keys()],
          [...roles.keys()].sort((a, b) => a - b),
        );
        for (const [id, { isLearner }] of state.progress) equal(isLearner, roles.get(id) === "learner");
      }
    }),
  );
});

test("a simple change does what the joint way does, or is refused for moving more than one voter", () => {
  fc.assert(
    fc.property(changes, (batch) => {
      const state = starting(1, 2, 3);
      const roles = rolesAfter(state, batch);
      const voters = withRole(roles, "voter");
      const moved =
        state.voters.filter((id) => !voters.includes(id)).length +
        voters.filter((id) => !state.voters.includes(id)).length;
      try {
        const next = simple(state, batch, 10);
        ok(moved <= 1);
        deepEqual([next.voters, next.learners], [voters, withRole(roles, "learner")]);
      } catch (error) {
        ok(error instanceof RaftError);
        equal(error.code, voters.length === 0 ? "ErrRemovedAllVoters" : "ErrManyVoters");
      }
    }),
  );
});

test("a change leaves the state it was worked out from as it was", () => {
  const state = starting(1, 2, 3);
  const before = structuredClone(state);
  simple(state, [{ type: "ConfChangeAddLearnerNode", nodeId: 1 }], 10);
  enterJoint(state, true, [{ type: "ConfChangeAddLearnerNode", nodeId: 1 }, ...add(4)], 10);
  deepEqual(state, before);
});

test("who is removed and added again in one change is a new member", () => {
  const state = starting(1, 2);
  const known = state.progress.get(2);
  ok(known !== undefined);
  known.match = 7;
  const joint = enterJoint(state, false, [{ type: "ConfChangeRemoveNode", nodeId: 2 }, ...add(2)], 20);
  equal(joint.progress.get(2)?.match, 7, "in the outgoing half it never went");
  const learner = simple(state, [{ type: "ConfChangeAddLearnerNode", nodeId: 2 }], 20);
  equal(learner.progress.get(2)?.match, 7, "another role is the same member");
  const again = simple(
    learner,
    [
      { type: "ConfChangeRemoveNode", nodeId: 2 },
      { type: "ConfChangeAddLearnerNode", nodeId: 2 },
    ],
    20,
  );
  deepEqual([again.progress.get(2)?.match, again.progress.get(2)?.next], [0, 20]);
});

test("each refusal has its name", () => {
  const state = starting(1, 2, 3);
  const joint = enterJoint(state, false, add(4), 10);
  throws(() => enterJoint(joint, false, add(5), 10), { code: "ErrAlreadyJoint" });
  throws(() => enterJoint(EMPTY, false, add(5), 10), { code: "ErrZeroVoters" });
  throws(() => leaveJoint(state), { code: "ErrNotJoint" });
  throws(() => simple(joint, add(5), 10), { code: "ErrInJoint" });
  throws(() => simple(state, add(4, 5), 10), { code: "ErrManyVoters" });
  throws(() => simple(starting(1), [{ type: "ConfChangeRemoveNode", nodeId: 1 }], 10), {
    code: "ErrRemovedAllVoters",
  });
});
