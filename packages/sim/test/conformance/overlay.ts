import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dataGroup, type Key, type StoreReader, type StoreView } from "@isthmus/kernel";
import { Overlay } from "@isthmus/store";
import fc from "fast-check";
import type { StateWorld } from "./state-store.ts";

type Twin = ReadonlyMap<string, string>;

type Step =
  | { readonly do: "set"; readonly key: number; readonly value: number | null }
  | { readonly do: "flush" | "turn" | "settle" | "view" | "release" | "close" }
  | { readonly do: "look"; readonly from: number; readonly to: number };

/** Few keys, so that generations, removals and the base meet on the same ones. */
const KEYS = 24;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("set" as const),
      key: fc.nat(KEYS - 1),
      value: fc.option(fc.nat(255), { freq: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("look" as const), from: fc.nat(KEYS), to: fc.nat(KEYS) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("flush", "flush", "turn", "settle", "view", "release" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const) }) },
);

/**
 * The overlay against a plain Map, on a base that `makeWorld` makes. Few runs mean a slow base: there a failure is
 * shown as it was found, since shrinking it would take minutes.
 */
export function overlayConformance(name: string, runs: number, makeWorld: () => Promise<StateWorld>): void {
  describe(`an overlay over ${name}`, () => {
    it("reads as a sorted Map does, before, during and after flushes, and its views stay as they were", async () => {
      const world = await makeWorld();
      let run = 0;
      try {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) =>
            compare(world, run++, steps),
          ),
          { numRuns: runs, endOnFailure: runs < 20 },
        );
      } finally {
        await world.dispose();
      }
    });
  });
}

async function compare(world: StateWorld, run: number, steps: readonly Step[]): Promise<void> {
  const group = dataGroup("main", run % 200);
  let environment = await world.open();
  await world.settle(environment.remove(group));
  let overlay = new Overlay({ base: environment.store(group) });
  let twin = new Map<string, string>();
  let flush: Promise<void> | null = null;
  const views: { view: StoreView; twin: Twin }[] = [];
  const settled = async (): Promise<void> => {
    if (flush !== null) await world.settle(flush);
  };
  for (const next of steps) {
    switch (next.do) {
      case "set":
        overlay.set(keyAt(next.key), next.value === null ? undefined : Uint8Array.of(next.value));
        if (next.value === null) twin.delete(keyAt(next.key));
        else twin.set(keyAt(next.key), String(next.value));
        break;
      case "look":
        agree(overlay, twin, keyAt(next.from), keyAt(next.to));
        break;
      case "flush":
        if (flush !== null) break;
        flush = overlay.flush().finally(() => {
          flush = null;
        });
        break;
      case "turn":
        await new Promise((resolve) => setImmediate(resolve));
        break;
      case "settle":
        await settled();
        break;
      case "view":
        if (views.length < 4) views.push({ view: overlay.view(), twin: new Map(twin) });
        break;
      case "release": {
        const oldest = views.shift();
        if (oldest === undefined) break;
        agree(oldest.view, oldest.twin, keyAt(0), keyAt(KEYS));
        oldest.view.release();
        break;
      }
      case "close": {
        await settled();
        await world.settle(overlay.flush());
        assert.deepEqual([overlay.dirtyKeys, overlay.dirtyBytes], [0, 0]);
        for (const { view } of views.splice(0)) view.release();
        await world.settle(environment.close());
        environment = await world.open();
        overlay = new Overlay({ base: environment.store(group) });
        twin = new Map(twin);
        break;
      }
    }
    for (const { view, twin: then } of views) agree(view, then, keyAt(0), keyAt(KEYS));
  }
  agree(overlay, twin, keyAt(0), keyAt(KEYS));
  await settled();
  agree(overlay, twin, keyAt(0), keyAt(KEYS));
  for (const { view, twin: then } of views) {
    agree(view, then, keyAt(0), keyAt(KEYS));
    view.release();
  }
  await world.settle(environment.close());
}

function agree(reader: StoreReader, twin: Twin, from: Key, to: Key): void {
  const expected = [...twin].filter(([key]) => key >= from && key < to).sort(([a], [b]) => (a < b ? -1 : 1));
  const found = [...reader.range(from, to)].map(([key, value]) => [key, String(value[0])]);
  assert.deepEqual(found, expected);
  for (let index = 0; index < KEYS; index++) {
    const value = reader.get(keyAt(index));
    assert.equal(value && String(value[0]), twin.get(keyAt(index)));
  }
}

/** Of different lengths, so that one key is often the beginning of the next. */
function keyAt(index: number): Key {
  return (String.fromCharCode(0x41 + (index >> 2) * 5) + "\xff".repeat(index & 3)) as Key;
}
