import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  dataGroup,
  type GroupId,
  IsthmusError,
  type Key,
  keyOf,
  type StoreWrite,
  seededRandom,
  utf8,
} from "@isthmus/kernel";
import { Scheduler, SimStateVolume } from "@isthmus/sim";
import { Overlay } from "@isthmus/store";
import { overlayConformance } from "./conformance/overlay.ts";
import { stateStoreConformance } from "./conformance/state-store.ts";
import { lmdbWorld, settleIn, simWorld } from "./conformance/state-worlds.ts";

stateStoreConformance("simulated", () => simWorld("conformance"));
stateStoreConformance("LMDB", lmdbWorld);
overlayConformance("the simulated store", 60, () => simWorld("overlay"));
overlayConformance("LMDB", 10, lmdbWorld);

const GROUP = dataGroup("main", 0);
const OTHER = dataGroup("main", 1);

describe("a simulated state volume", () => {
  it("after a crash has the commit under way as a whole or not at all, as the seed says", async () => {
    const outcomes = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const counts = await Promise.all([crashDuringCommit(seed), crashDuringCommit(seed)]);
      assert.equal(counts[0], counts[1]);
      outcomes.add(counts[0]);
    }
    assert.deepEqual([...outcomes].sort(), [1, 101]);
  });

  it("holds what a plain sorted map holds, through many commits that grow and shrink it", async () => {
    const { scheduler, volume } = machine("many commits");
    const store = volume.open({ alive: true }).store(GROUP);
    const random = seededRandom("many commits");
    const model = new Map<Key, string>();
    for (let commit = 0; commit < 120; commit++) {
      const changed = new Map<Key, string | null>();
      // It grows to many times what lies together, and goes away again.
      const isToShrink = commit >= 60 || commit % 7 === 6;
      for (let left = 1 + random.below(60); left > 0; left--)
        changed.set(
          keyOf(String(random.below(2000)).padStart(4, "0")),
          isToShrink && random.below(4) > 0 ? null : `${commit}`,
        );
      if (commit === 119) {
        changed.clear();
        for (const key of model.keys()) changed.set(key, null);
      }
      const keys = [...changed.keys()].sort();
      for (const key of keys) {
        const value = changed.get(key) ?? null;
        if (value === null) model.delete(key);
        else model.set(key, value);
      }
      const before = store.view();
      const beforeCount = [...before.range("" as Key, "z" as Key)].length;
      await settleIn(
        scheduler,
        store.commit(
          keys.map((key): StoreWrite => {
            const value = changed.get(key) ?? null;
            return [key, value === null ? undefined : utf8(value)];
          }),
        ),
      );
      assert.equal([...before.range("" as Key, "z" as Key)].length, beforeCount);
      before.release();
      const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
      const texts = (from: Key, to: Key) =>
        [...store.range(from, to)].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]);
      assert.deepEqual(texts("" as Key, "z" as Key), expected);
      const [from, to] = [keyOf(`0${random.below(10)}`), keyOf(`1${random.below(10)}5`)];
      assert.deepEqual(
        texts(from, to),
        expected.filter(([key]) => key >= from && key < to),
      );
      for (let probe = 0; probe < 20; probe++) {
        const key = keyOf(String(random.below(2000)).padStart(4, "0"));
        const bytes = store.get(key);
        assert.equal(bytes && Buffer.from(bytes).toString(), model.get(key));
      }
    }
    assert.equal(count(store), 0);
  });

  it("fails the commit it is told to fail, and from then on every call of that life", async () => {
    for (const code of ["store_failed", "disk_full"] as const) {
      const { scheduler, volume } = machine(code);
      const environment = volume.open({ alive: true });
      const store = environment.store(GROUP);
      await settleIn(scheduler, store.commit(writes(1)));
      volume.failNextCommit(code);
      await assert.rejects(settleIn(scheduler, store.commit(writes(2))), refused(code));
      await assert.rejects(settleIn(scheduler, store.commit(writes(2))), refused("store_failed"));
      await assert.rejects(settleIn(scheduler, environment.remove(GROUP)), refused("store_failed"));
      assert.throws(() => store.get(keyOf("0000")), refused("store_failed"));
      assert.throws(() => store.view(), refused("store_failed"));
      assert.throws(() => [...store.range("" as Key, "z" as Key)], refused("store_failed"));
      assert.throws(() => environment.store(OTHER), refused("store_failed"));
      await settleIn(scheduler, environment.close());

      volume.wipe();
      const rebuilt = volume.open({ alive: true }).store(GROUP);
      assert.equal(count(rebuilt), 0);
      await settleIn(scheduler, rebuilt.commit(writes(3)));
      assert.equal(count(rebuilt), 3);
    }
  });

  it("a failed flush stays readable in the overlay, and no further flush is taken", async () => {
    const { scheduler, volume } = machine("overlay");
    const overlay = new Overlay({ base: volume.open({ alive: true }).store(GROUP) });
    overlay.set(keyOf("a"), utf8("1"));
    volume.failNextCommit("store_failed");
    const flush = overlay.flush();
    assert.equal(overlay.flushing, true);
    overlay.set(keyOf("b"), utf8("2"));
    await assert.rejects(settleIn(scheduler, flush), refused("store_failed"));
    assert.equal(overlay.flushing, false);
    assert.deepEqual(overlay.get(keyOf("a")), utf8("1"));
    assert.deepEqual(overlay.get(keyOf("b")), utf8("2"));
    assert.equal(overlay.dirtyKeys, 2);
    await assert.rejects(overlay.flush(), refused("store_failed"));
    assert.throws(() => overlay.view(), refused("store_failed"));
  });
});

async function crashDuringCommit(seed: number): Promise<number> {
  const { scheduler, volume } = machine(`crash ${seed}`);
  const life = { alive: true };
  const store = volume.open(life).store(GROUP);
  await settleIn(scheduler, store.commit([[keyOf("before"), utf8("kept")]]));
  let told = false;
  void store.commit(writes(100)).then(() => {
    told = true;
  });
  life.alive = false;
  await scheduler.runUntil(scheduler.nowMs + 1_000);
  assert.equal(told, false);
  return count(volume.open({ alive: true }).store(GROUP));
}

function machine(seed: string): { scheduler: Scheduler; volume: SimStateVolume; group: GroupId } {
  const scheduler = new Scheduler();
  return { scheduler, volume: new SimStateVolume({ scheduler, random: seededRandom(seed) }), group: GROUP };
}

function writes(keys: number): StoreWrite[] {
  return Array.from({ length: keys }, (_, index) => [keyOf(`${index}`.padStart(4, "0")), utf8("value")]);
}

function count(store: { range(from: Key, to: Key): Iterable<unknown> }): number {
  return [...store.range("" as Key, "\xff" as Key)].length;
}

function refused(code: string): (error: unknown) => boolean {
  return (error) => error instanceof IsthmusError && error.code === code;
}
