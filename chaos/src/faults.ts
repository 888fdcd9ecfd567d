import { IsthmusError, type NodeId, type RegionId } from "@isthmus/kernel";
import { type DiskFault, failDisk, mendDisk } from "./fault-disk.ts";
import type { Fault, FaultKind } from "./fault-kinds.ts";
import { beginMembership } from "./membership.ts";
import type { World } from "./world.ts";

export { DRAWN_KINDS, drawPlan } from "./fault-draw.ts";
export { FAULT_KINDS, type Fault, type FaultKind, type FaultPromise } from "./fault-kinds.ts";

/** A node that ended by itself on a fault of its disk is started again after so long, as a supervisor does. */
const RESTART_MS = 3000;

/** What faults that begin have at hand: the world, its time, and who counts. */
interface Stage {
  readonly world: World;
  later(delayMs: number, call: () => void): void;
  /** A fault found somebody to hit. */
  hit(kind: FaultKind, how?: string): void;
  /** Something came of it. */
  met(what: string): void;
}

/**
 * Lets a plan happen to a world, each fault at its time. `met` counts those that found somebody to hit, as `fault KIND`
 * (and, where a kind has several forms, also `fault KIND FORM`), and what came of them: `ended CODE`, `writes lost`,
 * `writes misdirected`.
 */
export function schedulePlan(world: World, plan: readonly Fault[], met: (kind: string) => void): void {
  const later = (delayMs: number, call: () => void): void => {
    world.scheduler.schedule(delayMs, call);
  };
  const hit = (kind: FaultKind, how?: string): void => {
    met(`fault ${kind}`);
    if (how !== undefined) met(`fault ${kind} ${how}`);
  };
  const stage: Stage = { world, later, hit, met };
  world.onEnded = (node, code) => {
    met(`ended ${code}`);
    later(RESTART_MS, () => startAgain(world, node));
  };
  for (const fault of plan) later(Math.max(0, fault.atMs - world.nowMs), () => begin(stage, fault));
}

function begin(stage: Stage, fault: Fault): void {
  const { world, later, hit, met } = stage;
  switch (fault.kind) {
    case "cut":
      beginCut(stage, fault);
      return;
    case "kill":
      for (const node of fault.nodes) {
        if (!world.kill(node, fault.how)) continue;
        hit(fault.kind, fault.how);
        later(fault.forMs, () => startAgain(world, node));
      }
      return;
    case "crash_in":
      world.killAfter(fault.node, fault.events, fault.how, (recovering) => {
        hit(fault.kind, fault.how);
        if (recovering) met("fault crash_in recovering");
        later(fault.forMs, () => startAgain(world, fault.node));
      });
      return;
    case "stop":
      if (world.pause(fault.node, fault.forMs)) hit(fault.kind);
      return;
    case "break":
    case "drop":
    case "duplicate":
    case "reorder":
    case "corrupt":
      hit(fault.kind);
      world.disturb(fault.from, fault.to, { [`${fault.kind}Rate`]: fault.rate });
      later(fault.forMs, () => world.ease(fault.from, fault.to));
      return;
    case "delay":
      hit(fault.kind);
      world.disturb(fault.from, fault.to, { baseMs: fault.baseMs, jitterMs: fault.jitterMs });
      later(fault.forMs, () => world.ease(fault.from, fault.to));
      return;
    case "slow_disk":
      hit(fault.kind);
      world.slowDisks(fault.nodes, fault.factor);
      later(fault.forMs, () => world.slowDisks(fault.nodes, 1));
      return;
    case "clock_jump":
      hit(fault.kind, fault.byMs < 0 ? "back" : "forward");
      world.jumpClock(fault.node, fault.byMs);
      return;
    case "clock_drift":
      hit(fault.kind, fault.rate < 1 ? "slow" : "fast");
      world.driftClock(fault.node, fault.rate);
      later(fault.forMs, () => world.driftClock(fault.node, 1));
      return;
    case "rest_link":
      hit(fault.kind);
      setLink(world, fault.from, fault.to, true);
      later(fault.forMs, () => setLink(world, fault.from, fault.to, false));
      return;
    case "membership":
      hit(fault.kind, fault.what);
      beginMembership(world, fault, fault.forMs, met);
      return;
    default:
      for (const node of "nodes" in fault ? fault.nodes : [fault.node]) beginAtDisk(stage, fault, node);
  }
}

type CutFault = Extract<Fault, { kind: "cut" }>;

function beginCut({ world, later, hit, met }: Stage, fault: CutFault): void {
  const { from, to, ways, shape, flapMs } = fault;
  // Two sets of one and the same node are not a cut.
  if (!from.some((a) => to.some((b) => a !== b))) return;
  hit(fault.kind, shape ?? ways);
  if (flapMs !== undefined) met("fault cut flapping");
  const { heals } = world;
  const endMs = world.nowMs + fault.forMs;
  const cut = (): void => {
    // A world that was healed meanwhile stays so.
    if (world.heals !== heals || world.nowMs >= endMs) return;
    world.cut(from, to, ways);
    later(Math.min(flapMs ?? fault.forMs, endMs - world.nowMs), () => {
      world.heal(from, to);
      if (flapMs !== undefined) later(flapMs, cut);
    });
  };
  cut();
}

/** A node that ends by such a fault is started again when it is over. */
function beginAtDisk({ world, later, hit, met }: Stage, fault: DiskFault, node: NodeId): void {
  const { disk } = world.machine(node);
  const before = { ...disk.counts };
  hit(fault.kind);
  failDisk(world, node, fault);
  if (fault.kind === "rot") return;
  later(fault.forMs, () => {
    mendDisk(world, node, fault.kind);
    if (disk.counts.writesLost > before.writesLost) met("writes lost");
    if (disk.counts.writesMisdirected > before.writesMisdirected) met("writes misdirected");
    startAgain(world, node);
  });
}

function startAgain(world: World, node: NodeId): void {
  // One that was taken away meanwhile stays away.
  if (world.machines.get(node)?.life === null) world.start(node);
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
