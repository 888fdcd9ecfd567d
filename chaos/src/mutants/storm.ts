import { allNodes } from "@isthmus/control";
import { must, type NodeId, type Random, type RegionId, seededRandom } from "@isthmus/kernel";
import type { Fault } from "../faults.ts";
import { gridTopology, type Shape } from "../topology.ts";

/**
 * What goes wrong, again and again, in a run that looks for one bug. Narrower than the plans that other runs draw, and
 * drawn apart from them, so that a new kind of fault there does not move the seeds here.
 */
export interface Storm {
  readonly strokes: readonly Stroke[];
  /** Mean time from one stroke to the next, in virtual milliseconds. */
  readonly everyMs: number;
  /** Mean length of a stroke. */
  readonly forMs: number;
  /** The longest that a disk may become slower by; 1000 where it is not said. */
  readonly diskFactor?: number;
  /** All disks are so many times as slow, throughout. */
  readonly slowDisks?: number;
  /** The favourite's disk is so many times as slow, throughout. */
  readonly slowFavourite?: number;
  /** All messages take so much longer, throughout. */
  readonly delayMs?: number;
  /** Two strokes of three hit one node, the run's favourite. In a star it is also the only one that the others see. */
  readonly favourite?: "yes" | "star";
}

export type Stroke =
  | "alone"
  | "deaf"
  | "kill"
  | "power"
  | "power_all"
  | "stop"
  | "slow_disk"
  | "delay"
  | "break"
  | "rest_link"
  | "lose_disk";

const FROM_MS = 2500;
const LEAST_MS = 40;

/** The plan of one run. The same for the same arguments. */
export function drawStorm(seed: string, shape: Shape, seconds: number, storm: Storm): Fault[] {
  const random = seededRandom(`${seed} storm`);
  const topology = gridTopology(shape);
  const nodes = allNodes(topology).map(({ node }) => node.id);
  const regions = topology.regions.map(({ id }) => id);
  const faults: Fault[] = [];
  const favourite = pick(random, nodes);
  const throughout = { atMs: FROM_MS, forMs: seconds * 1000 - FROM_MS };
  const others = nodes.filter((id) => id !== favourite);
  if (storm.favourite === "star")
    faults.push({ kind: "cut", ...throughout, from: others, to: others, ways: "both" });
  if (storm.delayMs !== undefined)
    faults.push({ kind: "delay", ...throughout, from: nodes, to: nodes, baseMs: storm.delayMs, jitterMs: 1 });
  if (storm.slowFavourite !== undefined)
    faults.push({ kind: "slow_disk", ...throughout, nodes: [favourite], factor: storm.slowFavourite });
  if (storm.slowDisks !== undefined)
    faults.push({ kind: "slow_disk", ...throughout, nodes, factor: storm.slowDisks });
  let atMs = FROM_MS;
  for (;;) {
    atMs += exponential(random, storm.everyMs);
    if (atMs >= seconds * 1000) return faults;
    const forMs = LEAST_MS + exponential(random, storm.forMs);
    const stroke = pick(random, storm.strokes);
    const node = storm.favourite && random.below(3) > 0 ? favourite : pick(random, nodes);
    const fault = strike(random, stroke, { nodes, regions, node, factor: storm.diskFactor ?? 1000 });
    if (fault !== null) faults.push({ ...fault, atMs, forMs });
  }
}

interface Place {
  readonly nodes: readonly NodeId[];
  readonly regions: readonly RegionId[];
  readonly node: NodeId;
  readonly factor: number;
}

type Untimed<F> = F extends Fault ? Omit<F, "atMs" | "forMs"> : never;

function strike(
  random: Random,
  stroke: Stroke,
  { nodes, regions, node, factor }: Place,
): Untimed<Fault> | null {
  switch (stroke) {
    case "alone":
      return { kind: "cut", from: [node], to: nodes, ways: "both" };
    case "deaf":
      return { kind: "cut", from: nodes, to: [node], ways: "one" };
    case "kill":
      return { kind: "kill", nodes: [node], how: "process" };
    case "power":
      return { kind: "kill", nodes: [node], how: "power" };
    case "power_all":
      return { kind: "kill", nodes, how: "power" };
    case "stop":
      return { kind: "stop", node };
    case "slow_disk":
      return { kind: "slow_disk", nodes: [node], factor: 1 + factor * random.next() ** 2 };
    case "delay": {
      const baseMs = 1 + 300 * random.next() ** 2;
      return { kind: "delay", from: [node], to: nodes, baseMs, jitterMs: baseMs * random.next() };
    }
    case "break":
      return { kind: "break", from: [node], to: nodes, rate: 0.3 * random.next() };
    case "rest_link": {
      const [from, to] = [pick(random, regions), pick(random, regions)];
      return from === to ? null : { kind: "rest_link", from, to };
    }
    case "lose_disk":
      return { kind: "membership", what: "lose_disk", region: pick(random, regions), pick: random.below(60) };
  }
}

function pick<T>(random: Random, of: readonly T[]): T {
  return must(of[random.below(of.length)], "one of several");
}

function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random.next()) * mean;
}
