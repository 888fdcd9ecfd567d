import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Disk, IsthmusError } from "@isthmus/kernel";

/** One disk under test, in a world that somebody must turn: virtual time runs only inside `run`. */
export interface DiskUnderTest {
  readonly disk: Disk;
  run<T>(work: () => Promise<T>): Promise<T>;
  /** From now on there is no room to write this file, which exists; null where that cannot be arranged. */
  readonly fill: ((path: string) => Promise<void>) | null;
  dispose(): Promise<void>;
}

/** What the Disk port promises, for every adapter. */
export function diskConformance(name: string, make: () => Promise<DiskUnderTest>): void {
  describe(`the disk port: ${name}`, () => {
    let world: DiskUnderTest;
    const property = (title: string, work: (disk: Disk) => Promise<void>): void => {
      test(title, () => world.run(() => work(world.disk)));
    };
    before(async () => {
      world = await make();
    });
    after(() => world.dispose());

    property("a directory that does not exist has no names", async (disk) => {
      assert.deepEqual(await disk.list("nowhere"), []);
    });

    property("names are listed sorted", async (disk) => {
      for (const path of ["names/b", "names/a", "names/c"]) await writeWhole(disk, path, "x");
      assert.deepEqual(await disk.list("names"), ["a", "b", "c"]);
    });

    property("creating makes the directories of a path", async (disk) => {
      await writeWhole(disk, "deep/er/file", "x");
      assert.equal(text(await disk.read("deep/er/file")), "x");
      assert.deepEqual(await disk.list("deep/er"), ["file"]);
    });

    property("opening what exists with create keeps its content", async (disk) => {
      await writeWhole(disk, "kept", "content");
      const file = await disk.open("kept", { create: true, durable: true });
      assert.equal(text(await file.read(0, 100)), "content");
      await file.close();
    });

    for (const durable of [true, false]) {
      property(`what is written is read, ${durable ? "durable" : "buffered"}`, async (disk) => {
        const file = await disk.open(`round-${durable}`, { create: true, durable });
        await file.write(0, Buffer.from("hello world"));
        await file.write(6, Buffer.from("there"));
        await file.sync();
        assert.equal(text(await file.read(0, 11)), "hello there");
        assert.equal(text(file.readNow(6, 5)), "there");
        assert.equal(await file.size(), 11);
        await file.close();
      });
    }

    property("a read gives fewer bytes only at the end of the file", async (disk) => {
      const file = await disk.open("short", { create: true, durable: false });
      await file.write(0, Buffer.from("12345"));
      assert.equal(text(await file.read(3, 10)), "45");
      assert.equal(text(file.readNow(3, 10)), "45");
      assert.equal((await file.read(5, 10)).length, 0);
      assert.equal(file.readNow(50, 10).length, 0);
      await file.close();
    });

    property("a hole reads as zeros", async (disk) => {
      const file = await disk.open("hole", { create: true, durable: false });
      await file.write(10_000, Buffer.from("x"));
      assert.equal(await file.size(), 10_001);
      assert.deepEqual(Buffer.from(await file.read(0, 10_000)), Buffer.alloc(10_000));
      await file.close();
    });

    property("an empty write changes nothing", async (disk) => {
      const file = await disk.open("empty", { create: true, durable: true });
      await file.write(0, new Uint8Array(0));
      assert.equal(await file.size(), 0);
      await file.close();
    });

    property("large writes arrive whole", async (disk) => {
      const bytes = Buffer.from(Uint8Array.from({ length: 3_000_001 }, (_, at) => (at * 7) % 251));
      const file = await disk.open("large", { create: true, durable: true });
      await file.write(13, bytes);
      assert.ok(Buffer.from(await file.read(13, bytes.length)).equals(bytes));
      assert.ok(Buffer.from(file.readNow(13, bytes.length)).equals(bytes));
      await file.close();
    });

    property("truncating cuts, and growing again shows zeros", async (disk) => {
      const file = await disk.open("cut", { create: true, durable: false });
      await file.write(0, Buffer.from("abcdef"));
      await file.truncate(2);
      assert.equal(await file.size(), 2);
      await file.truncate(4);
      assert.deepEqual([...(await file.read(0, 10))], [97, 98, 0, 0]);
      await file.close();
    });

    property("two descriptors see one file", async (disk) => {
      const writer = await disk.open("shared", { create: true, durable: true });
      const reader = await disk.open("shared", { create: false, durable: false });
      await writer.write(0, Buffer.from("seen"));
      assert.equal(text(reader.readNow(0, 4)), "seen");
      await writer.close();
      await reader.close();
    });

    property("replace puts a whole new content under the name", async (disk) => {
      await disk.replace("config/current", Buffer.from("first, and longer"));
      await disk.replace("config/current", Buffer.from("second"));
      assert.equal(text(await disk.read("config/current")), "second");
      assert.deepEqual(await disk.list("config"), ["current"]);
    });

    property("rename moves a file over another", async (disk) => {
      await writeWhole(disk, "moves/from", "new");
      await writeWhole(disk, "moves/to", "old");
      await disk.rename("moves/from", "moves/to");
      await disk.syncDirectory("moves");
      assert.deepEqual(await disk.list("moves"), ["to"]);
      assert.equal(text(await disk.read("moves/to")), "new");
    });

    property("an open file can be read after its name is gone", async (disk) => {
      await writeWhole(disk, "ghost", "still here");
      const file = await disk.open("ghost", { create: false, durable: false });
      await disk.remove("ghost");
      assert.equal(text(file.readNow(0, 20)), "still here");
      await file.close();
      await rejects("disk_missing", "ghost", disk.read("ghost"));
    });

    property("what does not exist is refused by name", async (disk) => {
      await rejects("disk_missing", "absent", disk.open("absent", { create: false, durable: false }));
      await rejects("disk_missing", "absent", disk.read("absent"));
      await rejects("disk_missing", "absent", disk.remove("absent"));
      await rejects("disk_missing", "absent", disk.rename("absent", "elsewhere"));
    });

    test("a full disk is refused by name", async (context) => {
      const { disk, fill, run } = world;
      if (!fill) return context.skip("no file without room can be had on this system");
      await run(async () => {
        await fill("full");
        const file = await disk.open("full", { create: true, durable: true });
        await rejects("disk_full", "full", file.write(0, Buffer.alloc(100_000, 1)));
        await file.close();
      });
    });
  });
}

async function writeWhole(disk: Disk, path: string, content: string): Promise<void> {
  const file = await disk.open(path, { create: true, durable: false });
  await file.truncate(0);
  await file.write(0, Buffer.from(content));
  await file.close();
}

async function rejects(code: string, path: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof IsthmusError);
    assert.equal(error.code, code);
    assert.equal(error.facts.path, path);
    assert.equal(typeof error.facts.errno, "string");
    return true;
  });
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
