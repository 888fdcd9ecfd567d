import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@isthmus/kernel";
import {
  type ConfChangeV2,
  type ConfState,
  enterJoint,
  leaveJoint,
  type Progress,
  simple,
} from "@isthmus/raft";
import { isNamedIn, type LedGroup, nextMembershipStep, type WantedMembers } from "@isthmus/replica";

const COMMIT = 10_000;

function conf(voters: number[], learners: number[] = [], outgoing: number[] = []): ConfState {
  return { voters, outgoing, learners, learnersNext: [], autoLeave: outgoing.length > 0 };
}

function progress(match: number, isLearner = false): Progress {
  return {
    match,
    next: match + 1,
    state: "StateReplicate",
    isLearner,
    paused: false,
    pendingSnapshot: 0,
    recentActive: true,
    inflight: 0,
    inflightFull: false,
  };
}

function led(self: number, members: ConfState, behind: readonly number[] = []): LedGroup {
  const all = [...new Set([...members.voters, ...members.outgoing, ...members.learners])];
  const known = all.map(
    (id) => [id, progress(behind.includes(id) ? 0 : COMMIT - id, members.learners.includes(id))] as const,
  );
  return { self, conf: members, commit: COMMIT, hasAppliedAll: true, progress: new Map(known) };
}

function wanted(voters: number[], options: { learners?: number[]; avoid?: number[]; down?: number[] } = {}) {
  const { learners = [], avoid = [], down = [] } = options;
  return {
    voters,
    learners,
    avoid: new Set(avoid),
    isUp: (number: number) => !down.includes(number),
  } satisfies WantedMembers;
}

const changes = (...list: [type: string, nodeId: number][]) => ({
  kind: "change",
  change: {
    transition: "ConfChangeTransitionAuto",
    changes: list.map(([type, nodeId]) => ({ type, nodeId })),
  },
});
const NOTHING = { kind: "nothing" };

test("where all is as wanted nothing is done", () => {
  assert.deepEqual(nextMembershipStep(led(1, conf([1, 2, 3])), wanted([1, 2, 3])), NOTHING);
});

test("a new node learns first, one after the other, and votes when it has caught up", () => {
  const group = conf([1, 2, 3]);
  assert.deepEqual(
    nextMembershipStep(led(1, group), wanted([1, 2, 3, 4, 5])),
    changes(["ConfChangeAddLearnerNode", 4]),
  );
  const learning = conf([1, 2, 3], [4]);
  assert.deepEqual(nextMembershipStep(led(1, learning, [4]), wanted([1, 2, 3, 4])), NOTHING);
  assert.deepEqual(
    nextMembershipStep(led(1, learning), wanted([1, 2, 3, 4])),
    changes(["ConfChangeAddNode", 4]),
  );
});

test("a learner that is not connected is not promoted, however far it once was", () => {
  const learning = conf([1, 2, 3], [4]);
  assert.deepEqual(nextMembershipStep(led(1, learning), wanted([1, 2, 3, 4], { down: [4] })), NOTHING);
});

test("several leave, and come, in one joint step", () => {
  const group = conf([1, 2, 3, 4, 5], [6]);
  assert.deepEqual(
    nextMembershipStep(led(1, group), wanted([1, 2, 6])),
    changes(
      ["ConfChangeAddNode", 6],
      ["ConfChangeRemoveNode", 3],
      ["ConfChangeRemoveNode", 4],
      ["ConfChangeRemoveNode", 5],
    ),
  );
});

test("who leaves waits for who is on its way in, but not for one that is not there", () => {
  const group = conf([1, 2, 3], [4]);
  assert.deepEqual(nextMembershipStep(led(1, group, [4]), wanted([1, 2, 4])), NOTHING);
  assert.deepEqual(
    nextMembershipStep(led(1, group, [4]), wanted([1, 2, 4], { down: [4] })),
    changes(["ConfChangeRemoveNode", 3]),
  );
});

test("nobody is removed if those that stay could not commit the next change", () => {
  const down = [3];
  assert.deepEqual(nextMembershipStep(led(1, conf([1, 2, 3])), wanted([1, 3], { down })), NOTHING);
  assert.deepEqual(
    nextMembershipStep(led(1, conf([1, 2, 3])), wanted([1, 2], { down })),
    changes(["ConfChangeRemoveNode", 3]),
  );
});

test("while the configuration is joint nothing is asked for but to leave it", () => {
  const joint = conf([1, 2, 4], [], [1, 2, 3]);
  const underWay = { ...led(1, joint), hasAppliedAll: false };
  assert.deepEqual(nextMembershipStep(underWay, wanted([1, 2])), NOTHING, "Raft leaves it by itself");
  assert.deepEqual(nextMembershipStep(led(1, joint), wanted([1, 2])), changes(), "it was not asked to");
  assert.deepEqual(nextMembershipStep(led(1, { ...joint, autoLeave: false }), wanted([1, 2])), changes());
});

test("a leader that is to leave hands over first, to the furthest that stays", () => {
  assert.deepEqual(nextMembershipStep(led(1, conf([1, 2, 3])), wanted([2, 3])), { kind: "transfer", to: 2 });
  assert.deepEqual(nextMembershipStep(led(1, conf([1, 2, 3])), wanted([2, 3], { down: [2] })), {
    kind: "transfer",
    to: 3,
  });
});

test("the only node is replaced: the new one votes, takes over, and removes the old", () => {
  const both = conf([1], [2]);
  assert.deepEqual(nextMembershipStep(led(1, both), wanted([2])), changes(["ConfChangeAddNode", 2]));
  assert.deepEqual(nextMembershipStep(led(1, conf([1, 2])), wanted([2])), { kind: "transfer", to: 2 });
  assert.deepEqual(
    nextMembershipStep(led(2, conf([1, 2])), wanted([2])),
    changes(["ConfChangeRemoveNode", 1]),
  );
});

test("a draining leader hands over, never to one that drains, too; if all drain it stays", () => {
  const group = conf([1, 2, 3]);
  assert.deepEqual(nextMembershipStep(led(1, group), wanted([1, 2, 3], { avoid: [1, 2] })), {
    kind: "transfer",
    to: 3,
  });
  assert.deepEqual(nextMembershipStep(led(1, group), wanted([1, 2, 3], { avoid: [1, 2, 3] })), NOTHING);
});

test("a voter that should only learn is demoted", () => {
  assert.deepEqual(
    nextMembershipStep(led(1, conf([1, 2, 3, 4])), wanted([1, 2, 3], { learners: [4] })),
    changes(["ConfChangeAddLearnerNode", 4]),
  );
});

test("from any members to any others the steps come to an end, and a majority is up in each configuration", () => {
  const random = seededRandom("membership");
  const draw = (): number[] => [1, 2, 3, 4, 5, 6, 7].filter(() => random.below(2) === 0);
  for (let run = 0; run < 2_000; run++) {
    const from = draw();
    const to = draw();
    if (from.length === 0 || to.length === 0) continue;
    const learners = draw().filter((id) => !to.includes(id));
    const down = [1, 2, 3, 4, 5, 6, 7].filter(() => random.below(8) === 0);
    const target = wanted(to, { learners, down });
    let now = conf(from);
    const live = (ids: number[]) => 2 * ids.filter(target.isUp).length > ids.length;
    if (!live(from) || !live(to)) continue;
    let self = from.find(target.isUp) as number;
    let done = false;
    for (let turn = 0; turn < 60 && !done; turn++) {
      const step = nextMembershipStep(led(self, now), target);
      if (step.kind === "transfer") {
        assert.ok(target.isUp(step.to) && now.voters.includes(step.to));
        self = step.to;
      } else if (step.kind === "change") {
        now = changed(now, step.change);
        assert.ok(live(now.voters), `${now.voters} of which ${down} are down`);
        assert.ok(isNamedIn(now, self), "a leader does not remove itself");
      } else done = true;
    }
    assert.ok(done, "the steps come to an end");
    const reached = to.filter(target.isUp);
    for (const id of reached) assert.ok(now.voters.includes(id), `${id} votes`);
    for (const id of [...now.voters, ...now.learners])
      assert.ok(to.includes(id) || learners.includes(id), `${id} is wanted`);
  }
});

/** What Raft makes of a change, the joint configuration left at once. */
function changed(now: ConfState, { changes: list }: ConfChangeV2): ConfState {
  const state = { ...now, progress: led(0, now).progress as Map<number, Progress> };
  if (list.length <= 1) return bare(simple(state, list, COMMIT));
  return bare(leaveJoint(enterJoint(state, true, list, COMMIT)));
}

function bare({ voters, outgoing, learners, learnersNext, autoLeave }: ConfState): ConfState {
  return { voters, outgoing, learners, learnersNext, autoLeave };
}
