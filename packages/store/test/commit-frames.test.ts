import assert from "node:assert/strict";
import { it } from "node:test";
import { type Key, keyFromBytes, type StoreWrite } from "@isthmus/kernel";
import fc from "fast-check";
import { packWrites, unpackWrites } from "../src/commit-frames.ts";

const key = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(keyFromBytes);
const value = fc.option(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(600_000).map((length) => new Uint8Array(length).fill(7)),
  ),
  { nil: undefined },
);

it("writes come out of their frames as they went in, in as many frames as it takes", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(key, value), { selector: ([unique]) => unique, maxLength: 30 }),
      (writes) => {
        writes.sort(([a], [b]) => (a < b ? -1 : 1));
        const frames = [...packWrites(writes)];
        assert.deepEqual(
          frames
            .flatMap((frame) => [...unpackWrites(frame)])
            .map(([bytes, found]) => [keyFromBytes(bytes), found]),
          writes.map(([unique, given]) => [unique, given && Buffer.from(given)]),
        );
        assert.equal(new Set(frames.map((frame) => frame.buffer)).size, frames.length);
      },
    ),
    { numRuns: 50 },
  );
});

it("many small writes are split in frames of bounded size", () => {
  const writes = Array.from(
    { length: 20_000 },
    (_, index): StoreWrite => [String(index).padStart(8, "0") as Key, new Uint8Array(100)],
  );
  const frames = [...packWrites(writes)];
  assert.ok(frames.length > 5);
  assert.ok(frames.every((frame) => frame.byteLength <= 256 * 1024));
});
