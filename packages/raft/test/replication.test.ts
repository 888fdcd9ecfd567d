import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import { type Entry, entryBytes, type Message } from "@isthmus/raft";
import fc from "fast-check";
import { Cluster, entry, text } from "./cluster.ts";
import { Lone } from "./lone.ts";

function appends(sent: Message[], to: number): Message[] {
  return sent.filter((m) => m.type === "MsgApp" && m.to === to);
}

test("a follower takes what fits behind its log, and says where it may fit where it does not", () => {
  // Its log is 1/1, 2/2, and 1/1 is committed.
  const rows: [
    index: number,
    logTerm: number,
    index: number,
    reject: boolean,
    hint: number,
    hintTerm: number,
  ][] = [
    [0, 0, 1, false, 0, 0],
    [1, 1, 1, false, 0, 0],
    [2, 2, 2, false, 0, 0],
    [1, 2, 1, true, 1, 1],
    [2, 1, 2, true, 1, 1],
    [3, 3, 3, true, 2, 2],
    [9, 2, 9, true, 2, 2],
    [9, 1, 9, true, 1, 1],
  ];
  for (const [index, logTerm, answered, reject, hint, hintTerm] of rows) {
    const lone = new Lone({ terms: [1, 2], hard: { term: 2, vote: 0, commit: 1 } });
    lone.hear({ type: "MsgApp", term: 2, index, logTerm });
    const [answer] = lone.work();
    deepEqual(
      [answer?.type, answer?.index, answer?.reject, answer?.rejectHint, answer?.logTerm],
      ["MsgAppResp", answered, reject, hint, hintTerm],
      `${logTerm}/${index}`,
    );
  }
});

test("a follower replaces from the first conflict on, and writes only what it did not have", () => {
  const rows: { at: [index: number, term: number]; terms: number[]; log: number[]; written: number[] }[] = [
    { at: [2, 2], terms: [3], log: [1, 2, 3], written: [3] },
    { at: [1, 1], terms: [3, 4], log: [1, 3, 4], written: [3, 4] },
    { at: [0, 0], terms: [1], log: [1, 2], written: [] },
    { at: [0, 0], terms: [1, 2], log: [1, 2], written: [] },
    { at: [0, 0], terms: [1, 2, 3], log: [1, 2, 3], written: [3] },
    { at: [0, 0], terms: [3], log: [3], written: [3] },
  ];
  for (const { at, terms, log, written } of rows) {
    const lone = new Lone({ terms: [1, 2], hard: { term: 2, vote: 0, commit: 0 } });
    const [index, logTerm] = at;
    const entries = terms.map((term, place) => entry(term, index + 1 + place));
    lone.hear({ type: "MsgApp", term: 4, index, logTerm, entries });
    const ready = lone.ready();
    deepEqual(
      [lone.terms(), ready.entries.map(({ term }) => term), ready.mustSync],
      [log, written, true],
      `${terms} behind ${at}`,
    );
  }
});

test("a follower commits what the message vouches for and has been committed, no more", () => {
  // Its log is 1/1, 2/2 and nothing is committed.
  const rows: { at: [number, number]; terms: number[]; says: number; log: number; commit: number }[] = [
    { at: [2, 3], terms: [], says: 3, log: 2, commit: 0 },
    { at: [3, 3], terms: [], says: 3, log: 2, commit: 0 },
    { at: [1, 1], terms: [], says: 1, log: 2, commit: 1 },
    { at: [0, 0], terms: [2], says: 1, log: 1, commit: 1 },
    { at: [2, 2], terms: [2, 2], says: 3, log: 4, commit: 3 },
    { at: [2, 2], terms: [2], says: 4, log: 3, commit: 3 },
    { at: [1, 1], terms: [2], says: 4, log: 2, commit: 2 },
    { at: [1, 1], terms: [], says: 3, log: 2, commit: 1 },
    { at: [1, 1], terms: [2], says: 3, log: 2, commit: 2 },
    { at: [2, 2], terms: [], says: 3, log: 2, commit: 2 },
    { at: [2, 2], terms: [], says: 4, log: 2, commit: 2 },
  ];
  for (const { at, terms, says, log, commit } of rows) {
    const lone = new Lone({ terms: [1, 2] });
    const entries = terms.map((term, place) => entry(term, at[0] + 1 + place));
    lone.hear({ type: "MsgApp", term: 2, index: at[0], logTerm: at[1], entries, commit: says });
    lone.work();
    deepEqual([lone.terms().length, lone.commit], [log, commit], `${terms} behind ${at}, says ${says}`);
  }
});

test("a heartbeat moves the commit forward only, and past the log it stops the node", () => {
  for (const [says, commit] of [
    [1, 2],
    [2, 2],
    [3, 3],
  ] as const) {
    const lone = new Lone({ terms: [1, 2, 3], hard: { term: 2, vote: 0, commit: 2 } });
    lone.hear({ type: "MsgHeartbeat", term: 3, commit: says, context: utf8("c") });
    const [answer] = lone.work();
    deepEqual([lone.commit, answer?.type, text(answer?.context)], [commit, "MsgHeartbeatResp", "c"]);
  }
  const lone = new Lone({ terms: [1], hard: { term: 1, vote: 0, commit: 0 } });
  throws(() => lone.hear({ type: "MsgHeartbeat", term: 1, commit: 2 }), { name: "AssertionError" });
});

test("whatever a follower's log became under other leaders, the leader makes it its own (figure 7)", () => {
  const leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  for (const follower of [
    [1, 1, 1, 4, 4, 5, 5, 6, 6],
    [1, 1, 1, 4],
    [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    [1, 1, 1, 4, 4, 4, 4],
    [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    [],
  ]) {
    const first = new Lone({ terms: leader, hard: { term: 7, vote: 0, commit: 10 } });
    const second = new Lone({ id: 2, terms: follower, hard: { term: 7, vote: 0, commit: 0 } });
    first.lead([3]);
    equal(first.term, 8);
    first.node.propose(utf8("new"));
    meet(first, second);
    deepEqual(second.terms(), [...leader, 8, 8]);
    deepEqual(
      second.storage.entries(1, 13, Number.POSITIVE_INFINITY),
      first.storage.entries(1, 13, Number.POSITIVE_INFINITY),
    );
    equal(second.commit, 12);
  }
});

/** Lets two nodes talk until they have nothing to say; gives how often the second refused. */
function meet(first: Lone, second: Lone): number {
  let refusals = 0;
  first.node.tick();
  for (let sent = first.work(); sent.length > 0; ) {
    for (const m of sent) if (m.to === second.id) second.node.step(m);
    const answers = second.work();
    refusals += answers.filter(({ reject }) => reject).length;
    for (const m of answers) if (m.to === first.id) first.node.step(m);
    sent = first.work().filter(({ to }) => to === second.id);
  }
  return refusals;
}

/** Two logs as terms of elections could have left them: the same up to a place, different terms from there on. */
const twoLogs = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 }),
    fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 }),
    fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 }),
  )
  .map(([common, one, other]) => {
    const ascend = (terms: number[]): number[] => [...terms].sort((a, b) => a - b);
    const shared = ascend(common);
    // Even terms here, odd ones there: no term is in both tails, as each had one leader.
    return [
      [...shared, ...ascend(one).map((term) => 6 + 2 * term)],
      [...shared, ...ascend(other).map((term) => 7 + 2 * term)],
    ] as [number[], number[]];
  });

test("however two logs differ, the way back takes no more refusals than there are terms to skip", () => {
  fc.assert(
    fc.property(twoLogs, ([ours, theirs]) => {
      const first = new Lone({ terms: ours, hard: { term: 20, vote: 0, commit: 0 } });
      const second = new Lone({ id: 2, terms: theirs, hard: { term: 20, vote: 0, commit: 0 } });
      first.lead([3]);
      const refusals = meet(first, second);
      deepEqual(second.terms(), first.terms());
      const skipped = new Set([...ours, ...theirs].filter((term) => term > 5)).size;
      ok(refusals <= skipped + 2, `${refusals} refusals for ${skipped} terms`);
    }),
    { numRuns: 150 },
  );
});

test("what an older term left is committed together with the first entry of the leader's own", () => {
  for (const terms of [[], [2], [1, 2], [1]]) {
    const lone = new Lone({ terms, hard: { term: 2, vote: 0, commit: 0 } });
    lone.lead();
    lone.node.propose(utf8("new"));
    lone.work();
    lone.acknowledge(2, terms.length);
    equal(lone.commit, 0, "a majority has all of the old entries, and yet");
    lone.acknowledge(2, terms.length + 2);
    lone.work();
    deepEqual(
      lone.applied.map(({ term }) => term),
      [...terms, 3, 3],
    );
  }
});

test("an entry is committed when a majority, the leader among it or not, has acknowledged it", () => {
  for (const { size, by, commits } of [
    { size: 1, by: [], commits: true },
    { size: 3, by: [], commits: false },
    { size: 3, by: [2], commits: true },
    { size: 3, by: [2, 3], commits: true },
    { size: 5, by: [2], commits: false },
    { size: 5, by: [2, 2, 2], commits: false },
    { size: 5, by: [4, 5], commits: true },
  ]) {
    const lone = new Lone({ voters: Array.from({ length: size }, (_, at) => at + 1) });
    lone.lead(size === 1 ? [] : [2, 3]);
    for (const from of [2, 3]) if (size > 1) lone.acknowledge(from, 1);
    lone.work();
    lone.node.propose(utf8("a"));
    lone.work();
    for (const from of by) lone.acknowledge(from, 2);
    equal(lone.commit, commits ? 2 : 1, `${by} of ${size}`);
  }
});

test("the commit is the highest index of the own term that a majority has", () => {
  // The leader of term 3 has old entries of terms 1 and 2 and its own at 3 and 4.
  const rows: [first: number, second: number, commit: number][] = [
    [0, 0, 0],
    [1, 0, 0],
    [2, 2, 0],
    [3, 0, 3],
    [3, 4, 4],
    [4, 1, 4],
    [4, 4, 4],
  ];
  for (const [second, third, commit] of rows) {
    const lone = new Lone({ terms: [1, 2], hard: { term: 2, vote: 0, commit: 0 } });
    lone.lead();
    lone.node.propose(utf8("a"));
    lone.work();
    if (second > 0) lone.acknowledge(2, second);
    if (third > 0) lone.acknowledge(3, third);
    equal(lone.commit, commit, `${second} and ${third}`);
  }
});

test("with its own disk behind, a leader commits what a majority of the others has", () => {
  const cluster = new Cluster({ voters: [1, 2, 3], asyncStorageWrites: true });
  cluster.elect(1);
  cluster.node(1).propose(utf8("a"));
  cluster.ready(1);
  cluster.settle([2, 3]);
  cluster.deliver((m) => m.to === 1);
  equal(cluster.node(1).status().commit, 3);
  deepEqual(cluster.ready(1).committedEntries, [], "but applies only what its own disk has");
  cluster.settle();
  deepEqual(cluster.applied(1), ["a"]);
});

test("where replication stands: what each kind of message does to next, match and the flow", () => {
  // A leader whose own entry is 1; its peer is brought into a state, then proposals follow.
  const probe = new Lone();
  probe.lead();
  probe.node.propose(utf8("a"));
  const { next, paused, state } = probe.progress(2);
  deepEqual([state, next, paused], ["StateProbe", 1, true], "one message with entries, then wait");
  deepEqual(appends(probe.work(), 2), [], "it was sent with the election already");
  const replicate = new Lone();
  replicate.lead();
  replicate.acknowledge(2, 1);
  replicate.work();
  for (const data of ["a", "b"]) replicate.node.propose(utf8(data));
  const known = replicate.progress(2);
  deepEqual([known.state, known.match, known.next, known.inflight], ["StateReplicate", 1, 4, 2]);
  deepEqual(
    appends(replicate.work(), 2).map(({ index, entries }) => [index, entries.length]),
    [
      [1, 1],
      [2, 1],
    ],
  );
});

test("a probing peer is sent one message for each heartbeat answered, with all that has come up since", () => {
  const lone = new Lone();
  lone.lead();
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < 3; at++) lone.node.propose(utf8("a"));
    equal(appends(lone.work(), 2).length, 0, "paused");
    lone.node.tick();
    equal(lone.work().filter(({ type, to }) => type === "MsgHeartbeat" && to === 2).length, 1);
    lone.hear({ type: "MsgHeartbeatResp", term: 1 });
    const [append, ...more] = appends(lone.work(), 2);
    deepEqual([append?.index, append?.entries.length, more.length], [0, 1 + 3 * (round + 1), 0]);
    equal(lone.progress(2).paused, true);
  }
});

test("an answered heartbeat is followed by entries only where the peer lacks some or is probed", () => {
  const lone = new Lone();
  lone.lead();
  lone.hear({ type: "MsgHeartbeatResp", term: 1 });
  equal(appends(lone.work(), 2).length, 1);
  lone.acknowledge(2, 1);
  lone.work();
  lone.hear({ type: "MsgHeartbeatResp", term: 1 });
  deepEqual(lone.work(), [], "it has all");
  lone.node.propose(utf8("a"));
  lone.work();
  lone.hear({ type: "MsgHeartbeatResp", term: 1 });
  equal(appends(lone.work(), 2).length, 1, "what was sent may be lost: an empty one finds out");
});

test("a heartbeat tells a peer of no commit that it is not known to have", () => {
  const lone = new Lone({ terms: [1, 1], hard: { term: 1, vote: 0, commit: 0 } });
  lone.lead();
  lone.acknowledge(2, 3);
  lone.acknowledge(3, 2);
  lone.work();
  lone.node.tick();
  deepEqual(
    lone
      .work()
      .filter(({ type }) => type === "MsgHeartbeat")
      .map(({ to, commit, entries }) => [to, commit, entries.length]),
    [
      [2, 3, 0],
      [3, 2, 0],
    ],
  );
});

test("a window of messages fills, opens by acknowledgements in order, and by nothing old", () => {
  const size = 4;
  const lone = new Lone({ maxInflightMsgs: size });
  lone.lead();
  lone.acknowledge(2, 1);
  lone.work();
  for (let at = 0; at < size; at++) {
    lone.node.propose(utf8("a"));
    equal(appends(lone.work(), 2).length, 1);
  }
  equal(lone.progress(2).inflightFull, true);
  lone.node.propose(utf8("b"));
  equal(appends(lone.work(), 2).length, 0);
  for (let acked = 2; acked < 2 + size; acked++) {
    lone.acknowledge(2, acked);
    const sent = appends(lone.work(), 2).filter(({ entries }) => entries.length > 0);
    equal(sent.length, acked === 2 ? 1 : 0, "what waited goes into the free place");
    equal(lone.progress(2).inflightFull, acked === 2, `${acked} frees one`);
    while (!lone.progress(2).inflightFull) lone.node.propose(utf8("c"));
    lone.work();
    for (let old = 0; old < acked; old++) lone.acknowledge(2, old);
    deepEqual(
      [lone.progress(2).inflightFull, appends(lone.work(), 2)],
      [true, []],
      "an old one frees nothing",
    );
  }
});

test("with a full window each heartbeat answered lets one empty message through", () => {
  const lone = new Lone({ maxInflightMsgs: 2 });
  lone.lead();
  lone.acknowledge(2, 1);
  lone.work();
  for (let at = 0; at < 5; at++) lone.node.propose(utf8("a"));
  lone.work();
  for (let round = 0; round < 3; round++) {
    equal(lone.progress(2).paused, true);
    lone.hear({ type: "MsgHeartbeatResp", term: 1 });
    deepEqual(
      appends(lone.work(), 2).map(({ entries, index }) => [entries.length, index]),
      [[0, 3]],
    );
  }
  // The peer had got nothing: the empty message is refused, and all goes out again from what it has.
  lone.hear({ type: "MsgAppResp", term: 1, index: 3, reject: true, rejectHint: 1, logTerm: 1 });
  const [again] = appends(lone.work(), 2);
  deepEqual([again?.index, again?.entries.length, lone.progress(2).state], [1, 5, "StateProbe"]);
});

test("an unreachable peer is probed from what it has; nothing else moves by that", () => {
  const lone = new Lone();
  lone.lead();
  lone.acknowledge(2, 1);
  for (const data of ["a", "b"]) lone.node.propose(utf8(data));
  lone.work();
  lone.node.reportUnreachable(2);
  const { state, match, next } = lone.progress(2);
  deepEqual([state, match, next], ["StateProbe", 1, 2]);
  const before = lone.progress(3);
  lone.node.reportUnreachable(3);
  lone.node.reportUnreachable(9);
  deepEqual(lone.progress(3), before);
});

test("a probe that is answered by what was known opens the flow again", () => {
  const lone = new Lone();
  lone.lead();
  lone.acknowledge(2, 1);
  lone.work();
  lone.node.reportUnreachable(2);
  lone.node.propose(utf8("a"));
  equal(lone.progress(2).paused, true);
  lone.acknowledge(2, 1);
  const { state, next, paused } = lone.progress(2);
  deepEqual([state, next, paused], ["StateReplicate", 3, false]);
});

test("a refusal is taken once: late and repeated ones change nothing", () => {
  const lone = new Lone({ terms: [1, 1, 1], hard: { term: 1, vote: 0, commit: 0 } });
  lone.lead();
  const refuse = (index: number, rejectHint: number): void =>
    lone.hear({ type: "MsgAppResp", term: 2, index, reject: true, rejectHint, logTerm: 1 });
  refuse(2, 0);
  equal(lone.progress(2).next, 4, "not an answer to the probe at 3");
  refuse(3, 1);
  equal(lone.progress(2).next, 2);
  equal(appends(lone.work(), 2)[0]?.index, 1);
  refuse(3, 1);
  deepEqual([lone.progress(2).next, lone.work()], [2, []]);
});

test("each election, commit and proposal sends to every peer in ascending id, empty ones too", () => {
  const lone = new Lone({ voters: [1, 2, 3], learners: [4] });
  lone.lead();
  for (const from of [2, 3, 4]) lone.acknowledge(from, 1);
  lone.work();
  lone.node.propose(utf8("a"));
  deepEqual(
    lone.work().map(({ type, to, entries, commit }) => [type, to, entries.length, commit]),
    [2, 3, 4].map((to) => ["MsgApp", to, 1, 1]),
  );
  lone.acknowledge(3, 2);
  deepEqual(
    lone.work().map(({ type, to, entries, commit }) => [type, to, entries.length, commit]),
    [2, 3, 4].map((to) => ["MsgApp", to, 0, 2]),
    "the commit is told to all at once",
  );
  lone.acknowledge(2, 2);
  deepEqual(lone.work(), [], "whoever comes late has been told");
});

test("a peer behind the commit is told of it as it catches up, once, and only where it helps", () => {
  const lone = new Lone();
  lone.lead();
  lone.acknowledge(2, 1);
  lone.node.reportUnreachable(3);
  for (const data of ["a", "b"]) lone.node.propose(utf8(data));
  lone.acknowledge(2, 3);
  lone.work();
  equal(lone.commit, 3);
  // 3 was sent the first entry with commit 0. Its answer opens the flow: the rest goes out with the commit, and no more.
  lone.acknowledge(3, 1);
  deepEqual(
    lone.work().map(({ to, index, entries, commit }) => [to, index, entries.length, commit]),
    [[3, 1, 2, 3]],
  );
  lone.acknowledge(3, 3);
  deepEqual(lone.work(), []);
});

test("what a heartbeat says is committed counts as sent: a peer that was told less is told again as it comes so far", () => {
  for (const beats of [false, true]) {
    const lone = new Lone();
    lone.lead();
    for (const id of [2, 3]) lone.acknowledge(id, 1);
    lone.node.propose(utf8("a"));
    lone.work();
    lone.acknowledge(3, 2);
    lone.work();
    // 2 was told of commit 2 by an empty MsgApp. The heartbeat says 1, since no more is known to be there.
    if (beats) lone.node.tick();
    lone.work();
    lone.acknowledge(2, 2);
    deepEqual(
      lone.work().map(({ type, to, commit, entries }) => [type, to, commit, entries.length]),
      beats ? [["MsgApp", 2, 2, 0]] : [],
    );
  }
});

test("while probing only a message with entries stops the flow", () => {
  const lone = new Lone();
  lone.lead();
  lone.acknowledge(2, 1);
  lone.work();
  lone.node.reportUnreachable(2);
  lone.hear({ type: "MsgHeartbeatResp", term: 1 });
  equal(appends(lone.work(), 2).length, 1);
  equal(lone.progress(2).paused, false);
  lone.node.propose(utf8("a"));
  deepEqual([appends(lone.work(), 2).length, lone.progress(2).paused], [1, true]);
  lone.node.propose(utf8("b"));
  deepEqual(appends(lone.work(), 2), []);
});

test("entries are cut into messages by size, and one that is larger goes alone", () => {
  const size = entryBytes(entry(1, 2, "a"));
  for (const { limit, cut } of [
    { limit: 0, cut: [1, 1, 1, 1] },
    { limit: size, cut: [1, 1, 1, 1] },
    { limit: 2 * size, cut: [2, 1, 1] },
    { limit: Number.POSITIVE_INFINITY, cut: [4] },
  ]) {
    const lone = new Lone({ maxSizePerMsg: limit });
    lone.lead();
    for (const data of ["a", "b", "a longer one than all the others are", "c"]) lone.node.propose(utf8(data));
    lone.work();
    lone.acknowledge(2, 1);
    const sent = appends(lone.work(), 2).filter(({ entries }) => entries.length > 0);
    deepEqual(
      sent.map(({ entries }) => entries.length),
      cut,
      `limit ${limit}`,
    );
    deepEqual(
      sent.flatMap(({ entries }) => entries.map(({ index }) => index)),
      [2, 3, 4, 5],
    );
  }
});

test("data not applied yet is limited: what goes over is dropped, and taken again after application", () => {
  const lone = new Lone({ voters: [1], maxUncommittedEntriesSize: 20, asyncStorageWrites: false });
  lone.lead([]);
  const offer = (bytes: number): boolean => {
    try {
      lone.node.propose(bytes === 0 ? undefined : new Uint8Array(bytes));
      return true;
    } catch {
      return false;
    }
  };
  deepEqual(
    [offer(8), offer(8), offer(8), offer(0), offer(4), offer(1)],
    [true, true, false, true, true, false],
  );
  lone.work();
  deepEqual([offer(100), offer(1), offer(0)], [true, false, true], "one of any size, empty ones always");
  lone.work();
  equal(offer(1), true);
  const unlimited = new Lone({ voters: [1, 2, 3] });
  unlimited.lead();
  for (let at = 0; at < 100; at++) unlimited.node.propose(new Uint8Array(1000));
});

test("a new leader starts its count anew, whatever it took over", () => {
  const lone = new Lone({ maxUncommittedEntriesSize: 10 });
  lone.lead();
  lone.node.propose(new Uint8Array(10));
  throws(() => lone.node.propose(new Uint8Array(1)), { code: "ErrProposalDropped" });
  lone.work();
  lone.hear({ type: "MsgHeartbeat", term: 5 });
  lone.lead();
  lone.node.propose(new Uint8Array(10));
  lone.work();
  lone.acknowledge(2, lone.terms().length);
  lone.work();
  lone.node.propose(new Uint8Array(10));
});

test("committed entries are handed out in portions of the limit, each once and in order", () => {
  const lone = new Lone({ voters: [1], maxCommittedSizePerReady: 2048 });
  lone.lead([]);
  const data = new Uint8Array(1000);
  for (let at = 0; at < 3; at++) lone.node.propose(data);
  const portions: number[] = [];
  const all: Entry[] = [];
  while (lone.node.hasReady()) {
    const { committedEntries } = lone.ready();
    if (committedEntries.length > 0) portions.push(committedEntries.length);
    all.push(...committedEntries);
  }
  deepEqual(portions, [2, 1]);
  deepEqual(
    all.map(({ index }) => index),
    [2, 3, 4],
  );
});

test("a proposal needs a leader that is a member and stays one", () => {
  const lone = new Lone();
  const dropped = { code: "ErrProposalDropped" };
  throws(() => lone.node.propose(utf8("a")), dropped);
  lone.node.campaign();
  throws(() => lone.node.propose(utf8("a")), dropped);
  throws(() => lone.node.proposeConfChange({ type: "ConfChangeAddNode", nodeId: 4 }), dropped);
  const follower = new Lone();
  follower.hear({ type: "MsgHeartbeat", term: 1 });
  follower.work();
  follower.node.propose(utf8("a"), utf8("ctx"));
  const [forwarded] = follower.work();
  deepEqual(
    [forwarded?.type, forwarded?.to, forwarded?.from, forwarded?.term, text(forwarded?.context)],
    ["MsgProp", 2, 1, 0, "ctx"],
  );
  follower.hear({ type: "MsgProp", from: 3, entries: [entry(0, 0, "b")] });
  deepEqual([follower.work()[0]?.to], [2], "what comes to the wrong node goes on");
});

test("what a Ready must be synced for: entries, term or vote, but not the commit alone", () => {
  const lone = new Lone();
  lone.hear({ type: "MsgApp", term: 1, entries: [entry(1, 1)] });
  equal(lone.ready().mustSync, true, "entries and term");
  lone.hear({ type: "MsgHeartbeat", term: 1, commit: 1 });
  const { mustSync, hardState } = lone.ready();
  deepEqual([mustSync, hardState], [false, { term: 1, vote: 0, commit: 1 }]);
  lone.hear({ type: "MsgVote", term: 2, index: 1, logTerm: 1 });
  equal(lone.ready().mustSync, true, "term and vote");
});
