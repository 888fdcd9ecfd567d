import { INSTALL_KEY, STATE_RANGE } from "@isthmus/graph";
import {
  crc32,
  type GroupId,
  type Key,
  must,
  type NodeId,
  Registry,
  seededRandom,
  utf8,
} from "@isthmus/kernel";
import type { Entry } from "@isthmus/raft";
import { type CutPlan, decodeMarker, SnapshotInstall, SnapshotKeeper } from "@isthmus/replica";
import { Scheduler, SimDisk, SimStateVolume } from "@isthmus/sim";
import { Overlay } from "@isthmus/store";
import { openWal, type Wal } from "@isthmus/wal";
import {
  decodeSnapshotFrame,
  encodeConfState,
  encodeSnapshotFrame,
  type SnapshotFrame,
  type SnapshotOffer,
} from "@isthmus/wire";

export const GROUP = "main/0" as GroupId;
export const CLUSTER = "earth";
const TICK_MS = 100;
export const CONF = encodeConfState(
  { voters: [1, 2, 3], outgoing: [], learners: [], learnersNext: [], autoLeave: false },
  0,
);

/** What is alive on a station. */
interface StationLife {
  alive: boolean;
  readonly wal: Wal;
  readonly overlay: Overlay | null;
  readonly keeper: SnapshotKeeper;
  install: SnapshotInstall | null;
}

/** One node's disk and store, with the snapshot's two halves on it and nothing else of a replica. */
export class Station {
  readonly number: number;
  readonly world: SnapshotWorld;
  readonly disk: SimDisk;
  readonly volume: SimStateVolume;
  registry = new Registry();
  #holder = { alive: true };
  life: StationLife | null = null;
  /** Told when an install has ended in this life. */
  ended: { offer: SnapshotOffer | null } | null = null;
  /** What is lost on its way to this station. */
  loses: (frame: SnapshotFrame) => boolean = () => false;
  /** Turns a frame into another on its way to this station. */
  spoil: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  peers: readonly number[] = [];
  index = 0;
  logFirst = 1;

  constructor(world: SnapshotWorld, number: number) {
    this.world = world;
    this.number = number;
    this.disk = new SimDisk({
      scheduler: world.scheduler,
      random: seededRandom(`${world.seed} disk ${number}`),
      lifetime: () => this.#holder,
    });
    this.volume = new SimStateVolume({
      scheduler: world.scheduler,
      random: seededRandom(`${world.seed} volume ${number}`),
    });
  }

  async start(): Promise<void> {
    const holder = { alive: true };
    this.#holder = holder;
    this.registry = new Registry();
    const { scheduler, seed } = this.world;
    const random = seededRandom(`${seed} life ${this.number} ${scheduler.nowMs}`);
    const wal = await this.world.run(() =>
      openWal({
        disk: this.disk,
        directory: "wal",
        cluster: CLUSTER,
        node: `n${this.number}` as NodeId,
        random,
        registry: this.registry,
        segmentBytes: 32 * 1024,
        soon: (call) => void scheduler.schedule(0, call, holder),
        onFailed: (error) => this.world.fail(error),
      }),
    );
    const environment = this.volume.open(holder);
    const log = wal.group(GROUP);
    const store = environment.store(GROUP);
    const marker = store.get(INSTALL_KEY);
    const overlay = marker ? null : new Overlay({ base: store });
    const keeper = new SnapshotKeeper({
      group: GROUP,
      cluster: CLUSTER,
      disk: this.disk,
      random,
      registry: this.registry,
      chunkBytes: 2000,
      log,
      plan: () => (overlay ? this.#plan(overlay, wal) : null),
      send: (to, frame) => this.world.deliver(this.number, to, frame),
      onFatal: (error) => this.world.fail(error),
    });
    const life: StationLife = { alive: true, wal, overlay, keeper, install: null };
    this.life = life;
    const tick = (): void => {
      life.keeper.tick();
      life.install?.tick();
      scheduler.schedule(TICK_MS, tick, holder);
    };
    scheduler.schedule(TICK_MS, tick, holder);
    if (marker) this.install({ marker: true });
  }

  /** Begins to fetch: what an earlier life had begun, from whom is named, or from anybody. */
  install(from: {
    marker?: boolean;
    hint?: { source: number; id: string };
    isStateWhole?: boolean;
    before?: Promise<unknown>;
  }): void {
    const life = must(this.life, "it runs");
    const environment = this.volume.open(this.#holder);
    const bytes = from.marker ? environment.store(GROUP).get(INSTALL_KEY) : undefined;
    const holder = this.#holder;
    life.install = new SnapshotInstall({
      group: GROUP,
      cluster: CLUSTER,
      self: this.number,
      log: life.wal.group(GROUP),
      append: (records, onDurable) => life.wal.append(GROUP, records, onDurable),
      registry: this.registry,
      transactionBytes: 7000,
      store: () => environment.store(GROUP),
      wipe: () => environment.remove(GROUP),
      peers: () => this.peers,
      send: (to, frame) => this.world.deliver(this.number, to, frame),
      before: from.before ?? Promise.resolve(),
      marker: bytes ? decodeMarker(bytes) : null,
      hint: from.hint ?? null,
      isStateWhole: from.isStateWhole ?? false,
      onEnded: (offer) => {
        this.ended = { offer };
        life.install = null;
      },
      onFatal: (error) => {
        if (holder.alive) this.world.fail(error);
      },
    });
    life.install.begin();
  }

  kill(how: "process" | "power"): void {
    this.#holder.alive = false;
    this.life = null;
    if (how === "power") this.disk.crash();
  }

  /** Its log is compacted and its store lost; the snapshots on its disk are still there. */
  async restartWithoutState(compacted: number): Promise<void> {
    const { wal } = must(this.life, "it runs");
    wal.append(GROUP, { compact: { index: compacted, term: 1 } }, () => {});
    await this.world.run(() => wal.sync());
    this.kill("process");
    this.volume.wipe();
    this.index = 0;
    await this.start();
  }

  /** Makes `count` records and as many entries of the log, each with its outcome. */
  async fill(count: number, bytes: number): Promise<void> {
    const { wal, overlay } = must(this.life, "it runs");
    const random = seededRandom(`${this.world.seed} content ${this.index}`);
    for (let number = 0; number < count; number++) {
      this.index += 1;
      const value = Uint8Array.from({ length: random.below(bytes) }, () => random.below(256));
      overlay?.set(`n${String(random.below(count * 2)).padStart(6, "0")}` as Key, value);
      const entry: Entry = { index: this.index, term: 1, type: "EntryNormal", data: value };
      const outcome = { index: this.index, sequence: this.index, bytes: utf8(`decided ${this.index}`) };
      wal.append(GROUP, { entries: [entry], outcomes: [outcome] }, () => {});
    }
    overlay?.set("m" as Key, utf8(`at ${this.index}`));
    await this.world.run(() => wal.sync());
  }

  async flush(): Promise<void> {
    await this.world.run(() => must(this.life?.overlay, "it has a state").flush());
  }

  cut(): Promise<SnapshotOffer> {
    return this.world.run(() => must(this.life, "it runs").keeper.cut());
  }

  /** What is in the store, as far as it is state. */
  stored(): [Key, string][] {
    const contents = this.volume.contents(GROUP);
    return [...contents.range(STATE_RANGE.from, STATE_RANGE.to)].map(([key, value]) => [key, textOf(value)]);
  }

  shown(): [Key, string][] {
    const { overlay } = must(this.life, "it runs");
    const range = must(overlay, "it has a state").range(STATE_RANGE.from, STATE_RANGE.to);
    return [...range].map(([key, value]) => [key, textOf(value)]);
  }

  counter(name: string): number {
    return this.registry
      .samples()
      .filter((sample) => sample.name === name)
      .reduce((sum, { value }) => sum + value, 0);
  }

  #plan(overlay: Overlay, wal: Wal): CutPlan {
    const log = wal.group(GROUP);
    const { index } = this;
    const logFirst = Math.min(index + 1, Math.max(this.logFirst, log.firstIndex));
    return {
      header: { index, term: 1, conf: CONF, logFirst, logTerm: logFirst === 1 ? 0 : 1 },
      view: overlay.view(),
      firstBatch: logFirst,
      lastBatch: index,
    };
  }
}

/** Stations that can reach each other, in virtual time. */
export class SnapshotWorld {
  readonly seed: string;
  readonly scheduler = new Scheduler();
  readonly stations: Station[];
  #failure: { error: unknown } | null = null;

  constructor(seed: string, count = 2) {
    this.seed = seed;
    this.stations = Array.from({ length: count }, (_, at) => new Station(this, at + 1));
  }

  station(number: number): Station {
    return must(this.stations[number - 1], "a station");
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  deliver(from: number, to: number, frame: SnapshotFrame): boolean {
    const station = this.station(to);
    const { life } = station;
    if (!life) return false;
    const bytes = encodeSnapshotFrame(frame);
    this.scheduler.schedule(1, () => {
      if (station.life !== life || station.loses(frame)) return;
      const received = decodeSnapshotFrame(station.spoil(bytes));
      if (received.kind === "ask") life.keeper.ask(from, received);
      else if (received.kind === "done") life.keeper.done(from);
      else life.install?.take(from, received);
    });
    return true;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    let outcome: { value: T } | { error: unknown } | undefined;
    work().then(
      (value) => {
        outcome = { value };
      },
      (error: unknown) => {
        outcome = { error };
      },
    );
    await this.until(() => outcome !== undefined);
    const got = must(outcome, "the work ends in virtual time");
    if ("error" in got) throw got.error;
    return got.value;
  }

  /** Lets time pass until it holds; false when it does not come about. */
  async until(holds: () => boolean, withinMs = 120_000): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    const endMs = this.scheduler.nowMs + withinMs;
    const isOver = () => this.#failure !== null || holds() || this.scheduler.nowMs >= endMs;
    await this.scheduler.runUntilTrue(isOver, withinMs);
    if (this.#failure) throw this.#failure.error;
    return holds();
  }

  async pass(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }
}

function textOf(value: Uint8Array): string {
  return value.length < 12 ? Buffer.from(value).toString("latin1") : `${value.length} bytes ${crc32(value)}`;
}
