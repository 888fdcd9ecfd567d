import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import {
  entryBytes,
  LocalApplyThread,
  MemoryStorage,
  type Message,
  type RaftConfig,
  type RaftTraceEvent,
  RawNode,
} from "@isthmus/raft";
import { Cluster, entry, message, text } from "./cluster.ts";

function config(changes: Partial<RaftConfig> = {}): RaftConfig {
  return {
    id: 1,
    electionTick: 10,
    heartbeatTick: 1,
    storage: new MemoryStorage(),
    maxSizePerMsg: Number.POSITIVE_INFINITY,
    maxInflightMsgs: 8,
    random: () => 0,
    ...changes,
  };
}

test("a configuration that makes no sense is refused", () => {
  for (const wrong of [
    { id: 0 },
    { heartbeatTick: 0 },
    { electionTick: 1 },
    { maxInflightMsgs: 0 },
    { readOnly: "lease" as const },
    { random: () => 10 },
  ]) {
    throws(() => new RawNode(config(wrong)), { name: "AssertionError" });
  }
});

test("local messages and answers of strangers are refused at the door", () => {
  const { node } = new Cluster({ voters: [1, 2] }).at(1);
  for (const type of [
    "MsgHup",
    "MsgBeat",
    "MsgUnreachable",
    "MsgSnapStatus",
    "MsgCheckQuorum",
    "MsgStorageAppend",
  ] as const)
    throws(() => node.step(message({ type, from: 2, to: 1 })), { code: "ErrStepLocalMsg" });
  for (const type of [
    "MsgAppResp",
    "MsgVoteResp",
    "MsgHeartbeatResp",
    "MsgPreVoteResp",
    "MsgReadIndexResp",
  ] as const)
    throws(() => node.step(message({ type, from: 9, to: 1, term: 9 })), { code: "ErrStepPeerNotFound" });
  node.step(message({ type: "MsgStorageApplyResp", from: LocalApplyThread, to: 1 }));
  throws(() => node.step(message({ type: "MsgProp", from: 2, to: 1, entries: [entry(0, 0, "a")] })), {
    code: "ErrProposalDropped",
  });
  equal(node.status().term, 0);
});

test("two Readys without an advance between them are a mistake, in synchronous mode alone", () => {
  const { node } = new Cluster({ voters: [1] }).at(1);
  node.campaign();
  node.ready();
  throws(() => node.ready(), { name: "AssertionError" });
  const other = new Cluster({ voters: [1], asyncStorageWrites: true }).node(1);
  other.campaign();
  other.ready();
  other.ready();
  throws(() => other.advance(), { name: "AssertionError" });
});

test("what a Ready hands out it does not hand out again", () => {
  const cluster = new Cluster({ voters: [1] });
  const { node, disk } = cluster.at(1);
  equal(node.hasReady(), false);
  node.campaign();
  const { softState, hardState, mustSync } = node.ready();
  deepEqual(
    [softState, hardState, mustSync],
    [{ lead: 0, raftState: "StateCandidate" }, { term: 1, vote: 1, commit: 1 }, true],
  );
  node.advance();
  const ready = node.ready();
  deepEqual([ready.softState, ready.entries], [{ lead: 1, raftState: "StateLeader" }, [entry(1, 2)]]);
  equal(ready.hardState, undefined);
  disk.write(undefined, ready.entries, undefined);
  node.advance();
  const last = node.ready();
  deepEqual(
    [last.hardState, last.committedEntries, last.mustSync],
    [{ term: 1, vote: 1, commit: 2 }, [entry(1, 2)], false],
  );
  node.advance();
  equal(node.hasReady(), false);
});

test("a follower forwards a proposal without term and index, and what was given stays as it was", () => {
  const cluster = new Cluster({ voters: [1, 2] });
  cluster.elect(1);
  cluster.node(2).propose(utf8("a"));
  cluster.ready(2);
  const [forwarded] = cluster.take(({ type }) => type === "MsgProp") as [Message];
  deepEqual([forwarded.term, forwarded.to, forwarded.from, forwarded.entries], [0, 1, 2, [entry(0, 0, "a")]]);
  Object.freeze(forwarded.entries);
  Object.freeze(forwarded.entries[0]);
  cluster.hand(forwarded);
  cluster.settle();
  deepEqual(cluster.applied(2), ["a"]);
});

test("peers that lack the same entries are sent one and the same array", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  const { messages, entries } = cluster.node(1).ready();
  equal(messages[0]?.entries, messages[1]?.entries);
  equal(messages[0]?.entries, entries);
});

test("entries handed out for application stay within the budget until they are acknowledged", () => {
  const size = entryBytes(entry(1, 3, "a"));
  for (const [limit, most] of [
    [0, 1],
    [size, 1],
    [2 * size, 2],
  ] as const) {
    const cluster = new Cluster({ voters: [1], asyncStorageWrites: true, maxCommittedSizePerReady: limit });
    cluster.elect(1);
    for (const data of ["a", "b", "c", "d", "e"]) cluster.node(1).propose(utf8(data));
    let waiting = 0;
    for (let round = 0; round < 40; round++) {
      if (cluster.node(1).hasReady()) waiting += cluster.ready(1).committedEntries.length;
      ok(waiting <= most, `${waiting} entries under application with a limit of ${limit}`);
      cluster.store(1);
      cluster.deliver();
      if (round % 3 !== 2) continue;
      waiting -= cluster.apply(1)?.entries.length ?? 0;
      cluster.deliver();
    }
    deepEqual(cluster.applied(1), ["a", "b", "c", "d", "e"]);
  }
});

test("a message holds at most maxSizePerMsg of entries, and one at least", () => {
  const cluster = new Cluster({
    voters: [1, 2],
    maxSizePerMsg: 2 * entryBytes(entry(1, 3, "a")),
    maxInflightMsgs: 1,
  });
  cluster.elect(1);
  for (const data of ["a", "b", "c", "d", "e"]) cluster.node(1).propose(utf8(data));
  const sizes: number[] = [];
  for (let round = 0; round < 20; round++) {
    if (cluster.node(1).hasReady()) cluster.ready(1);
    sizes.push(
      ...cluster.network
        .filter(({ type, entries }) => type === "MsgApp" && entries.length > 0)
        .map((m) => m.entries.length),
    );
    cluster.deliver();
    if (cluster.node(2).hasReady()) cluster.ready(2);
    cluster.deliver();
  }
  deepEqual(sizes, [1, 2, 2]);
});

test("bytes under way to a peer are bounded where that is asked", () => {
  const cluster = new Cluster({ voters: [1, 2], maxInflightBytes: 20 });
  cluster.elect(1);
  for (let at = 0; at < 5; at++) cluster.node(1).propose(utf8("ten bytes!"));
  const { inflight, inflightFull, paused } = cluster.node(1).status().progress.get(2) ?? {};
  deepEqual([inflight, inflightFull, paused], [2, true, true]);
  cluster.settle();
  equal(cluster.applied(2).length, 5);
});

test("no snapshot is sent while storage is making one, nor to a peer that is silent", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1, [1, 2]);
  cluster.node(1).propose(utf8("a"));
  cluster.settle([1, 2]);
  cluster.network = [];
  cluster.compact(1, 3);
  cluster.node(1).reportUnreachable(3);
  cluster.tick(1);
  cluster.settle([1, 2]);
  equal(cluster.network.filter(({ type }) => type === "MsgSnap").length, 0, "3 has never been heard of");
  cluster.at(1).disk.canSnapshot = false;
  cluster.settle();
  equal(cluster.node(1).status().progress.get(3)?.state, "StateProbe");
  cluster.at(1).disk.canSnapshot = true;
  cluster.tick(1);
  cluster.settle();
  deepEqual(cluster.applied(3), ["a"]);
});

test("the time-out is drawn anew at each change of role, but not for asking", () => {
  let draws = 0;
  const random = (n: number): number => {
    draws += 1;
    return draws % n;
  };
  const cluster = new Cluster({ voters: [1, 2, 3], preVote: true, random });
  draws = 0;
  const { node } = cluster.at(1);
  node.setRandomizedElectionTimeout(12);
  cluster.tick(1, 11);
  equal(node.status().raftState, "StateFollower");
  cluster.tick(1);
  equal(node.status().raftState, "StatePreCandidate");
  equal(draws, 0);
  node.step(message({ type: "MsgHeartbeat", from: 2, to: 1, term: 3 }));
  equal(draws, 1);
});

test("a read asked twice with one context is answered once, and a late one confirms those before it", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  for (const context of ["a", "a", "b"]) cluster.node(1).readIndex(utf8(context));
  cluster.ready(1);
  cluster.network = cluster.network.filter(({ to, context }) => to === 2 && text(context) === "b");
  cluster.settle();
  deepEqual(cluster.at(1).reads, ["a@2", "b@2"]);
});

test("a trace tells each step with the state after it", () => {
  const events: RaftTraceEvent[] = [];
  const cluster = new Cluster({ voters: [1, 2], trace: (event) => events.push(event) });
  const names = (): string[] => events.splice(0).map(({ nid, name }) => `${nid} ${name}`);
  deepEqual(
    names(),
    ["1", "2"].flatMap((id) => [`${id} InitState`, `${id} ApplyConfChange`, `${id} BecomeFollower`]),
  );
  cluster.node(1).campaign();
  deepEqual(names(), ["1 BecomeCandidate", "1 SendRequestVoteResponse", "1 SendRequestVoteRequest"]);
  cluster.settle();
  deepEqual(names().slice(0, 5), [
    "1 Ready",
    "1 ReceiveRequestVoteResponse",
    "2 ReceiveRequestVoteRequest",
    "2 BecomeFollower",
    "2 SendRequestVoteResponse",
  ]);
  cluster.node(1).propose(utf8("a"));
  const [replicate, , send] = events;
  deepEqual(
    [replicate?.name, replicate?.role, replicate?.log, replicate?.conf],
    ["Replicate", "StateLeader", 2, [["1", "2"], []]],
  );
  deepEqual([send?.msg?.entries, send?.msg?.to, send?.prop], [1, "2", { match: 2, next: 3 }]);
});
