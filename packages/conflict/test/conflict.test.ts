import assert from "node:assert/strict";
import { test } from "node:test";
import { VersionVector } from "@isthmus/causality";
import { chooseExistence, lastWriteWins, standing, type Versioned } from "@isthmus/conflict";
import type { Origin } from "@isthmus/kernel";
import fc from "fast-check";

const version = fc
  .record({
    origin: fc.constantFrom("a", "b", "c"),
    sequence: fc.integer({ min: 1, max: 5 }),
    wallMs: fc.nat(3),
    present: fc.boolean(),
  })
  .map(({ origin, sequence, wallMs, present }) => ({
    write: {
      dot: { origin: origin as Origin, epoch: 1, sequence, position: 0 },
      stamp: { wallMs, logical: 0 },
      echo: false,
    },
    present,
  }));
/** Siblings: one version a region at most. */
const siblings = fc.uniqueArray(version, { selector: ({ write }) => write.dot.origin, maxLength: 3 });

const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });

test("what wins does not depend on the order in which siblings arrived", () => {
  fc.assert(
    fc.property(
      siblings.chain((list) => fc.tuple(fc.constant(list), shuffled(list))),
      ([list, other]) => {
        assert.deepEqual(lastWriteWins(list), lastWriteWins(other));
        for (const policy of ["update_wins", "delete_wins", "last_write_wins"] as const)
          assert.deepEqual(chooseExistence(list, policy), chooseExistence(other, policy));
      },
    ),
  );
});

test("no sibling has a later stamp than the last write", () => {
  fc.assert(
    fc.property(siblings, (list) => {
      const winner = lastWriteWins(list);
      assert.equal(winner === undefined, list.length === 0);
      for (const each of list) assert.ok(winner && each.write.stamp.wallMs <= winner.write.stamp.wallMs);
    }),
  );
});

test("an update stands against a delete, or the other way round, as the policy says", () => {
  fc.assert(
    fc.property(siblings, (list) => {
      const some = (present: boolean) => list.some((each) => each.present === present);
      assert.equal(
        chooseExistence(list, "update_wins")?.present ?? null,
        some(true) ? true : some(false) ? false : null,
      );
      assert.equal(
        chooseExistence(list, "delete_wins")?.present ?? null,
        some(false) ? false : some(true) ? true : null,
      );
    }),
  );
});

test("a write leaves exactly the versions that it had not seen", () => {
  const vector = fc.record({ a: fc.nat(5), b: fc.nat(5), c: fc.nat(5) });
  fc.assert(
    fc.property(siblings, vector, (list, { a, b, c }) => {
      const context = VersionVector.of(Object.entries({ a, b, c }) as [Origin, number][]);
      const dot = { origin: "d" as Origin, epoch: 1, sequence: 1, position: 0 };
      const left = standing<Versioned>(list, { dot, stamp: { wallMs: 9, logical: 0 }, echo: false }, context);
      const expected = list.filter(({ write }) => write.dot.sequence > context.get(write.dot.origin));
      assert.deepEqual(left, expected);
    }),
  );
});

test("an echo is seen only where nothing else stands", () => {
  fc.assert(
    fc.property(siblings, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (list, echoes) => {
      const marked = list.map((each, index) => ({
        ...each,
        write: { ...each.write, echo: echoes[index] === true },
      }));
      const winner = lastWriteWins(marked);
      const own = marked.filter(({ write }) => !write.echo);
      assert.deepEqual(winner, lastWriteWins(own.length > 0 ? own : marked));
      if (own.length > 0) assert.equal(chooseExistence(marked, "update_wins")?.write.echo, false);
    }),
  );
});
