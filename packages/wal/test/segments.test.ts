import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Wal } from "@isthmus/wal";
import { describeWal } from "./twin.ts";
import { DIRECTORY, entry, GROUP, HEADER_BYTES, nothing, OTHER, run, segmentPath, World } from "./world.ts";

async function reopened(world: World, wal: Wal): Promise<Wal> {
  const before = describeWal(wal);
  await world.run(() => wal.close());
  world.crash();
  const again = await world.open();
  assert.equal(describeWal(again), before);
  return again;
}

async function fill(world: World, wal: Wal, from: number, to: number, term = 1): Promise<void> {
  for (let index = from; index <= to; index++) {
    wal.append(GROUP, { entries: [entry(index, term, Buffer.alloc(500, index))] }, nothing);
    await world.run(() => wal.sync());
  }
}

describe("segments", () => {
  test("the log rolls over, and reads across", async () => {
    const world = new World(30);
    const wal = await world.open({ cacheBytes: 0 });
    for (let index = 1; index <= 200; index++) {
      wal.append(GROUP, { entries: [entry(index, 1, Buffer.alloc(400, index))] }, nothing);
      if (index % 7 === 0) await world.run(() => wal.sync());
    }
    await world.run(() => wal.sync());
    const names = await world.run(() => world.disk.list(DIRECTORY));
    assert.ok(names.length > 6, names.join(" "));
    const found = wal.group(GROUP).entries(1, 201, 1e9);
    assert.deepEqual(
      found.map(({ data }) => data?.[0]),
      Array.from({ length: 200 }, (_, at) => at + 1),
    );
    await reopened(world, wal);
  });

  test("a batch larger than a segment gets one of its own", async () => {
    const world = new World(31);
    const wal = await world.open();
    wal.append(GROUP, { entries: [entry(1)] }, nothing);
    await world.run(() => wal.sync());
    wal.append(GROUP, { entries: [entry(2, 1, Buffer.alloc(100_000, 9))] }, nothing);
    await world.run(() => wal.sync());
    wal.append(GROUP, { entries: [entry(3)] }, nothing);
    const again = await reopened(world, wal);
    assert.equal(again.group(GROUP).entries(2, 3, 1)[0]?.data?.length, 100_000);
    assert.ok((await world.bytesOf(segmentPath(2))).length > 100_000);
  });

  test("a log may begin with such a batch", async () => {
    const world = new World(34);
    const wal = await world.open();
    wal.append(GROUP, { entries: [entry(1, 1, Buffer.alloc(100_000, 9))] }, nothing);
    await world.run(() => wal.sync());
    const again = await reopened(world, wal);
    again.append(GROUP, { entries: [entry(2)] }, nothing);
    await reopened(world, again);
  });

  test("a segment stands without those before it", async () => {
    const world = new World(32);
    const first = await world.open();
    const conf = Buffer.from("conf");
    const outcome = { index: 1, sequence: 41, bytes: conf };
    first.append(OTHER, { hardState: { term: 7, vote: 3, commit: 0 }, conf }, nothing);
    first.append(GROUP, { entries: run(1, 5), conf, outcomes: [outcome] }, nothing);
    await fill(world, first, 6, 60, 2);
    await world.run(() => first.close());
    await world.run(() => world.disk.remove(segmentPath(1)));
    world.kill();
    const wal = await world.open();
    const log = wal.group(GROUP);
    assert.deepEqual(wal.group(OTHER).hardState, { term: 7, vote: 3, commit: 0 });
    assert.deepEqual(wal.group(OTHER).conf, Uint8Array.from(conf));
    assert.ok(log.firstIndex > 5 && log.lastIndex === 60);
    assert.equal(log.firstIndexTerm, 2);
    assert.deepEqual([log.firstOutcomeSequence, log.lastOutcomeSequence, log.lastOutcomeIndex], [0, 41, 1]);
    const next = { index: 60, sequence: 42, bytes: conf };
    wal.append(GROUP, { entries: [entry(61, 2)], outcomes: [next] }, nothing);
    await reopened(world, wal);
  });

  test("a segment that cannot be prepared ahead is tried again when it is needed", async () => {
    const world = new World(33);
    const wal = await world.open();
    world.disk.limitBytes = 50_000;
    await fill(world, wal, 1, 60);
    const refused = world.registry.samples().find(({ name }) => name === "isthmus.wal.refused");
    assert.equal(refused?.value, 1);
    world.disk.limitBytes = null;
    await fill(world, wal, 61, 100);
    assert.deepEqual(world.failures, []);
    await reopened(world, wal);
  });

  test("one whose first batch was torn is used again, as the next one", async () => {
    const world = new World(35);
    let wal = await world.open();
    await fill(world, wal, 1, 40);
    world.kill();
    const written = await world.bytesOf(segmentPath(2));
    await world.run(async () => {
      const file = await world.disk.open(segmentPath(2), { create: false, durable: true });
      await file.write(HEADER_BYTES + 30, Buffer.alloc(written.length - HEADER_BYTES - 30));
    });
    wal = await world.open();
    assert.deepEqual(wal.recovery.cut, { file: segmentPath(2), offset: HEADER_BYTES });
    assert.equal((await world.run(() => world.disk.list(DIRECTORY))).length, 2);
    await fill(world, wal, wal.group(GROUP).lastIndex + 1, 80);
    assert.deepEqual(world.failures, []);
    await reopened(world, wal);
  });
});

describe("closing", () => {
  test("makes durable what is queued and marks the log, so that opening again writes nothing", async () => {
    const world = new World(50);
    const wal = await world.open();
    wal.append(GROUP, { entries: run(1, 3) }, nothing);
    await world.run(() => wal.close());
    const before = await world.bytesOf(segmentPath(1));
    const again = await world.open();
    assert.equal(again.recovery.batches, 2);
    again.mark();
    await world.run(() => again.close());
    assert.ok((await world.bytesOf(segmentPath(1))).equals(before));
  });
});
