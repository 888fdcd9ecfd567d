import assert from "node:assert/strict";
import { test } from "node:test";
import { type Origin, seededRandom } from "@isthmus/kernel";
import type { Operation } from "@isthmus/wire";
import fc from "fast-check";
import { connect, disconnect, exchange, patch, put, Region, remove } from "./support/region.ts";

// Few names, so that concurrent operations meet.
const ids = ["a", "b"];
const edgeIds = ["e"];
const id = fc.constantFrom(...ids);
const name = fc.constantFrom("p", "q");

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(id, name, fc.nat(9)).map(([node, key, value]) => put(node, { [key]: value })),
  fc.tuple(id, name, fc.nat(9)).map(([node, key, value]) => patch(node, { [key]: value })),
  fc.tuple(id, name).map(([node, key]) => patch(node, {}, [key])),
  id.map(remove),
  fc.tuple(fc.constantFrom(...edgeIds), id, id).map(([edge, from, to]) => connect(edge, from, to)),
  fc.constantFrom(...edgeIds).map(disconnect),
);

const request = fc.record({
  operations: fc.array(operation, { minLength: 1, maxLength: 3 }),
  key: fc.option(fc.constantFrom("k1", "k2", "k3", "k4"), { nil: undefined, freq: 3 }),
});

/** A step: a region writes, or takes one batch of another if it may; the clock of each region is its own. */
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ region: fc.nat(2), request, clockMs: fc.integer({ min: 1, max: 50 }) }),
  },
  { weight: 2, arbitrary: fc.record({ from: fc.nat(2), to: fc.nat(2) }) },
);

const NAMES = ["x", "y", "z"] as Origin[];

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(steps: readonly Step[]): Region[] {
  const regions = NAMES.map((region) => new Region(region, 2, NAMES));
  // A common beginning: most operations need something to be there.
  (regions[0] as Region).write({ operations: ids.map((node) => put(node, { p: 0, q: 0 })) });
  exchange(...regions);
  for (const each of steps) {
    if ("request" in each) {
      const region = regions[each.region] as Region;
      region.clockMs = each.clockMs;
      region.write({
        operations: each.request.operations,
        ...(each.request.key ? { key: each.request.key } : {}),
      });
      continue;
    }
    const [from, to] = [regions[each.from] as Region, regions[each.to] as Region];
    const next = from === to ? undefined : from.batches[to.machine.vector.get(from.machine.origin)];
    if (next && to.machine.vector.covers(next.context)) to.receive(next);
  }
  return regions;
}

/** All that a group's readers can see, and what lies beneath it. Regions may remember keys for longer than others. */
function everything(region: Region, of: { keys: boolean } = { keys: true }): unknown {
  const visible = region.reader
    .page(null, 1000)
    .records.map((record) => ({ ...record, properties: { ...record.properties } }));
  const adjacent = ids.map((node) =>
    region.reader
      .edges({ node, direction: "both", type: null, limit: 99, after: null })
      .edges.map((edge) => edge.id),
  );
  const stored = [...region.state.content]
    .filter(([key]) => of.keys || !(key.startsWith("k") || key.startsWith("q")))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, Buffer.from(value).toString("hex")]);
  return { visible, adjacent, stored };
}

test("whatever is written where and in whatever order it arrives, equal vectors mean equal states and digests", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 24 }), (steps) => {
      const regions = play(steps);
      exchange(...regions);
      const [first, ...others] = regions as [Region, ...Region[]];
      for (const other of others) {
        assert.equal(String(other.machine.vector), String(first.machine.vector));
        assert.deepEqual(everything(other, { keys: false }), everything(first, { keys: false }));
        assert.equal(other.digest, first.digest);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a batch is a function of the log before it: a second replica makes the same bytes", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      for (const region of play(steps)) {
        const replica = new Region(region.machine.origin, 2, NAMES);
        for (const entry of region.log) replica.entry(entry);
        assert.deepEqual(everything(replica), everything(region));
        assert.equal(replica.digest, region.digest);
      }
    }),
    { numRuns: 100 },
  );
});

test("the running digest is that of the state, however it came about", () => {
  const random = seededRandom("digest");
  const region = new Region("x");
  for (let round = 0; round < 200; round++) {
    const node = ids[random.below(2)] as string;
    const all = [put(node, { p: random.below(5) }), patch(node, { q: random.below(5) }), remove(node)];
    region.write({ operations: [all[random.below(3)] as Operation] });
  }
  for (const node of ids) region.write({ operations: [remove(node)] });
  assert.match(region.digest, /^0{32}$/, "nothing stands, so the sum is empty");
});
