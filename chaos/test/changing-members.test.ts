import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fault, gridTopology, run, type Shape, shapeText } from "@isthmus/chaos";
import { type NodeId, type RegionId, seededRandom } from "@isthmus/kernel";

const SECONDS = 20;
const WHATS = ["add", "remove", "replace", "replace", "drain", "transfer", "lose_disk"] as const;

/** Members come and go all the time, while others are cut off, stopped and killed. */
function plan(seed: number, shape: Shape): Fault[] {
  const random = seededRandom(`members ${seed}`);
  const { regions } = gridTopology(shape);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;
  const region = (): RegionId => pick(regions).id;
  const nodes = regions.flatMap((each) => each.nodes.map(({ id }) => id));
  const faults: Fault[] = [];
  for (let atMs = 3_000; atMs < SECONDS * 1_000; atMs += 500 + random.below(2_500)) {
    const forMs = 200 + random.below(4_000);
    const [one, other] = [pick(nodes), pick(nodes)] as [NodeId, NodeId];
    faults.push({
      kind: "membership",
      atMs,
      forMs,
      what: pick(WHATS),
      region: region(),
      pick: random.below(60),
    });
    switch (random.below(5)) {
      case 0:
        faults.push({ kind: "cut", atMs, forMs, from: [one], to: nodes, ways: "both" });
        break;
      case 1:
        faults.push({ kind: "cut", atMs, forMs, from: [one], to: [other], ways: "one" });
        break;
      case 2:
        faults.push({ kind: "kill", atMs, forMs, nodes: [one], how: random.below(2) ? "power" : "process" });
        break;
      case 3:
        faults.push({ kind: "stop", atMs, forMs, node: one });
    }
  }
  return faults;
}

const worlds: [number, Shape][] = [
  [1, { regions: 1, nodes: 3 }],
  [2, { regions: 2, nodes: 3 }],
];
const more = Number(process.env.ISTHMUS_MEMBER_SEEDS ?? "0");
for (let seed = 10; seed < 10 + more; seed++)
  worlds.push([seed, { regions: 1 + (seed % 3 === 0 ? 1 : 0), nodes: 3 + (seed % 2) }]);

for (const [seed, shape] of worlds)
  test(`members come and go under cuts, stops and crashes: ${shapeText(shape)}, seed ${seed}`, async (t) => {
    const report = await run({ seed: `members ${seed}`, seconds: SECONDS, shape, plan: plan(seed, shape) });
    t.diagnostic([...report.marks].filter(([name]) => name.startsWith("membership")).join("; "));
    if (report.failure) throw report.failure.error;
    assert.ok(report.acknowledged > 0);
  });
