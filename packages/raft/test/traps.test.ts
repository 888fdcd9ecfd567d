import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { must, utf8 } from "@isthmus/kernel";
import { jointCommitted, jointVote, LocalAppendThread, type Message } from "@isthmus/raft";
import { Cluster, entry, message, text } from "./cluster.ts";
import { conf, Lone } from "./lone.ts";

const held = new Set(["MsgAppResp", "MsgVoteResp", "MsgPreVoteResp"]);

/** Makes 1 leader of term `term` by the votes alone: nothing that it sends as leader has left. */
function crown(cluster: Cluster, term: number): void {
  const node = cluster.node(1);
  while (node.status().term < term) node.campaign();
  cluster.settle([1]);
  cluster.network = [];
  for (const id of cluster.members.keys()) {
    if (id !== 1) node.step(message({ type: "MsgVoteResp", from: id, to: 1, term }));
  }
  equal(node.status().raftState, "StateLeader");
}

test("R1 an entry of an older term is committed only below one of the leader's own", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  crown(cluster, 1);
  cluster.settle([1]);
  cluster.restart(1);
  cluster.network = [];
  crown(cluster, 2);
  cluster.settle([1]);
  const node = cluster.node(1);
  // The log is now 1/2 from the old term, 2/3 from this one. A majority has the first: that is not enough.
  node.step(message({ type: "MsgAppResp", from: 2, to: 1, term: 2, index: 2 }));
  equal(node.status().commit, 1);
  node.step(message({ type: "MsgAppResp", from: 2, to: 1, term: 2, index: 3 }));
  equal(node.status().commit, 3);
});

test("R2 a vote and its term are in the very write whose response carries the vote", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], asyncStorageWrites: true });
  cluster.node(2).step(message({ type: "MsgVote", from: 1, to: 2, term: 5, index: 1, logTerm: 1 }));
  const { messages, mustSync } = cluster.ready(2);
  ok(mustSync);
  equal(messages.length, 1, "nothing leaves before the write");
  const [write] = messages as [Message];
  deepEqual([write.to, write.term, write.vote], [LocalAppendThread, 5, 1]);
  deepEqual(
    write.responses?.map(({ type, to, term }) => [type, to, term]),
    [["MsgVoteResp", 1, 5]],
  );
});

test("R2 a candidate's own vote counts only after its disk has it", () => {
  const cluster = new Cluster({ voters: [1] });
  cluster.node(1).campaign();
  const ready = cluster.node(1).ready();
  deepEqual(ready.hardState, { term: 1, vote: 1, commit: 1 });
  equal(cluster.node(1).status().raftState, "StateCandidate");
  cluster.node(1).advance();
  equal(cluster.node(1).status().raftState, "StateLeader");
});

test("R3 no acknowledgement, vote or refusal leaves before the write that it speaks of", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], asyncStorageWrites: true, preVote: true });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  cluster.ready(1);
  cluster.deliver();
  for (const id of [1, 2, 3]) {
    if (!cluster.node(id).hasReady()) continue;
    const { messages } = cluster.ready(id);
    ok(
      messages.every(({ type }) => !held.has(type)),
      "only responses hold them",
    );
  }
  equal(cluster.node(1).status().commit, 2, "the leader's own copy does not count either");
  cluster.settle();
  equal(cluster.node(1).status().commit, 3);
});

test("R4 an append that is contained in the log cuts nothing off behind it", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  const node = cluster.node(2);
  const entries = [entry(1, 2), entry(1, 3), entry(1, 4)];
  node.step(message({ type: "MsgApp", from: 1, to: 2, term: 1, logTerm: 1, index: 1, entries }));
  cluster.settle([2]);
  node.step(
    message({ type: "MsgApp", from: 1, to: 2, term: 1, logTerm: 1, index: 1, entries: entries.slice(0, 1) }),
  );
  cluster.settle([2]);
  equal(cluster.at(2).disk.lastIndex(), 4);
  node.step(
    message({ type: "MsgApp", from: 1, to: 2, term: 2, logTerm: 1, index: 2, entries: [entry(2, 3)] }),
  );
  cluster.settle([2]);
  deepEqual([cluster.at(2).disk.lastIndex(), cluster.at(2).disk.term(3)], [3, 2]);
});

test("R5 the commit never passes the last entry that the message itself vouches for", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  const node = cluster.node(2);
  // 1/3 and 1/4 are left from a dead leader; the new one speaks of 1/2 only, and says that it has committed far more.
  const old = [entry(1, 2), entry(1, 3), entry(1, 4)];
  node.step(message({ type: "MsgApp", from: 3, to: 2, term: 1, logTerm: 1, index: 1, entries: old }));
  node.step(
    message({
      type: "MsgApp",
      from: 1,
      to: 2,
      term: 2,
      logTerm: 1,
      index: 1,
      entries: [entry(1, 2)],
      commit: 9,
    }),
  );
  equal(node.status().commit, 2);
});

test("R6 a leader makes no membership change before it has applied an entry of its term", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  crown(cluster, 1);
  cluster.node(1).proposeConfChange({ type: "ConfChangeAddNode", nodeId: 4 });
  cluster.settle([1]);
  // The change stands behind the unapplied entries: until its commit it is not in force, and a second one is refused.
  cluster.node(1).proposeConfChange({ type: "ConfChangeAddNode", nodeId: 5 });
  cluster.settle();
  const types = cluster
    .at(1)
    .disk.entries(2, cluster.at(1).disk.lastIndex() + 1, Number.POSITIVE_INFINITY)
    .map(({ type }) => type);
  deepEqual(types, ["EntryNormal", "EntryConfChange", "EntryNormal"]);
  const log = [{ ...entry(1, 2), type: "EntryConfChange" as const, data: new Uint8Array([0, 4, 0]) }];
  const taken = new Cluster({ voters: [1, 2, 3] });
  taken.at(1).disk.write({ term: 1, vote: 0, commit: 1 }, log, undefined);
  taken.restart(1);
  crown(taken, 2);
  taken.node(1).proposeConfChange({ type: "ConfChangeAddNode", nodeId: 5 });
  taken.settle([1]);
  equal(taken.at(1).disk.entries(4, 5, 0)[0]?.type, "EntryNormal", "the change taken over counts as pending");
});

test("R7 a configuration change that is truncated was never in force", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ type: "ConfChangeRemoveNode", nodeId: 3 });
  cluster.ready(1);
  cluster.network = [];
  deepEqual(cluster.node(1).status().config.voters, [1, 2, 3]);
  cluster.elect(2, [2, 3]);
  cluster.tick(2);
  cluster.settle();
  deepEqual(cluster.node(1).status().config.voters, [1, 2, 3]);
  equal(cluster.at(1).disk.entries(3, 4, 0)[0]?.type, "EntryNormal");
});

test("R7 a node with a committed change that it has not applied does not stand for election", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], asyncStorageWrites: true });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ type: "ConfChangeRemoveNode", nodeId: 3 });
  for (let round = 0; round < 4; round++) {
    for (const id of [1, 2]) {
      if (cluster.node(id).hasReady()) cluster.ready(id);
      while (cluster.store(id) !== undefined);
    }
    cluster.deliver((m) => m.to !== 3);
  }
  const { commit, applied } = cluster.node(2).status();
  ok(commit > applied);
  cluster.node(2).campaign();
  equal(cluster.node(2).status().raftState, "StateFollower");
});

test("R8 of two changes proposed together the second becomes an empty entry", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ type: "ConfChangeAddLearnerNode", nodeId: 4 });
  cluster.node(1).proposeConfChange({ type: "ConfChangeAddLearnerNode", nodeId: 5 });
  cluster.settle();
  deepEqual(cluster.node(1).status().config.learners, [4]);
});

test("R9 a joint configuration commits and elects only with a majority of each half", () => {
  equal(
    jointCommitted(
      [1, 2, 3],
      [3, 4, 5],
      new Map([
        [1, 9],
        [2, 9],
        [3, 9],
      ]),
    ),
    0,
  );
  equal(
    jointCommitted(
      [1, 2, 3],
      [3, 4, 5],
      new Map([
        [1, 9],
        [2, 9],
        [3, 9],
        [4, 7],
      ]),
    ),
    7,
  );
  equal(
    jointVote(
      [1, 2, 3],
      [3, 4, 5],
      new Map([
        [1, true],
        [2, true],
        [3, true],
      ]),
    ),
    "VotePending",
  );
  equal(
    jointVote(
      [1, 2, 3],
      [3, 4, 5],
      new Map([
        [1, true],
        [2, true],
        [4, false],
        [5, false],
      ]),
    ),
    "VoteLost",
  );
  const cluster = new Cluster({ voters: [1, 2, 3], strangers: [4, 5] });
  cluster.elect(1);
  const changes = [
    { type: "ConfChangeRemoveNode", nodeId: 2 },
    { type: "ConfChangeRemoveNode", nodeId: 3 },
    { type: "ConfChangeAddNode", nodeId: 4 },
    { type: "ConfChangeAddNode", nodeId: 5 },
  ] as const;
  cluster
    .node(1)
    .proposeConfChange({ transition: "ConfChangeTransitionJointExplicit", changes: [...changes] });
  cluster.settle();
  const { commit } = cluster.node(1).status();
  cluster.node(1).propose(utf8("a"));
  cluster.settle([1, 4, 5]);
  equal(cluster.node(1).status().commit, commit, "the new half alone is not enough");
  cluster.settle([1, 2]);
  equal(cluster.node(1).status().commit, commit + 1);
});

test("R10 a removed leader does not count its own copy", () => {
  const cluster = new Cluster({ voters: [1, 2, 3, 4] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ type: "ConfChangeRemoveNode", nodeId: 1 });
  cluster.node(1).propose(utf8("a"));
  // Both are in the logs of 1 and 2; the first is committed with 3's help, and with it 1 is out.
  cluster.settle([1, 2]);
  cluster.deliver((m) => m.to === 3 && m.entries[0]?.index === 3);
  cluster.network = [];
  cluster.ready(3);
  cluster.deliver((m) => m.to === 1);
  cluster.settle([1, 2]);
  deepEqual(cluster.node(1).status().config.voters, [2, 3, 4]);
  // Of those that are left only 2 has the second: with its own copy the leader would take that for a majority.
  equal(cluster.node(1).status().commit, 3);
  cluster.settle([1, 2, 3]);
  equal(cluster.node(1).status().commit, 4);
});

test("R10 nor does it count it for what is acknowledged after its removal", () => {
  const lone = new Lone({ voters: [1, 2, 3, 4] });
  lone.lead([2, 3]);
  for (const id of [2, 3, 4]) lone.acknowledge(id, 1);
  lone.node.proposeConfChange({ type: "ConfChangeRemoveNode", nodeId: 1 });
  lone.node.propose(utf8("a"));
  lone.work();
  for (const id of [2, 3]) lone.acknowledge(id, 2);
  lone.work();
  deepEqual([lone.node.status().config.voters, lone.commit], [[2, 3, 4], 2]);
  lone.acknowledge(2, 3);
  equal(lone.commit, 2, "one of three has it");
  lone.acknowledge(3, 3);
  equal(lone.commit, 3);
});

test("R11 a read that comes before the term's first commit waits for it", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  crown(cluster, 2);
  cluster.node(1).readIndex(utf8("r"));
  cluster.ready(1);
  equal(cluster.network.filter(({ type }) => type === "MsgHeartbeat").length, 0);
  cluster.settle();
  deepEqual(cluster.at(1).reads, ["r@2"]);
});

test("R11 a read by lease waits for the term's first commit too", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], checkQuorum: true, readOnly: "lease" });
  crown(cluster, 2);
  cluster.node(1).readIndex(utf8("r"));
  cluster.settle([1]);
  deepEqual(cluster.at(1).reads, []);
  cluster.settle();
  deepEqual(cluster.at(1).reads, ["r@2"]);
});

test("R12 reads by lease need the quorum to be checked", () => {
  throws(() => new Cluster({ voters: [1], readOnly: "lease" }), /checkQuorum/);
});

test("R12 a leader by lease answers nothing any more once it has heard of no quorum for a time-out", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], checkQuorum: true, readOnly: "lease" });
  cluster.elect(1);
  cluster.tick(1, 10);
  cluster.settle();
  cluster.tick(1, 20);
  cluster.node(1).readIndex(utf8("r"));
  cluster.settle([1]);
  deepEqual([cluster.at(1).reads, cluster.node(1).status().raftState], [[], "StateFollower"]);
});

test("R13 a node with a higher term that nobody votes for is let back in", () => {
  for (const mixed of [{ checkQuorum: true }, { preVote: true }, { preVote: true, checkQuorum: true }]) {
    const cluster = new Cluster({ voters: [1, 2, 3], ...mixed });
    cluster.elect(1);
    // 3 was partitioned with other settings, and its term went up.
    cluster.at(3).disk.hard = { ...cluster.at(3).disk.hard, term: 7 };
    cluster.restart(3);
    for (let round = 0; round < 40; round++) {
      for (const id of [1, 2, 3]) cluster.tick(id);
      cluster.settle();
    }
    const terms = [1, 2, 3].map((id) => cluster.node(id).status().term);
    ok(
      terms.every((term) => term === terms[0] && term >= 7),
      "all are in one term again",
    );
    ok(cluster.leader() !== undefined);
  }
});

test("R13 with pre-vote a lower term's request is refused with the higher term, not left without an answer", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], preVote: true });
  cluster.node(2).step(message({ type: "MsgHeartbeat", from: 1, to: 2, term: 5 }));
  cluster.settle([2]);
  cluster.network = [];
  cluster.node(2).step(message({ type: "MsgPreVote", from: 3, to: 2, term: 3, index: 9, logTerm: 3 }));
  cluster.settle([2]);
  const [answer] = cluster.network;
  deepEqual([answer?.type, answer?.term, answer?.reject], ["MsgPreVoteResp", 5, true]);
});

test("R14 an acknowledgement to oneself from an older term counts for nothing after re-election", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], asyncStorageWrites: true });
  cluster.elect(1);
  for (const data of ["a", "b", "c"]) cluster.node(1).propose(utf8(data));
  cluster.ready(1);
  cluster.store(1);
  // What its disk says about 1/3 to 1/5 is on the way while another leader overwrites them and 1 wins again.
  const late = cluster.take((m) => m.to === 1 && m.type === "MsgAppResp");
  cluster.network = [];
  cluster
    .node(1)
    .step(message({ type: "MsgApp", from: 2, to: 1, term: 2, logTerm: 1, index: 2, entries: [entry(2, 3)] }));
  cluster.node(1).campaign();
  cluster.settle([1]);
  cluster.node(1).step(message({ type: "MsgVoteResp", from: 3, to: 1, term: 3 }));
  const before = cluster.node(1).status();
  equal(before.raftState, "StateLeader");
  deepEqual(
    late.map(({ index }) => index),
    [3, 4, 5],
  );
  for (const acknowledgement of late) cluster.hand(acknowledgement);
  deepEqual(cluster.node(1).status().progress.get(1), before.progress.get(1));
});

test("R15 what storage says of a write that was overwritten since makes nothing stable", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], asyncStorageWrites: true });
  const node = cluster.node(2);
  const append = (term: number, entries = [entry(1, 2, "a")], commit = 1): void => {
    node.step(
      message({
        type: "MsgApp",
        from: term === 2 ? 3 : 1,
        to: 2,
        term,
        logTerm: 1,
        index: 1,
        entries,
        commit,
      }),
    );
    cluster.ready(2);
  };
  append(1);
  append(2, [entry(2, 2, "x")]);
  append(3, [entry(1, 2, "a")], 2);
  cluster.store(2);
  cluster.deliver((m) => m.to === 2);
  // 1/2 is in the log again and committed, but the disk is about to hold 2/2.
  cluster.store(2);
  equal(cluster.at(2).disk.term(2), 2);
  ok(!node.hasReady() || node.ready().committedEntries.length === 0, "nothing is read back from there");
  cluster.deliver((m) => m.to === 2);
  ok(!node.hasReady() || node.ready().committedEntries.length === 0);
  cluster.store(2);
  cluster.deliver((m) => m.to === 2);
  deepEqual(
    node.ready().committedEntries.map(({ data }) => text(data)),
    ["a"],
  );
});

test("R15 an answer of this term that names an entry of another makes nothing stable", () => {
  const lone = new Lone({ asyncStorageWrites: true });
  lone.hear({ type: "MsgApp", term: 3, entries: [entry(3, 1, "a")], commit: 1 });
  lone.storage.append(lone.node.ready().entries);
  const says = { type: "MsgStorageAppendResp", from: LocalAppendThread, term: 3, index: 1 } as const;
  lone.hear({ ...says, logTerm: 2 });
  equal(lone.node.hasReady(), false);
  lone.hear({ ...says, logTerm: 3 });
  deepEqual(lone.node.ready().committedEntries, [entry(3, 1, "a")]);
});

test("R16 a snapshot brings its configuration; an old one and one without this node are ignored", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  const node = cluster.node(2);
  const snap = (index: number, voters: number[]): Message =>
    message({
      type: "MsgSnap",
      from: 1,
      to: 2,
      term: 1,
      snapshot: { index, term: 1, conf: conf(voters), data: utf8("[]") },
    });
  node.step(snap(1, [1, 2, 9]));
  node.step(snap(5, [1, 3]));
  cluster.settle([2]);
  deepEqual(node.status().config.voters, [1, 2, 3]);
  deepEqual(
    cluster.network.map(({ type, index }) => [type, index]),
    [
      ["MsgAppResp", 1],
      ["MsgAppResp", 1],
    ],
  );
  node.step(snap(5, [2, 7]));
  node.campaign();
  equal(node.status().raftState, "StateFollower", "not before the snapshot is on disk");
  cluster.settle([2]);
  deepEqual(
    [node.status().config.voters, node.status().applied, cluster.at(2).disk.firstIndex()],
    [[2, 7], 5, 6],
  );
  cluster.network = [];
  node.step(snap(3, [1, 2, 3]));
  cluster.settle([2]);
  deepEqual(
    [node.status().config.voters, cluster.network[0]?.index],
    [[2, 7], 5],
    "an older one takes nothing back",
  );
});

test("R16 what overtakes the hand-over of a snapshot counts as lost: never both in one Ready", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], asyncStorageWrites: true });
  const snapshot = { index: 5, term: 1, conf: conf([1, 2, 3]), data: utf8("[]") };
  cluster.node(2).step(message({ type: "MsgSnap", from: 1, to: 2, term: 1, snapshot }));
  const append = message({
    type: "MsgApp",
    from: 1,
    to: 2,
    term: 1,
    logTerm: 1,
    index: 5,
    entries: [entry(1, 6)],
  });
  cluster.node(2).step(append);
  const first = cluster.ready(2);
  deepEqual([first.snapshot?.index, first.entries], [5, []]);
  cluster.node(2).step(append);
  deepEqual(cluster.ready(2).entries, [entry(1, 6)]);
});

test("R17 a node whose disk lost what it had committed does not start, and votes for nobody", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  const { disk } = cluster.at(2);
  equal(disk.hard.commit, 2);
  disk.lastIndex = () => 1;
  throws(() => cluster.restart(2), /damaged, cut or lost/);
});

test("R17 a voter that lost what it had acknowledged stops at its leader's next word, and goes on under another id", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], strangers: [4] });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  cluster.settle();
  // All of its disk is gone: it comes back as nobody, who may not stand, and whom no commit can be told to.
  cluster.members.delete(2);
  const lost = new Lone({ id: 2, voters: [] });
  lost.node.campaign();
  equal(lost.state, "StateFollower");
  cluster.tick(1);
  cluster.ready(1);
  for (const heartbeat of cluster.take(({ to, type }) => to === 2 && type === "MsgHeartbeat"))
    throws(() => lost.node.step(heartbeat), /damaged, cut or lost/);
  cluster.node(1).proposeConfChange({
    transition: "ConfChangeTransitionAuto",
    changes: [
      { type: "ConfChangeRemoveNode", nodeId: 2 },
      { type: "ConfChangeAddNode", nodeId: 4 },
    ],
  });
  for (let round = 0; round < 4; round++) {
    cluster.settle();
    cluster.tick(1);
  }
  deepEqual([cluster.node(4).status().config.voters, cluster.applied(4)], [[1, 3, 4], ["a"]]);
});

test("R18 a transfer that does not come about is given up, and proposals are taken again", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).transferLeader(2);
  equal(cluster.node(1).status().leadTransferee, 2);
  throws(() => cluster.node(1).propose(utf8("a")), { code: "ErrProposalDropped" });
  cluster.tick(1, 10);
  equal(cluster.node(1).status().leadTransferee, 0);
  cluster.node(1).propose(utf8("a"));
});

test("R18 a transfer to a node that is removed meanwhile ends with its removal", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ type: "ConfChangeRemoveNode", nodeId: 2 });
  cluster.node(1).transferLeader(2);
  cluster.settle([1, 3]);
  equal(cluster.node(1).status().leadTransferee, 0);
});

test("R19 a learner counts for no commit, no election and no quorum", () => {
  const cluster = new Cluster({ voters: [1, 2], learners: [3], checkQuorum: true });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  cluster.settle([1, 3]);
  equal(cluster.node(1).status().commit, 2);
  cluster.node(3).campaign();
  equal(cluster.node(3).status().raftState, "StateFollower");
  const lone = new Lone({ voters: [1, 2], learners: [3] });
  lone.node.campaign();
  deepEqual(
    lone.work().map(({ type, to }) => [type, to]),
    [["MsgVote", 2]],
    "a learner is not asked",
  );
  lone.hear({ type: "MsgVoteResp", from: 3, term: 1 });
  equal(lone.state, "StateCandidate", "nor does it help");
  for (let round = 0; round < 20; round++) {
    cluster.tick(1);
    cluster.settle([1, 3]);
  }
  equal(cluster.node(1).status().raftState, "StateFollower", "without 2 there is no quorum");
});

test("R20 no refusal, however late, takes next to match or below", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  cluster.settle();
  const refuse = (index: number, rejectHint: number): void =>
    cluster
      .node(1)
      .step(
        message({ type: "MsgAppResp", from: 2, to: 1, term: 1, index, rejectHint, reject: true, logTerm: 1 }),
      );
  for (const [index, hint] of [
    [3, 0],
    [2, 0],
    [9, 0],
    [9, 3],
    [12, 1],
  ] as const) {
    refuse(index, hint);
    const { match, next, state } = must(cluster.node(1).status().progress.get(2), "2 is a peer");
    equal(match, 3);
    ok(next > match);
    if (index < 9) equal(state, "StateReplicate", "an answer to an older message changes nothing");
  }
});

test("R20 while probing too a refusal of what the peer is known to have takes next no lower", () => {
  const lone = new Lone();
  lone.lead();
  for (const data of ["a", "b"]) lone.node.propose(utf8(data));
  lone.acknowledge(2, 3);
  lone.node.reportUnreachable(2);
  deepEqual([lone.progress(2).match, lone.progress(2).next], [3, 4]);
  lone.hear({ type: "MsgAppResp", term: 1, index: 3, reject: true, rejectHint: 0 });
  deepEqual([lone.progress(2).match, lone.progress(2).next], [3, 4]);
});

test("R21 a new state begins with an empty window", () => {
  const cluster = new Cluster({ voters: [1, 2], maxInflightMsgs: 2 });
  cluster.elect(1);
  for (const data of ["a", "b", "c"]) cluster.node(1).propose(utf8(data));
  const of = (): [number, boolean] => {
    const { inflight, paused } = cluster.node(1).status().progress.get(2) ?? { inflight: -1, paused: false };
    return [inflight, paused];
  };
  deepEqual(of(), [2, true]);
  cluster.node(1).reportUnreachable(2);
  deepEqual(of(), [0, false]);
});
