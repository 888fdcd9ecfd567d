import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32, IsthmusError, type NodeId } from "@isthmus/kernel";
import { openWal } from "@isthmus/wal";
import { encodeHeader, FRAME_BYTES, PREFIX_BYTES } from "../src/format.ts";
import { DIRECTORY, entry, GROUP, HEADER_BYTES, nothing, run, segmentPath, World } from "./world.ts";

/** Appends runs of three as batches of their own; returns where each batch begins, and where the log ends. */
async function written(world: World, batches: number, close = false): Promise<number[]> {
  const wal = await world.open();
  const starts = [HEADER_BYTES];
  for (let batch = 0; batch < batches; batch++) {
    const first = batch * 3 + 1;
    wal.append(GROUP, { entries: run(first, first + 2) }, nothing);
    await world.run(() => wal.sync());
    const bytes = await world.bytesOf(segmentPath(1));
    const start = starts.at(-1) ?? 0;
    starts.push(start + FRAME_BYTES + bytes.readUInt32LE(start));
  }
  if (close) await world.run(() => wal.close());
  world.kill();
  return starts;
}

async function put(world: World, path: string, bytes: Uint8Array): Promise<void> {
  await world.run(async () => {
    const file = await world.disk.open(path, { create: true, durable: true });
    await file.write(0, bytes);
    await file.close();
    await world.disk.syncDirectory(DIRECTORY);
  });
}

async function refused(
  world: World,
  code: string,
  facts: Record<string, unknown>,
  changes: { cluster?: string; node?: NodeId } = {},
): Promise<void> {
  await assert.rejects(
    world.run(() => openWal(world.options(changes))),
    (error) => {
      assert.ok(error instanceof IsthmusError, String(error));
      assert.equal(error.code, code, error.message);
      for (const [name, value] of Object.entries(facts))
        assert.equal(error.facts[name], value, error.message);
      return true;
    },
  );
}

describe("a torn tail", () => {
  test("is cut at every byte of the last batch, and nothing before it", async () => {
    const world = new World("torn");
    const [start = 0, end = 0] = (await written(world, 3)).slice(-2);
    const whole = await world.bytesOf(segmentPath(1));
    for (let kept = 0; kept < end - start; kept++) {
      const torn = Buffer.from(whole);
      torn.fill(0, start + kept);
      await put(world, segmentPath(1), torn);
      const wal = await world.open();
      assert.equal(wal.group(GROUP).lastIndex, 6);
      assert.deepEqual(wal.recovery.cut, kept === 0 ? null : { file: segmentPath(1), offset: start });
      world.kill();
      assert.ok((await world.bytesOf(segmentPath(1))).subarray(start).every((byte) => byte === 0));
    }
  });

  test("may have lost its front and kept its end", async () => {
    const world = new World("torn front");
    const [, start = 0] = await written(world, 2);
    const torn = await world.bytesOf(segmentPath(1));
    torn.fill(0, start, start + PREFIX_BYTES);
    await put(world, segmentPath(1), torn);
    const wal = await world.open();
    assert.equal(wal.group(GROUP).lastIndex, 3);
    assert.deepEqual(wal.recovery.cut, { file: segmentPath(1), offset: start });
  });

  test("is followed by new records in its place", async () => {
    const world = new World("after torn");
    const [, start = 0] = await written(world, 2);
    const torn = await world.bytesOf(segmentPath(1));
    torn.fill(0, start + 20);
    await put(world, segmentPath(1), torn);
    const first = await world.open();
    first.append(GROUP, { entries: [entry(4, 2, "other")] }, nothing);
    await world.run(() => first.close());
    const wal = await world.open();
    assert.equal(wal.recovery.cut, null);
    assert.deepEqual(wal.group(GROUP).entries(4, 5, 1000), [entry(4, 2, "other")]);
  });
});

describe("rot", () => {
  test("of any byte in an earlier batch is refused by file and offset", async () => {
    const world = new World("rot");
    const starts = await written(world, 3);
    const whole = await world.bytesOf(segmentPath(1));
    for (let batch = 0; batch < 2; batch++) {
      const [start = 0, end = 0] = starts.slice(batch);
      for (let at = start; at < end; at++) {
        const rotten = Buffer.from(whole);
        rotten[at] = (rotten[at] ?? 0) ^ (1 << (at % 8));
        await put(world, segmentPath(1), rotten);
        await refused(world, "wal_damaged", { file: segmentPath(1), offset: start });
      }
    }
  });

  test("of the last batch is told from a torn tail once a mark stands behind it", async () => {
    const world = new World("marked");
    const [, start = 0] = await written(world, 2, true);
    world.disk.rot(segmentPath(1), start + 30);
    await refused(world, "wal_damaged", { file: segmentPath(1), offset: start });
  });

  test("that wipes the end of a segment is noticed by the first batch of the next", async () => {
    const world = new World("wiped");
    const wal = await world.open();
    for (let index = 1; index < 60; index++) {
      wal.append(GROUP, { entries: [entry(index, 1, Buffer.alloc(300))] }, nothing);
      await world.run(() => wal.sync());
    }
    world.kill();
    const bytes = await world.bytesOf(segmentPath(1));
    let last = HEADER_BYTES;
    for (let at = last; at + 8 < bytes.length && bytes.readUInt32LE(at) > 0; ) {
      last = at;
      at += FRAME_BYTES + bytes.readUInt32LE(at);
    }
    bytes.fill(0, last);
    await put(world, segmentPath(1), bytes);
    await refused(world, "wal_damaged", { file: segmentPath(1), offset: last });
  });

  test("of any byte of a header is refused", async () => {
    const world = new World("header");
    await written(world, 1);
    const whole = await world.bytesOf(segmentPath(1));
    for (let at = 0; at < HEADER_BYTES; at += at < 128 ? 1 : 97) {
      const rotten = Buffer.from(whole);
      rotten[at] = (rotten[at] ?? 0) ^ 0x40;
      await put(world, segmentPath(1), rotten);
      await refused(world, "wal_damaged", { file: segmentPath(1), offset: 0 });
    }
  });

  test("is noticed when the log is read, too", async () => {
    const world = new World("read");
    const wal = await world.open({ cacheBytes: 0 });
    wal.append(GROUP, { entries: run(1, 3) }, nothing);
    await world.run(() => wal.sync());
    world.disk.rot(segmentPath(1), HEADER_BYTES + PREFIX_BYTES + 3);
    assert.throws(() => wal.group(GROUP).entries(1, 2, 100), { code: "wal_damaged" });
  });
});

describe("a log is refused", () => {
  test("that belongs to another cluster or node", async () => {
    const world = new World("owner");
    await written(world, 1);
    await refused(world, "wrong_cluster", { found: "earth", expected: "mars" }, { cluster: "mars" });
    await refused(world, "wrong_node", { found: "us-east-1", expected: "b" }, { node: "b" as NodeId });
  });

  test("that a newer program wrote", async () => {
    const world = new World("newer");
    await written(world, 1);
    const header = (await world.bytesOf(segmentPath(1))).subarray(0, HEADER_BYTES);
    header.writeUInt32LE(2, 8);
    header.writeUInt32LE(crc32(header.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
    await put(world, segmentPath(1), header);
    await refused(world, "newer_format", { found: 2, known: 1 });
  });

  test("with a segment under another's name, cut short, or missing between others", async () => {
    const world = new World("gap");
    const wal = await world.open();
    for (let index = 1; index <= 100; index++) {
      wal.append(GROUP, { entries: [entry(index, 1, Buffer.alloc(500))] }, nothing);
      await world.run(() => wal.sync());
    }
    world.kill();
    const second = await world.bytesOf(segmentPath(2));
    await put(world, segmentPath(2), await world.bytesOf(segmentPath(1)));
    await refused(world, "wal_damaged", { file: segmentPath(2), offset: 0 });
    await world.run(async () => {
      const file = await world.disk.open(segmentPath(2), { create: false, durable: true });
      await file.truncate(8000);
    });
    await put(world, segmentPath(2), second.subarray(0, 8000));
    await refused(world, "wal_damaged", { file: segmentPath(2), offset: 8000 });
    await world.run(() => world.disk.remove(segmentPath(2)));
    await refused(world, "wal_damaged", { file: segmentPath(3), offset: 0 });
  });
});

describe("bytes that verify elsewhere", () => {
  test("do not verify at another place of the file", async () => {
    const world = new World("moved");
    const [, second = 0] = await written(world, 1);
    const first = (await world.bytesOf(segmentPath(1))).subarray(HEADER_BYTES, second);
    const bytes = await world.bytesOf(segmentPath(1));
    bytes.set(first, second);
    await put(world, segmentPath(1), bytes);
    const wal = await world.open();
    assert.equal(wal.recovery.cut?.offset, second);
    assert.equal(wal.group(GROUP).lastIndex, 3);
  });

  test("do not verify in another generation of the file", async () => {
    const world = new World("generation");
    await written(world, 1);
    const { length } = await world.bytesOf(segmentPath(1));
    const owner = { cluster: "earth", node: "us-east-1" };
    await put(world, segmentPath(1), encodeHeader({ sequence: 1, salt: 99, bytes: length, ...owner }));
    const wal = await world.open();
    assert.equal(wal.recovery.cut?.offset, HEADER_BYTES);
    assert.equal(wal.groups.size, 0);
  });
});
