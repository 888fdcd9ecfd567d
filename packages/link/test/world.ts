import assert from "node:assert/strict";
import { createServer } from "node:net";
import { hostClock, hostRandom } from "@isthmus/host";
import {
  type Clock,
  type Network,
  type NodeId,
  type Random,
  type RegionId,
  Registry,
  seededRandom,
} from "@isthmus/kernel";
import { Links, type LinksOptions, MAX_PACKET_BYTES, webSocketNetwork } from "@isthmus/link";
import { type Conditions, Scheduler, SimClock, SimNetwork } from "@isthmus/sim";

/** One world for nodes to meet in: real sockets, or simulated ones. */
export interface World {
  readonly addresses: ReadonlyMap<string, string>;
  machine(node: string): { network: Network; clock: Clock; random: Random; registry: Registry };
  /** Lets the world go on until `body` has settled. */
  run<T>(body: () => Promise<T>): Promise<T>;
}

export async function realWorld(names: readonly string[]): Promise<World> {
  const addresses = new Map<string, string>();
  for (const name of names) addresses.set(name, await freeAddress());
  return {
    addresses,
    machine() {
      const registry = new Registry();
      const network = webSocketNetwork({ maxMessageBytes: MAX_PACKET_BYTES, registry });
      return { network, clock: hostClock(), random: hostRandom(), registry };
    },
    run: (body) => body(),
  };
}

export interface SimWorld extends World {
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  /** Ends a node's life with all that it holds. */
  kill(node: string, how?: "process" | "power"): void;
  restart(node: string): void;
}

export function simWorld(
  names: readonly string[],
  seed: number,
  conditions: Partial<Conditions> = {},
): SimWorld {
  const scheduler = new Scheduler();
  const network = new SimNetwork({ scheduler, random: seededRandom(`network ${seed}`), conditions });
  const lives = new Map<string, { alive: boolean }>();
  let machines = 0;
  return {
    addresses: new Map(names.map((name) => [name, `ws://${name}:7511`])),
    scheduler,
    network,
    machine(node) {
      const lifetime = { alive: true };
      lives.set(node, lifetime);
      const random = seededRandom(`${node} ${seed} ${++machines}`);
      return {
        network: network.machine(node, lifetime),
        clock: new SimClock({ scheduler, lifetime }),
        random,
        registry: new Registry(),
      };
    },
    async run(body) {
      let settled = false;
      const result = body().finally(() => {
        settled = true;
      });
      result.catch(() => {}); // it is awaited below, but may fail before
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(
        await scheduler.runUntilTrue(() => settled, 600_000),
        "the world came to rest and the test waits",
      );
      return result;
    },
    kill(node, how) {
      const life = lives.get(node);
      assert.ok(life);
      life.alive = false;
      network.kill(node, how);
    },
    restart: (node) => network.restart(node),
  };
}

/** A node with its links, and everything that they told it. */
export class TestNode {
  readonly name: NodeId;
  readonly links: Links;
  readonly registry: Registry;
  readonly events: string[] = [];
  readonly frames: { readonly from: NodeId; readonly kind: number; readonly payload: Uint8Array }[] = [];
  onFrame: (from: NodeId, kind: number, payload: Uint8Array) => void = () => {};
  onUp: (peer: NodeId) => void = () => {};
  #waiters: { readonly done: () => boolean; readonly resolve: () => void }[] = [];

  constructor(
    world: World,
    name: string,
    self: Partial<LinksOptions["self"]> = {},
    more: Partial<LinksOptions> = {},
  ) {
    const { registry, ...machine } = world.machine(name);
    this.name = name as NodeId;
    this.registry = registry;
    const refuse = registry.refuse.bind(registry);
    registry.refuse = (area, cause) => {
      refuse(area, cause);
      this.#told(`refused ${cause}`);
    };
    const peers = [...world.addresses].map(([node, address]) => ({
      node: node as NodeId,
      region: "r" as RegionId,
      address,
    }));
    const address = world.addresses.get(name);
    assert.ok(address);
    this.links = new Links({
      ...machine,
      registry,
      self: {
        cluster: "test",
        foundingHash: new Uint8Array(32).fill(7),
        generation: 2,
        dataId: new Uint8Array(16),
        node: this.name,
        region: "r" as RegionId,
        address,
        ...self,
      },
      peers,
      onFrame: (from, kind, payload) => {
        this.frames.push({ from, kind, payload });
        this.onFrame(from, kind, payload);
        this.#wake();
      },
      onUp: (peer) => {
        this.onUp(peer);
        this.#told(`up ${peer}`);
      },
      onDown: (peer, reason) => this.#told(`down ${peer}: ${reason}`),
      ...more,
    });
  }

  /** Resolves when `done()` holds; it is asked after each thing that the links tell. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ done, resolve }));
  }

  refusals(cause: string): number {
    return this.registry.counter("isthmus.link.refused", { cause }).value;
  }

  #told(event: string): void {
    this.events.push(event);
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (waiter.done()) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }
}

export function freeAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const bound = probe.address();
      assert.ok(bound !== null && typeof bound === "object");
      probe.close(() => resolve(`ws://127.0.0.1:${bound.port}`));
    });
  });
}
