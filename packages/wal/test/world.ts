import { type GroupId, must, type NodeId, Registry, seededRandom } from "@isthmus/kernel";
import type { Entry } from "@isthmus/raft";
import { Scheduler, SimDisk } from "@isthmus/sim";
import { openWal, type Wal, type WalOptions } from "@isthmus/wal";

export const GROUP = "main/0" as GroupId;
export const OTHER = "_control" as GroupId;
export const DIRECTORY = "wal";
export const HEADER_BYTES = 4096;

/** One node's disk and the lives that use it. */
export class World {
  readonly scheduler = new Scheduler();
  readonly disk: SimDisk;
  readonly random;
  readonly failures: unknown[] = [];
  registry = new Registry();
  #life = { alive: true };

  constructor(seed: number | string) {
    this.random = seededRandom(`wal ${seed}`);
    this.disk = new SimDisk({
      scheduler: this.scheduler,
      random: seededRandom(`disk ${seed}`),
      lifetime: () => this.#life,
    });
  }

  options(changes: Partial<WalOptions> = {}): WalOptions {
    const life = this.#life;
    return {
      disk: this.disk,
      directory: DIRECTORY,
      cluster: "earth",
      node: "us-east-1" as NodeId,
      random: this.random,
      registry: this.registry,
      segmentBytes: 16 * 1024,
      soon: (call) => void this.scheduler.schedule(0, call, life),
      onFailed: (error) => this.failures.push(error),
      ...changes,
    };
  }

  open(changes: Partial<WalOptions> = {}): Promise<Wal> {
    return this.run(() => openWal(this.options(changes)));
  }

  /** Turns the world until `work` is done. */
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
    await this.turn();
    await this.scheduler.runUntilTrue(() => outcome !== undefined, 60_000);
    const got = must(outcome, "the work ends in virtual time");
    if ("error" in got) throw got.error;
    return got.value;
  }

  /** Lets promises that can go on go on. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** The process dies; the machine goes on. */
  kill(): void {
    this.#life.alive = false;
    this.#life = { alive: true };
  }

  /** The power goes, and the process with it. */
  crash(): void {
    this.kill();
    this.disk.crash();
  }

  async bytesOf(path: string): Promise<Buffer> {
    return Buffer.from(await this.run(() => this.disk.read(path)));
  }
}

export function segmentPath(sequence: number): string {
  return `${DIRECTORY}/${String(sequence).padStart(20, "0")}.wal`;
}

export function entry(index: number, term = 1, data: Uint8Array | string = `entry ${index}`): Entry {
  return { term, index, type: "EntryNormal", data: typeof data === "string" ? Buffer.from(data) : data };
}

export function run(first: number, last: number, term = 1): Entry[] {
  return Array.from({ length: last + 1 - first }, (_, at) => entry(first + at, term));
}

export const nothing = (): void => {};
