import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import type { Message, RawNode } from "@isthmus/raft";
import { Cluster, type ClusterOptions, message } from "./cluster.ts";
import { Lone } from "./lone.ts";

/** A group of three, led by 1, that has applied an entry and rests: the leader first, then the others. */
function resting(options: Partial<ClusterOptions> = {}): Cluster {
  const cluster = new Cluster({ voters: [1, 2, 3], ...options });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  cluster.settle();
  for (const id of cluster.members.keys()) ok(cluster.node(id).rest(), `${id} rests`);
  return cluster;
}

function lapse(cluster: Cluster, ticks: number): void {
  for (let round = 0; round < ticks; round++) {
    for (const id of cluster.members.keys()) cluster.tick(id);
    cluster.settle();
  }
}

test("a resting group does nothing, however much time passes, and nobody campaigns or steps down", () => {
  const cluster = resting({ checkQuorum: true, preVote: true, learners: [4] });
  for (const id of [1, 2, 3, 4]) cluster.tick(id, 1000);
  deepEqual(
    [1, 2, 3, 4].map((id) => [
      cluster.node(id).hasReady(),
      cluster.node(id).status().lead,
      cluster.node(id).isResting,
    ]),
    [1, 2, 3, 4].map(() => [false, 1, true]),
  );
});

test("a group that never rests is as before, and one that rests and wakes goes on in the same term", () => {
  const cluster = resting();
  cluster.node(1).propose(utf8("b"));
  equal(cluster.node(1).isResting, false);
  cluster.settle();
  lapse(cluster, 30);
  deepEqual(
    [1, 2, 3].map((id) => [cluster.applied(id), cluster.node(id).status().term, cluster.node(id).isResting]),
    [1, 2, 3].map(() => [["a", "b"], 1, false]),
  );
});

test("a leader rests only with all acknowledged by all, all applied, and nobody waiting for anything", () => {
  const busy: { name: string; make: (lone: Lone) => void }[] = [
    {
      name: "an entry that 3 lacks",
      make: (lone) => {
        lone.node.propose(utf8("b"));
        lone.acknowledge(2, 2);
        lone.work();
      },
    },
    {
      name: "a read",
      make: (lone) => {
        lone.node.readIndex(utf8("r"));
        lone.work();
      },
    },
    {
      name: "a transfer",
      make: (lone) => {
        lone.node.transferLeader(2);
        lone.work();
      },
    },
    {
      name: "a joint configuration",
      make: (lone) => {
        lone.node.applyConfChange({ transition: "ConfChangeTransitionJointExplicit", changes: [] });
      },
    },
    { name: "a Ready that was not taken", make: (lone) => lone.hear({ type: "MsgApp", term: 0 }) },
    {
      name: "a new member",
      make: (lone) => {
        lone.node.applyConfChange({ type: "ConfChangeAddLearnerNode", nodeId: 4 });
        lone.work();
      },
    },
    {
      name: "its own removal",
      make: (lone) => {
        lone.node.applyConfChange({ type: "ConfChangeRemoveNode", nodeId: 1 });
        lone.work();
      },
    },
  ];
  const led = (): Lone => {
    const lone = new Lone();
    lone.lead();
    lone.acknowledge(2, 1);
    lone.acknowledge(3, 1);
    lone.work();
    return lone;
  };
  ok(led().node.rest());
  for (const { name, make } of busy) {
    const lone = led();
    if (name === "a Ready that was not taken") lone.node.propose(utf8("b"));
    else make(lone);
    deepEqual([lone.node.canRest(), lone.node.rest(), lone.node.isResting], [false, false, false], name);
  }
  const fresh = new Lone();
  fresh.lead();
  equal(fresh.node.rest(), false, "before its first commit");
  const taken = led();
  taken.hear({ type: "MsgHeartbeatResp", term: 1 });
  taken.node.tick();
  taken.node.ready();
  equal(taken.node.canRest(), false, "before advance()");
});

test("a follower rests only behind a leader, with all of its log applied; a candidate never", () => {
  const lone = new Lone({ terms: [1], hard: { term: 1, vote: 0, commit: 0 } });
  equal(lone.node.rest(), false, "no leader");
  lone.hear({ type: "MsgHeartbeat", term: 1 });
  lone.work();
  equal(lone.node.rest(), false, "an entry that is not committed");
  lone.hear({ type: "MsgHeartbeat", term: 1, commit: 1 });
  equal(lone.node.rest(), false, "an entry that is not applied");
  lone.work();
  equal(lone.node.rest(), true);
  const candidate = new Lone();
  candidate.node.campaign();
  candidate.work();
  equal(candidate.node.rest(), false);
});

test("whatever a resting node is asked or sent wakes it; questions about it do not", () => {
  const asked: { [what: string]: (node: RawNode) => void } = {
    propose: (node) => node.propose(utf8("b")),
    readIndex: (node) => node.readIndex(utf8("r")),
    campaign: (node) => node.campaign(),
    transferLeader: (node) => node.transferLeader(2),
    forgetLeader: (node) => node.forgetLeader(),
    reportUnreachable: (node) => node.reportUnreachable(2),
    reportSnapshot: (node) => node.reportSnapshot(2, true),
    wake: (node) => node.wake(),
    "a heartbeat's answer": (node) =>
      node.step(message({ type: "MsgHeartbeatResp", from: 2, to: 1, term: 1 })),
    "a vote request": (node) => node.step(message({ type: "MsgPreVote", from: 2, to: 1, term: 2 })),
    "an old message": (node) =>
      node.step(message({ type: "MsgApp", from: 2, to: 1, term: 1, index: 1, logTerm: 1 })),
  };
  for (const [what, ask] of Object.entries(asked)) {
    for (const id of [1, 2]) {
      if (what === "an old message" && id === 1) continue;
      const node = resting().node(id);
      node.canRest();
      node.hasReady();
      node.status();
      node.tick();
      equal(node.isResting, true);
      ask(node);
      equal(node.isResting, false, `${what} of ${id}`);
    }
  }
  const { node } = new Lone();
  node.wake();
  equal(node.hasReady(), false, "who is awake is not woken");
});

test("one that wakes wakes the others, so that no leader is unseated that only rested", () => {
  for (const woken of [1, 2, 3]) {
    for (const options of [{}, { preVote: true, checkQuorum: true }]) {
      const cluster = resting(options);
      cluster.node(woken).wake();
      lapse(cluster, 40);
      deepEqual(
        [1, 2, 3].map((id) => [
          cluster.node(id).isResting,
          cluster.node(id).status().lead,
          cluster.node(id).status().term,
        ]),
        [1, 2, 3].map(() => [false, 1, 1]),
      );
    }
  }
});

test("T29 a group whose leader dies at rest elects another once one of the others is woken", () => {
  for (const options of [{}, { preVote: true, checkQuorum: true }]) {
    const cluster = resting({ ...options, only: { 3: { random: () => 5 } } });
    cluster.tick(2, 100);
    cluster.tick(3, 100);
    cluster.node(2).wake();
    for (let round = 0; round < 60; round++) {
      for (const id of [2, 3]) cluster.tick(id);
      cluster.settle([2, 3]);
    }
    deepEqual(
      [2, 3].map((id) => cluster.node(id).status().lead),
      [2, 2],
    );
  }
});

test("T29 a leader that rested holds no lease: it answers when a quorum has followed it since", () => {
  const lease = { checkQuorum: true, readOnly: "lease" as const };
  const cluster = resting(lease);
  // The others were woken, elected 2 and went on without it.
  cluster.node(2).wake();
  cluster.node(3).wake();
  cluster.network = [];
  cluster.tick(2, 10);
  cluster.tick(3, 10);
  cluster.elect(2, [2, 3]);
  cluster.node(2).propose(utf8("b"));
  cluster.settle([2, 3]);
  cluster.network = [];
  cluster.node(1).readIndex(utf8("r"));
  cluster.settle([1]);
  deepEqual(cluster.at(1).reads, [], "its lease died in its sleep");
  cluster.tick(2);
  cluster.settle();
  deepEqual([cluster.at(1).reads, cluster.node(1).status().lead], [[], 2]);
  const quiet = resting(lease);
  quiet.node(1).readIndex(utf8("r"));
  quiet.settle();
  deepEqual(quiet.at(1).reads, ["r@3"]);
  quiet.node(1).readIndex(utf8("s"));
  quiet.settle([1]);
  deepEqual(quiet.at(1).reads, ["r@3", "s@3"], "the lease is its own again");
});

test("T29 answers from before the rest give no lease back, and no quorum", () => {
  const cluster = resting({ checkQuorum: true, readOnly: "lease" });
  const late: Message[] = [2, 3].map((from) => message({ type: "MsgHeartbeatResp", from, to: 1, term: 1 }));
  cluster.node(1).wake();
  deepEqual(
    [...cluster.node(1).status().progress.values()].map(({ recentActive }) => recentActive),
    [true, false, false],
  );
  for (const answer of late) cluster.hand(answer);
  cluster.node(1).readIndex(utf8("r"));
  cluster.settle([1]);
  deepEqual(cluster.at(1).reads, []);
});

test("a leader that wakes has a whole time-out to hear of its quorum, and steps down without one", () => {
  const cluster = resting({ checkQuorum: true });
  cluster.node(1).wake();
  for (let ticks = 0; ticks < 9; ticks++) {
    cluster.tick(1);
    cluster.settle([1]);
  }
  equal(cluster.node(1).status().raftState, "StateLeader");
  equal(cluster.network.filter(({ type }) => type === "MsgHeartbeat").length, 18, "from the first tick on");
  cluster.tick(1);
  equal(cluster.node(1).status().raftState, "StateFollower");
});
