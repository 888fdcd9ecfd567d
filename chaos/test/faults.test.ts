import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { drawPlan, type Fault, gridTopology, parseShape, run, schedulePlan, World } from "@isthmus/chaos";
import { must, type NodeId, type RegionId, seededRandom } from "@isthmus/kernel";
import { DRAWN_KINDS, FAULT_KINDS, type FaultKind } from "../dist/faults.js";

const [A, B, C, D, E] = ["us-1", "us-2", "us-3", "us-4", "us-5"] as NodeId[] as [
  NodeId,
  NodeId,
  NodeId,
  NodeId,
  NodeId,
];
const ALL = [A, B, C];
const WHEN = { atMs: 2500, forMs: 1500 };
const RATE = { ...WHEN, from: [A], to: [B, C], rate: 0.2 };

/** One of each, as one would write it by hand for three nodes of one region. */
const BY_HAND: Readonly<Record<Exclude<FaultKind, "rest_link" | "membership">, Fault>> = {
  cut: { kind: "cut", ...WHEN, from: [A], to: [B, C], ways: "both" },
  kill: { kind: "kill", ...WHEN, nodes: [B], how: "power" },
  crash_in: { kind: "crash_in", ...WHEN, node: B, events: 17, how: "power" },
  stop: { kind: "stop", ...WHEN, node: A },
  break: { kind: "break", ...RATE },
  drop: { kind: "drop", ...RATE },
  duplicate: { kind: "duplicate", ...RATE },
  reorder: { kind: "reorder", ...RATE },
  corrupt: { kind: "corrupt", ...RATE },
  delay: { kind: "delay", ...WHEN, from: [A], to: [B], baseMs: 50, jitterMs: 50 },
  slow_disk: { kind: "slow_disk", ...WHEN, nodes: [C], factor: 50 },
  fail_sync: { kind: "fail_sync", ...WHEN, nodes: [A] },
  full_disk: { kind: "full_disk", ...WHEN, nodes: [B], roomBytes: 0 },
  lose_writes: { kind: "lose_writes", ...WHEN, nodes: [B], rate: 1 },
  misdirect_writes: { kind: "misdirect_writes", ...WHEN, nodes: [C], rate: 1 },
  rot: { kind: "rot", ...WHEN, node: C, bits: 3 },
  fail_commit: { kind: "fail_commit", ...WHEN, nodes: ALL, code: "store_failed" },
  clock_jump: { kind: "clock_jump", ...WHEN, node: A, byMs: -90_000 },
  clock_drift: { kind: "clock_drift", ...WHEN, node: A, rate: 1.1 },
};

test("the table names every kind of fault once, and only such", () => {
  const kinds = FAULT_KINDS.map(({ kind }) => kind);
  assert.deepEqual(kinds.toSorted(), [...Object.keys(BY_HAND), "membership", "rest_link"].sort());
});

test("docs/simulator.md shows the same table", () => {
  const text = readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8");
  const rows = text
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter((cells) => /^(since|from) issue \d+$/.test(cells[3] ?? ""))
    .map((cells) => cells.slice(1, -1));
  const table = FAULT_KINDS.map(({ kind, what, drawn, issue, why }) => [
    `\`${kind}\``,
    what,
    `${drawn} issue ${issue}`,
    why,
  ]);
  assert.deepEqual(rows, table);
});

test("every kind in a plan by hand finds somebody to hit, and what is drawn is survived", async () => {
  const faults = Object.values(BY_HAND);
  const drawn = faults
    .filter(({ kind }) => DRAWN_KINDS.includes(kind))
    // One after another: who is dead or stopped by one of them is not there for the next.
    .map((fault, place) => ({ ...fault, atMs: 1500 + 600 * place, forMs: 500 }));
  const survived = await run({ seed: "by hand", seconds: 13, shape: shape("1x3"), plan: drawn });
  assert.equal(survived.failure?.error, undefined);
  for (const { kind } of drawn) assert.ok(survived.marks.has(`fault ${kind}`), `${kind} was met`);
  for (const fault of faults.filter(({ kind }) => !DRAWN_KINDS.includes(kind))) {
    const report = await run({ seed: "by hand", seconds: 3, shape: shape("1x3"), plan: [fault] });
    assert.ok(report.marks.has(`fault ${fault.kind}`), `${fault.kind} was met`);
  }
});

test("seeds draw every kind that is promised and no other, each in some runs and not in others", () => {
  const world = new World({ seed: "drawn", topology: gridTopology(shape("2x3")) });
  const runsWith = new Map<FaultKind, number>();
  const runs = 300;
  for (let seed = 0; seed < runs; seed++) {
    const plan = drawPlan(world, seededRandom(seed), 60);
    assert.deepEqual(plan, drawPlan(world, seededRandom(seed), 60));
    assert.ok(isDeepStrictEqual(plan, JSON.parse(JSON.stringify(plan))), "plain data");
    for (const kind of new Set(plan.map((fault) => fault.kind)))
      runsWith.set(kind, (runsWith.get(kind) ?? 0) + 1);
  }
  assert.deepEqual([...runsWith.keys()].sort(), [...DRAWN_KINDS].sort());
  for (const [kind, count] of runsWith)
    assert.ok(count > runs / 10 && count < (runs * 9) / 10, `${kind}: in ${count} runs`);
});

test("a drawn plan, printed and read again, is played exactly as it was drawn", async () => {
  const options = { seed: "printed", seconds: 8, shape: shape("1x3") };
  const drawn = await run(options);
  assert.ok(drawn.plan.length > 0);
  const again = await run({ ...options, plan: JSON.parse(JSON.stringify(drawn.plan)) as Fault[] });
  assert.equal(again.traceHash, drawn.traceHash);
});

test("a node that is to crash in N events runs exactly N, whatever N is", async () => {
  for (const events of [1, 2, 3, 50, 51]) {
    const { world } = await stage([]);
    await world.run(1000);
    const { life } = world.machine(B);
    assert.ok(life);
    const before = life.events;
    const killed: number[] = [];
    world.killAfter(B, events, "power", () => killed.push(world.nowMs));
    await world.run(3000);
    assert.deepEqual([life.alive, life.events - before, killed.length], [false, events, 1]);
    assert.equal(world.machine(B).core, null);
  }
});

test("a crash in N events is met when it comes, and the node is started again", async () => {
  const { world, marks } = await stage([{ kind: "crash_in", ...WHEN, node: B, events: 40, how: "process" }]);
  await world.run(2500);
  assert.equal(marks.has("fault crash_in"), false);
  await world.run(4000);
  assert.equal(marks.get("fault crash_in process"), 1);
  assert.deepEqual([world.machine(B).lives, world.failure], [2, null]);
});

test("a node that is dead crashes so many events into its next life, in the middle of its recovery", async () => {
  const { world, marks } = await stage([
    { kind: "kill", atMs: 2000, forMs: 1000, nodes: [B], how: "power" },
    { kind: "crash_in", atMs: 2500, forMs: 1000, node: B, events: 5, how: "power" },
  ]);
  await world.run(3500);
  assert.deepEqual([world.machine(B).life, world.machine(B).lives], [null, 2]);
  assert.equal(marks.get("fault crash_in recovering"), 1);
  await world.run(3000);
  assert.equal(world.machine(B).lives, 3);
  assert.ok(world.machine(B).core !== null);
});

test("who keeps one peer reaches only it, and a bridge reaches both halves", async () => {
  const onePeer = await stage(
    [{ kind: "cut", ...WHEN, from: [A], to: [C, D, E], ways: "both", shape: "one_peer" }],
    "1x5",
  );
  await onePeer.world.run(3000);
  const reached = (world: World, from: NodeId): NodeId[] =>
    [A, B, C, D, E].filter((to) => to !== from && world.network.reaches(from, to));
  assert.deepEqual(reached(onePeer.world, A), [B]);
  assert.deepEqual(reached(onePeer.world, B), [A, C, D, E]);

  const bridge = await stage(
    [{ kind: "cut", ...WHEN, from: [A, B], to: [D, E], ways: "both", shape: "bridge" }],
    "1x5",
  );
  await bridge.world.run(3000);
  assert.deepEqual(reached(bridge.world, A), [B, C]);
  assert.deepEqual(reached(bridge.world, C), [A, B, D, E]);
  assert.deepEqual(reached(bridge.world, E), [C, D]);
  assert.equal(bridge.marks.get("fault cut bridge"), 1);
});

test("a flapping cut is on and off in turn, and over at its end", async () => {
  const { world } = await stage([
    { kind: "cut", atMs: 1000, forMs: 1000, from: [A], to: [B], ways: "both", flapMs: 200 },
  ]);
  const seen: boolean[] = [];
  await world.run(1100);
  for (let look = 0; look < 8; look++) {
    seen.push(world.network.reaches(A, B));
    await world.run(200);
  }
  assert.deepEqual(seen, [false, true, false, true, false, true, true, true]);
});

test("a world that is healed stays healed, whatever a plan still had in hand", async () => {
  const plan: Fault[] = [
    { kind: "cut", atMs: 1000, forMs: 60_000, from: [A], to: [B], ways: "both", flapMs: 300 },
    { kind: "fail_sync", atMs: 1999, forMs: 60_000, nodes: ALL },
    { kind: "full_disk", atMs: 1999, forMs: 60_000, nodes: ALL, roomBytes: 0 },
    { kind: "fail_commit", atMs: 1999, forMs: 60_000, nodes: ALL, code: "disk_full" },
    { kind: "lose_writes", atMs: 1999, forMs: 60_000, nodes: ALL, rate: 1 },
    { kind: "clock_drift", atMs: 1999, forMs: 60_000, node: A, rate: 0.9 },
    { kind: "crash_in", atMs: 1999, forMs: 60_000, node: C, events: 100, how: "power" },
  ];
  const { world } = await stage(plan);
  await world.run(2000);
  world.healAll();
  const lives = () => [...world.machines.values()].map((machine) => machine.lives);
  const before = lives();
  for (let look = 0; look < 50; look++) {
    await world.run(170);
    assert.ok(world.network.reaches(A, B));
  }
  assert.deepEqual(lives(), before);
  assert.equal(world.machine(A).clock.rate, 1);
});

test("a node whose sync failed ends with a word, the others go on, and it comes back", async () => {
  const { world, marks } = await stage([{ kind: "fail_sync", ...WHEN, nodes: [B] }]);
  await world.run(2500);
  await world.runUntil(() => world.machine(B).life === null, 1500);
  assert.equal(world.machine(B).life, null);
  assert.equal(marks.get("ended disk_failed"), 1);
  await world.run(6000);
  assert.deepEqual([world.machine(B).lives, world.machine(A).lives, world.failure], [2, 1, null]);
});

test("a full disk ends a node as often as it starts, until there is room", async () => {
  const { world } = await stage(
    [{ kind: "full_disk", atMs: 1, forMs: 20_000, nodes: [B], roomBytes: 0 }],
    "1x3",
  );
  // Nothing of its log is there yet, so there is no room for the first of it.
  await world.run(15_000);
  assert.ok(world.machine(B).lives >= 3);
  await world.run(15_000);
  assert.ok(world.machine(B).core !== null);
});

test("a node that ends by a failure that it was not given is a failure of the run", async () => {
  const { world } = await stage([]);
  await world.run(1000);
  world.machine(B).volume.failNextCommit("store_failed");
  const core = world.core(B);
  await assert.rejects(
    (async () => {
      const service = must(core.database("main") ?? undefined, "a database");
      const retry = null;
      const operations = [{ op: "put_node", id: "n", condition: null, labels: [], properties: [] } as const];
      await world.run(3000);
      void world.call(B, () => service.write({ operations, retry, timeoutMs: 3000 })).catch(() => {});
      await world.run(20_000);
    })(),
    { code: "store_failed" },
  );
  assert.equal(world.failure?.where, B);
});

test("what a clock has jumped and drifted goes on to the node's next life", async () => {
  const { world } = await stage([
    { kind: "clock_jump", atMs: 1000, forMs: 0, node: A, byMs: 60_000 },
    { kind: "clock_drift", atMs: 1000, forMs: 4000, node: A, rate: 1.1 },
    { kind: "kill", atMs: 2000, forMs: 1000, nodes: [A], how: "power" },
  ]);
  await world.run(4000);
  const { clock, lives } = world.machine(A);
  assert.equal(lives, 2);
  assert.equal(clock.rate, 1.1);
  assert.equal(Math.round(clock.wallMs() - world.machine(B).clock.wallMs()), 60_300);
  await world.run(2000);
  assert.equal(world.machine(A).clock.rate, 1);
});

test("an operator's pause of a link is met like any other fault", async () => {
  const plan: Fault[] = [{ kind: "rest_link", ...WHEN, from: "us" as RegionId, to: "eu" as RegionId }];
  const report = await run({ seed: "rest", seconds: 5, shape: shape("2x1"), plan });
  assert.equal(report.marks.get("fault rest_link"), 1);
  assert.equal(report.failure, null);
});

function shape(text: string) {
  return must(parseShape(text) ?? undefined, "a shape");
}

async function stage(plan: readonly Fault[], of = "1x3") {
  const world = new World({ seed: "faults", topology: gridTopology(shape(of)) });
  const marks = new Map<string, number>();
  schedulePlan(world, plan, (mark) => marks.set(mark, (marks.get(mark) ?? 0) + 1));
  world.startAll();
  return { world, marks };
}
