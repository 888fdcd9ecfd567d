import assert from "node:assert/strict";
import { test } from "node:test";
import { type GroupId, seededRandom } from "@isthmus/kernel";
import {
  type ConfChangeSingle,
  type ConfState,
  type Entry,
  encodeConfChange,
  type Message,
} from "@isthmus/raft";
import { type LogPort, RaftDriver } from "@isthmus/replica";
import { decodeConfState, encodeConfState } from "@isthmus/wire";
import { put, Trio } from "./support/trio.ts";

const conf = (voters: number[], learners: number[] = []): ConfState => ({
  voters,
  outgoing: [],
  learners,
  learnersNext: [],
  autoLeave: false,
});

const change = (index: number, ...changes: ConfChangeSingle[]): Entry => ({
  term: 1,
  index,
  ...encodeConfChange({ transition: "ConfChangeTransitionAuto", changes }),
});

const callToLead = (from: number, to: number): Message => ({
  type: "MsgTransferLeader",
  to,
  from,
  term: 0,
  logTerm: 0,
  index: 0,
  entries: [],
  commit: 0,
  vote: 0,
  reject: false,
  rejectHint: 0,
});

/** A log that ends where it begins: what was written before a crash, and how far it was known to be committed. */
function written(entries: Entry[], commit: number, kept?: Uint8Array): LogPort {
  return {
    hardState: { term: 1, vote: 1, commit },
    conf: kept,
    firstIndex: 1,
    lastIndex: entries.length,
    lastOutcomeSequence: 0,
    firstOutcomeSequence: 0,
    firstWithin: () => 1,
    term: (index) => (index === 0 ? 0 : 1),
    entries: (lo, hi) => entries.slice(lo - 1, hi - 1),
    outcome: () => undefined,
  };
}

/** A node that starts over a log, with its checkpoint at `appliedIndex`, and applies what is committed. */
function restarted(log: LogPort, appliedIndex: number) {
  const kept: ReturnType<typeof decodeConfState>[] = [];
  const seen: ConfState[] = [];
  const driver: RaftDriver = new RaftDriver({
    group: "main/0" as GroupId,
    number: 3,
    nonce: 1,
    log,
    append: ({ conf: bytes }) => {
      if (bytes) kept.push(decodeConfState(bytes));
    },
    founding: conf([1, 2, 3]),
    appliedIndex,
    electionTicks: 10,
    heartbeatTicks: 1,
    random: seededRandom(1),
    send: () => true,
    apply: () => seen.push(driver.conf),
    wake: () => {},
  });
  for (let turn = 0; turn < 10; turn++) driver.pump();
  return { driver, kept, seen };
}

const HISTORY = [
  { term: 1, index: 1, type: "EntryNormal" } as const,
  change(2, { type: "ConfChangeAddLearnerNode", nodeId: 4 }),
  change(3, { type: "ConfChangeAddNode", nodeId: 4 }),
  change(4, { type: "ConfChangeRemoveNode", nodeId: 1 }),
];

test("a change of members is in force when it is applied, and the log keeps what is, with its index", () => {
  const { driver, kept } = restarted(written(HISTORY, 4), 0);
  assert.deepEqual(driver.conf, conf([2, 3, 4]));
  assert.equal(driver.confIndex, 4);
  assert.deepEqual(
    kept.map(({ index }) => index),
    [2, 3, 4],
  );
  assert.deepEqual(kept.at(-1)?.conf, conf([2, 3, 4]));
});

test("a checkpoint behind the configuration does not put an older change on top of it", () => {
  const log = written(HISTORY, 4, encodeConfState(conf([2, 3, 4]), 4));
  const { driver, kept, seen } = restarted(log, 1);
  assert.ok(seen.length > 0, "it applied what the checkpoint lacks");
  // Not even for a moment is node 4 a learner again.
  for (const each of [...seen, driver.conf]) assert.deepEqual(each, conf([2, 3, 4]));
  assert.deepEqual(kept, []);
});

test("what brought a configuration counts as committed, whatever the log says of its commit", () => {
  const log = written(HISTORY, 2, encodeConfState(conf([2, 3, 4]), 4));
  assert.equal(restarted(log, 1).driver.commitIndex, 4);
});

test("a leader takes steps only at the position of the control log that its group has taken up", () => {
  const trio = new Trio();
  const leader = trio.elect();
  const gone = trio.replicas.findIndex((each) => each !== leader) + 1;
  trio.wanted = [1, 2, 3].filter((number) => number !== gone);
  trio.position = 1;
  trio.pass(30);
  assert.deepEqual(leader.conf.voters, [1, 2, 3], "what it knows is not what its group knows");
  trio.position = 0;
  trio.pass(10);
  assert.deepEqual(leader.conf.voters, trio.wanted);
});

test("a leader that was removed and has not heard of it is relieved by one that has", () => {
  const trio = new Trio();
  const removed = trio.elect();
  const voters = [1, 2, 3].filter((number) => number !== trio.numberOf(removed));
  for (const number of voters) trio.elsewhere.set(number, { position: 1, voters });
  trio.pass(30);
  assert.ok(trio.leader && trio.leader !== removed);
  // It knows less than its group: it must not unseat who leads now.
  trio.elsewhere.clear();
  const { term } = trio.leader.role;
  trio.pass(30);
  assert.equal(trio.leader.role.term, term);
});

test("a leader that is not to lead hands over, and a write meanwhile is applied once", async () => {
  const trio = new Trio();
  const old = trio.elect();
  trio.avoid.add(trio.numberOf(old));
  const answers = trio.replicas.map((each, index) =>
    each.write({ retry: null, operations: [put(`n${index}`, 1)] }, 60_000),
  );
  trio.pass(20);
  const results = await Promise.all(answers);
  assert.ok(results.every(({ result }) => result.status === "applied"));
  assert.notEqual(trio.leader, old);
  assert.ok(trio.leader);
  const vectors = trio.replicas.map((each) => String(each.machine.vector));
  assert.equal(new Set(vectors).size, 1);
});

test("a call to lead that changes nothing stops no write", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  trio.pass(3);
  const self = trio.numberOf(leader);
  const write = leader.write({ retry: null, operations: [put("n", 1)] }, 60_000);
  let done = false;
  write.then(() => {
    done = true;
  });
  // From itself, and from who is no member: Raft heeds neither.
  for (const from of [self, 9]) leader.step(callToLead(from, self));
  trio.settle();
  await Promise.resolve();
  assert.ok(done, "no tick was needed");
});

test("a joint configuration is left though its leader was handing over when it came into force", () => {
  const trio = new Trio();
  const leader = trio.elect();
  trio.pass(10);
  const self = trio.numberOf(leader);
  const other = self === 1 ? 2 : 1;
  // The hand-over comes to nothing: who is called never hears of it.
  const heir = trio.replica(other);
  const step = heir.step.bind(heir);
  heir.step = (message) => {
    if (message.type !== "MsgTimeoutNow") step(message);
  };
  trio.wanted = [self];
  // A step is taken at every second tick.
  leader.tick();
  leader.tick();
  leader.step(callToLead(other, self));
  trio.settle();
  assert.equal(leader.conf.outgoing.length, 3, "it is joint, and nothing goes on");
  trio.pass(20);
  assert.deepEqual([leader.conf.voters, leader.conf.outgoing], [[self], []]);
});

test("a draining node is patient: others are elected before it, but it leads when nobody else can", () => {
  const trio = new Trio();
  const old = trio.elect();
  const drained = trio.replicas.find((each) => each !== old);
  assert.ok(drained);
  drained.setDraining(true);
  trio.cut.add(trio.numberOf(old));
  const next = trio.elect();
  assert.ok(next !== drained && next !== old);
  for (const each of trio.replicas) each.setDraining(true);
  trio.cut.clear();
  trio.cut.add(trio.numberOf(next));
  trio.pass(60);
  assert.ok(trio.leader, "if all drain, one of them leads");
});
