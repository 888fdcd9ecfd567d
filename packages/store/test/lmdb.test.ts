import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CONTROL_GROUP, dataGroup, IsthmusError, type Key, keyOf, Registry, utf8 } from "@isthmus/kernel";
import { Overlay, openLmdb, removeLmdb } from "@isthmus/store";

const GROUP = dataGroup("main", 0);

// What every StateStore promises is asked of LMDB in the simulator's package, beside the simulated one.
describe("an LMDB environment", () => {
  it("has what was flushed when it is opened again, and not what was only written", async () => {
    await inDirectory(async (path) => {
      const registry = new Registry();
      const first = await openLmdb({ path, registry });
      const overlay = new Overlay({ base: first.store(GROUP) });
      for (let index = 0; index < 5_000; index++) overlay.set(name(index), utf8(`value ${index}`));
      await overlay.flush();
      overlay.set(keyOf("late"), utf8("lost with the process"));
      await first.close();
      await first.close();
      assert.deepEqual(
        registry.samples().map((each) => [each.name, each.value]),
        [
          ["isthmus.store.commits", 1],
          ["isthmus.store.committed_keys", 5_000],
        ],
      );

      const second = await openLmdb({ path });
      const entries = [...second.store(GROUP).range("" as Key, "\xff" as Key)];
      assert.equal(entries.length, 5_000);
      assert.deepEqual(entries[4_321]?.[1], Buffer.from("value 4321"));
      assert.deepEqual([...second.store(CONTROL_GROUP).range("" as Key, "\xff" as Key)], []);
      await second.close();

      await removeLmdb(path);
      const third = await openLmdb({ path });
      assert.deepEqual([...third.store(GROUP).range("" as Key, "\xff" as Key)], []);
      await third.close();
    });
  });

  it("reads and begins views while a large commit is under way", async () => {
    await inDirectory(async (path) => {
      const environment = await openLmdb({ path });
      const overlay = new Overlay({ base: environment.store(GROUP) });
      for (let index = 0; index < 30_000; index++) overlay.set(name(index), utf8("first"));
      await overlay.flush();
      for (let index = 0; index < 30_000; index++) overlay.set(name(index), utf8("second"));
      const flush = overlay.flush();
      let turns = 0;
      while (overlay.flushing && turns < 30_000) {
        const view = overlay.view();
        overlay.set(name(turns), utf8("third"));
        assert.deepEqual(text(view.get(name(turns))), "second");
        assert.deepEqual(text(overlay.get(name(turns))), "third");
        view.release();
        turns += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      await flush;
      assert.ok(turns > 0);
      assert.equal(overlay.dirtyKeys, turns);
      await environment.close();
    });
  });

  it("a path that cannot be opened is store_failed", async () => {
    await inDirectory(async (path) => {
      await writeFile(path, "a file in the way");
      await assert.rejects(
        openLmdb({ path }),
        (error) => error instanceof IsthmusError && error.code === "store_failed",
      );
    });
  });
});

async function inDirectory(test: (path: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-store-"));
  try {
    await test(join(directory, "state"));
  } finally {
    await rm(directory, { recursive: true });
  }
}

function name(index: number): Key {
  return keyOf(String(index).padStart(6, "0"));
}

function text(value: Uint8Array | undefined): string | undefined {
  return value && Buffer.from(value).toString();
}
