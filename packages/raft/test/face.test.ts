import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import {
  entryBytes,
  LocalAppendThread,
  LocalApplyThread,
  MemoryStorage,
  type Message,
  RaftError,
  type RaftStorage,
} from "@isthmus/raft";
import { Cluster, entry } from "./cluster.ts";
import { Lone } from "./lone.ts";

const HELD = ["MsgAppResp", "MsgVoteResp", "MsgPreVoteResp"];

test("the storage threads have the two highest ids, and a refusal is an Error with its name in code", () => {
  deepEqual([LocalAppendThread, LocalApplyThread], [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1]);
  const error = new RaftError("ErrCompacted", "gone");
  ok(error instanceof Error);
  deepEqual([error.code, error.name], ["ErrCompacted", "RaftError"]);
});

test("an entry never counts as nothing, and counts its data", () => {
  ok(entryBytes({ term: 0, index: 0, type: "EntryNormal" }) > 0);
  equal(entryBytes(entry(1, 1, "12345")) - entryBytes(entry(1, 1, "")), 5);
});

test("what a message does not say is 0, false or an empty list; what has no such value is absent", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], asyncStorageWrites: true, preVote: true });
  const seen = new Map<string, Message>();
  const look = (sent: Message[]): void => {
    for (const m of sent) {
      seen.set(m.type, m);
      look(m.responses ?? []);
    }
  };
  cluster.node(1).campaign();
  cluster.node(1).readIndex(utf8("r"));
  for (let round = 0; round < 12; round++) {
    for (const id of [1, 2, 3]) if (cluster.node(id).hasReady()) look(cluster.ready(id).messages);
    for (const id of [1, 2, 3]) {
      cluster.store(id);
      cluster.apply(id);
    }
    cluster.deliver();
    if (round === 6) cluster.node(2).propose(utf8("a"));
    if (round === 8) cluster.tick(1);
  }
  ok(seen.size >= 12, `${[...seen.keys()]}`);
  for (const m of seen.values()) {
    for (const key of ["term", "logTerm", "index", "commit", "vote", "rejectHint"] as const)
      ok(Number.isSafeInteger(m[key]), `${m.type} ${key}`);
    deepEqual([typeof m.reject, Array.isArray(m.entries)], ["boolean", true]);
    for (const key of ["snapshot", "context", "responses"] as const)
      ok(!(key in m) || m[key] !== undefined, `${m.type} ${key}`);
    if (m.type !== "MsgStorageAppend") equal(m.vote, 0);
  }
});

test("raft calls the six methods of its storage and nothing else", () => {
  const memory = new MemoryStorage();
  const conf = { voters: [1, 2], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
  memory.applySnapshot({ index: 0, term: 0, conf });
  const storage: RaftStorage = Object.freeze({
    initialState: () => memory.initialState(),
    entries: (lo: number, hi: number, maxBytes: number) => memory.entries(lo, hi, maxBytes),
    term: (index: number) => memory.term(index),
    firstIndex: () => memory.firstIndex(),
    lastIndex: () => memory.lastIndex(),
    snapshot: () => memory.snapshot(),
  });
  const lone = new Lone({ storage });
  lone.node.campaign();
  for (let round = 0; round < 5; round++) {
    if (lone.node.hasReady()) {
      memory.append(lone.node.ready().entries);
      lone.node.advance();
    }
    if (round === 0) lone.hear({ type: "MsgVoteResp", term: 1 });
    if (round === 2) lone.acknowledge(2, 1);
  }
  deepEqual([lone.state, lone.commit], ["StateLeader", 1]);
});

test("after an election nothing is known of the peers, and of oneself all; who does not lead knows nothing", () => {
  const lone = new Lone({ terms: [1, 1], learners: [4], hard: { term: 1, vote: 0, commit: 0 } });
  equal(lone.node.status().progress.size, 0);
  lone.node.campaign();
  lone.work();
  equal(lone.node.status().progress.size, 0);
  lone.hear({ type: "MsgVoteResp", term: 2 });
  deepEqual([...lone.node.status().progress.keys()], [1, 2, 3, 4]);
  for (const id of [2, 3, 4]) {
    const { match, next, state, recentActive, isLearner } = lone.progress(id);
    deepEqual([match, next, state, recentActive, isLearner], [0, 3, "StateProbe", false, id === 4]);
  }
  const { match, next, state, recentActive } = lone.progress(1);
  deepEqual([match, next, state, recentActive], [2, 3, "StateReplicate", true]);
  lone.work();
  deepEqual([lone.progress(1).match, lone.progress(1).next], [3, 4], "its own entry is on its disk");
});

test("campaign on a leader, and whatever else is refused in silence, leaves nothing to do", () => {
  const lone = new Lone();
  lone.lead();
  for (const refused of [
    () => lone.node.campaign(),
    () => lone.node.forgetLeader(),
    () => lone.node.reportSnapshot(2, false),
    () => lone.node.reportSnapshot(9, true),
    () => lone.node.reportUnreachable(9),
    () => lone.node.transferLeader(9),
  ]) {
    refused();
    deepEqual([lone.node.hasReady(), lone.state, lone.term], [false, "StateLeader", 1]);
  }
});

test("what is done with a message of a lower term: those of a leader are answered, a pre-vote is refused", () => {
  for (const { options, types } of [
    {
      options: {},
      types: { MsgApp: 0, MsgHeartbeat: 0, MsgVote: 0, MsgPreVote: 1, MsgSnap: 0, MsgTimeoutNow: 0 },
    },
    {
      options: { checkQuorum: true },
      types: { MsgApp: 1, MsgHeartbeat: 1, MsgVote: 0, MsgPreVote: 1, MsgSnap: 0 },
    },
    {
      options: { preVote: true },
      types: { MsgApp: 1, MsgHeartbeat: 1, MsgVote: 0, MsgPreVote: 1, MsgAppResp: 0 },
    },
  ]) {
    for (const [type, answers] of Object.entries(types)) {
      const lone = new Lone({ ...options, terms: [1], hard: { term: 5, vote: 0, commit: 0 } });
      lone.hear({ type: type as Message["type"], term: 3, index: 1, logTerm: 1, entries: [] });
      const sent = lone.work();
      equal(sent.length, answers, `${type} with ${JSON.stringify(options)}`);
      const [answer] = sent;
      if (answer === undefined) continue;
      const expected = type === "MsgPreVote" ? ["MsgPreVoteResp", true] : ["MsgAppResp", false];
      deepEqual([answer.type, answer.reject, answer.term, answer.index, answer.to], [...expected, 5, 0, 2]);
      equal(lone.node.status().lead, 0);
    }
  }
});

test("a transfer asked of a follower goes on to the leader in the target's name", () => {
  const lone = new Lone({ hard: { term: 4, vote: 0, commit: 0 } });
  lone.node.transferLeader(3);
  deepEqual(lone.work(), [], "no leader, nothing to ask");
  lone.hear({ type: "MsgHeartbeat", term: 4 });
  lone.work();
  lone.node.transferLeader(3);
  const [asked] = lone.work();
  deepEqual([asked?.type, asked?.to, asked?.from, asked?.term], ["MsgTransferLeader", 2, 3, 4]);
});

test("synchronous: what may leave at once comes before what was held, and entries may be applied in the Ready they came in", () => {
  const lone = new Lone({ preVote: true });
  lone.hear({ type: "MsgPreVote", from: 3, term: 1 });
  lone.node.campaign();
  lone.hear({ type: "MsgPreVote", from: 2, term: 1 });
  deepEqual(
    lone.node.ready().messages.map(({ type, to }) => [type, to]),
    [
      ["MsgPreVote", 2],
      ["MsgPreVote", 3],
      ["MsgPreVoteResp", 3],
      ["MsgPreVoteResp", 2],
    ],
  );
  const follower = new Lone();
  follower.hear({ type: "MsgApp", term: 1, entries: [entry(1, 1), entry(1, 2)], commit: 2 });
  const { entries, committedEntries, hardState } = follower.node.ready();
  deepEqual(committedEntries, entries);
  equal(hardState?.commit, 2);
  equal(follower.node.status().applied, 0, "applied moves with advance");
  follower.node.advance();
  equal(follower.node.status().applied, 2);
});

test("synchronous: what advance brings about comes in the next Ready, votes and commits alike", () => {
  const lone = new Lone({ voters: [1] });
  lone.node.campaign();
  const states: string[] = [];
  while (lone.node.hasReady()) {
    const { softState, entries, committedEntries } = lone.ready();
    states.push(`${softState?.raftState ?? ""} ${entries.length} ${committedEntries.length}`.trim());
  }
  deepEqual(states, ["StateCandidate 0 0", "StateLeader 1 0", "0 1"]);
});

test("asynchronous: what the storage is asked, and what it is to answer, in which order", () => {
  const lone = new Lone({ asyncStorageWrites: true, hard: { term: 1, vote: 0, commit: 0 } });
  const brief = ({ type, to, from, term, index, logTerm, vote, commit }: Message): unknown[] => [
    type,
    to,
    from,
    term,
    index,
    logTerm,
    vote,
    commit,
  ];
  lone.hear({ type: "MsgApp", term: 1, entries: [entry(1, 1), entry(1, 2)], commit: 1 });
  const first = lone.node.ready();
  deepEqual(first.messages.map(brief), [["MsgStorageAppend", LocalAppendThread, 1, 1, 0, 0, 0, 1]]);
  deepEqual(first.messages[0]?.entries, first.entries);
  deepEqual(first.messages[0]?.responses?.map(brief), [
    ["MsgAppResp", 2, 1, 1, 2, 0, 0, 0],
    ["MsgStorageAppendResp", 1, LocalAppendThread, 1, 2, 1, 0, 0],
  ]);
  equal(lone.node.hasReady(), false, "committed, but not stable: nothing to apply");
  // No entries come with this one, and yet it speaks for those in flight.
  lone.hear({ type: "MsgHeartbeat", term: 2 });
  const second = lone.node.ready();
  deepEqual(second.messages.map(brief), [
    ["MsgHeartbeatResp", 2, 1, 2, 0, 0, 0, 0],
    ["MsgStorageAppend", LocalAppendThread, 1, 2, 0, 0, 0, 1],
  ]);
  deepEqual(second.messages[1]?.responses?.map(brief), [
    ["MsgStorageAppendResp", 1, LocalAppendThread, 2, 2, 1, 0, 0],
  ]);
  lone.storage.append(first.entries);
  for (const m of [...(first.messages[0]?.responses ?? []), ...(second.messages[1]?.responses ?? [])])
    if (m.to === 1) lone.node.step(m);
  const third = lone.node.ready();
  deepEqual(third.messages.map(brief), [["MsgStorageApply", LocalApplyThread, 1, 0, 0, 0, 0, 0]]);
  deepEqual(third.messages[0]?.entries, third.committedEntries);
  deepEqual(third.messages[0]?.responses?.map(brief), [
    ["MsgStorageApplyResp", 1, LocalApplyThread, 0, 0, 0, 0, 0],
  ]);
  deepEqual([third.committedEntries.length, lone.node.status().applied], [1, 0]);
  for (const m of third.messages[0]?.responses ?? []) lone.node.step(m);
  equal(lone.node.status().applied, 1);
  // A commit alone is a write without answers; no write at all where there is nothing to write and nothing held.
  lone.hear({ type: "MsgHeartbeat", term: 2, commit: 2 });
  const [answer, write, apply] = lone.node.ready().messages;
  deepEqual(
    [answer?.type, write?.responses, write?.commit, apply?.type],
    ["MsgHeartbeatResp", undefined, 2, "MsgStorageApply"],
  );
  lone.hear({ type: "MsgHeartbeat", term: 2, commit: 2 });
  deepEqual(
    lone.node.ready().messages.map(({ type }) => type),
    ["MsgHeartbeatResp"],
  );
});

test("a list that a Ready hands out, be it empty, is never added to afterwards", () => {
  for (const asyncStorageWrites of [false, true]) {
    const lone = new Lone({ voters: [1], asyncStorageWrites });
    lone.node.campaign();
    for (let round = 0; round < 6 && lone.node.hasReady(); round++) {
      if (round === 1) lone.node.readIndex(utf8("r"));
      const ready = lone.node.ready();
      const before = JSON.stringify(ready);
      lone.storage.append(ready.entries);
      for (const m of ready.messages) for (const response of m.responses ?? []) lone.node.step(response);
      if (!asyncStorageWrites) lone.node.advance();
      equal(JSON.stringify(ready), before);
    }
  }
});

test("in every mode and role, only the answers that speak of the disk are held for it", () => {
  const cluster = new Cluster({
    voters: [1, 2, 3],
    asyncStorageWrites: true,
    preVote: true,
    checkQuorum: true,
  });
  const immediate = new Set<string>();
  const held = new Set<string>();
  cluster.node(1).campaign();
  for (let round = 0; round < 60; round++) {
    for (const id of [1, 2, 3]) {
      if (cluster.node(id).hasReady())
        for (const { type } of cluster.ready(id).messages)
          if (!type.startsWith("MsgStorage")) immediate.add(type);
      for (const { type } of cluster.store(id)?.responses ?? []) held.add(type);
      cluster.apply(id);
    }
    cluster.deliver();
    if (round === 20) cluster.node(2).propose(utf8("a"));
    if (round === 25) cluster.node(2).readIndex(utf8("r"));
    if (round === 40) cluster.node(3).transferLeader(2);
    if (round % 8 === 0 && round < 40) cluster.tick(1);
  }
  deepEqual([...held].sort(), [...HELD, "MsgStorageAppendResp"].sort());
  for (const type of HELD) ok(!immediate.has(type));
  for (const type of [
    "MsgApp",
    "MsgHeartbeat",
    "MsgHeartbeatResp",
    "MsgVote",
    "MsgPreVote",
    "MsgTimeoutNow",
    "MsgProp",
  ])
    ok(immediate.has(type), type);
});

test("a number that is not what it should be stops the node instead of being taken", () => {
  const lone = new Lone();
  for (const term of [-1, 0.5, Number.NaN, 2 ** 53])
    throws(() => lone.hear({ type: "MsgHeartbeat", term }), { name: "AssertionError" });
});
