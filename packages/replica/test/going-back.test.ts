import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import type { Message } from "@isthmus/raft";
import { put, Trio } from "./support/trio.ts";

const BLANK = { logTerm: 0, index: 0, commit: 0, vote: 0, entries: [], reject: false, rejectHint: 0 };

/** Lets everything run that waits for nothing but its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function ledTrio() {
  const trio = new Trio();
  const leader = trio.elect();
  trio.pass(5);
  const from = trio.numberOf(leader);
  const number = from === 1 ? 2 : 1;
  const follower = trio.replica(number);
  const log = trio.log(number);
  const { term } = follower.role;
  /** The leader names a snapshot that nobody has, and then says so. */
  const nameAndTakeBack = (): void => {
    const snapshot = { index: 1000, term, conf: follower.conf, data: utf8("none") };
    follower.step({ ...BLANK, type: "MsgSnap", from, to: number, term, snapshot });
    assert.ok(follower.isInstalling);
    follower.takeSnapshotFrame(from, { kind: "gone", group: follower.group, id: "none" });
  };
  return { trio, leader, from, number, follower, log, term, nameAndTakeBack };
}

test("a state is gone back to only when the flush that was under way has ended", async () => {
  const { trio, leader, number, follower, log, nameAndTakeBack } = ledTrio();
  const state = trio.state(number);
  const written = leader.write({ operations: [put("n1", 1)], retry: null }, 1000);
  trio.settle();
  await written;
  trio.pass(3);
  let letGo = (): void => {};
  state.gate = new Promise((resolve) => {
    letGo = resolve;
  });
  trio.nowMs += 60_000;
  follower.tick();
  nameAndTakeBack();
  for (let round = 0; round < 3; round++) {
    await turn();
    for (const durable of log.pending.splice(0)) durable();
  }
  assert.ok(follower.isInstalling, "the flush is still on its way");
  assert.equal(state.flushes, 0);
  letGo();
  await turn();
  for (const durable of log.pending.splice(0)) durable();
  await turn();
  assert.equal(state.flushes, 1);
  assert.ok(!follower.isInstalling);
  trio.pass(10);
  assert.equal(follower.machine.appliedIndex, leader.machine.appliedIndex);
});

test("a driver that begins anew acknowledges nothing that an earlier one has not yet on its disk", async () => {
  const { trio, leader, from, number, follower, log, term, nameAndTakeBack } = ledTrio();
  void leader.write({ operations: [put("n1", 1)], retry: null }, 1000).catch(() => {});
  leader.pump();
  for (const letter of trio.letters.splice(0)) if (letter.to === number) trio.deliver(letter);
  follower.pump();
  assert.equal(log.pending.length, 1, "an append is on its way to the disk");
  trio.letters = [];
  nameAndTakeBack();
  const { lastIndex } = log;
  const append: Message = {
    ...BLANK,
    type: "MsgApp",
    from,
    to: number,
    term,
    index: lastIndex,
    logTerm: log.term(lastIndex),
  };
  const answersToAppend = (): Message[] => {
    follower.step(append);
    follower.pump();
    return trio.letters
      .splice(0)
      .flatMap((letter) =>
        letter.kind === "raft" && letter.message.type === "MsgAppResp" ? [letter.message] : [],
      );
  };
  await turn();
  assert.deepEqual(answersToAppend(), []);
  assert.ok(follower.isInstalling);
  for (const durable of log.pending.splice(0)) durable();
  await turn();
  assert.ok(!follower.isInstalling);
  assert.deepEqual(
    answersToAppend().map(({ index }) => index),
    [lastIndex],
  );
});

test("a state that is still whole does not wait for a source whose connection has broken", async () => {
  const { from, number, follower, log, term } = ledTrio();
  const snapshot = { index: 1000, term, conf: follower.conf, data: utf8("none") };
  follower.step({ ...BLANK, type: "MsgSnap", from, to: number, term, snapshot });
  follower.peerLost([1, 2, 3].find((each) => each !== from && each !== number) ?? 0);
  await turn();
  for (const durable of log.pending.splice(0)) durable();
  await turn();
  assert.ok(follower.isInstalling, "another one's connection says nothing");
  follower.peerLost(from);
  await turn();
  for (const durable of log.pending.splice(0)) durable();
  await turn();
  assert.ok(!follower.isInstalling);
});
