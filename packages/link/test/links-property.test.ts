import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, ByteWriter, type NodeId } from "@isthmus/kernel";
import fc from "fast-check";
import { type SimWorld, simWorld, TestNode } from "./world.ts";

const NAMES = ["a", "b", "c"] as NodeId[];
/** Knows the addresses, and is of another founding. */
const STRANGER = "aa";

type Action =
  | { readonly do: "send"; readonly from: number; readonly to: number; readonly sizes: readonly number[] }
  | { readonly do: "cut"; readonly from: number; readonly to: number; readonly ways: "both" | "one" }
  | { readonly do: "heal" }
  | { readonly do: "kill"; readonly node: number; readonly how: "process" | "power" }
  | { readonly do: "restart"; readonly node: number }
  | { readonly do: "break"; readonly from: number; readonly to: number }
  | {
      readonly do: "damage";
      readonly kind: "corruptRate" | "dropRate" | "duplicateRate" | "breakRate";
      readonly rate: number;
    }
  | { readonly do: "wait"; readonly ms: number };

const node = fc.nat(NAMES.length - 1);
const size = fc.oneof({ weight: 9, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.nat(1_500_000) });
const send = fc.record({
  do: fc.constant("send" as const),
  from: node,
  to: node,
  sizes: fc.array(size, { maxLength: 12 }),
});
const wait = fc.record({ do: fc.constant("wait" as const), ms: fc.oneof(fc.nat(20), fc.nat(6000)) });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 10, arbitrary: send },
  { weight: 6, arbitrary: wait },
  fc.record({
    do: fc.constant("cut" as const),
    from: node,
    to: node,
    ways: fc.constantFrom("both" as const, "one" as const),
  }),
  fc.record({ do: fc.constant("heal" as const) }),
  fc.record({
    do: fc.constant("kill" as const),
    node,
    how: fc.constantFrom("process" as const, "power" as const),
  }),
  fc.record({ do: fc.constant("restart" as const), node }),
  fc.record({ do: fc.constant("break" as const), from: node, to: node }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("damage" as const),
      kind: fc.constantFrom(
        "corruptRate" as const,
        "dropRate" as const,
        "duplicateRate" as const,
        "breakRate" as const,
      ),
      rate: fc.constantFrom(0, 0.05, 0.3),
    }),
  },
);

test("through cuts, kills and damage each connection delivers a prefix of what was sent on it, and healing heals", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 60 }), fc.nat(), async (actions, seed) => {
      const trial = new Trial(seed);
      await trial.begin();
      for (const next of actions) await trial.act(next);
      await trial.heals();
    }),
    // One seed, so that a run is the same wherever it runs; SEED and RUNS look further.
    { seed: Number(process.env.SEED ?? 1), numRuns: Number(process.env.RUNS ?? 40) },
  );
});

/** A number for each connection and each frame on it travels in the payload; the rest of it is made of them. */
class Trial {
  readonly #world: SimWorld;
  readonly #nodes = new Map<NodeId, TestNode>();
  readonly #seed: number;
  /** For each direction: the connection that the sender is on, and how many frames it has sent on it. */
  readonly #sending = new Map<string, { connection: number; frames: number }>();
  #connections = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#world = simWorld([...NAMES, STRANGER], seed, { baseMs: 1, jitterMs: 30 });
  }

  async begin(): Promise<void> {
    for (const name of NAMES) await this.#start(name);
    const stranger = new TestNode(this.#world, STRANGER, {
      foundingHash: new Uint8Array(32).fill(this.#seed % 7),
    });
    stranger.onFrame = () => assert.fail("a stranger receives nothing");
    await stranger.links.start();
    await this.#pass(2000);
  }

  async act(action: Action): Promise<void> {
    const { network } = this.#world;
    const named = (index: number): NodeId => NAMES[index] as NodeId;
    switch (action.do) {
      case "send":
        for (const bytes of action.sizes) {
          this.#send(named(action.from), named(action.to), bytes);
          await this.#pass(bytes % 3);
        }
        return;
      case "cut":
        if (action.from !== action.to) network.partition(named(action.from), named(action.to), action.ways);
        return;
      case "heal":
        network.heal();
        return;
      case "kill":
        if (this.#nodes.delete(named(action.node))) this.#world.kill(named(action.node), action.how);
        return;
      case "restart":
        if (!this.#nodes.has(named(action.node))) await this.#revive(named(action.node));
        return;
      case "break":
        network.breakSockets(named(action.from), named(action.to));
        return;
      case "damage":
        for (const from of NAMES)
          for (const to of NAMES) network.condition(from, to, { [action.kind]: action.rate });
        return;
      case "wait":
        await this.#pass(action.ms);
    }
  }

  async heals(): Promise<void> {
    const calm = { corruptRate: 0, dropRate: 0, duplicateRate: 0, breakRate: 0 };
    for (const from of NAMES) for (const to of NAMES) this.#world.network.condition(from, to, calm);
    this.#world.network.heal();
    for (const name of NAMES) if (!this.#nodes.has(name)) await this.#revive(name);
    // The last cut may be noticed by one side three seconds late, and the longest retry comes two seconds after.
    await this.#pass(12_000);
    for (const [name, node] of this.#nodes) {
      for (const peer of NAMES) if (peer !== name) assert.ok(node.links.isUp(peer), `${name} has ${peer}`);
      assert.equal(node.links.isUp(STRANGER as NodeId), false);
      assertAlternating(node.events);
    }
    for (const from of NAMES) for (const to of NAMES) this.#send(from, to, 10);
    await this.#pass(1000);
    for (const node of this.#nodes.values()) {
      const last = NAMES.filter((peer) => peer !== node.name).map((peer) =>
        node.frames.findLast(({ from }) => from === peer),
      );
      for (const frame of last) {
        assert.ok(frame, "what is sent after healing arrives");
        const sent = this.#sending.get(`${frame.from}>${node.name}`);
        assert.deepEqual([...numbers(frame.payload)], [sent?.connection, (sent?.frames ?? 0) - 1]);
      }
    }
  }

  async #revive(name: NodeId): Promise<void> {
    this.#world.restart(name);
    await this.#start(name);
  }

  async #start(name: NodeId): Promise<void> {
    /** What was heard from each peer: of which of its connections, and the frame that comes next. */
    const heard = new Map<NodeId, { connection: number; next: number }>();
    const node = new TestNode(this.#world, name, {}, {});
    node.onFrame = (from, kind, payload) => {
      assert.ok(NAMES.includes(from));
      const [connection, frame] = numbers(payload);
      const last = heard.get(from);
      if (last === undefined || connection !== last.connection) {
        assert.ok(last === undefined || connection > last.connection, "connections come in order");
        assert.equal(frame, 0, "a connection delivers from its beginning");
      } else assert.equal(frame, last.next, "nothing is left out or comes twice");
      assert.ok(
        Buffer.from(payload).equals(content(connection, frame, payload.length)),
        "nothing is altered",
      );
      assert.equal(kind, frame % 0xf0);
      heard.set(from, { connection, next: frame + 1 });
    };
    node.onUp = (peer) => {
      this.#sending.set(`${name}>${peer}`, { connection: ++this.#connections, frames: 0 });
    };
    this.#nodes.set(name, node);
    await node.links.start();
  }

  #send(from: NodeId, to: NodeId, bytes: number): void {
    const node = this.#nodes.get(from);
    const sending = this.#sending.get(`${from}>${to}`);
    if (node === undefined || sending === undefined || !node.links.isUp(to)) return;
    const payload = content(sending.connection, sending.frames, Math.max(8, bytes));
    if (node.links.send(to, sending.frames % 0xf0, payload)) sending.frames += 1;
  }

  async #pass(ms: number): Promise<void> {
    await this.#world.scheduler.runUntil(this.#world.scheduler.nowMs + ms);
  }
}

function content(connection: number, frame: number, bytes: number): Buffer {
  const head = new ByteWriter().u32(connection).u32(frame).finish();
  return Buffer.concat([head, Buffer.alloc(bytes - head.length, (connection * 31 + frame) % 251)]);
}

function numbers(payload: Uint8Array): [number, number] {
  const reader = new ByteReader(payload);
  return [reader.u32(), reader.u32()];
}

function assertAlternating(events: readonly string[]): void {
  const up = new Set<string>();
  for (const event of events) {
    const [what, peer] = event.split(/[ :]/);
    if (what !== "up" && what !== "down") continue;
    assert.ok(peer);
    assert.equal(up.has(peer), what === "down", `each up has one down: ${event}`);
    if (what === "up") up.add(peer);
    else up.delete(peer);
  }
}
