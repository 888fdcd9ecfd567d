import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import {
  type ConfChangeSingle,
  type ConfChangeTransition,
  type ConfChangeV1,
  type ConfChangeV2,
  type ConfState,
  encodeConfChange,
} from "@isthmus/raft";
import { Cluster, entry } from "./cluster.ts";
import { conf, Lone } from "./lone.ts";

/** Words as the stories have them: +2 a voter, ~3 a learner, -4 away, =5 an update. */
function changes(words: string): ConfChangeSingle[] {
  const types = {
    "+": "ConfChangeAddNode",
    "~": "ConfChangeAddLearnerNode",
    "-": "ConfChangeRemoveNode",
    "=": "ConfChangeUpdateNode",
  } as const;
  return words
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => ({ type: types[word[0] as keyof typeof types], nodeId: Number(word.slice(1)) }));
}

function v2(words: string, transition: ConfChangeTransition = "ConfChangeTransitionAuto"): ConfChangeV2 {
  return { transition, changes: changes(words) };
}

function v1(word: string): ConfChangeV1 {
  const [single] = changes(word);
  if (single === undefined) throw new Error("a V1 change is one change");
  return single;
}

const implicit = "ConfChangeTransitionJointImplicit";
const explicit = "ConfChangeTransitionJointExplicit";

test("what a change makes of the configuration, at once and after it was left where it leaves by itself", () => {
  const rows: { change: ConfChangeV1 | ConfChangeV2; now: ConfState; left?: ConfState }[] = [
    { change: v1("+2"), now: conf([1, 2]) },
    { change: v2("+2"), now: conf([1, 2]) },
    { change: v1("~2"), now: conf([1], { learners: [2] }) },
    { change: v2("~2"), now: conf([1], { learners: [2] }) },
    { change: v1("=2"), now: conf([1]) },
    { change: v2("=2"), now: conf([1]) },
    {
      change: v2("+2", implicit),
      now: conf([1, 2], { outgoing: [1], autoLeave: true }),
      left: conf([1, 2]),
    },
    { change: v2("+2", explicit), now: conf([1, 2], { outgoing: [1] }) },
    { change: v2("~2", explicit), now: conf([1], { outgoing: [1], learners: [2] }) },
    {
      change: v2("+2 ~1 +3"),
      now: conf([2, 3], { outgoing: [1], learnersNext: [1], autoLeave: true }),
      left: conf([2, 3], { learners: [1] }),
    },
    {
      change: v2("~2 ~3"),
      now: conf([1], { outgoing: [1], learners: [2, 3], autoLeave: true }),
      left: conf([1], { learners: [2, 3] }),
    },
    {
      change: v2("+2 +3 +0", implicit),
      now: conf([1, 2, 3], { outgoing: [1], autoLeave: true }),
      left: conf([1, 2, 3]),
    },
  ];
  for (const { change, now, left } of rows) {
    const name = JSON.stringify(change);
    const lone = new Lone({ voters: [1] });
    lone.lead([]);
    lone.node.proposeConfChange(change);
    lone.ready();
    deepEqual(lone.node.status().config, conf([1]), "not before it is applied");
    const seen: ConfState[] = [];
    const apply = lone.node.applyConfChange.bind(lone.node);
    lone.node.applyConfChange = (applied) => {
      const config = apply(applied);
      seen.push(config);
      return config;
    };
    lone.work();
    // The other voters of a joint configuration have what this one sends them.
    for (const id of [2, 3])
      if (lone.node.status().progress.has(id)) lone.acknowledge(id, lone.terms().length);
    lone.work();
    deepEqual(seen[0], now, name);
    deepEqual(seen[1], left, name);
    deepEqual(lone.node.status().config, left ?? now, name);
  }
});

test("which changes a leader takes, and which it turns into empty entries", () => {
  const rows: { before: string; joint: boolean; change: ConfChangeV1 | ConfChangeV2; taken: boolean }[] = [
    { before: "applied", joint: false, change: v1("+4"), taken: true },
    { before: "applied", joint: false, change: v2("+4 ~5"), taken: true },
    { before: "applied", joint: false, change: v2(""), taken: false },
    { before: "pending", joint: false, change: v1("+4"), taken: false },
    { before: "pending", joint: false, change: v2(""), taken: false },
    { before: "applied", joint: true, change: v1("+4"), taken: false },
    { before: "applied", joint: true, change: v2("+4", implicit), taken: false },
    { before: "applied", joint: true, change: v2("", explicit), taken: true },
    { before: "applied", joint: true, change: v2(""), taken: true },
  ];
  for (const [at, { before, joint, change, taken }] of rows.entries()) {
    for (const disableConfChangeValidation of [false, true]) {
      const lone = new Lone({ voters: [1], disableConfChangeValidation });
      lone.lead([]);
      if (joint) lone.node.proposeConfChange(v2("~8", explicit));
      lone.work();
      if (before === "pending") lone.node.proposeConfChange(v1("~9"));
      lone.node.proposeConfChange(change);
      const { entries } = lone.node.ready();
      const last = entries.at(-1);
      const expected = taken || disableConfChangeValidation ? encodeConfChange(change).type : "EntryNormal";
      equal(last?.type, expected, `row ${at}`);
      if (expected === "EntryNormal") equal(last?.data, undefined);
    }
  }
});

test("a change after a refused one is taken: the refusal leaves nothing pending", () => {
  const lone = new Lone({ voters: [1] });
  lone.lead([]);
  lone.node.proposeConfChange(v2(""));
  lone.node.proposeConfChange(v1("~2"));
  lone.work();
  deepEqual(lone.node.status().config.learners, [2]);
});

test("adding who is there already is a change like another, and the next one is free", () => {
  const lone = new Lone({ voters: [1] });
  lone.lead([]);
  for (const change of [v1("+1"), v1("+1"), v1("~2"), v1("+0")]) {
    lone.node.proposeConfChange(change);
    lone.work();
  }
  deepEqual(lone.node.status().config, conf([1], { learners: [2] }));
  equal(lone.applied.filter(({ type }) => type === "EntryConfChange").length, 4);
});

test("a change that the application takes back is applied as a change for nobody", () => {
  const lone = new Lone({ voters: [1] });
  deepEqual(lone.node.applyConfChange({ ...v1("+2"), nodeId: 0 }), conf([1]));
});

test("a change that does not fit is refused by name, and nothing has changed", () => {
  const rows: [before: ConfChangeV2[], change: ConfChangeV2, code: string][] = [
    [[], v2("-1 -2 -3"), "ErrRemovedAllVoters"],
    [[v2("+4", explicit)], v2("+5", explicit), "ErrAlreadyJoint"],
    [[v2("+4", explicit)], v2("+5"), "ErrInJoint"],
    [[], v2(""), "ErrNotJoint"],
  ];
  for (const [before, change, code] of rows) {
    const { node } = new Lone({ voters: [1, 2, 3] });
    for (const earlier of before) node.applyConfChange(earlier);
    const { config } = node.status();
    throws(() => node.applyConfChange(change), { code });
    deepEqual(node.status().config, config);
  }
  throws(() => new Lone({ voters: [] }).node.applyConfChange(v2("+1", explicit)), { code: "ErrZeroVoters" });
});

test("a new peer is probed from the end of the log and counts as active; one that stays keeps what is known", () => {
  const lone = new Lone({ voters: [1, 2] });
  lone.lead();
  lone.acknowledge(2, 1);
  lone.node.propose(utf8("a"));
  lone.work();
  lone.node.applyConfChange(v2("~2 +3 ~4"));
  const fresh = { match: 0, next: 2, state: "StateProbe", recentActive: true };
  for (const id of [3, 4]) {
    const { match, next, state, recentActive, isLearner } = lone.progress(id);
    deepEqual({ match, next, state, recentActive }, fresh);
    equal(isLearner, id === 4);
  }
  const { match, state, isLearner } = lone.progress(2);
  deepEqual([match, state, isLearner], [1, "StateReplicate", false], "it votes in the outgoing half still");
  lone.node.applyConfChange(v2(""));
  deepEqual([lone.progress(2).match, lone.progress(2).isLearner], [1, true]);
});

test("a smaller quorum commits what it has, and all are told at once", () => {
  const lone = new Lone({ voters: [1, 2, 3, 4] });
  lone.lead([2, 3]);
  for (const from of [2, 3]) lone.acknowledge(from, 1);
  lone.node.propose(utf8("a"));
  lone.acknowledge(2, 2);
  lone.work();
  equal(lone.commit, 1);
  lone.node.applyConfChange(v1("-4"));
  equal(lone.commit, 2);
  deepEqual(
    lone.work().map(({ type, to, commit }) => [type, to, commit]),
    [2, 3].map((to) => ["MsgApp", to, 2]),
  );
});

test("where nothing more is committed by a change, only who lacks something is sent to", () => {
  const lone = new Lone({ voters: [1, 2, 3] });
  lone.lead();
  for (const from of [2, 3]) lone.acknowledge(from, 1);
  lone.work();
  lone.node.applyConfChange(v1("~4"));
  deepEqual(
    lone.work().map(({ type, to, index }) => [type, to, index]),
    [["MsgApp", 4, 0]],
  );
});

test("who is removed is sent nothing, counts for nothing, and does not stand for election", () => {
  const cluster = new Cluster({ voters: [1, 2] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange(v1("-2"));
  cluster.settle();
  cluster.node(1).propose(utf8("a"));
  cluster.ready(1);
  cluster.ready(1);
  deepEqual([cluster.network, cluster.applied(1)], [[], ["a"]]);
  cluster.tick(2, 40);
  equal(cluster.node(2).status().raftState, "StateFollower");
});

test("a leader that is removed or demoted goes on until another is elected, or steps down where that is asked", () => {
  for (const word of ["-1", "~1"]) {
    for (const stepDownOnRemoval of [false, true]) {
      const cluster = new Cluster({ voters: [1, 2, 3], stepDownOnRemoval });
      cluster.elect(1);
      cluster.node(1).proposeConfChange(v1(word));
      cluster.settle();
      const { raftState, lead, term } = cluster.node(1).status();
      deepEqual([raftState, lead, term], stepDownOnRemoval ? ["StateFollower", 0, 1] : ["StateLeader", 1, 1]);
      if (word === "-1" || stepDownOnRemoval)
        throws(() => cluster.node(1).propose(utf8("a")), { code: "ErrProposalDropped" });
      cluster.elect(2);
      equal(cluster.node(2).status().term, 2);
    }
  }
});

test("a change made while a member is away reaches it by the log, and one removed meanwhile unseats nobody", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], strangers: [4], preVote: true, checkQuorum: true });
  cluster.reportsSnapshots = true;
  cluster.elect(1);
  cluster.node(1).proposeConfChange(v2("-3 +4", implicit));
  for (let round = 0; round < 3; round++) {
    cluster.settle([1, 2, 4]);
    cluster.tick(1);
  }
  cluster.network = [];
  deepEqual(cluster.node(1).status().config, conf([1, 2, 4]));
  cluster.tick(3, 20);
  cluster.settle();
  const { raftState, term } = cluster.node(1).status();
  deepEqual([raftState, term, cluster.node(4).status().config], ["StateLeader", 1, conf([1, 2, 4])]);
});

test("a joint configuration whose leader dies is left by the next one", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], strangers: [4] });
  cluster.reportsSnapshots = true;
  cluster.elect(1);
  cluster.node(1).proposeConfChange(v2("+4 ~1", implicit));
  // Everybody applies the way in; the way out is lost with the leader.
  for (let round = 0; round < 60; round++) {
    for (const id of [1, 2, 3]) if (cluster.node(id).hasReady()) cluster.ready(id);
    if (cluster.node(2).status().config.autoLeave) break;
    cluster.deliver((m) => m.to !== 4);
  }
  cluster.network = [];
  cluster.elect(2, [2, 3, 4]);
  for (let round = 0; round < 3; round++) {
    cluster.tick(2);
    cluster.settle([2, 3, 4]);
  }
  deepEqual(cluster.node(2).status().config, conf([2, 3, 4], { learners: [1] }));
});

test("a learner follows, is told commits, and leads once it is promoted", () => {
  const cluster = new Cluster({ voters: [1], learners: [2] });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  cluster.settle();
  deepEqual([cluster.applied(2), cluster.node(1).status().progress.get(2)?.isLearner], [["a"], true]);
  cluster.node(2).campaign();
  equal(cluster.node(2).status().raftState, "StateFollower");
  cluster.node(1).proposeConfChange(v1("+2"));
  cluster.settle();
  cluster.elect(2);
  deepEqual(cluster.node(1).status().lead, 2);
});

test("of a batch with two changes the first is taken, and normal entries stay as they are", () => {
  const lone = new Lone({ voters: [1] });
  lone.lead([]);
  const one = { term: 0, index: 0, ...encodeConfChange(v1("~2")) };
  const two = { term: 0, index: 0, ...encodeConfChange(v2("~3")) };
  lone.hear({ type: "MsgProp", from: 1, entries: [entry(0, 0, "a"), one, two, entry(0, 0, "b")] });
  lone.work();
  deepEqual(
    lone.applied.map(({ type }) => type),
    ["EntryNormal", "EntryNormal", "EntryConfChange", "EntryNormal", "EntryNormal"],
  );
  deepEqual(lone.node.status().config.learners, [2]);
});

test("a new leader takes all it took over for one pending change until it has applied it", () => {
  const lone = new Lone({ voters: [1, 2], terms: [1, 1], hard: { term: 1, vote: 0, commit: 0 } });
  lone.lead();
  lone.node.proposeConfChange(v1("~3"));
  lone.work();
  lone.acknowledge(2, 4);
  lone.work();
  deepEqual(lone.node.status().config.learners, []);
  lone.node.proposeConfChange(v1("~3"));
  lone.work();
  lone.acknowledge(2, 5);
  lone.work();
  deepEqual(lone.node.status().config.learners, [3]);
});
