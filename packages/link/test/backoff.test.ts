import assert from "node:assert/strict";
import { test } from "node:test";
import type { Random } from "@isthmus/kernel";
import { Backoff } from "@isthmus/link";

const longest: Random = { next: () => 1, below: (n) => n - 1 };
const shortest: Random = { next: () => 0, below: () => 0 };

test("waits double from 50 ms to 2 s and stay there; the spread takes off half at most", () => {
  const waits = (random: Random): number[] => {
    const backoff = new Backoff(random);
    return Array.from({ length: 8 }, () => backoff.nextMs());
  };
  assert.deepEqual(waits(longest), [50, 100, 200, 400, 800, 1600, 2000, 2000]);
  assert.deepEqual(waits(shortest), [25, 50, 100, 200, 400, 800, 1000, 1000]);
});

test("only a connection that lasted makes the next attempt quick again", () => {
  const backoff = new Backoff(longest);
  for (let count = 0; count < 6; count++) backoff.nextMs();
  backoff.ended(1999, false);
  assert.equal(backoff.nextMs(), 2000);
  backoff.ended(2000, false);
  assert.equal(backoff.nextMs(), 50);
});

test("who was refused waits the longest at once", () => {
  const backoff = new Backoff(longest);
  backoff.ended(0, true);
  assert.equal(backoff.nextMs(), 2000);
});
