import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeValue } from "@isthmus/kernel";
import { BatchLog, type DataReplica, HandOvers, TakenHandOvers } from "@isthmus/replica";
import { put, Trio } from "./support/trio.ts";

const write = (replica: DataReplica, id: string, value = 1, timeoutMs = 60_000) =>
  replica.write({ retry: null, operations: [put(id, value)] }, timeoutMs);

/** What has become of a promise by now; "waiting" while it is open. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const told = promise.then(
    () => "done",
    (error: { code?: string }) => error.code ?? "failed",
  );
  return Promise.race([told, Promise.resolve().then(() => Promise.resolve("waiting"))]);
}

const followerOf = (trio: Trio, leader: DataReplica) =>
  trio.replicas.find((each) => each !== leader) as DataReplica;

test("a write at a follower is applied once, everywhere, and answered where it was made", async () => {
  const trio = new Trio();
  const follower = followerOf(trio, trio.elect());
  const answer = write(follower, "a");
  trio.settle();
  assert.equal((await answer).result.status, "applied");
  for (const replica of trio.replicas) assert.equal(String(replica.machine.vector), "us:1");
});

test("a request that was lost with its leader goes again by itself, and is applied once", async () => {
  const trio = new Trio();
  const old = trio.elect();
  const follower = followerOf(trio, old);
  const answer = write(follower, "a");
  follower.pump();
  // The hand-over is on its way as the leader is cut off.
  assert.equal(trio.letters.filter((letter) => letter.kind === "forward").length, 1);
  trio.cut.add(trio.numberOf(old));
  trio.settle();
  assert.equal(await stateOf(answer), "waiting");
  trio.elect();
  trio.pass(2);
  assert.equal((await answer).result.status, "applied");
  assert.equal(follower.machine.vector.get(follower.origin), 1);
});

test("what a leader proposed and could not commit goes again when a later term begins, not before", async () => {
  const trio = new Trio();
  const old = trio.elect();
  trio.cut.add(trio.numberOf(old));
  const answer = write(old, "a");
  trio.settle();
  const next = trio.elect();
  assert.notEqual(next, old);
  trio.cut.clear();
  trio.pass(3);
  assert.equal((await answer).result.status, "applied");
  for (const replica of trio.replicas) assert.equal(String(replica.machine.vector), "us:1");
});

test("a hand-over that arrives in a later term is handed back, even by the same leader", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  const follower = followerOf(trio, leader);
  const answer = write(follower, "a");
  follower.pump();
  const letter = trio.letters.find((each) => each.kind === "forward");
  assert.ok(letter);
  trio.letters = trio.letters.filter((each) => each !== letter);
  trio.deliver({ ...letter, forward: { ...letter.forward, term: letter.forward.term - 1 } });
  const reply = trio.letters.find((each) => each.kind === "reply");
  assert.ok(reply, "it is handed back");
  assert.equal(reply.reply.term, letter.forward.term - 1);
  // The answer to the old hand-over does not undo the present one, which is still under way.
  trio.settle();
  assert.equal(await stateOf(answer), "waiting");
  trio.deliver(letter);
  trio.settle();
  await answer;
  assert.equal(follower.machine.vector.get(follower.origin), 1);
});

test("without a leader a write waits, and is refused as not applied when its time is over", async () => {
  const trio = new Trio();
  const answer = write(trio.replica(1), "a", 1, 300);
  trio.cut.add(1).add(2).add(3);
  trio.pass(5);
  await assert.rejects(answer, { code: "no_leader" });
});

test("a write that was sent and not confirmed in time has an unknown outcome, and says so", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  for (const other of [1, 2, 3]) if (other !== trio.numberOf(leader)) trio.cut.add(other);
  const answer = write(leader, "a", 1, 300);
  trio.pass(5);
  await assert.rejects(answer, { code: "timeout" });
});

test("what does not fit is refused at once", async () => {
  const trio = new Trio();
  const replica = trio.replica(1);
  const answers = Array.from({ length: 10 }, (_, index) => write(replica, `n${index}`));
  await assert.rejects(write(replica, "one too many"), { code: "overloaded" });
  trio.elect();
  trio.pass(2);
  for (const answer of answers) assert.equal((await answer).result.status, "applied");
});

test("requests that wait together become one batch", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  const answers = [write(leader, "a"), write(leader, "b"), write(leader, "c")];
  trio.settle();
  const batches = await Promise.all(answers.map(async (answer) => (await answer).batch.sequence));
  assert.deepEqual(batches, [1, 1, 1]);
});

test("an own batch is put together again from the log, after it has left memory and after a restart", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  const answer = write(leader, "a");
  trio.settle();
  const { batch } = await answer;
  let closed = false;
  const closing = leader.close().then(() => {
    closed = true;
  });
  while (!closed) {
    trio.settle();
    await Promise.resolve();
  }
  await closing;
  const log = trio.logs[trio.numberOf(leader) - 1];
  assert.ok(log);
  const again = new BatchLog(log, 1).get(1);
  assert.ok(again);
  assert.deepEqual(again.hash, batch.hash);
  assert.deepEqual(Buffer.from(again.requests), Buffer.from(leader.batch(1)?.requests ?? ""));
});

test("a read barrier resolves only after what was committed before it is applied here", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  const follower = followerOf(trio, leader);
  const answer = write(leader, "a");
  trio.settle();
  await answer;
  const barrier = follower.readBarrier(1000);
  assert.equal(await stateOf(barrier), "waiting");
  trio.settle();
  await barrier;
  assert.equal(follower.reader().getNode("a")?.id, "a");
});

test("a leader that is cut off answers no leader read", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  trio.cut.add(trio.numberOf(leader));
  const barrier = leader.readBarrier(300);
  barrier.catch(() => "looked at below");
  const next = trio.elect();
  const answer = write(next, "a");
  trio.settle();
  await answer;
  trio.pass(5);
  await assert.rejects(barrier, { code: "no_leader" });
});

test("a hand-over that is lost with its socket goes again within the term", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  const follower = followerOf(trio, leader);
  const answer = write(follower, "a");
  follower.pump();
  const lost = trio.letters.filter((letter) => letter.kind === "forward");
  assert.equal(lost.length, 1);
  trio.letters = trio.letters.filter((letter) => letter.kind !== "forward");
  trio.pass(6);
  assert.equal((await answer).result.status, "applied");
  // The lost one was only late.
  for (const letter of lost) trio.deliver(letter);
  trio.settle();
  for (const replica of trio.replicas) assert.equal(String(replica.machine.vector), "us:1");
});

test("a hand-over whose answer is lost goes again, and is taken once", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  const follower = followerOf(trio, leader);
  const answer = write(follower, "a");
  follower.pump();
  for (const letter of trio.letters.splice(0)) trio.deliver(letter);
  // The leader has it and says so; nobody hears.
  trio.letters = trio.letters.filter((letter) => letter.kind !== "reply");
  leader.pump();
  trio.pass(7);
  await answer;
  assert.equal(String(leader.machine.vector), "us:1");
});

test("a leader refuses only what it certainly did not take", () => {
  const taken = new TakenHandOvers();
  const sent = { nonce: 7, number: 1, term: 3, again: false };
  assert.equal(taken.judge(2, sent, null), "refuse", "it never led, and this is the first time");
  assert.equal(taken.judge(2, { ...sent, again: true }, null), "ignore", "an earlier life may have taken it");
  taken.lead(3);
  assert.equal(taken.judge(2, { ...sent, number: 2 }, 3), "ignore", "the one before it is missing");
  assert.equal(taken.judge(2, sent, 3), "take");
  taken.take(2, 7, 1);
  assert.equal(taken.judge(2, { ...sent, again: true }, 3), "known");
  assert.equal(taken.judge(2, { ...sent, again: true }, null), "known", "it stepped down, and remembers");
  assert.equal(taken.judge(2, { ...sent, number: 2 }, null), "refuse", "it does not lead any more");
  assert.equal(taken.judge(2, { ...sent, nonce: 8 }, 3), "take", "another life counts from one");
  taken.lead(5);
  assert.equal(taken.judge(2, { ...sent, again: true }, 5), "ignore", "of term 3 it remembers nothing now");
});

test("who refuses a hand-over is handed nothing more in that term, and nothing is sent again and again", () => {
  const handOvers = new HandOvers();
  handOvers.begin(1, 3);
  const first = handOvers.add([new Uint8Array([1])], 0);
  assert.equal(handOvers.isRefused, false);
  handOvers.refused(3, first.number);
  assert.equal(handOvers.isRefused, true);
  assert.deepEqual(handOvers.due(100), []);
  handOvers.begin(1, 4);
  assert.equal(handOvers.isRefused, false);
});

test("a request that is too large for the log is refused at once, by name", async () => {
  const trio = new Trio();
  const leader = trio.elect();
  const value = encodeValue(Array.from({ length: 600_000 }, () => -1));
  const operation = { ...put("a", 1), properties: [["x", value]] } as ReturnType<typeof put>;
  await assert.rejects(leader.write({ retry: null, operations: [operation] }, 1000), { code: "too_large" });
});
