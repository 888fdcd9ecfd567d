import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AssertionError, type Key, keyOf, Registry, utf8 } from "@isthmus/kernel";
import { Overlay } from "@isthmus/store";
import { ManualStore } from "./manual-store.ts";

const LAST = "\xff" as Key;

describe("an overlay", () => {
  it("counts the keys and bytes that are not durable, in both generations", async () => {
    const base = new ManualStore();
    const registry = new Registry();
    const overlay = new Overlay({ base, registry, labels: { group: "main/0" } });
    overlay.set(keyOf("ab"), utf8("1234"));
    overlay.set(keyOf("ab"), utf8("12"));
    overlay.set(keyOf("c"), undefined);
    assert.deepEqual([overlay.dirtyKeys, overlay.dirtyBytes], [2, 5]);
    const flush = overlay.flush();
    overlay.set(keyOf("ab"), undefined);
    assert.deepEqual([overlay.dirtyKeys, overlay.dirtyBytes], [3, 7]);
    assert.equal(sample(registry, "isthmus.store.dirty_bytes"), 7);
    base.finish();
    await flush;
    assert.deepEqual([overlay.dirtyKeys, overlay.dirtyBytes, overlay.flushing], [1, 2, false]);
    assert.equal(sample(registry, "isthmus.store.flushes"), 1);
    assert.equal(sample(registry, "isthmus.store.flushed_bytes"), 5);
  });

  it("commits one generation at a time, and nothing when nothing has changed", async () => {
    const base = new ManualStore();
    const overlay = new Overlay({ base });
    await overlay.flush();
    assert.equal(base.commits, 0);
    overlay.set(keyOf("a"), utf8("1"));
    const flush = overlay.flush();
    await assert.rejects(overlay.flush(), AssertionError);
    base.finish();
    await flush;
    assert.equal(base.commits, 1);
  });

  it("commits what was there at the flush once the log is ready, not before", async () => {
    const base = new ManualStore();
    const overlay = new Overlay({ base });
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    overlay.set(keyOf("a"), utf8("1"));
    const flush = overlay.flush(ready);
    overlay.set(keyOf("a"), utf8("2"));
    await Promise.resolve();
    assert.deepEqual([base.commits, overlay.flushing, overlay.dirtyKeys], [0, true, 2]);
    resolve();
    await ready;
    await Promise.resolve();
    base.finish();
    await flush;
    assert.deepEqual([base.get(keyOf("a")), overlay.get(keyOf("a"))], [utf8("1"), utf8("2")]);
  });

  it("a range goes on in order when the overlay changes under it", () => {
    const overlay = new Overlay({ base: new ManualStore() });
    for (let index = 0; index < 500; index++) overlay.set(name(index * 2), utf8("old"));
    const seen: Key[] = [];
    for (const [key] of overlay.range("" as Key, LAST)) {
      seen.push(key);
      // Keys behind and ahead of the range, enough of them to split the tree's nodes.
      overlay.set(name(seen.length * 2 - 3), utf8("behind"));
      overlay.set(name(999 - seen.length * 2), utf8("ahead"));
    }
    assert.deepEqual(seen, [...new Set(seen)].sort());
    for (let index = 0; index < 500; index++) assert.ok(seen.includes(name(index * 2)));
  });

  it("a view does not see what is written to keys that it has and to keys that it lacks", () => {
    const overlay = new Overlay({ base: new ManualStore() });
    overlay.set(keyOf("a"), utf8("1"));
    const first = overlay.view();
    overlay.set(keyOf("a"), utf8("2"));
    overlay.set(keyOf("a"), utf8("3"));
    overlay.set(keyOf("b"), utf8("1"));
    const second = overlay.view();
    overlay.set(keyOf("a"), undefined);
    assert.deepEqual(texts(first.range("" as Key, LAST)), ["a=1"]);
    assert.deepEqual(texts(second.range("" as Key, LAST)), ["a=3", "b=1"]);
    assert.deepEqual(texts(overlay.range("" as Key, LAST)), ["b=1"]);
    first.release();
    assert.throws(() => first.get(keyOf("a")), AssertionError);
    assert.deepEqual(second.get(keyOf("a")), utf8("3"));
  });

  it("refuses keys that the base could not hold", () => {
    const overlay = new Overlay({ base: new ManualStore() });
    assert.throws(() => overlay.set("" as Key, utf8("1")), AssertionError);
    assert.throws(() => overlay.set("k".repeat(1979) as Key, utf8("1")), AssertionError);
  });
});

function name(index: number): Key {
  return keyOf(String(index + 10).padStart(5, "0"));
}

function texts(entries: Iterable<readonly [Key, Uint8Array]>): string[] {
  return [...entries].map(([key, value]) => `${key}=${Buffer.from(value).toString()}`);
}

function sample(registry: Registry, wanted: string): number | undefined {
  return registry.samples().find((each) => each.name === wanted)?.value;
}
