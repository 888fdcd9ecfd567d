import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { IsthmusError } from "@isthmus/kernel";
import type { Wal } from "@isthmus/wal";
import { ReadCounter } from "./read-counter.ts";
import { describeWal } from "./twin.ts";
import { entry, GROUP, nothing, OTHER, run, World } from "./world.ts";

const DATA = Buffer.from("outcome");

function counted(world: World, name: string): number {
  return world.registry.samples().find((sample) => sample.name === name)?.value ?? 0;
}

async function reopened(world: World, wal: Wal): Promise<Wal> {
  const before = describeWal(wal);
  await world.run(() => wal.close());
  world.crash();
  const again = await world.open();
  assert.equal(describeWal(again), before);
  return again;
}

describe("appending", () => {
  test("all that is queued in one turn goes in one write, and answers come in order after it", async () => {
    const world = new World(1);
    const wal = await world.open();
    const answers: number[] = [];
    for (let index = 1; index <= 10; index++) {
      wal.append(GROUP, { entries: [entry(index)] }, () => answers.push(index));
    }
    wal.append(OTHER, { hardState: { term: 3, vote: 1, commit: 0 } }, () => answers.push(11));
    assert.deepEqual(answers, []);
    assert.ok(wal.queuedBytes > 0);
    assert.equal(counted(world, "isthmus.wal.queued_bytes"), wal.queuedBytes);
    await world.run(() => wal.sync());
    assert.deepEqual(answers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.equal(counted(world, "isthmus.wal.commits"), 1);
    assert.equal(counted(world, "isthmus.wal.records"), 13);
    assert.equal(wal.queuedBytes, 0);
  });

  test("what comes while a write is under way fills the next one", async () => {
    const world = new World(2);
    const wal = await world.open();
    wal.append(GROUP, { entries: [entry(1)] }, nothing);
    await world.scheduler.runUntil(world.scheduler.nowMs);
    assert.equal(wal.busy, true);
    for (let index = 2; index <= 9; index++) wal.append(GROUP, { entries: [entry(index)] }, nothing);
    await world.run(() => wal.sync());
    assert.equal(counted(world, "isthmus.wal.commits"), 2);
    assert.equal(wal.busy, false);
  });

  test("readers see what is queued at once", async () => {
    const world = new World(3);
    const wal = await world.open({ cacheBytes: 0 });
    wal.append(GROUP, { entries: run(1, 3), hardState: { term: 1, vote: 2, commit: 0 } }, nothing);
    wal.append(GROUP, { outcomes: [{ index: 1, sequence: 1, bytes: DATA }] }, nothing);
    const log = wal.group(GROUP);
    assert.deepEqual(log.entries(1, 4, 10_000), run(1, 3));
    assert.deepEqual(log.outcome(1)?.bytes, DATA);
    assert.deepEqual(log.hardState, { term: 1, vote: 2, commit: 0 });
    await world.run(() => wal.sync());
    assert.deepEqual(log.entries(1, 4, 10_000), run(1, 3));
  });

  test("entries at a known index replace it and all that follow", async () => {
    const world = new World(4);
    const wal = await world.open();
    wal.append(GROUP, { entries: run(1, 9) }, nothing);
    wal.append(GROUP, { entries: [entry(4, 2, "new")] }, nothing);
    assert.equal(wal.group(GROUP).lastIndex, 4);
    const again = await reopened(world, wal);
    assert.deepEqual(again.group(GROUP).entries(3, 5, 1000), [entry(3), entry(4, 2, "new")]);
    assert.equal(again.group(GROUP).term(4), 2);
  });

  test("an applied entry is never replaced, and a gap never appended", async () => {
    const world = new World(5);
    const wal = await world.open();
    wal.append(GROUP, { entries: run(1, 5), outcomes: [{ index: 2, sequence: 1, bytes: DATA }] }, nothing);
    const broken = { name: "AssertionError" };
    assert.throws(() => wal.append(GROUP, { entries: [entry(2, 2)] }, nothing), broken);
    assert.throws(() => wal.append(GROUP, { entries: [entry(7)] }, nothing), broken);
  });

  test("an entry without data stays different from one with none in it", async () => {
    const world = new World(6);
    const wal = await world.open();
    const without = { term: 1, index: 1, type: "EntryConfChangeV2" as const };
    wal.append(GROUP, { entries: [without, entry(2, 1, new Uint8Array(0))] }, nothing);
    const again = await reopened(world, wal);
    const found = again.group(GROUP).entries(1, 3, 1000);
    assert.deepEqual(found[0], without);
    assert.equal(found[1]?.data?.length, 0);
  });
});

describe("reading", () => {
  test("at least one entry comes, more only within the limit", async () => {
    const world = new World(10);
    for (const cacheBytes of [0, 1_000_000]) {
      const wal = await world.open({ cacheBytes });
      const log = wal.group(GROUP);
      if (log.lastIndex === 0) wal.append(GROUP, { entries: run(1, 20) }, nothing);
      await world.run(() => wal.sync());
      assert.equal(log.entries(1, 21, 0).length, 1);
      const some = log.entries(1, 21, 60).length;
      assert.ok(some > 1 && some < 20);
      assert.equal(log.entries(1, 21, 10_000).length, 20);
      assert.deepEqual(log.entries(5, 5, 100), []);
      await world.run(() => wal.close());
    }
  });

  test("what is compacted or not there is refused by raft's names", async () => {
    const world = new World(11);
    const wal = await world.open();
    wal.append(GROUP, { entries: run(1, 9) }, nothing);
    wal.append(GROUP, { compact: { index: 4, term: 1 } }, nothing);
    const log = wal.group(GROUP);
    assert.equal(log.firstIndex, 5);
    assert.equal(log.term(4), 1);
    assert.throws(() => log.term(3), { code: "ErrCompacted" });
    assert.throws(() => log.entries(4, 6, 100), { code: "ErrCompacted" });
    assert.throws(() => log.entries(5, 11, 100), { code: "ErrUnavailable" });
    assert.throws(() => log.term(10), { code: "ErrUnavailable" });
    await reopened(world, wal);
  });

  test("the cache keeps its bound: what is older comes from the disk", async () => {
    const world = new World(12);
    const spy = new ReadCounter(world.disk);
    const wal = await world.open({ disk: spy.disk, cacheBytes: 1040, segmentBytes: 64 * 1024 });
    for (let index = 1; index <= 100; index++) {
      wal.append(GROUP, { entries: [entry(index, 1, Buffer.alloc(100, index))] }, nothing);
      await world.run(() => wal.sync());
    }
    const log = wal.group(GROUP);
    assert.equal(log.entries(91, 101, 1e9).length, 10);
    assert.equal(spy.reads, 0);
    for (const found of log.entries(1, 101, 1e9)) assert.equal(found.data?.[50], found.index);
    assert.equal(spy.reads, 90);
  });
});

describe("compaction", () => {
  test("a snapshot beyond the log restarts it behind the snapshot", async () => {
    const world = new World(20);
    const wal = await world.open();
    wal.append(GROUP, { entries: run(1, 5), outcomes: [{ index: 3, sequence: 7, bytes: DATA }] }, nothing);
    wal.append(GROUP, { compact: { index: 100, term: 4 }, entries: run(101, 102, 5) }, nothing);
    const log = wal.group(GROUP);
    assert.deepEqual([log.firstIndex, log.firstIndexTerm, log.lastIndex], [101, 4, 102]);
    assert.deepEqual([log.firstOutcomeSequence, log.lastOutcomeSequence, log.lastOutcomeIndex], [0, 0, 0]);
    wal.append(GROUP, { outcomes: [{ index: 101, sequence: 60, bytes: DATA }] }, nothing);
    assert.equal(log.firstOutcomeSequence, 60);
    await reopened(world, wal);
  });

  test("it takes the outcomes of its entries along, and remembers which was the last", async () => {
    const world = new World(21);
    const wal = await world.open();
    const outcomes = [1, 2, 4].map((index, at) => ({ index, sequence: at + 1, bytes: DATA }));
    wal.append(GROUP, { entries: run(1, 5), outcomes }, nothing);
    wal.append(GROUP, { compact: { index: 3, term: 1 } }, nothing);
    const log = wal.group(GROUP);
    assert.equal(log.firstOutcomeSequence, 3);
    assert.equal(log.outcome(2), undefined);
    wal.append(GROUP, { compact: { index: 5, term: 1 } }, nothing);
    assert.deepEqual([log.firstOutcomeSequence, log.lastOutcomeSequence, log.lastOutcomeIndex], [0, 3, 4]);
    await reopened(world, wal);
  });
});

describe("a failing disk", () => {
  test("ends the log: told once, nothing acknowledged any more", async () => {
    const world = new World(40);
    const wal = await world.open();
    const answers: number[] = [];
    wal.append(GROUP, { entries: [entry(1)] }, () => answers.push(1));
    await world.run(() => wal.sync());
    await world.scheduler.runUntil(world.scheduler.nowMs + 1000);
    world.disk.failNextSync();
    wal.append(GROUP, { entries: [entry(2)] }, () => answers.push(2));
    await assert.rejects(
      world.run(() => wal.sync()),
      { code: "disk_failed" },
    );
    wal.append(GROUP, { entries: [entry(3)] }, () => answers.push(3));
    await assert.rejects(
      world.run(() => wal.sync()),
      { code: "disk_failed" },
    );
    await world.run(() => wal.close());
    assert.deepEqual(answers, [1]);
    assert.equal(world.failures.length, 1);
    assert.ok(world.failures[0] instanceof IsthmusError);
  });

  test("that has no room for the next segment ends the log by that name", async () => {
    const world = new World(41);
    const wal = await world.open();
    await world.scheduler.runUntil(world.scheduler.nowMs + 1000);
    world.disk.limitBytes = 1;
    wal.append(GROUP, { entries: [entry(1, 1, Buffer.alloc(50_000))] }, nothing);
    await assert.rejects(
      world.run(() => wal.sync()),
      { code: "disk_full" },
    );
    assert.equal(world.failures.length, 1);
  });

  test("a callback that throws ends the log as well", async () => {
    const world = new World(42);
    const wal = await world.open();
    const broken = new Error("broken");
    wal.append(GROUP, { entries: [entry(1)] }, () => {
      throw broken;
    });
    await world.scheduler.runUntil(world.scheduler.nowMs + 10);
    assert.deepEqual(world.failures, [broken]);
  });
});
