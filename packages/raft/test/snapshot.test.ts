import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import { LocalAppendThread, type Message, RawNode, type Snapshot } from "@isthmus/raft";
import { Cluster, entry, message } from "./cluster.ts";
import { conf, Lone } from "./lone.ts";

function snapshotAt(index: number, term: number, voters = [1, 2, 3], learners: number[] = []): Snapshot {
  return { index, term, conf: conf(voters, { learners }), data: utf8("[]") };
}

test("a snapshot replaces log, commit and configuration, and is acknowledged with its index once it is on disk", () => {
  const lone = new Lone({ terms: [1, 1], hard: { term: 1, vote: 0, commit: 1 } });
  lone.hear({ type: "MsgSnap", term: 2, snapshot: snapshotAt(11, 2, [1, 2, 5], [6]) });
  const ready = lone.node.ready();
  deepEqual([ready.snapshot?.index, ready.entries, ready.committedEntries], [11, [], []]);
  deepEqual(ready.hardState, { term: 2, vote: 0, commit: 11 });
  deepEqual(
    ready.messages.map(({ type, to, index, reject }) => [type, to, index, reject]),
    [["MsgAppResp", 2, 11, false]],
  );
  equal(lone.node.status().applied, 0, "it is applied when the caller says that it is stored");
  lone.storage.applySnapshot(snapshotAt(11, 2));
  lone.node.advance();
  const { applied, commit, config } = lone.node.status();
  deepEqual([applied, commit, config], [11, 11, conf([1, 2, 5], { learners: [6] })]);
});

test("a snapshot may bring a joint configuration, and make a voter a learner or a learner a voter", () => {
  const joint = { voters: [2, 3], outgoing: [1, 2], learners: [4], learnersNext: [1], autoLeave: true };
  const lone = new Lone({ voters: [1, 2] });
  lone.hear({ type: "MsgSnap", term: 1, snapshot: { index: 5, term: 1, conf: joint } });
  lone.work();
  deepEqual(lone.node.status().config, joint);
  const demoted = new Lone({ voters: [1, 2, 3] });
  demoted.hear({ type: "MsgSnap", term: 1, snapshot: snapshotAt(5, 1, [2, 3], [1]) });
  demoted.work();
  demoted.node.campaign();
  equal(demoted.state, "StateFollower");
  const promoted = new Lone({ voters: [2, 3], learners: [1] });
  promoted.hear({ type: "MsgSnap", term: 1, snapshot: snapshotAt(5, 1) });
  promoted.work();
  promoted.node.campaign();
  equal(promoted.state, "StateCandidate");
});

test("a snapshot that brings nothing new is acknowledged with the commit, and one that matches moves only that", () => {
  // The log is 1/1, 1/2, 1/3 and 1/1 is committed.
  for (const { index, term, voters, answered, commit, last } of [
    { index: 1, term: 1, voters: [1, 2, 3], answered: 1, commit: 1, last: 3 },
    { index: 2, term: 1, voters: [1, 2, 3], answered: 2, commit: 2, last: 3 },
    { index: 3, term: 1, voters: [1, 2, 3], answered: 3, commit: 3, last: 3 },
    { index: 3, term: 1, voters: [2, 3], answered: 1, commit: 1, last: 3 },
    { index: 3, term: 2, voters: [1, 2, 3], answered: 3, commit: 3, last: 3 },
    { index: 9, term: 2, voters: [2, 3], answered: 1, commit: 1, last: 3 },
    { index: 9, term: 2, voters: [1, 2, 3], answered: 9, commit: 9, last: 9 },
  ]) {
    const lone = new Lone({ terms: [1, 1, 1], hard: { term: 1, vote: 0, commit: 1 } });
    lone.hear({ type: "MsgSnap", term: 2, snapshot: snapshotAt(index, term, voters) });
    const [answer] = lone.work();
    deepEqual(
      [answer?.type, answer?.index, lone.commit, lone.storage.lastIndex()],
      ["MsgAppResp", answered, commit, last],
      `${term}/${index} for ${voters}`,
    );
  }
});

test("a candidate follows whoever sends it a snapshot of its term, and takes it", () => {
  const lone = new Lone();
  lone.node.campaign();
  lone.work();
  lone.hear({ type: "MsgSnap", term: 1, snapshot: snapshotAt(4, 1) });
  lone.work();
  deepEqual([lone.state, lone.node.status().lead, lone.commit], ["StateFollower", 2, 4]);
});

/** A leader of term 2 whose log begins behind 10: its empty entry is 11. Its peer 2 has been heard of. */
function compacted(config = {}): Lone {
  const lone = new Lone({
    terms: Array.from({ length: 10 }, () => 1),
    hard: { term: 1, vote: 0, commit: 10 },
    ...config,
  });
  lone.lead([3]);
  lone.acknowledge(3, 11);
  lone.work();
  lone.storage.compact(10);
  lone.storage.snapshot = () => snapshotAt(10, 1);
  lone.hear({ type: "MsgAppResp", term: 2, index: 10, reject: true, rejectHint: 3, logTerm: 1 });
  return lone;
}

test("a peer that lacks what is compacted is sent a snapshot, and then nothing until it is settled", () => {
  const lone = compacted();
  const [snap] = lone.work();
  deepEqual([snap?.type, snap?.to, snap?.snapshot?.index, snap?.term], ["MsgSnap", 2, 10, 2]);
  const { state, pendingSnapshot, next, paused, match } = lone.progress(2);
  deepEqual([state, pendingSnapshot, next, paused, match], ["StateSnapshot", 10, 11, true, 0]);
  lone.node.propose(utf8("a"));
  lone.hear({ type: "MsgHeartbeatResp", term: 2 });
  deepEqual(
    lone.work().filter(({ to }) => to === 2),
    [],
  );
});

test("how a snapshot is settled: reported, or by an acknowledgement that reaches the log", () => {
  const rows: { by: (lone: Lone) => void; state: string; next: number; paused: boolean }[] = [
    { by: (lone) => lone.node.reportSnapshot(2, true), state: "StateProbe", next: 11, paused: true },
    { by: (lone) => lone.node.reportSnapshot(2, false), state: "StateProbe", next: 1, paused: true },
    { by: (lone) => lone.acknowledge(2, 10), state: "StateReplicate", next: 12, paused: false },
    { by: (lone) => lone.acknowledge(2, 11), state: "StateReplicate", next: 12, paused: false },
    { by: (lone) => lone.acknowledge(2, 9), state: "StateSnapshot", next: 11, paused: true },
    { by: (lone) => lone.node.reportUnreachable(2), state: "StateSnapshot", next: 11, paused: true },
  ];
  for (const [at, { by, state, next, paused }] of rows.entries()) {
    const lone = compacted();
    lone.work();
    by(lone);
    const known = lone.progress(2);
    deepEqual([known.state, known.next, known.paused], [state, next, paused], `row ${at}`);
    if (state !== "StateSnapshot") equal(known.pendingSnapshot, 0);
  }
});

test("a snapshot newer than asked for, or the log itself, settles a pending one too", () => {
  const lone = compacted();
  lone.work();
  for (let at = 0; at < 5; at++) lone.node.propose(utf8("a"));
  lone.work();
  // Somebody else sent the peer a snapshot up to 13: the log goes on from there.
  lone.acknowledge(2, 13);
  const { state, match, next } = lone.progress(2);
  deepEqual([state, match, next], ["StateReplicate", 13, 17]);
  deepEqual(
    lone
      .work()
      .filter(({ to }) => to === 2)
      .map(({ type, index, entries }) => [type, index, entries.length]),
    [["MsgApp", 13, 3]],
  );
});

test("after a report the peer is probed at its next answer; after a failure the snapshot goes out again", () => {
  const arrived = compacted();
  arrived.work();
  arrived.node.reportSnapshot(2, true);
  deepEqual(arrived.work(), []);
  arrived.hear({ type: "MsgHeartbeatResp", term: 2 });
  deepEqual(
    arrived.work().map(({ type, index, entries }) => [type, index, entries.length]),
    [["MsgApp", 10, 1]],
  );
  const failed = compacted();
  failed.work();
  failed.node.reportSnapshot(2, false);
  failed.hear({ type: "MsgHeartbeatResp", term: 2 });
  equal(failed.work()[0]?.type, "MsgSnap");
  const replicating = compacted();
  replicating.work();
  replicating.acknowledge(2, 11);
  replicating.node.reportSnapshot(2, false);
  equal(replicating.progress(2).state, "StateReplicate", "a report that comes late changes nothing");
});

test("a leader that itself has just taken a snapshot sends that one on, before its disk has it", () => {
  const lone = new Lone({ asyncStorageWrites: true, voters: [1, 2, 3] });
  lone.hear({ type: "MsgSnap", term: 1, snapshot: snapshotAt(5, 1) });
  lone.node.campaign();
  equal(lone.state, "StateFollower", "but first it must be on disk");
  const { messages } = lone.node.ready();
  lone.storage.applySnapshot(snapshotAt(5, 1));
  for (const m of messages[0]?.responses ?? []) if (m.to === 1) lone.node.step(m);
  lone.node.campaign();
  equal(lone.state, "StateCandidate");
});

test("a node that was away while the log was compacted catches up, learners and newcomers too", () => {
  for (const options of [
    { voters: [1, 2, 3] },
    { voters: [1, 2], learners: [3] },
    { voters: [1, 2], strangers: [3] },
  ]) {
    for (const asyncStorageWrites of [false, true]) {
      const cluster = new Cluster({ ...options, asyncStorageWrites });
      cluster.reportsSnapshots = true;
      cluster.elect(1, [1, 2]);
      for (const data of ["a", "b", "c"]) cluster.node(1).propose(utf8(data));
      cluster.settle([1, 2]);
      cluster.network = [];
      cluster.compact(1, cluster.node(1).status().applied);
      if ("strangers" in options) cluster.node(1).proposeConfChange({ type: "ConfChangeAddNode", nodeId: 3 });
      for (let round = 0; round < 3; round++) {
        cluster.settle();
        cluster.tick(1);
      }
      cluster.node(1).propose(utf8("d"));
      cluster.settle();
      deepEqual(cluster.applied(3), ["a", "b", "c", "d"]);
      deepEqual(cluster.node(3).status().config, cluster.node(1).status().config);
      ok(cluster.at(3).disk.firstIndex() > 2, "it came by a snapshot");
    }
  }
});

test("while a snapshot is not acknowledged nothing is applied, and entries behind it are stored meanwhile", () => {
  const lone = new Lone({ asyncStorageWrites: true });
  lone.hear({ type: "MsgSnap", term: 1, snapshot: snapshotAt(5, 1) });
  const first = lone.node.ready().messages;
  lone.hear({ type: "MsgApp", term: 1, index: 5, logTerm: 1, entries: [entry(1, 6)], commit: 6 });
  const second = lone.node.ready().messages;
  const types = (sent: Message[]): string[] => sent.map(({ type }) => type);
  deepEqual([types(first), types(second)], [["MsgStorageAppend"], ["MsgStorageAppend"]]);
  deepEqual(
    first[0]?.responses?.map(({ type, index, snapshot }) => [type, index, snapshot?.index]),
    [
      ["MsgAppResp", 5, undefined],
      ["MsgStorageAppendResp", 0, 5],
    ],
  );
  equal(lone.node.status().commit, 6);
  for (const m of second[0]?.responses ?? []) if (m.from === LocalAppendThread) lone.node.step(m);
  equal(lone.node.hasReady(), false, "6 is stable, 5 is not known to be");
  for (const m of first[0]?.responses ?? []) if (m.from === LocalAppendThread) lone.node.step(m);
  equal(lone.node.status().applied, 5);
});

test("a snapshot acknowledged in a later term is taken all the same, entries of the older term are not", () => {
  const lone = new Lone({ asyncStorageWrites: true });
  lone.hear({ type: "MsgSnap", term: 1, snapshot: snapshotAt(5, 1) });
  const [write] = lone.node.ready().messages;
  lone.hear({ type: "MsgHeartbeat", term: 2, from: 3 });
  for (const m of write?.responses ?? []) if (m.from === LocalAppendThread) lone.node.step(m);
  deepEqual([lone.node.status().applied, lone.term], [5, 2]);
});

test("a node starts behind its snapshot: what was compacted counts as committed and applied", () => {
  const { storage } = new Lone();
  storage.applySnapshot(snapshotAt(7, 3));
  storage.append([entry(3, 8), entry(3, 9)]);
  const config = {
    id: 1,
    electionTick: 10,
    heartbeatTick: 1,
    storage,
    maxSizePerMsg: 0,
    maxInflightMsgs: 1,
    random: () => 0,
  };
  const fresh = new RawNode(config).status();
  deepEqual([fresh.commit, fresh.applied, fresh.raftState, fresh.lead], [7, 7, "StateFollower", 0]);
  storage.setHardState({ term: 4, vote: 2, commit: 9 });
  const later = new RawNode({ ...config, applied: 8 });
  const { commit, applied, term, vote } = later.status();
  deepEqual([commit, applied, term, vote], [9, 8, 4, 2]);
  const { committedEntries, hardState, softState, mustSync } = later.ready();
  deepEqual(
    [committedEntries.map(({ index }) => index), hardState, softState, mustSync],
    [[9], undefined, undefined, false],
  );
  later.advance();
  later.step(message({ type: "MsgHeartbeat", from: 3, to: 1, term: 4, commit: 9 }));
  deepEqual(later.ready().softState, { lead: 3, raftState: "StateFollower" });
});
