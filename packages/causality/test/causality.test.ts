import assert from "node:assert/strict";
import { test } from "node:test";
import { compareStamps, nextStamp, type Stamp, VersionVector } from "@isthmus/causality";
import { ByteReader, ByteWriter, type Origin } from "@isthmus/kernel";
import fc from "fast-check";

const components = fc.dictionary(fc.constantFrom("a", "b", "c", "_control"), fc.nat(4));
const vector = components.map((named) => VersionVector.of(Object.entries(named) as [Origin, number][]));

test("covering is an order, and the merge of two vectors is the least that covers both", () => {
  fc.assert(
    fc.property(vector, vector, vector, (a, b, c) => {
      assert.ok(a.covers(a));
      if (a.covers(b) && b.covers(a)) assert.ok(a.equals(b));
      if (a.covers(b) && b.covers(c)) assert.ok(a.covers(c));
      const both = a.merge(b);
      assert.ok(both.covers(a) && both.covers(b));
      if (c.covers(a) && c.covers(b)) assert.ok(c.covers(both));
    }),
  );
});

test("a component is set, raised and taken away as in a Map, and the vector before stays as it was", () => {
  const origins = ["ap", "eu", "us", "us~2"] as Origin[];
  const change = fc.tuple(fc.constantFrom(...origins), fc.nat({ max: 3 }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const twin = new Map<Origin, number>();
      let vector = VersionVector.EMPTY;
      for (const [origin, sequence] of changes) {
        const before = vector;
        const text = String(before);
        vector = vector.with(origin, sequence);
        assert.equal(String(before), text);
        if (sequence === 0) twin.delete(origin);
        else twin.set(origin, sequence);
        assert.deepEqual(
          vector.entries(),
          [...twin].sort(([a], [b]) => (a < b ? -1 : 1)),
        );
        for (const each of origins) assert.equal(vector.get(each), twin.get(each) ?? 0);
        assert.equal(
          vector.covers(before),
          before.entries().every(([each, n]) => n <= vector.get(each)),
        );
      }
    }),
  );
});

test("a vector has one form in bytes, and comes back from it", () => {
  fc.assert(
    fc.property(vector, (original) => {
      const writer = new ByteWriter();
      original.write(writer);
      const bytes = writer.finish();
      const read = VersionVector.read(new ByteReader(bytes));
      assert.ok(read.equals(original));
      const again = new ByteWriter();
      read.write(again);
      assert.deepEqual(again.finish(), bytes);
    }),
  );
});

test("a vector in another form is refused: unsorted, repeated, with an empty component", () => {
  const encode = (...pairs: [string, number][]) => {
    const writer = new ByteWriter().varint(pairs.length);
    for (const [origin, sequence] of pairs) writer.text(origin).varint(sequence);
    return new ByteReader(writer.finish());
  };
  for (const reader of [encode(["b", 1], ["a", 1]), encode(["a", 1], ["a", 2]), encode(["a", 0])])
    assert.throws(() => VersionVector.read(reader), { code: "invalid" });
});

test("the next stamp is greater than all that was seen, and never before the wall clock", () => {
  const stamp: fc.Arbitrary<Stamp> = fc.record({ wallMs: fc.nat(100), logical: fc.nat(5) });
  fc.assert(
    fc.property(stamp, fc.nat(120), (seen, wallMs) => {
      const next = nextStamp(seen, wallMs);
      assert.ok(compareStamps(next, seen) > 0);
      assert.ok(next.wallMs >= wallMs);
    }),
  );
});
