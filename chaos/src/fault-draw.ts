import { assert, must, type NodeId, type Random } from "@isthmus/kernel";
import { FAULT_KINDS, type Fault, type FaultKind } from "./fault-kinds.ts";
import { drawMembership } from "./membership.ts";
import type { World } from "./world.ts";

/** The kinds that seeds draw. */
export const DRAWN_KINDS: readonly FaultKind[] = FAULT_KINDS.filter(({ drawn }) => drawn === "since").map(
  ({ kind }) => kind,
);

const FIRST_MS = 3000;
const LONGEST_MS = 20_000;
const LONGEST_JUMP_MS = 180_000;
const MAX_DRIFT = 0.1;
const MAX_RATE = 0.3;

/**
 * Which faults a run meets, how often, how long and how strong: the kinds are drawn first, so that runs differ in kind,
 * and a rare fault is not always drowned by the same others. One seed and one world give one plan.
 */
export function drawPlan(
  world: World,
  random: Random,
  seconds: number,
  kindsToDraw: readonly FaultKind[] = DRAWN_KINDS,
): Fault[] {
  // Few kinds in some runs, nearly all in others.
  const share = 0.15 + 0.7 * random.next();
  const kinds = kindsToDraw.filter(() => random.next() < share);
  if (kinds.length === 0) return [];
  const meanGapMs = 300 + random.below(3000);
  const meanLengthMs = 200 + random.below(6000);
  const strength = random.next();
  const draw = new FaultDraw(world, random, strength);
  const faults: Fault[] = [];
  let atMs = FIRST_MS;
  for (;;) {
    atMs += exponential(random, meanGapMs);
    if (atMs >= seconds * 1000) return faults;
    const forMs = Math.min(50 + exponential(random, meanLengthMs), LONGEST_MS);
    const kind = must(kinds[random.below(kinds.length)], "one of several");
    const fault = draw.fault(kind, atMs, forMs);
    if (fault) faults.push(fault);
  }
}

class FaultDraw {
  readonly #world: World;
  readonly #random: Random;
  /** How bad it may get in this run, in [0, 1). */
  readonly #strength: number;
  readonly #nodes: readonly NodeId[];

  constructor(world: World, random: Random, strength: number) {
    this.#world = world;
    this.#random = random;
    this.#strength = strength;
    this.#nodes = [...world.machines.keys()];
    assert(this.#nodes.length > 0, "a world has nodes");
  }

  /** Null when what was drawn makes no sense, such as a region's link to itself. */
  fault(kind: FaultKind, atMs: number, forMs: number): Fault | null {
    const random = this.#random;
    const when = { atMs, forMs };
    switch (kind) {
      case "cut":
        return this.#cut(atMs, forMs);
      case "kill":
        return { kind, ...when, nodes: this.#victims(), how: this.#end() };
      case "crash_in":
        return { kind, ...when, node: this.#node(), events: 1 + this.#upTo(2000, 3), how: this.#end() };
      case "stop":
        return { kind, ...when, node: this.#node() };
      case "break":
      case "drop":
      case "duplicate":
      case "reorder":
      case "corrupt":
        return { kind, ...when, ...this.#sides(), rate: MAX_RATE * this.#strength * random.next() ** 2 };
      case "delay": {
        const baseMs = 1 + 400 * random.next() ** 3;
        return { kind, ...when, ...this.#sides(), baseMs, jitterMs: baseMs * random.next() };
      }
      case "slow_disk": {
        // What is answered before it is on disk shows when the power goes meanwhile: slowness widens that moment.
        const factor = 5 + 300 * random.next() ** 2;
        return { kind, ...when, nodes: this.#victims(), factor };
      }
      case "fail_sync":
        return { kind, ...when, nodes: this.#victims() };
      case "full_disk":
        return { kind, ...when, nodes: this.#victims(), roomBytes: this.#upTo(256 * 1024, 2) };
      case "lose_writes":
      case "misdirect_writes":
        return { kind, ...when, nodes: this.#victims(), rate: random.next() ** 2 };
      case "rot":
        return { kind, ...when, node: this.#node(), bits: 1 + random.below(8) };
      case "fail_commit": {
        const code = random.below(2) === 0 ? "store_failed" : "disk_full";
        return { kind, ...when, nodes: this.#victims(), code };
      }
      case "clock_jump": {
        const byMs = (1 + this.#upTo(LONGEST_JUMP_MS, 3)) * (random.below(2) === 0 ? 1 : -1);
        return { kind, ...when, node: this.#node(), byMs };
      }
      case "clock_drift":
        return { kind, ...when, node: this.#node(), rate: 1 + MAX_DRIFT * (2 * random.next() - 1) };
      case "rest_link": {
        const [from, to] = [this.#region(), this.#region()];
        return from === to ? null : { kind, ...when, from, to };
      }
      case "membership":
        return { kind, ...when, ...drawMembership(random, this.#region()) };
    }
  }

  #cut(atMs: number, forMs: number): Fault | null {
    const random = this.#random;
    const when = { kind: "cut", atMs, forMs } as const;
    const flap = random.below(4) === 0 ? { flapMs: 20 + this.#upTo(2000, 2) } : {};
    switch (random.below(6)) {
      case 0: {
        const alone = this.#node();
        const [peer, ...to] = this.#anyFirst(this.#nodes.filter((node) => node !== alone));
        if (peer === undefined) return null;
        return { ...when, from: [alone], to, ways: "both", shape: "one_peer", ...flap };
      }
      case 1: {
        const bridge = this.#node();
        const { from, to } = this.#halves(this.#nodes.filter((node) => node !== bridge));
        return { ...when, from, to, ways: "both", shape: "bridge", ...flap };
      }
      default:
        return { ...when, ...this.#sides(), ways: random.below(3) === 0 ? "one" : "both", ...flap };
    }
  }

  #node(): NodeId {
    return this.#nodes[this.#random.below(this.#nodes.length)] as NodeId;
  }

  /** Any of them first, the others in their order. */
  #anyFirst(nodes: readonly NodeId[]): readonly NodeId[] {
    const first = this.#random.below(Math.max(1, nodes.length));
    return [...nodes.slice(first, first + 1), ...nodes.slice(0, first), ...nodes.slice(first + 1)];
  }

  #region() {
    const { regions } = this.#world.topology;
    return must(regions[this.#random.below(regions.length)], "a region of this world").id;
  }

  #end(): "process" | "power" {
    return this.#random.below(2) === 0 ? "process" : "power";
  }

  /** A whole number below `most`, the small ones more often the higher the power. */
  #upTo(most: number, power: number): number {
    return Math.floor(most * this.#random.next() ** power);
  }

  #victims(): readonly NodeId[] {
    const draw = this.#random.below(10);
    if (draw === 0) return this.#nodes;
    return draw <= 2 ? this.#world.regionNodes(this.#region()) : [this.#node()];
  }

  #sides(): { from: NodeId[]; to: NodeId[] } {
    switch (this.#random.below(4)) {
      case 0:
        return { from: [this.#node()], to: [this.#node()] };
      case 1: // one alone
        return { from: [this.#node()], to: [...this.#nodes] };
      case 2:
        return {
          from: this.#world.regionNodes(this.#region()),
          to: this.#world.regionNodes(this.#region()),
        };
      default:
        return this.#halves(this.#nodes);
    }
  }

  #halves(nodes: readonly NodeId[]): { from: NodeId[]; to: NodeId[] } {
    const from = nodes.filter(() => this.#random.below(2) === 0);
    return { from, to: nodes.filter((other) => !from.includes(other)) };
  }
}

function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random.next()) * mean;
}
