import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import { Cluster, text } from "./cluster.ts";
import { Lone } from "./lone.ts";

test("a read asked anywhere is answered with what was committed when it was asked", () => {
  for (const options of [{}, { checkQuorum: true, readOnly: "lease" as const }]) {
    const cluster = new Cluster({ voters: [1, 2, 3], learners: [4], ...options });
    cluster.elect(1);
    for (const [round, asked] of [1, 2, 3, 4, 1, 4].entries()) {
      for (let at = 0; at < 10; at++) cluster.node(1).propose(utf8(`${round}:${at}`));
      cluster.settle();
      const { commit } = cluster.node(1).status();
      cluster.node(asked).readIndex(utf8(`r${round}`));
      cluster.settle();
      deepEqual(cluster.at(asked).reads.splice(0), [`r${round}@${commit}`]);
    }
  }
});

test("a read is confirmed by a majority that answers its context, by nobody else", () => {
  for (const { from, context, answered } of [
    { from: [2], context: "r", answered: false },
    { from: [2, 2], context: "r", answered: false },
    { from: [2, 3], context: "r", answered: true },
    { from: [2, 3], context: "s", answered: false },
    { from: [2, 3], context: "", answered: false },
    { from: [6, 7], context: "r", answered: false },
  ]) {
    const lone = new Lone({ voters: [1, 2, 3, 4, 5], learners: [6, 7] });
    lone.lead([2, 3]);
    for (const id of [2, 3]) lone.acknowledge(id, 1);
    lone.work();
    lone.node.readIndex(utf8("r"));
    deepEqual(
      lone.work().map(({ type, to, context: named }) => [type, to, text(named)]),
      [2, 3, 4, 5, 6, 7].map((to) => ["MsgHeartbeat", to, "r"]),
    );
    for (const id of from) lone.hear({ type: "MsgHeartbeatResp", from: id, term: 1, context: utf8(context) });
    const reads = lone.node.hasReady() ? lone.node.ready().readStates : [];
    deepEqual(
      reads.map((read) => [text(read.context), read.index]),
      answered ? [["r", 1]] : [],
      `${from} ${context}`,
    );
  }
});

test("a heartbeat repeats the read asked last, until it is confirmed", () => {
  const lone = new Lone();
  lone.lead();
  lone.acknowledge(2, 1);
  lone.work();
  lone.node.readIndex(utf8("one"));
  lone.node.readIndex(utf8("two"));
  lone.work();
  const beat = (): string => {
    lone.node.tick();
    return text(lone.work().find(({ type }) => type === "MsgHeartbeat")?.context);
  };
  equal(beat(), "two");
  lone.hear({ type: "MsgHeartbeatResp", term: 1, context: utf8("one") });
  lone.work();
  equal(beat(), "two");
  lone.hear({ type: "MsgHeartbeatResp", term: 1, context: utf8("two") });
  lone.work();
  equal(beat(), "");
});

test("reads asked of a new leader wait for its first commit, and are then answered in the order asked", () => {
  for (const options of [{}, { checkQuorum: true, readOnly: "lease" as const }]) {
    const cluster = new Cluster({ voters: [1, 2, 3], ...options });
    cluster.elect(1);
    cluster.node(1).propose(utf8("a"));
    cluster.settle();
    cluster.tick(2, 10);
    cluster.tick(3, 10);
    cluster.node(2).campaign();
    for (let round = 0; round < 20 && cluster.node(2).status().raftState !== "StateLeader"; round++) {
      for (const id of [2, 3]) if (cluster.node(id).hasReady()) cluster.ready(id);
      cluster.deliver((m) => m.to !== 1);
    }
    for (const context of ["x", "y"]) cluster.node(2).readIndex(utf8(context));
    cluster.ready(2);
    deepEqual(cluster.at(2).reads, []);
    cluster.settle();
    const { commit } = cluster.node(2).status();
    deepEqual(cluster.at(2).reads, [`x@${commit}`, `y@${commit}`]);
  }
});

test("the only voter too answers no read before its first commit: its disk may have forgotten the last one", () => {
  const lone = new Lone({ voters: [1], terms: [1, 1, 1], hard: { term: 1, vote: 1, commit: 1 } });
  // All three were committed before the crash, and perhaps answered; the hard state that said so was not synced.
  lone.node.campaign();
  lone.ready();
  equal(lone.state, "StateLeader");
  lone.node.readIndex(utf8("r"));
  const reads = [];
  while (lone.node.hasReady()) reads.push(...lone.ready().readStates);
  deepEqual(
    reads.map(({ index }) => index),
    [4],
  );
});

test("a removed leader does not answer by itself, even if one voter is left", () => {
  const cluster = new Cluster({ voters: [1, 2] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ type: "ConfChangeRemoveNode", nodeId: 1 });
  cluster.settle();
  // 2 elects itself and goes on; 1 has not heard of it.
  cluster.elect(2, [2]);
  cluster.node(2).propose(utf8("a"));
  cluster.settle([2]);
  cluster.network = [];
  cluster.node(1).readIndex(utf8("r"));
  cluster.settle([1]);
  deepEqual(cluster.at(1).reads, []);
});

test("a change of configuration that makes the first commit lets the reads go that waited for it", () => {
  const lone = new Lone({ voters: [1, 2] });
  lone.lead();
  lone.node.readIndex(utf8("r"));
  lone.node.applyConfChange({ type: "ConfChangeRemoveNode", nodeId: 2 });
  deepEqual(
    lone.node.ready().readStates.map(({ index }) => index),
    [1],
  );
});

test("a read asked where no leader is known goes nowhere, and one asked of a leader that is none any more", () => {
  const lone = new Lone();
  lone.node.readIndex(utf8("r"));
  equal(lone.node.hasReady(), false);
  lone.node.campaign();
  lone.work();
  lone.node.readIndex(utf8("r"));
  deepEqual(lone.work(), []);
  const deposed = new Lone();
  deposed.lead();
  deposed.acknowledge(2, 1);
  deposed.node.readIndex(utf8("r"));
  deposed.hear({ type: "MsgHeartbeat", term: 2 });
  deposed.work();
  deposed.lead();
  deposed.acknowledge(2, 2);
  deposed.work();
  deposed.hear({ type: "MsgHeartbeatResp", term: 3, context: utf8("r") });
  equal(deposed.node.hasReady(), false, "what it had asked as leader of an older term is forgotten");
});

test("forgetting the leader frees the vote of this term once, but not on a leader nor with a lease", () => {
  const lone = new Lone({ hard: { term: 1, vote: 0, commit: 0 } });
  lone.hear({ type: "MsgHeartbeat", from: 3, term: 1 });
  lone.work();
  lone.node.forgetLeader();
  deepEqual([lone.node.status().lead, lone.term], [0, 1]);
  lone.hear({ type: "MsgVote", term: 1 });
  equal(lone.work()[0]?.reject, false);
  lone.hear({ type: "MsgHeartbeat", from: 3, term: 1 });
  equal(lone.node.status().lead, 3, "it is known again as soon as it speaks");
  const leased = new Lone({ checkQuorum: true, readOnly: "lease" });
  leased.hear({ type: "MsgHeartbeat", term: 1 });
  leased.node.forgetLeader();
  equal(leased.node.status().lead, 2);
  const leader = new Lone();
  leader.lead();
  leader.node.forgetLeader();
  equal(leader.node.status().lead, 1);
  const learner = new Lone({ id: 4, learners: [4] });
  learner.hear({ type: "MsgHeartbeat", term: 1 });
  learner.node.forgetLeader();
  equal(learner.node.status().lead, 0);
});
