import { IsthmusError, must, type NodeId, type Random, type RegionId } from "@isthmus/kernel";
import type { World } from "./world.ts";

/** One thing that goes wrong for a while. Plain data: a plan can be printed, cut down and played again. */
export type Fault = { readonly atMs: number; readonly forMs: number } & (
  | {
      readonly kind: "cut";
      readonly from: readonly NodeId[];
      readonly to: readonly NodeId[];
      readonly ways: "both" | "one";
    }
  | { readonly kind: "kill"; readonly nodes: readonly NodeId[]; readonly how: "process" | "power" }
  | { readonly kind: "stop"; readonly node: NodeId }
  | {
      readonly kind: "break";
      readonly from: readonly NodeId[];
      readonly to: readonly NodeId[];
      readonly rate: number;
    }
  | {
      readonly kind: "delay";
      readonly from: readonly NodeId[];
      readonly to: readonly NodeId[];
      readonly baseMs: number;
      readonly jitterMs: number;
    }
  | { readonly kind: "slow_disk"; readonly nodes: readonly NodeId[]; readonly factor: number }
  | { readonly kind: "rest_link"; readonly from: RegionId; readonly to: RegionId }
);

export type FaultKind = Fault["kind"];

const KINDS: readonly FaultKind[] = ["cut", "kill", "stop", "break", "delay", "slow_disk", "rest_link"];

/** Which faults a run meets, how often and how long: drawn first, so that runs differ in kind. */
export function drawPlan(world: World, random: Random, seconds: number): Fault[] {
  const kinds = KINDS.filter(() => random.below(3) > 0);
  if (kinds.length === 0) return [];
  const meanGapMs = 400 + random.below(4000);
  const meanLengthMs = 200 + random.below(6000);
  const faults: Fault[] = [];
  let atMs = 3000;
  for (;;) {
    atMs += exponential(random, meanGapMs);
    if (atMs >= seconds * 1000) return faults;
    const forMs = Math.min(50 + exponential(random, meanLengthMs), 20_000);
    const kind = must(kinds[random.below(kinds.length)], "one of several");
    const fault = drawFault(world, random, kind, atMs, forMs);
    if (fault) faults.push(fault);
  }
}

function drawFault(world: World, random: Random, kind: FaultKind, atMs: number, forMs: number): Fault | null {
  const nodes = [...world.machines.keys()];
  const regions = world.topology.regions.map(({ id }) => id);
  const node = (): NodeId => nodes[random.below(nodes.length)] as NodeId;
  const region = (): RegionId => regions[random.below(regions.length)] as RegionId;
  const sides = (): { from: NodeId[]; to: NodeId[] } => drawSides(world, random, nodes, region, node);
  switch (kind) {
    case "cut": {
      const ways = random.below(3) === 0 ? "one" : "both";
      return { kind, atMs, forMs, ...sides(), ways };
    }
    case "kill": {
      const how = random.below(2) === 0 ? "process" : "power";
      return { kind, atMs, forMs, nodes: drawVictims(world, random, nodes, region, node), how };
    }
    case "stop":
      return { kind, atMs, forMs, node: node() };
    case "break":
      return { kind, atMs, forMs, ...sides(), rate: 0.3 * random.next() ** 2 };
    case "delay": {
      const baseMs = 1 + 400 * random.next() ** 3;
      return { kind, atMs, forMs, ...sides(), baseMs, jitterMs: baseMs * random.next() };
    }
    case "slow_disk": {
      // What is answered before it is on disk shows when the power goes meanwhile: slowness widens that moment.
      const factor = 5 + 300 * random.next() ** 2;
      return { kind, atMs, forMs, nodes: drawVictims(world, random, nodes, region, node), factor };
    }
    case "rest_link": {
      const [from, to] = [region(), region()];
      return from === to ? null : { kind, atMs, forMs, from, to };
    }
  }
}

function drawVictims(
  world: World,
  random: Random,
  nodes: readonly NodeId[],
  region: () => RegionId,
  node: () => NodeId,
): readonly NodeId[] {
  const draw = random.below(10);
  return draw === 0 ? nodes : draw <= 2 ? world.regionNodes(region()) : [node()];
}

function drawSides(
  world: World,
  random: Random,
  nodes: readonly NodeId[],
  region: () => RegionId,
  node: () => NodeId,
): { from: NodeId[]; to: NodeId[] } {
  switch (random.below(4)) {
    case 0:
      return { from: [node()], to: [node()] };
    case 1: // one alone
      return { from: [node()], to: [...nodes] };
    case 2:
      return { from: world.regionNodes(region()), to: world.regionNodes(region()) };
    default: {
      const from = nodes.filter(() => random.below(2) === 0);
      return { from, to: nodes.filter((other) => !from.includes(other)) };
    }
  }
}

function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random.next()) * mean;
}

/** Lets a plan happen to a world, each fault at its time. `met` counts those that found somebody to hit. */
export function schedulePlan(world: World, plan: readonly Fault[], met: (kind: string) => void): void {
  for (const fault of plan) {
    const later = (delayMs: number, call: () => void) => world.scheduler.schedule(delayMs, call);
    later(Math.max(0, fault.atMs - world.nowMs), () => begin(world, fault, later, met));
  }
}

function begin(
  world: World,
  fault: Fault,
  later: (delayMs: number, call: () => void) => void,
  met: (kind: string) => void,
): void {
  switch (fault.kind) {
    case "cut":
      met(`cut ${fault.ways}`);
      world.cut(fault.from, fault.to, fault.ways);
      later(fault.forMs, () => world.heal(fault.from, fault.to));
      return;
    case "kill":
      for (const node of fault.nodes) {
        if (!world.kill(node, fault.how)) continue;
        met(`kill ${fault.how}`);
        later(fault.forMs, () => {
          if (world.machine(node).life === null) world.start(node);
        });
      }
      return;
    case "stop":
      if (world.pause(fault.node, fault.forMs)) met("stop");
      return;
    case "break":
      met("break");
      world.disturb(fault.from, fault.to, { breakRate: fault.rate });
      later(fault.forMs, () => world.ease(fault.from, fault.to));
      return;
    case "delay":
      met("delay");
      world.disturb(fault.from, fault.to, { baseMs: fault.baseMs, jitterMs: fault.jitterMs });
      later(fault.forMs, () => world.ease(fault.from, fault.to));
      return;
    case "slow_disk":
      met("slow_disk");
      world.slowDisks(fault.nodes, fault.factor);
      later(fault.forMs, () => world.slowDisks(fault.nodes, 1));
      return;
    case "rest_link":
      met("rest_link");
      setLink(world, fault.from, fault.to, true);
      later(fault.forMs, () => setLink(world, fault.from, fault.to, false));
      return;
  }
}

/** Asks any node that runs; whether it came to pass shows in the agreed state. */
export function setLink(world: World, from: RegionId, to: RegionId, paused: boolean): void {
  const machine = [...world.machines.values()].find(
    ({ core, life }) => core !== null && life?.stopped === false,
  );
  if (!machine) return;
  world.trace.event(
    world.nowMs,
    "operator",
    `asks ${machine.id}: ${paused ? "pause" : "resume"} ${from} > ${to}`,
  );
  world
    .call(machine.id, (core) => core.setLink(from, to, { paused }))
    .then(
      () => world.trace.event(world.nowMs, "operator", `${from} > ${to} is ${paused ? "paused" : "resumed"}`),
      (error: unknown) => {
        // Nobody may take it just now; anything but an expected refusal is the node's own fault.
        if (!(error instanceof IsthmusError)) world.fail(machine.id, error);
        world.trace.event(world.nowMs, "operator", `${from} > ${to}: ${String(error)}`);
      },
    );
}
