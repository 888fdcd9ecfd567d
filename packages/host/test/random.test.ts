import assert from "node:assert/strict";
import { test } from "node:test";
import { hostRandom } from "@isthmus/host";

test("numbers lie in their range, through more than one pool, and two sources differ", () => {
  const [one, two] = [hostRandom(), hostRandom()];
  const drawn = Array.from({ length: 2000 }, () => one.next());
  assert.ok(drawn.every((number) => number >= 0 && number < 1));
  assert.equal(new Set(drawn).size, drawn.length);
  assert.notEqual(one.next(), two.next());
  const seen = new Set(Array.from({ length: 2000 }, () => one.below(3)));
  assert.deepEqual([...seen].sort(), [0, 1, 2]);
  assert.throws(() => one.below(0), /does not hold/);
});
