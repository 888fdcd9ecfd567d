import { allNodes, type NodeSpec, type Topology } from "@isthmus/control";
import {
  assert,
  type Clock,
  IsthmusError,
  must,
  type NodeId,
  type Random,
  type RegionId,
  Registry,
  seededRandom,
} from "@isthmus/kernel";
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMINGS,
  type JoinedAt,
  type Limits,
  NodeCore,
  type NodePorts,
} from "@isthmus/node";
import {
  type Conditions,
  Life,
  Scheduler,
  SimClock,
  SimDisk,
  SimNetwork,
  SimStateVolume,
} from "@isthmus/sim";
import type { Checker } from "./evidence.ts";
import { givenFault } from "./fault-disk.ts";
import { sampleNode, watchNode } from "./sightings.ts";
import { Trace } from "./trace.ts";

export interface WorldOptions {
  readonly seed: string;
  readonly topology: Topology;
  readonly checkers?: readonly Checker[];
  readonly limits?: Partial<Limits>;
  /** Between two nodes of one region, and of two. */
  readonly near?: Partial<Conditions>;
  readonly far?: Partial<Conditions>;
  /** How far wall clocks may be off, either way, in milliseconds. */
  readonly clockErrorMs?: number;
  /** Told each line of the trace, for people. */
  readonly read?: (line: string) => void;
}

/** What stopped a run: an assertion inside a node, a checker's violation, an error that nobody handled. */
export interface Failure {
  readonly atMs: number;
  readonly where: string;
  readonly error: unknown;
}

/** One machine of the world. Its disk and its state volume survive the lives of its process. */
export interface Machine {
  readonly id: NodeId;
  readonly region: RegionId;
  readonly number: number;
  readonly disk: SimDisk;
  readonly volume: SimStateVolume;
  /** Of the life now, or of the last one: its offset and rate go on to the next. */
  clock: SimClock;
  /** For one that came after the founding: what it was told then. */
  readonly joined: JoinedAt | null;
  /** Its state was made to fail once: that it ends by it is then no failure of the run. */
  stateFails: boolean;
  life: Life | null;
  lives: number;
  /** Null until the life has recovered its log. */
  core: NodeCore | null;
  registry: Registry | null;
  readonly callers: Set<(error: IsthmusError) => void>;
}

const NEAR: Partial<Conditions> = { baseMs: 0.25, jitterMs: 0.15 };
const FAR: Partial<Conditions> = { baseMs: 30, jitterMs: 6 };
const SAMPLE_EVERY_MS = 1000;
/** A group that nobody speaks to for so short a while rests: worlds are busy, and shall meet it often. */
const REST_TICKS = 3;
/** What a simulated node works with: small, so that rare things happen often. */
const SMALL_LIMITS: Partial<Limits> = {
  checkpointMs: 2000,
  segmentBytes: 128 * 1024,
  overlayBytes: 1024 * 1024,
  logKeepBytes: 1024,
  snapshotChunkBytes: 1024,
  snapshotTransactionBytes: 4 * 1024,
};

/**
 * Regions of nodes in one process on one seed. Each node is composed by the function that `serve` uses; what is
 * replaced are its ports, and nothing else.
 */
export class World {
  readonly scheduler = new Scheduler();
  readonly network: SimNetwork;
  readonly trace: Trace;
  readonly topology: Topology;
  readonly #machines = new Map<NodeId, Machine>();
  readonly #retired = new Map<NodeId, Machine>();
  /** Machines that were given empty disks. */
  readonly lostDisks = new Set<NodeId>();
  readonly #clocks: Random;
  /** How far two regions are from each other is the same for all their nodes. */
  readonly #distances = new Map<string, Partial<Conditions>>();
  readonly #distanceRandom: Random;
  readonly #options: WorldOptions;
  readonly #checkers: readonly Checker[];
  /** The rates that faults have changed stand on top of these. */
  readonly #usual = new Map<string, Partial<Conditions>>();
  /** The life that each node had last: what its code still asks for in the turn in which it ends belongs to it. */
  readonly #lastLives = new Map<NodeId, Life>();
  /** What is to befall dead nodes in their next lives. */
  readonly #toKill = new Map<NodeId, () => void>();
  #failure: Failure | null = null;
  #heals = 0;
  /** Told of a node that ended by itself because its disk or its state was made to fail. */
  onEnded: (node: NodeId, code: string) => void = () => {};

  constructor(options: WorldOptions) {
    const { seed, topology } = options;
    this.#options = options;
    this.#checkers = options.checkers ?? [];
    this.topology = topology;
    this.trace = new Trace(options.read ?? null);
    const { scheduler } = this;
    this.network = new SimNetwork({
      scheduler,
      random: seededRandom(`${seed} network`),
      observe: (fate, from, to, bytes) => this.trace.message(scheduler.nowMs, fate, from, to, bytes),
    });
    this.#clocks = seededRandom(`${seed} clocks`);
    this.#distanceRandom = seededRandom(`${seed} distances`);
    for (const { region, node } of allNodes(topology)) this.#add(region, node, null);
    for (const a of this.#machines.values())
      for (const b of this.#machines.values()) if (a.number < b.number) this.#setConditions(a, b);
    this.#sampleLater();
  }

  /** Machines that take part; who was retired is not among them any more. */
  get machines(): ReadonlyMap<NodeId, Machine> {
    return this.#machines;
  }

  /** A new machine for a node that was agreed on. It does not run yet. */
  addMachine(region: RegionId, node: NodeSpec, joined: JoinedAt): Machine {
    assert(!this.#machines.has(node.id), "a machine of its own");
    const machine = this.#add(region, node, joined);
    for (const other of this.#machines.values()) if (other !== machine) this.#setConditions(other, machine);
    return machine;
  }

  /** Whether there is, or was, a machine of that name. */
  knows(id: NodeId): boolean {
    return this.#machines.has(id) || this.#retired.has(id);
  }

  /** Takes a machine out of the world, whatever it was doing. */
  retire(id: NodeId): void {
    this.kill(id, "power");
    this.trace.event(this.nowMs, id, "is taken away");
    this.#retired.set(id, this.machine(id));
    this.#machines.delete(id);
  }

  /** Puts empty disks into a machine that does not run. */
  loseDisk(id: NodeId): void {
    const { life, lives, region, number, joined } = this.machine(id);
    assert(life === null, "disks are changed while the machine is off");
    this.trace.event(this.nowMs, id, "loses its disk");
    this.lostDisks.add(id);
    this.#add(region, { id, number, api: "", cluster: "" }, joined, lives);
  }

  #add(region: RegionId, { id, number }: NodeSpec, joined: JoinedAt | null, lives = 0): Machine {
    const { scheduler } = this;
    const { seed, clockErrorMs = 0 } = this.#options;
    const name = lives === 0 ? id : `${id} again ${lives}`;
    const machine: Machine = {
      id,
      region,
      number,
      disk: new SimDisk({
        scheduler,
        random: seededRandom(`${seed} disk ${name}`),
        lifetime: () => must(this.#lastLives.get(id), "only a node that was started uses its disk"),
      }),
      volume: new SimStateVolume({ scheduler, random: seededRandom(`${seed} volume ${name}`) }),
      clock: new SimClock({
        scheduler,
        lifetime: { alive: false },
        offsetMs: Math.round((this.#clocks.next() * 2 - 1) * clockErrorMs),
      }),
      joined,
      stateFails: false,
      life: null,
      lives,
      core: null,
      registry: null,
      callers: new Set(),
    };
    this.#machines.set(id, machine);
    return machine;
  }

  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  get failure(): Failure | null {
    return this.#failure;
  }

  /** How often all was healed: what is to begin later asks whether it still should. */
  get heals(): number {
    return this.#heals;
  }

  machine(id: NodeId): Machine {
    return must(this.#machines.get(id) ?? this.#retired.get(id), "a node of this world");
  }

  regionNodes(region: RegionId): NodeId[] {
    return [...this.machines.values()].filter((machine) => machine.region === region).map(({ id }) => id);
  }

  /** The node as it runs. Asserts that it does. */
  core(id: NodeId): NodeCore {
    return must(this.machine(id).core, "the node runs");
  }

  /** Lets the world go on. Throws what has failed in it. */
  async run(forMs: number): Promise<void> {
    await this.runUntil(() => false, forMs);
  }

  /** Lets the world go on until `done()` holds, for at most `limitMs`. Tells whether it does. Throws what has failed. */
  async runUntil(done: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.nowMs + limitMs;
    let isDone = false;
    try {
      isDone = await this.scheduler.runUntilTrue(() => this.#failure !== null || done(), limitMs);
      // Time passes also when nothing happens.
      if (!isDone) await this.scheduler.runUntil(endMs);
    } catch (error) {
      this.fail("the world", error);
    }
    if (this.#failure !== null) throw this.#failure.error;
    return isDone;
  }

  /** The first failure counts; what follows from it does not. */
  fail(where: string, error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = { atMs: this.nowMs, where, error };
    this.trace.event(this.nowMs, where, `FAILS: ${error instanceof Error ? error.message : String(error)}`);
  }

  // ---- lives ----

  startAll(): void {
    for (const id of this.machines.keys()) this.start(id);
  }

  /** Begins a new life of a node that is not running. */
  start(id: NodeId): void {
    const machine = this.machine(id);
    assert(machine.life === null, "one life at a time");
    const life = new Life(this.scheduler);
    machine.life = life;
    machine.lives += 1;
    this.#lastLives.set(id, life);
    const { offsetMs, rate } = machine.clock;
    machine.clock = new SimClock({ scheduler: this.scheduler, lifetime: life, offsetMs, rate });
    this.network.restart(id);
    this.trace.event(this.nowMs, id, `starts, life ${machine.lives}`);
    const toKill = this.#toKill.get(id);
    this.#toKill.delete(id);
    toKill?.();
    const registry = new Registry();
    machine.registry = registry;
    const { topology, limits } = this.#options;
    const config = {
      topology,
      ...(machine.joined ? { joined: machine.joined } : {}),
      region: machine.region,
      node: id,
      timings: { ...DEFAULT_TIMINGS, data: { ...DEFAULT_TIMINGS.data, restTicks: REST_TICKS } },
      limits: { ...DEFAULT_LIMITS, ...SMALL_LIMITS, ...limits },
    };
    const fatal = (error: unknown): void => {
      if (life.alive) this.#ended(machine, error);
    };
    NodeCore.start(config, this.#ports(machine, life, registry), fatal).then((core) => {
      if (!life.alive) return;
      machine.core = core;
      watchNode(this, machine, core, this.#checkers);
    }, fatal);
  }

  /** Everything through which a simulated node reaches the world. */
  #ports(machine: Machine, life: Life, registry: Registry): NodePorts {
    const clock: Clock = machine.clock;
    const state = machine.volume.open(life);
    return {
      clock,
      disk: machine.disk,
      network: this.network.machine(machine.id, life),
      random: seededRandom(`${this.#options.seed} node ${machine.id} life ${machine.lives}`),
      openState: async () => state,
      registry,
    };
  }

  /**
   * A node has said that it cannot go on. By a fault of its disk that it was given, it is a process that died with a
   * clear word, as `serve` does it: at once, and closing nothing. Anything else is a failure of the run.
   */
  #ended(machine: Machine, error: unknown): void {
    const code = givenFault(machine, error);
    if (code === null) {
      this.fail(machine.id, error);
      return;
    }
    this.trace.event(this.nowMs, machine.id, `ends: ${code}`);
    this.kill(machine.id, "process");
    this.onEnded(machine.id, code);
  }

  /** The process dies; with `power` the machine goes, and with it what its disk had not synced. False: it was dead. */
  kill(id: NodeId, how: "process" | "power"): boolean {
    const machine = this.#machines.get(id);
    if (machine === undefined || machine.life === null) return false;
    this.trace.event(this.nowMs, id, how === "power" ? "loses power" : "is killed");
    machine.life.end();
    machine.life = null;
    machine.core = null;
    this.network.kill(id, how);
    if (how === "power") machine.disk.crash();
    // Who is cut off by a reset learns of it; after a power loss there is only silence.
    else for (const reject of machine.callers) reject(lost(id));
    machine.callers.clear();
    return true;
  }

  /**
   * Kills a node when it has run so many further events, if it lives for as many; one that is dead, so many events after
   * its next start. `killed` is told whether the node was still recovering. While one such end waits, no other is taken.
   */
  killAfter(
    id: NodeId,
    events: number,
    how: "process" | "power",
    killed: (recovering: boolean) => void,
  ): void {
    const machine = this.machine(id);
    const { life } = machine;
    if (life === null) {
      if (!this.#toKill.has(id)) this.#toKill.set(id, () => this.killAfter(id, events, how, killed));
      return;
    }
    if (life.isToEnd) return;
    this.trace.event(this.nowMs, id, `has ${events} events to live`);
    life.endAfter(events, () => {
      const recovering = machine.core === null;
      this.kill(id, how);
      killed(recovering);
    });
  }

  /** The process stops, as by SIGSTOP, and goes on `forMs` later if it lives then. False: it was not running. */
  pause(id: NodeId, forMs: number): boolean {
    const life = this.#machines.get(id)?.life;
    if (!life || life.stopped) return false;
    this.trace.event(this.nowMs, id, `stops for ${Math.round(forMs)} ms`);
    life.stop();
    this.scheduler.schedule(forMs, () => {
      if (!life.alive || !life.stopped) return;
      this.trace.event(this.nowMs, id, "goes on");
      life.resume();
    });
    return true;
  }

  // ---- the network ----

  cut(from: readonly NodeId[], to: readonly NodeId[], ways: "both" | "one"): void {
    const arrow = ways === "both" ? "<x>" : "x>";
    this.trace.event(this.nowMs, "network", `cut: ${from.join(",")} ${arrow} ${to.join(",")}`);
    for (const a of from) for (const b of to) if (a !== b) this.network.partition(a, b, ways);
  }

  heal(from: readonly NodeId[], to: readonly NodeId[]): void {
    this.trace.event(this.nowMs, "network", `healed: ${from.join(",")} <-> ${to.join(",")}`);
    for (const a of from) for (const b of to) if (a !== b) this.network.heal(a, b);
  }

  /** Changes how messages travel between two sets of nodes, until `ease`. */
  disturb(from: readonly NodeId[], to: readonly NodeId[], change: Partial<Conditions>): void {
    this.trace.event(
      this.nowMs,
      "network",
      `${from.join(",")} <-> ${to.join(",")}: ${JSON.stringify(change)}`,
    );
    for (const a of from) for (const b of to) if (a !== b) this.network.condition(a, b, change);
  }

  ease(from: readonly NodeId[], to: readonly NodeId[]): void {
    this.trace.event(this.nowMs, "network", `${from.join(",")} <-> ${to.join(",")}: as usual`);
    for (const a of from)
      for (const b of to)
        if (a !== b) this.network.condition(a, b, must(this.#usual.get(`${a} ${b}`), "a pair"));
  }

  /** Times every latency of these nodes' disks; 1 is as usual. */
  slowDisks(nodes: readonly NodeId[], factor: number): void {
    this.trace.event(this.nowMs, "disks", `of ${nodes.join(",")}: ${factor.toFixed(1)} times as slow`);
    for (const id of nodes) {
      const machine = this.#machines.get(id);
      if (machine) machine.disk.slowFactor = factor;
    }
  }

  // ---- clocks ----

  /** Sets a wall clock forward, or back with a negative number; it stays so. */
  jumpClock(id: NodeId, byMs: number): void {
    this.trace.event(this.nowMs, id, `its wall clock jumps by ${Math.round(byMs)} ms`);
    this.machine(id).clock.jump(byMs);
  }

  /** From now on a machine's time runs so fast; 1 is as the world's. */
  driftClock(id: NodeId, rate: number): void {
    this.trace.event(this.nowMs, id, `its time runs at ${rate.toFixed(3)}`);
    this.machine(id).clock.setRate(rate);
  }

  /** All faults end and none that was prepared begins; who is stopped goes on, who is dead starts. */
  healAll(): void {
    this.trace.event(this.nowMs, "world", "all is healed");
    this.#heals += 1;
    this.#toKill.clear();
    const all = [...this.machines.keys()];
    this.network.heal();
    this.ease(all, all);
    for (const machine of this.machines.values()) {
      machine.disk.mend();
      machine.volume.failNextCommit(null);
      machine.clock.setRate(1);
      machine.life?.endAfter(null);
      if (machine.life === null) this.start(machine.id);
      else machine.life.resume();
    }
  }

  // ---- clients ----

  /**
   * A client calls a node: its call arrives like a message, and so does the answer. Rejects with `unreachable` when
   * nothing listens there (nothing was done), with `connection_lost` when the process dies meanwhile; it never settles
   * when the machine goes silent. It is for the client to have a time-out of its own.
   */
  call<T>(id: NodeId, work: (core: NodeCore) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = (give: () => void): void => {
        this.scheduler.schedule(CLIENT_LATENCY_MS, give);
      };
      const refuse = (error: IsthmusError): void => answer(() => reject(error));
      const arrive = (): void => {
        // Who was taken away answers nobody.
        const machine = this.#machines.get(id);
        if (!machine?.core || !machine.life) {
          refuse(unreachable(id));
          return;
        }
        const { core, life } = machine;
        machine.callers.add(refuse);
        const finish = (give: () => void): void => {
          if (life.alive && machine.callers.delete(refuse)) answer(give);
        };
        const enter = (): void => {
          work(core).then(
            (value) => finish(() => resolve(value)),
            (error: unknown) => finish(() => reject(error)),
          );
        };
        if (!life.hold(enter)) enter();
      };
      this.scheduler.schedule(CLIENT_LATENCY_MS, arrive);
    });
  }

  /** Resolves after so much virtual time: for what stands outside the nodes. */
  sleep(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.scheduler.schedule(forMs, resolve);
    });
  }

  // ----

  /** Sets how messages travel between two machines when nothing disturbs them. */
  #setConditions(a: Machine, b: Machine): void {
    const { near, far } = this.#options;
    const pair = `${a.region} ${b.region}`;
    const drawn = this.#distances.get(pair) ??
      this.#distances.get(`${b.region} ${a.region}`) ?? {
        ...FAR,
        baseMs: 5 + 75 * this.#distanceRandom.next(),
        ...far,
      };
    this.#distances.set(pair, drawn);
    const conditions = a.region === b.region ? { ...NEAR, ...near } : drawn;
    this.network.condition(a.id, b.id, conditions);
    for (const [from, to] of [
      [a.id, b.id],
      [b.id, a.id],
    ] as const)
      this.#usual.set(`${from} ${to}`, this.network.conditionsOf(from, to));
  }

  #sampleLater(): void {
    this.scheduler.schedule(SAMPLE_EVERY_MS, () => {
      for (const machine of this.machines.values())
        if (machine.core !== null && machine.life?.stopped === false)
          sampleNode(this, machine, this.#checkers);
      this.#sampleLater();
    });
  }
}

const CLIENT_LATENCY_MS = 0.3;

function lost(node: NodeId): IsthmusError {
  return new IsthmusError("connection_lost", `${node} closed the connection`, { facts: { node } });
}

function unreachable(node: NodeId): IsthmusError {
  return new IsthmusError("unreachable", `nothing listens at ${node}`, { facts: { node } });
}
