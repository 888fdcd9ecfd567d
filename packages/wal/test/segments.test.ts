import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Disk, IsthmusError } from "@isthmus/kernel";
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

describe("segments that nobody needs", () => {
  const recordsOf = (wal: Wal): unknown => {
    const log = wal.group(OTHER);
    const outcomes = [42, 43].map((sequence) => String(log.outcome(sequence)?.bytes));
    return [log.entries(3, 7, 1e9), outcomes, log.firstIndex, log.firstOutcomeSequence, log.lastOutcomeIndex];
  };
  const names = async (world: World): Promise<number[]> => {
    const all = await world.run(() => world.disk.list(DIRECTORY));
    return all.flatMap((name) => (name.endsWith(".wal") ? [Number(name.slice(0, 20))] : []));
  };
  const compact = async (world: World, wal: Wal, index: number): Promise<void> => {
    wal.append(GROUP, { compact: { index, term: wal.group(GROUP).term(index) } }, nothing);
    await world.run(() => wal.sync());
    await world.scheduler.runUntil(world.scheduler.nowMs + 50);
  };

  test("are removed once all groups have given up what they hold, and never before", async () => {
    const world = new World(60);
    const wal = await world.open();
    await fill(world, wal, 1, 120);
    assert.equal((await names(world))[0], 1);
    await compact(world, wal, 70);
    const left = await names(world);
    assert.ok((left[0] ?? 0) > 1, `${left} are left`);
    assert.equal(wal.group(GROUP).entries(71, 121, 1e9).length, 50);
    await compact(world, wal, 120);
    assert.ok((await names(world)).length <= 2, "the one that is written, and the next");
    await fill(world, wal, 121, 130);
    await reopened(world, wal);
  });

  test("stay as long as the compaction is not on disk, whatever the power does", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = new World(`retention ${seed}`);
      const wal = await world.open();
      await fill(world, wal, 1, 100);
      const before = describeWal(wal);
      wal.append(GROUP, { compact: { index: 90, term: 1 } }, nothing);
      const after = describeWal(wal);
      await world.scheduler.runUntil(world.scheduler.nowMs + seed / 20);
      world.crash();
      const again = await world.open();
      assert.ok([before, after].includes(describeWal(again)), `seed ${seed}`);
    }
  });

  test("are not held by an idle group's few entries: those are written anew, and are the same", async () => {
    const world = new World(61);
    const wal = await world.open();
    const idle = run(1, 3);
    wal.append(OTHER, { entries: idle, hardState: { term: 1, vote: 2, commit: 3 } }, nothing);
    for (let round = 0; round < 6; round++) {
      await fill(world, wal, round * 60 + 1, round * 60 + 60);
      await compact(world, wal, round * 60 + 60);
    }
    const left = await names(world);
    assert.ok((left[0] ?? 0) > 3, `${left} are left`);
    assert.ok(left.length <= 8, `${left} are left`);
    const again = await reopened(world, wal);
    assert.deepEqual(
      again
        .group(OTHER)
        .entries(1, 4, 1e9)
        .map(({ data }) => String(data)),
      idle.map(({ data }) => String(data)),
    );
  });

  test("are not held by what was decided about such entries, either, wherever the log then begins", async () => {
    const world = new World(63);
    const wal = await world.open({ segmentBytes: 32 * 1024 });
    const outcomes = [2, 4, 5].map((index, at) => ({
      index,
      sequence: 41 + at,
      bytes: Buffer.from(`of ${index}`),
    }));
    wal.append(OTHER, { entries: run(1, 6), outcomes, hardState: { term: 1, vote: 2, commit: 6 } }, nothing);
    await world.run(() => wal.sync());
    wal.append(OTHER, { compact: { index: 2, term: 1 } }, nothing);
    const idle = JSON.stringify(recordsOf(wal));
    let count = 0;
    for (let round = 0; round < 6; round++) {
      await fill(world, wal, count + 1, count + 200);
      count += 200;
      await compact(world, wal, count);
      assert.equal(JSON.stringify(recordsOf(wal)), idle);
    }
    const left = await names(world);
    assert.ok((left[0] ?? 0) > 8, `${left} are left`);
    assert.ok(left.length <= 8, `${left} are left`);
    let again = await reopened(world, wal);
    assert.equal(JSON.stringify(recordsOf(again)), idle);
    const next = { index: 6, sequence: 44, bytes: Buffer.from("of 6") };
    again.append(OTHER, { entries: [entry(7)], outcomes: [next] }, nothing);
    again = await reopened(world, again);
    assert.equal(again.group(OTHER).lastOutcomeSequence, 44);
  });

  test("are held longer by an idle group that has more, and not for ever", async () => {
    const world = new World(64);
    const wal = await world.open();
    const idle = Array.from({ length: 10 }, (_, at) => entry(at + 1, 1, Buffer.alloc(150, at)));
    wal.append(OTHER, { entries: idle }, nothing);
    const oldest: number[] = [];
    for (let count = 0; count < 900; count += 90) {
      await fill(world, wal, count + 1, count + 90);
      await compact(world, wal, count + 90);
      oldest.push((await names(world))[0] ?? 0);
    }
    assert.equal(oldest[2], 1, "it is too much to be written anew so soon");
    assert.ok((oldest.at(-1) ?? 0) > 10, `${oldest}`);
    const again = await reopened(world, wal);
    assert.deepEqual(
      again
        .group(OTHER)
        .entries(1, 11, 1e9)
        .map(({ data }) => data?.[0]),
      [...idle.keys()],
    );
  });

  for (const failing of ["remove", "syncDirectory"] as const)
    test(`stay for this life after a failed ${failing}, so that none is missing at the next start`, async () => {
      const world = new World(`failing ${failing}`);
      let calls = -1;
      // The second segment of three or more that could go.
      const fails = (): void => {
        if (calls >= 0 && ++calls === 2) throw new IsthmusError("disk_failed", "EIO");
      };
      const disk = new Proxy<Disk>(world.disk, {
        get: (target, name: keyof Disk) => {
          const method = target[name].bind(target) as (path: string) => Promise<void>;
          if (name !== failing) return method;
          return async (path: string) => {
            fails();
            await method(path);
          };
        },
      });
      const wal = await world.open({ disk });
      await fill(world, wal, 1, 150);
      calls = 0;
      await compact(world, wal, 150);
      const gone = failing === "remove" ? [1] : [1, 2];
      const all = await names(world);
      assert.deepEqual(all[0], gone.length + 1);
      for (const from of [151, 201]) {
        await fill(world, wal, from, from + 49);
        await compact(world, wal, from + 49);
      }
      assert.equal((await names(world))[0], gone.length + 1, "no further one went");
      const refused = world.registry
        .samples()
        .find(({ labels }) => JSON.stringify(labels).includes("remove_segment"));
      assert.equal(refused?.value, 1);
      assert.deepEqual(world.failures, []);
      const again = await reopened(world, wal);
      await fill(world, again, 251, 300);
      await compact(world, again, 300);
      assert.ok((await names(world)).length <= 3, "the next life removes them all");
      await reopened(world, again);
    });

  test("go in such an order that a power cut at any moment leaves a log without a gap", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = new World(`cut in removal ${seed}`);
      let wal = await world.open();
      await fill(world, wal, 1, 150);
      wal.append(GROUP, { compact: { index: 150, term: 1 } }, nothing);
      await world.scheduler.runUntil(world.scheduler.nowMs + seed / 5);
      // Half of them are killed first, and the power goes while the next life is opening or removes the rest.
      if (seed % 2 === 1) {
        world.kill();
        wal = await world.open();
        wal.append(GROUP, { compact: { index: wal.group(GROUP).lastIndex, term: 1 } }, nothing);
        await world.scheduler.runUntil(world.scheduler.nowMs + seed / 10);
      }
      world.crash();
      const again = await world.open();
      assert.equal(again.group(GROUP).lastIndex, 150, `seed ${seed}`);
      const left = await names(world);
      assert.deepEqual(
        left,
        left.map((_, at) => (left[0] ?? 0) + at),
      );
    }
  });

  test("of a log with a tail that was overwritten later, each beginning reads the same", async () => {
    const world = new World(62);
    const wal = await world.open();
    await fill(world, wal, 1, 50);
    // Another leader's entries take the place of the last ones, in a later segment than they lie in.
    await fill(world, wal, 51, 80, 2);
    wal.append(GROUP, { entries: [entry(45, 3), entry(46, 3)], outcomes: [] }, nothing);
    await fill(world, wal, 47, 120, 3);
    await compact(world, wal, 100);
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
