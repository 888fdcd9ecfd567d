import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { put, Trio } from "./support/trio.ts";

const REST_TICKS = 10;

/** Three of a quiet group: they rest. */
function resting(): Trio {
  const trio = new Trio({ restTicks: REST_TICKS });
  trio.elect();
  trio.pass(3 * REST_TICKS);
  deepEqual(atRest(trio), [true, true, true]);
  return trio;
}

function atRest(trio: Trio): boolean[] {
  return trio.replicas.map(({ isResting }) => isResting);
}

function others(trio: Trio) {
  const { leader } = trio;
  return trio.replicas.filter((replica) => replica !== leader);
}

test("a group that nobody speaks to rests: its members say nothing more, and nobody stands for election", () => {
  const trio = resting();
  const { leader } = trio;
  const { term } = leader?.role ?? {};
  for (let tick = 0; tick < 200; tick++) {
    for (const replica of trio.replicas) {
      replica.tick();
      replica.pump();
    }
    deepEqual(trio.letters, []);
  }
  deepEqual([trio.leader, trio.leader?.role.term], [leader, term]);
});

test("a write at a follower wakes the group, is applied in the same term, and later the group rests again", async () => {
  const trio = resting();
  const term = trio.leader?.role.term;
  const [follower] = others(trio);
  const written = follower?.write({ retry: null, operations: [put("a", 1)] }, 5000);
  trio.pass(2);
  equal((await written)?.result.status, "applied");
  equal(trio.leader?.role.term, term);
  deepEqual(atRest(trio), [false, false, false]);
  trio.pass(3 * REST_TICKS);
  deepEqual(atRest(trio), [true, true, true]);
  equal(trio.leader?.role.term, term);
});

test("a read at the leader wakes the group and is answered when a quorum has followed it since", async () => {
  const trio = resting();
  const read = trio.leader?.readBarrier(5000);
  trio.pass(2);
  await read;
  equal(trio.leader?.isResting, false);
});

test("a leader does not rest while a member is not connected, lacks an entry, or a write waits", () => {
  const trio = new Trio({ restTicks: REST_TICKS });
  trio.elect();
  const [follower] = others(trio);
  ok(follower);
  trio.cut.add(trio.numberOf(follower));
  trio.pass(5 * REST_TICKS);
  equal(trio.leader?.isResting, false);
  trio.cut.clear();
  trio.pass(5 * REST_TICKS);
  deepEqual(atRest(trio), [true, true, true]);
});

test("who is not where the leader rests, or has something to do, answers instead", () => {
  const trio = new Trio({ restTicks: 1000 });
  const leader = trio.elect();
  trio.pass(5);
  const [follower, other] = others(trio);
  ok(follower && other);
  const { term } = leader.role;
  const commit = leader.commitIndex;
  const answers = (told: { term: number; commit: number }): boolean => {
    follower.takeRest(trio.numberOf(leader), told);
    follower.pump();
    const letters = trio.letters.splice(0);
    return letters.some((letter) => letter.kind === "raft" && letter.message.type === "MsgHeartbeatResp");
  };
  ok(answers({ term, commit: commit - 1 }), "it is further");
  follower.readBarrier(60_000).catch(() => {});
  ok(answers({ term, commit }), "a read waits");
  equal(follower.isResting, false);
  trio.settle();
  other.takeRest(trio.numberOf(leader), { term, commit });
  equal(other.isResting, true);
});

test("T29 a word to rest that is lost with its follower's patience ends in no election", () => {
  const trio = new Trio({ restTicks: REST_TICKS });
  const leader = trio.elect();
  const [follower] = others(trio);
  ok(follower);
  const { term } = leader.role;
  let lost = 0;
  for (let tick = 0; tick < 10 * REST_TICKS; tick++) {
    trio.nowMs += 100;
    for (const replica of trio.replicas) replica.tick();
    for (const replica of trio.replicas) replica.pump();
    const isLost = ({ kind, to }: { kind: string; to: number }) =>
      kind === "rest" && to === trio.numberOf(follower);
    lost += trio.letters.filter(isLost).length;
    trio.letters = trio.letters.filter((letter) => !isLost(letter));
    trio.settle();
    equal(follower.isResting, false);
  }
  ok(lost > 1, "it was told more than once");
  deepEqual([trio.leader, leader.role.term], [leader, term]);
});

test("T29 those that rest behind a leader that is gone elect another as soon as they are told", () => {
  const trio = resting();
  const old = trio.leader;
  ok(old);
  trio.cut.add(trio.numberOf(old));
  trio.pass(100);
  deepEqual(
    trio.replicas.filter(({ leads }) => leads),
    [old],
    "nobody notices by itself",
  );
  for (const replica of trio.replicas) if (replica !== old) replica.rouse("peer_lost");
  const leader = trio.elect();
  ok(leader !== old && leader.role.term > old.role.term);
});

test("T29 a leader that rested and was deposed meanwhile answers no read", async () => {
  const trio = resting();
  const old = trio.leader;
  ok(old);
  trio.cut.add(trio.numberOf(old));
  for (const replica of trio.replicas) if (replica !== old) replica.rouse("peer_lost");
  trio.elect();
  ok(old.leads, "it has not heard of it");
  const refused = rejects(old.readBarrier(2000), { code: "no_leader" });
  trio.pass(30);
  await refused;
  equal(old.leads, false);
});

test("a group that rests follows new wishes about its members when it is told of them", () => {
  const trio = resting();
  const { leader } = trio;
  ok(leader);
  trio.avoid.add(trio.numberOf(leader));
  for (const replica of trio.replicas) replica.rouse("members");
  trio.pass(3 * REST_TICKS);
  ok(trio.leader !== leader);
});

test("a replica is dormant only when its checkpoint is made, too", async () => {
  const trio = resting();
  deepEqual(
    trio.replicas.map(({ isDormant }) => isDormant),
    [false, false, false],
  );
  trio.nowMs += 60_000;
  for (let tick = 0; tick < 20; tick++) {
    trio.pass(1);
    await Promise.resolve();
  }
  deepEqual(
    trio.replicas.map(({ isDormant }) => isDormant),
    [true, true, true],
  );
});
