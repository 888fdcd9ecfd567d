import type { NodeId, RegionId } from "@isthmus/kernel";
import type { Fault } from "./fault-kinds.ts";
import type { RunOptions } from "./run.ts";

const REGION_US = ["us-1", "us-2", "us-3"] as string[] as NodeId[];
const REGION_EU = ["eu-1", "eu-2", "eu-3"] as string[] as NodeId[];
const US = ["us-1"] as string[] as NodeId[];
const EU = ["eu-1"] as string[] as NodeId[];
const BUSY = { clients: 8, thinkMs: 30, readRate: 0.1, keyedRate: 0.5, timeoutMs: 1000 };

/**
 * Worlds made for what seeds meet too seldom to wait for: a sweep that is held to EXPECTED_MARKS runs them too. They are
 * judged like all others.
 */
export const RARE_PLANS: readonly RunOptions[] = [
  // Streams break while what they brought is on its way to a slow disk: it is asked for again, and comes twice.
  {
    seed: "rare repeated",
    seconds: 14,
    shape: { regions: 2, nodes: 1 },
    workload: BUSY,
    plan: [
      { kind: "slow_disk", atMs: 3000, forMs: 10_000, nodes: EU, factor: 10_000 },
      ...every(3500, 400, 20).map(
        (atMs): Fault => ({ kind: "break", atMs, forMs: 200, from: US, to: EU, rate: 0.1 }),
      ),
    ],
  },
  // Power goes in the middle of large writes, and of checkpoints: a node alone needs no election to write again.
  {
    seed: "rare torn 5",
    seconds: 10,
    shape: { regions: 1, nodes: 1 },
    workload: { ...BUSY, clients: 4, padBytes: 4000 },
    plan: [
      ...every(1500, 800, 10).flatMap((atMs): Fault[] => [
        // As usual again when it starts: reading a whole log from a slow disk would take it all its life.
        { kind: "slow_disk", atMs: atMs - 120, forMs: 150, nodes: US, factor: 150 },
        { kind: "kill", atMs, forMs: 100, nodes: US, how: "power" },
      ]),
    ],
  },
  // Away until the log is compacted without it, then both sides of its snapshot in trouble.
  {
    seed: "rare snapshot",
    seconds: 20,
    shape: { regions: 1, nodes: 3 },
    workload: { ...BUSY, padBytes: 500 },
    plan: [
      { kind: "kill", atMs: 3000, forMs: 11_000, nodes: ["us-1" as NodeId], how: "process" },
      { kind: "slow_disk", atMs: 14_000, forMs: 2000, nodes: REGION_US, factor: 10 },
      { kind: "kill", atMs: 14_400, forMs: 800, nodes: ["us-2" as NodeId], how: "power" },
      { kind: "kill", atMs: 15_400, forMs: 300, nodes: ["us-1" as NodeId], how: "power" },
      { kind: "kill", atMs: 16_500, forMs: 500, nodes: ["us-3" as NodeId], how: "process" },
    ],
  },
  // Leaders change and links are paused while the other region, far away, still asks whom it knew, and when it might.
  {
    seed: "rare asked too late",
    seconds: 26,
    shape: { regions: 2, nodes: 3 },
    workload: { ...BUSY, clients: 3, thinkMs: 80 },
    plan: [
      {
        kind: "delay",
        atMs: 2000,
        forMs: 23_000,
        from: REGION_US,
        to: REGION_EU,
        baseMs: 450,
        jitterMs: 100,
      },
      ...every(3000, 2600, 8).flatMap((atMs, place): Fault[] => {
        const one = REGION_US[place % 3] as NodeId;
        return [
          { kind: "cut", atMs, forMs: 1700, from: [one], to: REGION_US, ways: "both" },
          { kind: "cut", atMs: atMs + 1800, forMs: 200, from: [one], to: REGION_US, ways: "one" },
          { kind: "rest_link", atMs: atMs + 900, forMs: 700, from: "us" as RegionId, to: "eu" as RegionId },
        ];
      }),
    ],
  },
];

function every(fromMs: number, stepMs: number, times: number): number[] {
  return Array.from({ length: times }, (_, place) => fromMs + stepMs * place);
}
