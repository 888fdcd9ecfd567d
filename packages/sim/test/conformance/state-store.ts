import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AssertionError,
  dataGroup,
  hex,
  type Key,
  keyFromBytes,
  keyOf,
  type StateEnvironment,
  type StoreReader,
  type StoreWrite,
  utf8,
} from "@isthmus/kernel";

/** One environment's place, real or simulated. */
export interface StateWorld {
  /** Opens it, again after a close. */
  open(): Promise<StateEnvironment>;
  /** Lets the world go on until the promise is settled. */
  settle<T>(promise: Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

const GROUP = dataGroup("main", 0);
const OTHER = dataGroup("main", 1);
const LAST = "\xff\xff\xff" as Key;

/** What every StateStore promises, asked of the one that `makeWorld` makes. */
export function stateStoreConformance(name: string, makeWorld: () => Promise<StateWorld>): void {
  describe(`a state store: ${name}`, () => {
    const holds = (what: string, test: (world: StateWorld, environment: StateEnvironment) => Promise<void>) =>
      it(what, async () => {
        const world = await makeWorld();
        try {
          const environment = await world.open();
          try {
            await test(world, environment);
          } finally {
            await world.settle(environment.close());
          }
        } finally {
          await world.dispose();
        }
      });

    holds("a new store is empty", async (_, environment) => {
      const store = environment.store(GROUP);
      assert.equal(store.get(keyOf("a")), undefined);
      assert.deepEqual(shown(store), []);
      assert.equal(environment.store(GROUP), store);
    });

    holds(
      "what was committed is read in the turn in which the commit resolves",
      async (world, environment) => {
        const store = environment.store(GROUP);
        assert.equal(store.get(keyOf("a")), undefined);
        for (let round = 0; round < 20; round++) {
          let seen: string | undefined;
          await world.settle(
            store.commit([[keyOf("a"), utf8(`${round}`)]]).then(() => {
              seen = shownValue(store.get(keyOf("a")));
            }),
          );
          assert.equal(seen, shownValue(utf8(`${round}`)));
          assert.deepEqual(shown(store), [`a=${seen}`]);
        }
      },
    );

    holds("a range has its start, has not its end, and ascends", async (world, environment) => {
      const store = environment.store(GROUP);
      await world.settle(store.commit(puts("a", "b", "ba", "c", "d")));
      assert.deepEqual(keysOf(store, "b", "d"), ["b", "ba", "c"]);
      assert.deepEqual(keysOf(store, "", "b"), ["a"]);
      assert.deepEqual(keysOf(store, "bb", "bz"), []);
      assert.deepEqual(keysOf(store, "d", "e"), ["d"]);
      assert.deepEqual(keysOf(store, "d", "d"), []);
      assert.deepEqual(keysOf(store, "d", "a"), []);
      assert.deepEqual(keysOf(store, "e", "z"), []);
    });

    holds("a range can be left early, and begun while another is under way", async (world, environment) => {
      const store = environment.store(GROUP);
      await world.settle(store.commit(puts("a", "b", "c")));
      const seen: string[] = [];
      for (const [outer] of store.range(keyOf("a"), LAST)) {
        for (const [inner] of store.range(outer, LAST)) {
          seen.push(outer + inner);
          if (inner === "b") break;
        }
        if (outer === "b") break;
      }
      assert.deepEqual(seen, ["aa", "ab", "bb"]);
    });

    holds(
      "a removed key is gone, and removing one that is not there is nothing",
      async (world, environment) => {
        const store = environment.store(GROUP);
        await world.settle(store.commit(puts("a", "b", "c")));
        await world.settle(
          store.commit([
            [keyOf("b"), undefined],
            [keyOf("x"), undefined],
          ]),
        );
        assert.equal(store.get(keyOf("b")), undefined);
        assert.deepEqual(keysOf(store, "", "z"), ["a", "c"]);
      },
    );

    holds("nothing of a commit is seen before all of it", async (world, environment) => {
      const store = environment.store(GROUP);
      const many = numbered(3_000, "old");
      await world.settle(store.commit(many));
      let done = false;
      const commit = store.commit(numbered(3_000, "new")).then(() => {
        done = true;
      });
      const looks = (async () => {
        while (!done) {
          const values = new Set([...store.range("" as Key, LAST)].map(([, value]) => shownValue(value)));
          assert.equal(values.size, 1);
          await new Promise(setImmediate);
        }
      })();
      await world.settle(commit);
      await looks;
      assert.equal(shownValue(store.get(many[0]?.[0] ?? keyOf(""))), shownValue(utf8("new")));
    });

    holds("a view stays as it was through later commits", async (world, environment) => {
      const store = environment.store(GROUP);
      await world.settle(store.commit(puts("a", "b", "c")));
      assert.equal(store.get(keyOf("x")), undefined);
      const view = store.view();
      const again = store.view();
      const before = shown(view);
      for (let round = 0; round < 10; round++) {
        await world.settle(
          store.commit([
            [keyOf("a"), utf8(`round ${round}`)],
            [keyOf("b"), undefined],
            [keyOf(`d${round}`), utf8("new")],
          ]),
        );
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(shown(view), before);
        assert.equal(shownValue(view.get(keyOf("b"))), shownValue(utf8("b")));
        assert.equal(view.get(keyOf("d0")), undefined);
      }
      assert.equal(store.get(keyOf("b")), undefined);
      view.release();
      view.release();
      assert.throws(() => view.get(keyOf("a")), AssertionError);
      assert.deepEqual(shown(again), before);
      again.release();
      assert.notDeepEqual(shown(store), before);
    });

    holds("a range of a view goes on over turns and commits", async (world, environment) => {
      const store = environment.store(GROUP);
      await world.settle(store.commit(puts("a", "b", "c")));
      const view = store.view();
      const seen: string[] = [];
      for (const [key] of view.range("" as Key, LAST)) {
        seen.push(key);
        await world.settle(
          store.commit([
            [keyOf("b"), undefined],
            [keyOf("bb"), utf8("new")],
          ]),
        );
      }
      view.release();
      assert.deepEqual(seen, ["a", "b", "c"]);
    });

    holds(
      "a range of the store itself stands on the moment of its first entry",
      async (world, environment) => {
        const store = environment.store(GROUP);
        await world.settle(store.commit(puts("a", "b", "c")));
        const seen: string[] = [];
        for (const [key] of store.range("" as Key, LAST)) {
          seen.push(key);
          await world.settle(store.commit([[keyOf("b"), undefined]]));
        }
        assert.deepEqual(seen, ["a", "b", "c"]);
        assert.deepEqual(keysOf(store, "", "z"), ["a", "c"]);
      },
    );

    holds("keys are bytes: all 256 keep their order and their values", async (world, environment) => {
      const store = environment.store(GROUP);
      const writes = Array.from(
        { length: 256 },
        (_, byte): StoreWrite => [keyFromBytes(Uint8Array.of(byte)), Uint8Array.of(byte)],
      );
      await world.settle(store.commit(writes));
      for (const [key, value] of writes) {
        assert.equal(shownValue(store.get(key)), shownValue(value));
        await world.settle(store.commit([[`${key}\0` as Key, Uint8Array.of(1)]]));
      }
      const inOrder = writes.flatMap(([key]) => [key, `${key}\0`]);
      assert.deepEqual(
        [...store.range("" as Key, "\xff\xff" as Key)].map(([key]) => key),
        inOrder,
      );
      assert.deepEqual(
        [...store.range("\x7f" as Key, "\x81" as Key)].map(([key]) => key),
        ["\x7f", "\x7f\0", "\x80", "\x80\0"],
      );
    });

    holds("values are kept from no bytes to a mebibyte", async (world, environment) => {
      const store = environment.store(GROUP);
      const sizes = [0, 1, 255, 4_096, 16_384, 32_768, 32_769, 65_536, 1 << 20];
      const writes = sizes.map(
        (size, index): StoreWrite => [
          keyOf(`${index}`),
          new Uint8Array(size).map((_, at) => (at * 7 + index) & 0xff),
        ],
      );
      await world.settle(store.commit(writes));
      const values = new Map([...store.range("" as Key, LAST)]);
      for (const [key, value] of writes) {
        assert.equal(shownValue(store.get(key)), shownValue(value));
        assert.equal(shownValue(values.get(key)), shownValue(value));
      }
    });

    holds("what a caller does to bytes it gave or got changes nothing", async (world, environment) => {
      const store = environment.store(GROUP);
      const given = utf8("value");
      await world.settle(store.commit([[keyOf("a"), given]]));
      given.fill(0);
      store.get(keyOf("a"))?.fill(1);
      for (const [, value] of store.range("" as Key, LAST)) value.fill(2);
      assert.equal(shownValue(store.get(keyOf("a"))), shownValue(utf8("value")));
    });

    holds("keys have 1 to 1978 bytes and ascend", async (world, environment) => {
      const store = environment.store(GROUP);
      const longest = "k".repeat(1978);
      await world.settle(store.commit(puts(longest)));
      assert.equal(shownValue(store.get(keyOf(longest))), shownValue(utf8(longest)));
      assert.equal(store.get("" as Key), undefined);
      await assert.rejects(world.settle(store.commit(puts(`${longest}k`))), AssertionError);
      await assert.rejects(world.settle(store.commit(puts(""))), AssertionError);
      await assert.rejects(world.settle(store.commit(puts("b", "a"))), AssertionError);
      await assert.rejects(world.settle(store.commit(puts("a", "a"))), AssertionError);
      await world.settle(store.commit([]));
      assert.deepEqual(keysOf(store, "", "z"), [longest]);
    });

    holds("one commit at a time in a store, many at a time in an environment", async (world, environment) => {
      const store = environment.store(GROUP);
      const first = store.commit(puts("a"));
      await assert.rejects(store.commit(puts("b")), AssertionError);
      const second = environment.store(OTHER).commit(puts("c"));
      await world.settle(Promise.all([first, second]));
      assert.deepEqual(keysOf(store, "", "z"), ["a"]);
      assert.deepEqual(keysOf(environment.store(OTHER), "", "z"), ["c"]);
    });

    holds(
      "a closed store answers store_failed, and opens again with what it had",
      async (world, environment) => {
        const store = environment.store(GROUP);
        await world.settle(store.commit(puts("a")));
        const view = store.view();
        const range = view.range("" as Key, LAST)[Symbol.iterator]();
        range.next();
        await world.settle(store.close());
        assert.throws(() => store.get(keyOf("a")), failed);
        assert.throws(() => shown(store), failed);
        assert.throws(() => store.view(), failed);
        assert.throws(() => range.next(), failed);
        await assert.rejects(store.commit(puts("b")), failed);
        assert.deepEqual(keysOf(environment.store(GROUP), "", "z"), ["a"]);
      },
    );

    holds("a removed group is empty and can be filled again; the others stay", async (world, environment) => {
      await world.settle(environment.store(GROUP).commit(puts("a")));
      await world.settle(environment.store(OTHER).commit(puts("b")));
      await world.settle(environment.remove(GROUP));
      assert.deepEqual(keysOf(environment.store(GROUP), "", "z"), []);
      assert.deepEqual(keysOf(environment.store(OTHER), "", "z"), ["b"]);
      await world.settle(environment.store(GROUP).commit(puts("c")));
      assert.deepEqual(keysOf(environment.store(GROUP), "", "z"), ["c"]);
    });

    holds("an environment opened again has what was committed, and no more", async (world, environment) => {
      await world.settle(environment.store(GROUP).commit(numbered(500, "kept")));
      const late = environment.store(OTHER).commit(puts("late"));
      const closing = environment.close();
      await world.settle(Promise.all([late, closing]));
      const next = await world.open();
      assert.equal([...next.store(GROUP).range("" as Key, LAST)].length, 500);
      assert.deepEqual(keysOf(next.store(OTHER), "", "z"), ["late"]);
      await world.settle(next.remove(GROUP));
      await world.settle(next.close());
      const last = await world.open();
      assert.deepEqual(keysOf(last.store(GROUP), "", "z"), []);
      await world.settle(last.close());
    });
  });
}

function failed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "store_failed";
}

function puts(...keys: string[]): StoreWrite[] {
  return keys.map((key) => [keyOf(key), utf8(key)]);
}

function numbered(count: number, value: string): StoreWrite[] {
  return Array.from({ length: count }, (_, index) => [keyOf(`${index}`.padStart(6, "0")), utf8(value)]);
}

function keysOf(reader: StoreReader, from: string, to: string): string[] {
  return [...reader.range(keyOf(from), keyOf(to))].map(([key]) => key);
}

function shown(reader: StoreReader): string[] {
  return [...reader.range("" as Key, LAST)].map(([key, value]) => `${key}=${shownValue(value)}`);
}

function shownValue(value: Uint8Array | undefined): string | undefined {
  return value && hex(value);
}
