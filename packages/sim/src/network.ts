import { assert, IsthmusError, type Listener, type Network, type Random, type Socket } from "@isthmus/kernel";
import type { Lifetime, Scheduler } from "./scheduler.ts";
import { type Conditions, SimSocket, type Traffic, type Wires } from "./socket.ts";

export interface SimNetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Of every pair for which nothing else is set. */
  readonly conditions?: Partial<Conditions>;
  readonly connectTimeoutMs?: number;
  /** What the operating systems of both sides take before `bufferedBytes` grows. */
  readonly windowBytes?: number;
  /** Told of every message at the moment its fate is known. `bytes` is not to be changed or kept. */
  readonly observe?: (what: keyof Traffic, from: string, to: string, bytes: Uint8Array) => void;
}

const GOOD: Conditions = {
  baseMs: 0.2,
  jitterMs: 0.1,
  bytesPerMs: Number.POSITIVE_INFINITY,
  breakRate: 0,
  dropRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
  corruptRate: 0,
};
/** The most that a message which stepped out of line is late. */
const LATE_MS = 20;

interface ListenerSlot {
  readonly node: string;
  readonly lifetime: Lifetime;
  readonly accept: (socket: Socket) => void;
  readonly sockets: Set<SimSocket>;
}

/**
 * All sockets of a simulated world. What one node sends on a socket arrives in order, after a seeded latency, as an
 * event of the scheduler. A partition swallows what is under way and what is sent later, and tells nobody: a socket
 * that lost a message in one direction carries nothing more in that direction, even when the partition has healed.
 */
export class SimNetwork implements Wires {
  /** What happened so far: proof that a run met the faults it was meant to. */
  readonly counts: Traffic = {
    delivered: 0,
    vanished: 0,
    broken: 0,
    dropped: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
  };
  readonly scheduler: Scheduler;
  readonly connectTimeoutMs: number;
  readonly windowBytes: number;
  readonly #random: Random;
  readonly #observe: SimNetworkOptions["observe"];
  readonly #usual: Conditions;
  readonly #conditions = new Map<string, Conditions>();
  readonly #cuts = new Set<string>();
  readonly #down = new Map<string, "process" | "power">();
  readonly #listeners = new Map<string, ListenerSlot>();
  /** Whose an address is, also while nobody listens there. */
  readonly #owners = new Map<string, string>();
  readonly #sockets = new Map<string, Set<SimSocket>>();

  constructor(options: SimNetworkOptions) {
    this.scheduler = options.scheduler;
    this.#random = options.random;
    this.#observe = options.observe;
    this.#usual = { ...GOOD, ...options.conditions };
    this.connectTimeoutMs = options.connectTimeoutMs ?? 3000;
    this.windowBytes = options.windowBytes ?? 256 * 1024;
  }

  /** The network as one life of a node sees it. */
  machine(node: string, lifetime: Lifetime): Network {
    assert(!this.#down.has(node), "a node that was killed is restarted before its next life");
    return {
      listen: async (address, accept) => this.#listen(node, lifetime, address, accept),
      connect: (address) => this.#connect(node, lifetime, address),
    };
  }

  /** Changes both directions between two nodes. */
  condition(a: string, b: string, change: Partial<Conditions>): void {
    for (const [from, to] of bothWays(a, b)) {
      this.#conditions.set(pair(from, to), { ...this.conditionsOf(from, to), ...change });
    }
  }

  /** From now on nothing gets from `from` to `to` (nor back, unless `one` way is asked for). */
  partition(from: string, to: string, ways: "both" | "one" = "both"): void {
    const cuts = ways === "both" ? bothWays(from, to) : [[from, to] as const];
    for (const [source, target] of cuts) {
      this.#cuts.add(pair(source, target));
      for (const socket of this.#sockets.get(source) ?? []) {
        if (socket.peerNode === target) socket.severInFlight();
      }
    }
  }

  /** Ends the partitions between two nodes, those of one node, or all. */
  heal(a?: string, b?: string): void {
    for (const cut of [...this.#cuts]) {
      const [from, to] = cut.split(">");
      const concerned = (node: string | undefined) => node === undefined || node === from || node === to;
      if (concerned(a) && concerned(b)) this.#cuts.delete(cut);
    }
  }

  /**
   * A node's process dies: its sockets close for whoever can be reached, and its address refuses. With `power` the
   * whole machine goes: nobody is told, and its address does not answer.
   */
  kill(node: string, how: "process" | "power" = "process"): void {
    this.#down.set(node, how);
    for (const [address, slot] of this.#listeners) if (slot.node === node) this.#listeners.delete(address);
    for (const socket of [...(this.#sockets.get(node) ?? [])]) socket.die(how === "process");
  }

  /** The machine is there again, with nothing listening: `machine` gives its next life the network. */
  restart(node: string): void {
    this.#down.delete(node);
  }

  /** Breaks the sockets between two nodes: both sides are told. */
  breakSockets(a: string, b: string): void {
    for (const socket of [...(this.#sockets.get(a) ?? [])]) if (socket.peerNode === b) socket.break();
  }

  /** Whether something sent now from `from` gets to `to`. */
  reaches(from: string, to: string): boolean {
    const isCut = this.#cuts.size > 0 && this.#cuts.has(pair(from, to));
    return !isCut && this.#down.get(to) !== "power";
  }

  conditionsOf(from: string, to: string): Conditions {
    return this.#conditions.get(pair(from, to)) ?? this.#usual;
  }

  /** A fault that never happens costs no randomness, so that adding a kind of fault does not change old runs. */
  happens(rate: number): boolean {
    return rate > 0 && this.#random.next() < rate;
  }

  latencyMs(from: string, to: string): number {
    return this.latencyUnder(this.conditionsOf(from, to));
  }

  latencyUnder({ baseMs, jitterMs }: Conditions): number {
    return jitterMs > 0 ? baseMs + jitterMs * this.#random.next() : baseMs;
  }

  latenessMs(): number {
    return LATE_MS * this.#random.next();
  }

  /** A copy with one bit changed. */
  corrupted(bytes: Uint8Array): Uint8Array {
    const copy = Buffer.from(bytes);
    if (copy.length === 0) return copy;
    const at = this.#random.below(copy.length);
    copy[at] = (copy[at] as number) ^ (1 << this.#random.below(8));
    return copy;
  }

  saw(what: keyof Traffic, from: string, to: string, bytes: Uint8Array): void {
    this.counts[what] += 1;
    this.#observe?.(what, from, to, bytes);
  }

  keep(socket: SimSocket): void {
    let sockets = this.#sockets.get(socket.node);
    if (sockets === undefined) {
      sockets = new Set();
      this.#sockets.set(socket.node, sockets);
    }
    sockets.add(socket);
  }

  forget(socket: SimSocket): void {
    this.#sockets.get(socket.node)?.delete(socket);
    for (const slot of this.#listeners.values()) slot.sockets.delete(socket);
  }

  #listen(node: string, lifetime: Lifetime, address: string, accept: (socket: Socket) => void): Listener {
    if (this.#listeners.get(address)?.lifetime.alive) {
      throw new IsthmusError("address_in_use", `${address} is in use`, { facts: { address } });
    }
    if (!/^ws:\/\/[^/]+:\d+$/.test(address)) {
      throw new IsthmusError("address_unavailable", `${address} is not an address`, { facts: { address } });
    }
    const slot: ListenerSlot = { node, lifetime, accept, sockets: new Set() };
    this.#listeners.set(address, slot);
    this.#owners.set(address, node);
    return {
      close: async () => {
        if (this.#listeners.get(address) === slot) this.#listeners.delete(address);
        for (const socket of [...slot.sockets]) socket.close("listener closed");
      },
    };
  }

  #connect(node: string, lifetime: Lifetime, address: string): Socket {
    const owner = this.#owners.get(address);
    const client = new SimSocket(this, node, lifetime, owner ?? "");
    this.keep(client);
    client.connecting();
    if (owner === undefined) {
      this.scheduler.schedule(this.latencyMs(node, ""), () => client.end("connection_refused"));
    } else if (this.reaches(node, owner)) {
      this.scheduler.schedule(this.latencyMs(node, owner), () => this.#arrive(client, address, owner));
    }
    return client;
  }

  /** The attempt to connect has come to the other machine. */
  #arrive(client: SimSocket, address: string, owner: string): void {
    if (!client.isConnecting || !this.reaches(client.node, owner)) return;
    const slot = this.#listeners.get(address);
    if (slot === undefined || !slot.lifetime.alive) {
      if (!this.reaches(owner, client.node)) return;
      const refusal = () => client.end("connection_refused");
      this.scheduler.schedule(this.latencyMs(owner, client.node), refusal);
      return;
    }
    const accept = (): void => this.#accept(client, slot, owner);
    if (!slot.lifetime.hold?.(accept)) accept();
  }

  /** A stopped process accepts when it goes on, if the other side is still there then. */
  #accept(client: SimSocket, slot: ListenerSlot, owner: string): void {
    if (!client.isConnecting || !this.reaches(client.node, owner)) return;
    const server = new SimSocket(this, owner, slot.lifetime, client.node);
    this.keep(server);
    slot.sockets.add(server);
    server.joined(client);
    slot.accept(server);
    server.accepted();
  }
}

/** The names of pairs: asked for several times a message, and a new text would have to be hashed each time. */
const pairs = new Map<string, Map<string, string>>();

function pair(from: string, to: string): string {
  const known = pairs.get(from)?.get(to);
  if (known !== undefined) return known;
  const made = `${from}>${to}`;
  const ofFrom = pairs.get(from) ?? new Map<string, string>();
  pairs.set(from, ofFrom.set(to, made));
  return made;
}

function bothWays(a: string, b: string): readonly (readonly [string, string])[] {
  return [
    [a, b],
    [b, a],
  ];
}
