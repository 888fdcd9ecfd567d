import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { seededRandom, utf8 } from "@isthmus/kernel";
import type { Message, StateType } from "@isthmus/raft";
import { Cluster, message } from "./cluster.ts";
import { Lone } from "./lone.ts";

/** A cluster whose logs, terms and votes are as given, one row a node: the terms of the entries behind the first. */
function clusterOf(rows: { terms: number[]; term: number; vote?: number }[], options = {}): Cluster {
  const cluster = new Cluster({ voters: rows.map((_, at) => at + 1), ...options });
  rows.forEach(({ terms, term, vote = 0 }, at) => {
    const entries = terms.map((of, place) => ({
      term: of,
      index: place + 2,
      type: "EntryNormal" as const,
      data: utf8(`${of}`),
    }));
    cluster.at(at + 1).disk.write({ term, vote, commit: 1 }, entries, undefined);
    cluster.restart(at + 1);
  });
  return cluster;
}

function termsOf(cluster: Cluster, id: number): number[] {
  const { disk } = cluster.at(id);
  const terms: number[] = [];
  for (let at = disk.firstIndex(); at <= disk.lastIndex(); at++) terms.push(disk.term(at));
  return terms;
}

test("an election is won with a majority of all voters and hangs without one", () => {
  for (const { size, reached, wins } of [
    { size: 1, reached: 1, wins: true },
    { size: 2, reached: 1, wins: false },
    { size: 2, reached: 2, wins: true },
    { size: 3, reached: 1, wins: false },
    { size: 3, reached: 2, wins: true },
    { size: 4, reached: 2, wins: false },
    { size: 4, reached: 3, wins: true },
    { size: 5, reached: 2, wins: false },
    { size: 5, reached: 3, wins: true },
  ]) {
    for (const preVote of [false, true]) {
      const voters = Array.from({ length: size }, (_, at) => at + 1);
      const cluster = new Cluster({ voters, preVote });
      cluster.node(1).campaign();
      cluster.settle(voters.slice(0, reached));
      const { raftState, term } = cluster.node(1).status();
      const waits = preVote ? "StatePreCandidate" : "StateCandidate";
      equal(raftState, wins ? "StateLeader" : waits, `${reached} of ${size}`);
      equal(term, wins || !preVote ? 1 : 0, "asking alone changes no term");
    }
  }
});

test("votes are counted once each, and refusals by a majority end a candidacy", () => {
  const rows: { size: number; granted: number[]; refused: number[]; ends: StateType }[] = [
    { size: 3, granted: [2, 3], refused: [], ends: "StateLeader" },
    { size: 3, granted: [2], refused: [], ends: "StateLeader" },
    { size: 3, granted: [], refused: [], ends: "StateCandidate" },
    { size: 3, granted: [], refused: [2, 3], ends: "StateFollower" },
    { size: 5, granted: [2, 2, 2], refused: [], ends: "StateCandidate" },
    { size: 5, granted: [2, 3], refused: [4, 5], ends: "StateLeader" },
    { size: 5, granted: [2], refused: [3, 4, 5], ends: "StateFollower" },
    { size: 5, granted: [2], refused: [3, 3, 3], ends: "StateCandidate" },
  ];
  for (const { size, granted, refused, ends } of rows) {
    const lone = new Lone({ voters: Array.from({ length: size }, (_, at) => at + 1) });
    lone.node.campaign();
    lone.work();
    for (const from of refused) lone.hear({ type: "MsgVoteResp", from, term: 1, reject: true });
    for (const from of granted) lone.hear({ type: "MsgVoteResp", from, term: 1 });
    deepEqual([lone.state, lone.term], [ends, 1], `${size}: ${granted} against ${refused}`);
  }
});

test("the first answer of a voter stands", () => {
  const lone = new Lone();
  lone.node.campaign();
  lone.work();
  lone.hear({ type: "MsgVoteResp", term: 1, reject: true });
  lone.hear({ type: "MsgVoteResp", term: 1 });
  equal(lone.state, "StateCandidate");
  lone.hear({ type: "MsgPreVoteResp", from: 3, term: 1 });
  equal(lone.state, "StateCandidate", "a pre-vote is no vote");
});

test("a vote goes to a log that ends in a later term, or in the same and is no shorter (5.4.1)", () => {
  // Our log ends at 2/2.
  const rows: [index: number, logTerm: number, granted: boolean][] = [
    ...[0, 1, 2, 3].map((index): [number, number, boolean] => [index, 0, false]),
    ...[1, 2, 3, 9].map((index): [number, number, boolean] => [index, 1, false]),
    [1, 2, false],
    [2, 2, true],
    [3, 2, true],
    ...[1, 2, 3].map((index): [number, number, boolean] => [index, 3, true]),
  ];
  for (const [index, logTerm, granted] of rows) {
    for (const type of ["MsgVote", "MsgPreVote"] as const) {
      const lone = new Lone({ terms: [2, 2], hard: { term: 2, vote: 0, commit: 0 } });
      lone.hear({ type, term: 4, index, logTerm });
      const [answer] = lone.work();
      const answerTerm = granted || type === "MsgVote" ? 4 : 2;
      deepEqual(
        [answer?.type, answer?.reject, answer?.term],
        [`${type}Resp`, !granted, answerTerm],
        `${logTerm}/${index}`,
      );
    }
  }
});

test("one vote a term: for the same candidate again, for nobody else, for nobody where a leader is known", () => {
  for (const { vote, from, lead, granted } of [
    { vote: 0, from: 2, lead: 0, granted: true },
    { vote: 2, from: 2, lead: 0, granted: true },
    { vote: 3, from: 2, lead: 0, granted: false },
    { vote: 0, from: 2, lead: 3, granted: false },
    { vote: 2, from: 2, lead: 3, granted: true },
  ]) {
    const lone = new Lone({ hard: { term: 1, vote, commit: 0 } });
    if (lead !== 0) lone.hear({ type: "MsgHeartbeat", from: lead, term: 1 });
    lone.work();
    lone.hear({ type: "MsgVote", from, term: 1 });
    const [answer] = lone.work();
    equal(answer?.reject, !granted, `voted for ${vote}, led by ${lead}`);
    equal(lone.node.status().vote, granted ? from : vote);
  }
});

/** Brings a fresh node into a role, at term 1 or, for who only asks, 0. */
function inRole(role: StateType, options = {}): Lone {
  const lone = new Lone({ preVote: role === "StatePreCandidate", ...options });
  if (role === "StateLeader") lone.lead();
  else if (role !== "StateFollower") lone.node.campaign();
  lone.work();
  equal(lone.state, role);
  return lone;
}

const ROLES: StateType[] = ["StateFollower", "StatePreCandidate", "StateCandidate", "StateLeader"];

test("whatever the role, a good request of a later term is granted; a pre-vote changes nothing", () => {
  for (const role of ROLES) {
    for (const type of ["MsgVote", "MsgPreVote"] as const) {
      const lone = inRole(role);
      const before = lone.node.status();
      lone.hear({ type, from: 3, term: before.term + 1, index: 9, logTerm: before.term });
      const answer = lone.work().find((m) => m.to === 3);
      deepEqual([answer?.type, answer?.reject, answer?.term], [`${type}Resp`, false, before.term + 1]);
      const { raftState, term, vote } = lone.node.status();
      if (type === "MsgVote") deepEqual([raftState, term, vote], ["StateFollower", before.term + 1, 3]);
      else deepEqual([raftState, term, vote], [role, before.term, before.vote]);
    }
  }
});

test("whatever the role, a later term is followed, its leader too, and an older one changes nothing", () => {
  const ofLeader = ["MsgApp", "MsgHeartbeat"];
  for (const role of ROLES) {
    for (const type of ["MsgApp", "MsgHeartbeat", "MsgAppResp", "MsgHeartbeatResp", "MsgVoteResp"] as const) {
      const lone = inRole(role, { hard: { term: 3, vote: 0, commit: 0 } });
      const before = lone.node.status();
      lone.hear({ type, term: 2 });
      deepEqual(lone.node.status(), before, `${type} of an old term as ${role}`);
      lone.hear({ type, term: 9 });
      const { raftState, term, lead, vote } = lone.node.status();
      deepEqual([raftState, term, vote], ["StateFollower", 9, 0]);
      equal(lead, ofLeader.includes(type) ? 2 : 0);
    }
  }
});

test("a candidate of either kind follows whoever won its term", () => {
  for (const role of ["StateCandidate", "StatePreCandidate"] as const) {
    for (const type of ["MsgApp", "MsgHeartbeat", "MsgSnap"] as const) {
      const lone = inRole(role, { hard: { term: 1, vote: 0, commit: 0 } });
      lone.hear({ type, term: lone.term });
      deepEqual([lone.state, lone.node.status().lead], ["StateFollower", 2]);
    }
  }
});

test("a follower stands for election in the tick that its drawn time-out ends with, not before", () => {
  for (const drawn of [0, 1, 5, 9]) {
    const lone = new Lone({ random: () => drawn });
    for (let ticks = 1; ticks < 10 + drawn; ticks++) lone.node.tick();
    equal(lone.state, "StateFollower");
    lone.node.tick();
    equal(lone.state, "StateCandidate");
    deepEqual(
      lone.work().map(({ type, to, term, index }) => [type, to, term, index]),
      [
        ["MsgVote", 2, 1, 0],
        ["MsgVote", 3, 1, 0],
      ],
    );
  }
});

test("a candidate that hears nothing tries again in the next term; a pre-candidate in the same", () => {
  const lone = inRole("StateCandidate");
  for (let ticks = 0; ticks < 10; ticks++) lone.node.tick();
  deepEqual([lone.state, lone.term], ["StateCandidate", 2]);
  const asking = inRole("StatePreCandidate");
  for (let ticks = 0; ticks < 10; ticks++) asking.node.tick();
  deepEqual([asking.state, asking.term], ["StatePreCandidate", 0]);
  equal(asking.work().filter(({ type }) => type === "MsgPreVote").length, 2, "it asks again");
});

test("word of the leader starts the time-out anew, and so does a vote given; a refused one does not", () => {
  for (const { type, resets } of [
    { type: "MsgHeartbeat", resets: true },
    { type: "MsgApp", resets: true },
    { type: "MsgVote", resets: true },
    { type: "MsgPreVote", resets: false },
  ] as const) {
    const lone = new Lone({ hard: { term: 1, vote: 0, commit: 0 } });
    for (let ticks = 0; ticks < 9; ticks++) lone.node.tick();
    lone.hear({ type, term: type === "MsgPreVote" ? 2 : 1 });
    lone.node.tick();
    equal(lone.state, resets ? "StateFollower" : "StateCandidate", type);
  }
  const refusing = new Lone({ terms: [1], hard: { term: 1, vote: 0, commit: 0 } });
  for (let ticks = 0; ticks < 9; ticks++) refusing.node.tick();
  refusing.hear({ type: "MsgVote", term: 1 });
  refusing.node.tick();
  equal(refusing.state, "StateCandidate");
});

test("whoever may not lead lets the time-out pass: a learner, a stranger, a node removed", () => {
  const learner = new Lone({ id: 3, voters: [1, 2], learners: [3] });
  const stranger = new Lone({ id: 4 });
  for (const lone of [learner, stranger]) {
    for (let ticks = 0; ticks < 30; ticks++) lone.node.tick();
    lone.hear({ type: "MsgTimeoutNow", term: 0 });
    lone.node.campaign();
    deepEqual([lone.state, lone.node.hasReady()], ["StateFollower", false]);
  }
});

test("a learner answers requests for votes like anybody: it may be a voter and not know yet", () => {
  const lone = new Lone({ id: 3, voters: [1, 2], learners: [3] });
  lone.hear({ type: "MsgVote", term: 2 });
  deepEqual([lone.work()[0]?.reject, lone.node.status().vote], [false, 2]);
});

test("a leader's empty entry takes the place of entries that an older leader never committed", () => {
  for (const preVote of [false, true]) {
    // 3 led term 2 with the votes of 4 and 5 and died before it sent its entry.
    const cluster = clusterOf(
      [
        { terms: [1], term: 1 },
        { terms: [1], term: 1 },
        { terms: [2], term: 2 },
        { terms: [], term: 2, vote: 3 },
        { terms: [], term: 2, vote: 3 },
      ],
      { preVote },
    );
    cluster.node(1).campaign();
    cluster.settle();
    if (cluster.node(1).status().raftState !== "StateLeader") {
      deepEqual([cluster.node(1).status().raftState, cluster.node(1).status().term], ["StateFollower", 2]);
      cluster.node(1).campaign();
      cluster.settle();
    }
    deepEqual([cluster.node(1).status().raftState, cluster.node(1).status().term], ["StateLeader", 3]);
    for (const id of [1, 2, 3, 4, 5]) deepEqual(termsOf(cluster, id), [1, 3], `log of ${id}`);
  }
});

test("of two candidates in two halves one wins, and the other follows when they meet again", () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.node(1).campaign();
  cluster.node(3).campaign();
  cluster.settle([1, 2]);
  cluster.network = [];
  cluster.settle([3]);
  deepEqual(
    [cluster.node(1).status().raftState, cluster.node(3).status().raftState],
    ["StateLeader", "StateCandidate"],
  );
  cluster.network = [];
  // It does not know of the leader and tries again: that unseats the leader, and yet it cannot win.
  cluster.node(3).campaign();
  cluster.settle();
  deepEqual(
    [1, 2, 3].map((id) => cluster.node(id).status().raftState),
    ["StateFollower", "StateFollower", "StateFollower"],
  );
  deepEqual(
    [1, 2, 3].map((id) => cluster.node(id).status().term),
    [2, 2, 2],
  );
});

test("with pre-vote the one that cannot win unseats nobody and learns who leads", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], preVote: true });
  cluster.node(1).campaign();
  cluster.node(3).campaign();
  cluster.settle([1, 2]);
  cluster.network = [];
  cluster.settle([3]);
  cluster.network = [];
  cluster.node(3).campaign();
  cluster.settle();
  cluster.tick(1);
  cluster.settle();
  deepEqual(
    [1, 2, 3].map((id) => [cluster.node(id).status().lead, cluster.node(id).status().term]),
    [
      [1, 1],
      [1, 1],
      [1, 1],
    ],
  );
});

test("a split vote is settled in a later term, with pre-vote too", () => {
  for (const preVote of [false, true]) {
    const cluster = new Cluster({ voters: [1, 2, 3], preVote });
    cluster.elect(1);
    // The leader is gone; both others stand at once and vote for themselves.
    cluster.node(2).campaign();
    cluster.node(3).campaign();
    cluster.settle([2, 3]);
    deepEqual(
      [2, 3].map((id) => cluster.node(id).status().term),
      [2, 2],
    );
    ok([2, 3].every((id) => cluster.node(id).status().raftState !== "StateLeader"));
    cluster.node(2).campaign();
    cluster.settle([2, 3]);
    deepEqual([cluster.node(2).status().raftState, cluster.node(2).status().term], ["StateLeader", 3]);
  }
});

test("a cluster passes leadership round to every node in turn", () => {
  for (const preVote of [false, true]) {
    const cluster = new Cluster({ voters: [1, 2, 3], preVote });
    for (const id of [1, 2, 3, 1]) {
      cluster.elect(id);
      deepEqual(
        [1, 2, 3].map((of) => cluster.node(of).status().lead),
        [id, id, id],
      );
    }
  }
});

test("where only some nodes ask first, an election still ends", () => {
  for (const behind of [1, 3]) {
    const drawn = seededRandom(`mixed ${behind}`);
    const only = { 1: { preVote: true }, 2: { preVote: true } };
    const cluster = new Cluster({ voters: [1, 2, 3], only, random: (n) => drawn.below(n) });
    cluster.elect(1);
    // 3 was cut off and, not asking first, went up through the terms with a log that fell behind.
    cluster.node(1).propose(utf8("a"));
    cluster.settle([1, 2]);
    cluster.network = [];
    for (let times = 0; times < 4; times++) cluster.node(3).campaign();
    cluster.settle([3]);
    cluster.network = [];
    cluster.node(behind).campaign();
    for (let round = 0; round < 60; round++) {
      for (const id of [1, 2, 3]) cluster.tick(id);
      cluster.settle();
    }
    const leader = cluster.leader() ?? 0;
    ok(leader === 1 || leader === 2, "only who has the entry leads");
    ok([1, 2, 3].every((id) => cluster.node(id).status().lead === leader));
    deepEqual(
      [1, 2, 3].map((id) => cluster.applied(id)),
      [["a"], ["a"], ["a"]],
    );
  }
});

test("a leader that checks its quorum steps down after a time-out without one, and not before", () => {
  for (const { heard, stays } of [
    { heard: [], stays: false },
    { heard: [2], stays: false },
    { heard: [2, 3], stays: true },
    { heard: [4, 5], stays: true },
  ]) {
    const lone = new Lone({ voters: [1, 2, 3, 4, 5], checkQuorum: true });
    lone.lead([2, 3]);
    // The first check finds who granted nothing silent; what is heard afterwards counts for the second.
    for (const from of [2, 3]) lone.hear({ type: "MsgHeartbeatResp", from, term: 1 });
    for (let ticks = 0; ticks < 10; ticks++) lone.node.tick();
    equal(lone.state, "StateLeader");
    for (const from of heard) lone.hear({ type: "MsgHeartbeatResp", from, term: 1 });
    for (let ticks = 0; ticks < 9; ticks++) lone.node.tick();
    equal(lone.state, "StateLeader");
    lone.node.tick();
    deepEqual(
      [lone.state, lone.term, lone.node.status().lead],
      stays ? ["StateLeader", 1, 1] : ["StateFollower", 1, 0],
    );
  }
});

test("with check-quorum a request is left unanswered while a leader was heard of, then answered", () => {
  for (const type of ["MsgVote", "MsgPreVote"] as const) {
    const lone = new Lone({ checkQuorum: true, random: () => 5 });
    lone.hear({ type: "MsgHeartbeat", from: 3, term: 1 });
    lone.work();
    for (let ticks = 0; ticks < 9; ticks++) lone.node.tick();
    lone.hear({ type, term: 5 });
    deepEqual([lone.term, lone.work()], [1, []]);
    lone.hear({ type, term: 5, context: utf8("CampaignTransfer") });
    equal(lone.work()[0]?.reject, false, "the leader itself asked for a transfer");
  }
  const lone = new Lone({ checkQuorum: true, random: () => 5 });
  lone.hear({ type: "MsgHeartbeat", from: 3, term: 1 });
  lone.work();
  for (let ticks = 0; ticks < 10; ticks++) lone.node.tick();
  lone.hear({ type: "MsgVote", term: 5 });
  deepEqual([lone.term, lone.work()[0]?.reject], [5, false]);
});

test("with check-quorum the leader holds off a later term until its own quorum is gone", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], checkQuorum: true });
  cluster.elect(1);
  cluster.node(3).campaign();
  cluster.settle();
  deepEqual(
    [cluster.node(1).status().raftState, cluster.node(3).status().raftState],
    ["StateLeader", "StateCandidate"],
  );
  // Once 2 has heard nothing for a time-out it votes; the leader learns of it by the first answer to its heartbeat.
  cluster.node(2).setRandomizedElectionTimeout(15);
  cluster.tick(2, 10);
  cluster.node(3).campaign();
  cluster.settle([2, 3]);
  equal(cluster.node(3).status().raftState, "StateLeader");
  cluster.tick(1);
  cluster.settle();
  deepEqual(
    [1, 2, 3].map((id) => cluster.node(id).status().lead),
    [3, 3, 3],
  );
});

test("a candidate stuck in a higher term is freed by the leader stepping down at its answer", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], checkQuorum: true });
  cluster.elect(1);
  for (let times = 0; times < 2; times++) {
    cluster.node(3).campaign();
    cluster.settle();
  }
  deepEqual([cluster.node(1).status().term, cluster.node(3).status().term], [1, 3]);
  cluster.tick(1);
  cluster.settle();
  deepEqual([cluster.node(1).status().raftState, cluster.node(1).status().term], ["StateFollower", 3]);
  cluster.node(3).campaign();
  cluster.settle();
  equal(cluster.node(3).status().raftState, "StateLeader");
});

test("with pre-vote and check-quorum who comes back disrupts nothing", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], checkQuorum: true, preVote: true });
  cluster.elect(1);
  cluster.tick(3, 40);
  cluster.settle();
  deepEqual([cluster.node(1).status().term, cluster.node(3).status().raftState], [1, "StatePreCandidate"]);
  cluster.tick(1);
  cluster.settle();
  deepEqual([cluster.node(3).status().lead, cluster.node(3).status().term], [1, 1]);
});

test("a pre-vote is refused with the own term, and its higher term is followed", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], preVote: true });
  cluster.node(2).step(message({ type: "MsgHeartbeat", from: 1, to: 2, term: 7 }));
  cluster.settle([2]);
  cluster.network = [];
  cluster.node(3).campaign();
  cluster.settle([2, 3]);
  deepEqual([cluster.node(3).status().raftState, cluster.node(3).status().term], ["StateFollower", 7]);
});

test("requests go in ascending id to the voters of both halves, each once, none to learners", () => {
  const lone = new Lone();
  lone.storage.applySnapshot({
    index: 1,
    term: 1,
    conf: { voters: [1, 2, 5], outgoing: [1, 3, 4], learners: [6], learnersNext: [], autoLeave: false },
  });
  const joint = new Lone({ storage: lone.storage });
  joint.node.campaign();
  const asked: Message[] = joint.node.ready().messages;
  deepEqual(
    asked.map(({ to, logTerm, index }) => [to, logTerm, index]),
    [
      [2, 1, 1],
      [3, 1, 1],
      [4, 1, 1],
      [5, 1, 1],
    ],
  );
  joint.node.advance();
  joint.hear({ type: "MsgVoteResp", from: 2, term: 1 });
  equal(joint.state, "StateCandidate", "a majority of one half");
  joint.hear({ type: "MsgVoteResp", from: 4, term: 1 });
  equal(joint.state, "StateLeader");
});
