import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import { Cluster } from "./cluster.ts";
import { Lone } from "./lone.ts";

function leads(cluster: Cluster): number[] {
  return [...cluster.members.keys()].map((id) => cluster.node(id).status().lead);
}

test("leadership goes to whoever is asked for, from the leader or by way of a follower, and back", () => {
  for (const options of [
    {},
    { preVote: true },
    { checkQuorum: true },
    { preVote: true, checkQuorum: true },
  ]) {
    for (const asked of [1, 3]) {
      const cluster = new Cluster({ voters: [1, 2, 3], ...options });
      cluster.elect(1);
      cluster.tick(1);
      cluster.settle();
      cluster.node(asked).transferLeader(2);
      cluster.settle();
      deepEqual(leads(cluster), [2, 2, 2]);
      equal(cluster.node(2).status().term, 2, "without asking first");
      cluster.node(2).transferLeader(1);
      cluster.settle();
      deepEqual(leads(cluster), [1, 1, 1]);
    }
  }
});

test("whoever lacks entries is brought up to date first", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  cluster.settle([1, 2]);
  cluster.network = [];
  cluster.node(1).transferLeader(3);
  cluster.tick(1);
  cluster.settle();
  deepEqual([leads(cluster), cluster.applied(3)], [[3, 3, 3], ["a"]]);
});

test("whoever lacks what is compacted is brought up to date by a snapshot first", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  for (const data of ["a", "b"]) cluster.node(1).propose(utf8(data));
  cluster.settle([1, 2]);
  cluster.network = [];
  cluster.compact(1, 4);
  cluster.node(1).transferLeader(3);
  equal(cluster.node(1).status().leadTransferee, 3);
  cluster.tick(1);
  cluster.settle();
  deepEqual(
    [leads(cluster), cluster.applied(3)],
    [
      [3, 3, 3],
      ["a", "b"],
    ],
  );
});

test("a transfer to oneself, a learner or a stranger is none", () => {
  for (const to of [1, 4, 9]) {
    const lone = new Lone({ voters: [1, 2, 3], learners: [4] });
    lone.lead();
    lone.node.transferLeader(to);
    deepEqual([lone.node.status().leadTransferee, lone.node.hasReady()], [0, false]);
    lone.node.propose(utf8("a"));
  }
});

test("while it lasts proposals are dropped, and it lasts electionTick ticks at most", () => {
  const lone = new Lone();
  lone.lead();
  for (let ticks = 0; ticks < 7; ticks++) lone.node.tick();
  lone.node.transferLeader(3);
  for (let ticks = 0; ticks < 9; ticks++) {
    lone.node.tick();
    equal(lone.node.status().leadTransferee, 3);
    throws(() => lone.node.propose(utf8("a")), { code: "ErrProposalDropped" });
  }
  lone.node.tick();
  equal(lone.node.status().leadTransferee, 0);
  lone.node.propose(utf8("a"));
});

test("a second request for another node takes the place of the first; for the same it changes nothing", () => {
  const lone = new Lone();
  lone.lead();
  lone.acknowledge(2, 1);
  lone.acknowledge(3, 1);
  lone.work();
  lone.node.transferLeader(3);
  equal(lone.work().filter(({ type }) => type === "MsgTimeoutNow").length, 1);
  for (let ticks = 0; ticks < 5; ticks++) lone.node.tick();
  lone.node.transferLeader(3);
  equal(lone.work().filter(({ type }) => type === "MsgTimeoutNow").length, 0);
  for (let ticks = 0; ticks < 5; ticks++) lone.node.tick();
  equal(lone.node.status().leadTransferee, 0, "the time runs from the first request");
  lone.node.transferLeader(3);
  lone.node.transferLeader(2);
  equal(lone.node.status().leadTransferee, 2);
  lone.node.transferLeader(1);
  equal(lone.node.status().leadTransferee, 0, "to oneself takes it back");
});

test("a transfer ends when a later term is heard of", () => {
  const lone = new Lone();
  lone.lead();
  lone.node.transferLeader(3);
  lone.hear({ type: "MsgVote", term: 2, index: 1, logTerm: 1 });
  deepEqual([lone.state, lone.node.status().leadTransferee], ["StateFollower", 0]);
});

test("the target is told to stand as soon as its acknowledgement reaches the end of the log, not before", () => {
  const lone = new Lone();
  lone.lead();
  lone.acknowledge(2, 1);
  for (const data of ["a", "b"]) lone.node.propose(utf8(data));
  lone.work();
  lone.node.transferLeader(2);
  deepEqual(
    lone.work().map(({ type, to }) => [type, to]),
    [["MsgApp", 2]],
  );
  lone.acknowledge(2, 2);
  equal(
    lone.work().some(({ type }) => type === "MsgTimeoutNow"),
    false,
  );
  lone.acknowledge(2, 3);
  deepEqual(
    lone
      .work()
      .filter(({ type }) => type === "MsgTimeoutNow")
      .map(({ to, term }) => [to, term]),
    [[2, 1]],
  );
});

test("a dead target costs the leader nothing but the time", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], checkQuorum: true });
  cluster.elect(1);
  cluster.node(1).transferLeader(3);
  for (let ticks = 0; ticks < 10; ticks++) {
    cluster.tick(1);
    cluster.settle([1, 2]);
  }
  const { raftState, leadTransferee, term } = cluster.node(1).status();
  deepEqual([raftState, leadTransferee, term], ["StateLeader", 0, 1]);
  cluster.node(1).propose(utf8("a"));
  cluster.settle([1, 2]);
  deepEqual(cluster.applied(2), ["a"]);
});

test("a target that is demoted meanwhile is none any more", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ type: "ConfChangeAddLearnerNode", nodeId: 3 });
  cluster.node(1).transferLeader(3);
  cluster.settle([1, 2]);
  deepEqual([cluster.node(1).status().leadTransferee, cluster.node(1).status().config.learners], [0, [3]]);
});

test("leaving a joint configuration waits for a transfer that fails, and is done after it", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], strangers: [4] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({
    transition: "ConfChangeTransitionJointImplicit",
    changes: [{ type: "ConfChangeAddNode", nodeId: 4 }],
  });
  cluster.node(1).transferLeader(3);
  cluster.settle([1, 2]);
  equal(cluster.node(1).status().config.outgoing.length, 3, "the way out was dropped");
  cluster.tick(1, 10);
  cluster.network = [];
  cluster.node(1).propose(utf8("a"));
  for (let round = 0; round < 3; round++) {
    cluster.settle();
    cluster.tick(1);
  }
  cluster.settle();
  deepEqual(cluster.node(1).status().config, {
    voters: [1, 2, 3, 4],
    outgoing: [],
    learners: [],
    learnersNext: [],
    autoLeave: false,
  });
});
