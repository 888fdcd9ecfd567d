import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openHostDisk } from "@isthmus/host";
import { IsthmusError, must, seededRandom } from "@isthmus/kernel";
import { Scheduler, SimDisk } from "@isthmus/sim";
import { type DiskUnderTest, diskConformance } from "./conformance/disk.ts";

const DEVICE_WITHOUT_ROOM = "/dev/full";

diskConformance("the machine's", async () => {
  const root = await mkdtemp(join(tmpdir(), "isthmus-disk-"));
  return {
    disk: openHostDisk(join(root, "data", "node")),
    run: (work) => work(),
    fill: existsSync(DEVICE_WITHOUT_ROOM)
      ? async (path) => {
          await mkdir(join(root, "data", "node"), { recursive: true });
          await symlink(DEVICE_WITHOUT_ROOM, join(root, "data", "node", path));
        }
      : null,
    dispose: () => rm(root, { recursive: true }),
  };
});

diskConformance("simulated", async (): Promise<DiskUnderTest> => {
  const { disk, run } = world("conformance");
  return {
    disk,
    run,
    fill: async () => {
      disk.limitBytes = 0;
    },
    dispose: async () => {},
  };
});

interface Life {
  alive: boolean;
}

function world(seed: number | string, latencyMs?: readonly [number, number]) {
  const scheduler = new Scheduler();
  const state: { life: Life } = { life: { alive: true } };
  const options = { scheduler, random: seededRandom(seed), lifetime: () => state.life };
  const disk = new SimDisk(latencyMs ? { ...options, latencyMs } : options);
  /** Turns the world until `work` is done. */
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    let outcome: { value: T } | { error: unknown } | undefined;
    const done = work().then(
      (value) => {
        outcome = { value };
      },
      (error: unknown) => {
        outcome = { error };
      },
    );
    // Work that begins with another promise has nothing scheduled yet.
    await new Promise((resolve) => setImmediate(resolve));
    await scheduler.runUntilTrue(() => outcome !== undefined, 600_000);
    const got = must(outcome, "the work ends in virtual time");
    await done;
    if ("error" in got) throw got.error;
    return got.value;
  };
  const kill = (): void => {
    state.life.alive = false;
    state.life = { alive: true };
  };
  return { scheduler, disk, run, kill };
}

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const content = (byte: number): Buffer => Buffer.alloc(2000, byte);

describe("the simulated disk", () => {
  test("an operation takes virtual time, more on a slow disk", async () => {
    const { disk, run, scheduler } = world(1, [2, 3]);
    await run(() => disk.list("."));
    assert.ok(scheduler.nowMs >= 2 && scheduler.nowMs <= 3);
    disk.slowFactor = 10;
    const before = scheduler.nowMs;
    await run(() => disk.list("."));
    assert.ok(scheduler.nowMs - before >= 20 && scheduler.nowMs - before <= 30);
  });

  test("a durable write whose promise resolved survives every power cut", async () => {
    for (const seed of SEEDS) {
      const { disk, run, kill } = world(seed);
      await run(async () => {
        const file = await disk.open("d/f", { create: true, durable: true });
        await disk.syncDirectory("d");
        await file.write(0, content(1));
      });
      kill();
      disk.crash();
      assert.ok(Buffer.from(await run(() => disk.read("d/f"))).equals(content(1)));
    }
  });

  test("an unsynced write is lost, torn or whole after a power cut, and each is met", async () => {
    const met = new Set<string>();
    for (const seed of SEEDS) {
      const { disk, run, kill } = world(seed);
      await run(async () => {
        const file = await disk.open("f", { create: true, durable: false });
        await file.write(0, Buffer.alloc(2000));
        await file.sync();
        await disk.syncDirectory(".");
        await file.write(0, content(1));
      });
      kill();
      disk.crash();
      const left = Buffer.from(await run(() => disk.read("f")));
      if (left.equals(content(1))) met.add("whole");
      else met.add(left.equals(Buffer.alloc(2000)) ? "lost" : "torn");
    }
    assert.deepEqual([...met].sort(), ["lost", "torn", "whole"]);
  });

  test("a killed process leaves its finished writes to the next one, the power cut may take them", async () => {
    let lost = 0;
    for (const seed of SEEDS) {
      const { disk, run, kill } = world(seed);
      await run(async () => {
        const file = await disk.open("f", { create: true, durable: false });
        await disk.syncDirectory(".");
        await file.write(0, content(1));
      });
      kill();
      assert.ok(Buffer.from(await run(() => disk.read("f"))).equals(content(1)));
      kill();
      disk.crash();
      if (!Buffer.from(await run(() => disk.read("f"))).equals(content(1))) lost += 1;
    }
    assert.ok(lost > 0);
  });

  test("a write under way when its life ends is never answered, and may be lost, torn or whole", async () => {
    const met = new Set<string>();
    for (const seed of SEEDS) {
      const { disk, run, kill, scheduler } = world(seed);
      let answered = false;
      await run(async () => {
        const file = await disk.open("f", { create: true, durable: true });
        await disk.syncDirectory(".");
        await file.write(0, Buffer.alloc(2000));
        file.write(0, content(1)).then(() => {
          answered = true;
        });
      });
      kill();
      await scheduler.runUntil(scheduler.nowMs + 100);
      assert.equal(answered, false);
      const left = Buffer.from(await run(() => disk.read("f")));
      if (left.equals(content(1))) met.add("whole");
      else met.add(left.equals(Buffer.alloc(2000)) ? "lost" : "torn");
    }
    assert.deepEqual([...met].sort(), ["lost", "torn", "whole"]);
  });

  test("names that were not synced may be lost, those that were may not", async () => {
    const met = new Set<string>();
    for (const seed of SEEDS) {
      const { disk, run, kill } = world(seed);
      await run(async () => {
        await disk.open("n/kept", { create: true, durable: true });
        await disk.syncDirectory("n");
        await disk.open("n/created", { create: true, durable: true });
        await disk.rename("n/kept", "n/renamed");
      });
      kill();
      disk.crash();
      met.add((await run(() => disk.list("n"))).join(" "));
    }
    assert.deepEqual([...met].sort(), ["created kept", "created renamed", "kept"]);
  });

  test("a replacement is old or new, never between", async () => {
    const met = new Set<string>();
    for (const seed of SEEDS) {
      const { disk, run, kill } = world(seed);
      await run(async () => {
        await disk.replace("r", Buffer.from("old"));
        void disk.replace("r", Buffer.from("new"));
      });
      kill();
      disk.crash();
      met.add(Buffer.from(await run(() => disk.read("r"))).toString());
    }
    assert.deepEqual([...met].sort(), ["new", "old"]);
  });

  test("a failed sync is told once, and what it should have synced stays lost to a power cut", async () => {
    const { disk, run, kill } = world(7);
    await run(async () => {
      const file = await disk.open("f", { create: true, durable: false });
      await disk.syncDirectory(".");
      await file.write(0, content(1));
      disk.failNextSync();
      await assert.rejects(
        file.sync(),
        (error) => error instanceof IsthmusError && error.code === "disk_failed",
      );
      await file.sync();
      assert.ok(Buffer.from(await file.read(0, 2000)).equals(content(1)));
    });
    kill();
    disk.crash();
    assert.equal((await run(() => disk.read("f"))).length, 0);
  });

  test("a durable write meets a failing sync", async () => {
    const { disk, run } = world(8);
    await run(async () => {
      const file = await disk.open("f", { create: true, durable: true });
      disk.failNextSync();
      await assert.rejects(file.write(0, content(1)), (error) => {
        return error instanceof IsthmusError && error.code === "disk_failed" && error.facts.errno === "EIO";
      });
    });
  });

  test("a full disk takes no growth, but still what fits in place", async () => {
    const { disk, run } = world(9);
    await run(async () => {
      const file = await disk.open("f", { create: true, durable: true });
      await file.write(0, content(1));
      disk.limitBytes = 2500;
      await file.write(0, content(2));
      await assert.rejects(file.write(2000, content(3)), (error) => {
        return error instanceof IsthmusError && error.code === "disk_full";
      });
      disk.limitBytes = null;
      await file.write(2000, content(3));
    });
  });

  test("a lost write is answered and read like any other, and is gone when the power was", async () => {
    for (const durable of [true, false]) {
      const { disk, run, kill } = world(`lost ${durable}`);
      await run(async () => {
        const file = await disk.open("f", { create: true, durable });
        await disk.syncDirectory(".");
        await file.write(0, content(1));
        await file.sync();
        disk.lostWriteRate = 1;
        await file.write(1000, content(2));
        await file.sync();
        disk.mend();
        await file.sync();
      });
      kill();
      const cached = Buffer.concat([content(1).subarray(0, 1000), content(2)]);
      assert.ok(Buffer.from(await run(() => disk.read("f"))).equals(cached), "another process still sees it");
      kill();
      disk.crash();
      // The file has its length all the same: that is the file system's own, and was not lost.
      const left = Buffer.concat([content(1), Buffer.alloc(1000)]);
      assert.ok(Buffer.from(await run(() => disk.read("f"))).equals(left));
      assert.equal(disk.counts.writesLost, 1);
    }
  });

  test("a misdirected write lies at another sector of its file when the power was gone", async () => {
    for (const seed of SEEDS) {
      const { disk, run, kill } = world(seed);
      await run(async () => {
        const file = await disk.open("f", { create: true, durable: true });
        await disk.syncDirectory(".");
        await file.write(0, Buffer.alloc(8192, 1));
        disk.misdirectedWriteRate = 1;
        await file.write(1024, Buffer.alloc(512, 2));
        assert.equal((await file.read(1024, 1))[0], 2);
        assert.equal([...(await file.read(0, 8192))].filter((byte) => byte === 2).length, 512);
      });
      kill();
      disk.crash();
      const left = Buffer.from(await run(() => disk.read("f")));
      const at = left.indexOf(2);
      assert.ok(at >= 0 && at % 512 === 0 && at !== 1024, "it lies at another place, where sectors begin");
      const expected = Buffer.alloc(8192, 1);
      expected.fill(2, at, at + 512);
      assert.ok(left.equals(expected));
      assert.equal(disk.counts.writesMisdirected, 1);
    }
  });

  test("a misdirected write into a file of one sector has nowhere else to go: it is lost", async () => {
    const { disk, run, kill } = world(11);
    await run(async () => {
      await disk.replace("f", Buffer.alloc(100, 1));
      disk.misdirectedWriteRate = 1;
      const file = await disk.open("f", { create: false, durable: true });
      await file.write(0, Buffer.alloc(100, 2));
    });
    kill();
    disk.crash();
    assert.ok(Buffer.from(await run(() => disk.read("f"))).equals(Buffer.alloc(100, 1)));
  });

  test("the disk knows the errors that it was made to give from all others", async () => {
    const { disk, run } = world(12);
    const errorOf = (work: () => Promise<unknown>): Promise<object> =>
      run(() =>
        work().then(
          () => assert.fail("it is refused"),
          (error: object) => error,
        ),
      );
    disk.failNextSync();
    assert.ok(disk.gave(await errorOf(() => disk.replace("f", content(1)))));
    disk.limitBytes = 10;
    assert.ok(disk.gave(await errorOf(() => disk.replace("f", content(1)))));
    assert.ok(!disk.gave(await errorOf(() => disk.read("absent"))));
    assert.ok(!disk.gave(new IsthmusError("disk_failed", "of another disk")));
    assert.deepEqual([disk.counts.syncsFailed, disk.counts.refusedFull], [1, 1]);
  });

  test("a mended disk has no fault left, not even one that was only prepared", async () => {
    const { disk, run, kill } = world(13);
    disk.failNextSync();
    Object.assign(disk, { slowFactor: 100, limitBytes: 0, lostWriteRate: 1, misdirectedWriteRate: 1 });
    disk.mend();
    await run(() => disk.replace("f", content(1)));
    kill();
    disk.crash();
    assert.ok(Buffer.from(await run(() => disk.read("f"))).equals(content(1)));
    assert.deepEqual(Object.values(disk.counts), [0, 0, 0, 0, 0]);
  });

  test("rot anywhere hits a file that has bytes, and tells which", async () => {
    const { disk, run } = world(14);
    assert.equal(disk.rotAnywhere(), null);
    await run(async () => {
      await disk.replace("empty", new Uint8Array());
      await disk.replace("full", content(0));
    });
    assert.equal(disk.rotAnywhere(), "full");
    assert.equal([...(await run(() => disk.read("full")))].filter((byte) => byte !== 0).length, 1);
  });

  test("rot turns one bit over, for good", async () => {
    const { disk, run, kill } = world(10);
    await run(() => disk.replace("f", content(0)));
    disk.rot("f", 1234);
    kill();
    disk.crash();
    const left = await run(() => disk.read("f"));
    assert.equal([...left].filter((byte) => byte !== 0).length, 1);
    assert.equal(Math.log2(left[1234] ?? 0) % 1, 0);
  });

  test("one seed, one fate", async () => {
    const story = async (seed: number): Promise<string> => {
      const { disk, run, kill, scheduler } = world(seed);
      await run(async () => {
        const file = await disk.open("f", { create: true, durable: false });
        for (let round = 0; round < 10; round++) await file.write(round * 1500, content(round));
      });
      kill();
      disk.crash();
      const names = await run(() => disk.list("."));
      const bytes = names.length > 0 ? await run(() => disk.read("f")) : new Uint8Array();
      return `${scheduler.nowMs} ${Buffer.from(bytes).toString("hex")}`;
    };
    for (const seed of [1, 2, 3]) assert.equal(await story(seed), await story(seed));
    assert.notEqual(await story(1), await story(2));
  });
});
