import assert from "node:assert/strict";
import { test } from "node:test";
import { equalBytes, type NodeId, type RegionId } from "@isthmus/kernel";
import { type SimWorld, simWorld, TestNode, type World } from "./world.ts";

const [A, B, C] = ["a", "b", "c"] as NodeId[] as [NodeId, NodeId, NodeId];
const REGION = "r" as RegionId;

/** Lets virtual time pass until it holds: not everything that is asked for is told as an event. */
async function comes(world: SimWorld, done: () => boolean): Promise<void> {
  while (!done()) await new Promise<void>((resolve) => world.scheduler.schedule(100, resolve));
}

const peersOf = (world: World, ...nodes: NodeId[]) =>
  nodes.map((node) => ({ node, region: REGION, address: world.addresses.get(node) ?? "" }));

test("a peer that is added comes up, whichever side hears of it first", async () => {
  const world = simWorld([A, B, C], 1);
  await world.run(async () => {
    const [a, b, c] = [A, B, C].map((name) => new TestNode(world, name)) as [TestNode, TestNode, TestNode];
    for (const node of [a, b]) node.links.setPeers(peersOf(world, A, B));
    c.links.setPeers([]);
    for (const node of [a, b, c]) await node.links.start();
    await a.until(() => a.links.isUp(B));
    assert.equal(a.links.isUp(C), false);
    a.links.setPeers(peersOf(world, A, B, C));
    c.links.setPeers(peersOf(world, A, B, C));
    await c.until(() => c.links.isUp(A));
    b.links.setPeers(peersOf(world, A, B, C));
    await b.until(() => b.links.isUp(C));
    assert.deepEqual(
      a.events.filter((event) => event.startsWith("down")),
      [],
      "nobody else was disturbed",
    );
    for (const node of [a, b, c]) await node.links.close();
  });
});

test("a node that was alone begins to listen with its first peer", async () => {
  const world = simWorld([A, B], 1);
  await world.run(async () => {
    const alone = new TestNode(world, B);
    alone.links.setPeers([]);
    await alone.links.start();
    const other = new TestNode(world, A);
    await other.links.start();
    alone.links.setPeers(peersOf(world, A));
    await alone.until(() => alone.links.isUp(A));
    await alone.links.close();
    await other.links.close();
  });
});

test("a peer that is removed goes down once, and its greetings are refused by name", async () => {
  const world = simWorld([A, B], 1);
  await world.run(async () => {
    const [a, b] = [new TestNode(world, A), new TestNode(world, B)];
    await a.links.start();
    await b.links.start();
    await b.until(() => b.links.isUp(A));
    b.links.setPeers([], [A]);
    assert.deepEqual(b.events, ["up a", "down a: left"]);
    assert.equal(b.links.send(A, 1, new Uint8Array(1)), false);
    await b.until(() => b.refusals("removed_node") > 0);
    await comes(world, () => a.links.status()[0]?.refusedAs === "removed_node");
    await a.links.close();
    await b.links.close();
  });
});

test("a peer that moves is dialed at its new address", async () => {
  const world = simWorld([A, B], 1);
  await world.run(async () => {
    const [a, b] = [new TestNode(world, A), new TestNode(world, B)];
    a.links.setPeers([{ node: B, region: REGION, address: "ws://nowhere:1" }]);
    await a.links.start();
    await b.links.start();
    a.links.setPeers(peersOf(world, B));
    await a.until(() => a.links.isUp(B));
    await a.links.close();
    await b.links.close();
  });
});

test("a peer that comes with other data than it is known by is refused by either side (R17)", async () => {
  for (const lost of [A, B]) {
    const world = simWorld([A, B], 1);
    await world.run(async () => {
      const known = new Uint8Array(16).fill(1);
      const judge = { isKnownBy: (_: NodeId, dataId: Uint8Array) => equalBytes(dataId, known) };
      const nodes = [A, B].map((name) => {
        const dataId = name === lost ? new Uint8Array(16).fill(2) : known;
        return new TestNode(world, name, { dataId }, judge);
      }) as [TestNode, TestNode];
      const [refuser, other] = lost === A ? [nodes[1], nodes[0]] : nodes;
      for (const node of nodes) await node.links.start();
      await refuser.until(() => refuser.refusals("foreign_data") > 0);
      await comes(world, () => other.links.status()[0]?.refusedAs === "foreign_data");
      assert.deepEqual(
        [refuser, other].map((node) => node.events.filter((event) => event.startsWith("up"))),
        [[], []],
      );
      for (const node of nodes) await node.links.close();
    });
  }
});

test("a peer that is up is let go when it turns out to be known by other data", async () => {
  const world = simWorld([A, B], 1);
  await world.run(async () => {
    let known: Uint8Array | null = null;
    const judge = {
      isKnownBy: (_: NodeId, dataId: Uint8Array) => known === null || equalBytes(dataId, known),
    };
    const [a, b] = [new TestNode(world, A), new TestNode(world, B, {}, judge)];
    await a.links.start();
    await b.links.start();
    await b.until(() => b.links.isUp(A));
    b.links.setPeers(peersOf(world, A));
    assert.equal(b.links.isUp(A), true);
    known = new Uint8Array(16).fill(1);
    b.links.setPeers(peersOf(world, A));
    assert.deepEqual([b.links.isUp(A), b.refusals("foreign_data")], [false, 1]);
    await a.links.close();
    await b.links.close();
  });
});

test("a peer that turns out to be known by other data while it greets does not come up", async () => {
  for (const judging of [A, B]) {
    const world = simWorld([A, B], 1);
    await world.run(async () => {
      let greetings = 0;
      // What it is known by comes right after its first greeting was taken.
      const judge = { isKnownBy: () => ++greetings === 1 };
      const nodes = [A, B].map((name) => new TestNode(world, name, {}, name === judging ? judge : {}));
      for (const node of nodes) await node.links.start();
      const judges = nodes.find(({ name }) => name === judging);
      assert.ok(judges);
      await judges.until(() => judges.refusals("foreign_data") > 0);
      assert.deepEqual([greetings, judges.events], [2, ["refused foreign_data"]]);
      for (const node of nodes) await node.links.close();
    });
  }
});

test("what a peer is known by shows while it is up", async () => {
  const world = simWorld([A, B], 1);
  await world.run(async () => {
    const dataId = new Uint8Array(16).fill(9);
    const [a, b] = [new TestNode(world, A, { dataId }), new TestNode(world, B)];
    await a.links.start();
    await b.links.start();
    await b.until(() => b.links.isUp(A));
    assert.ok(equalBytes(b.links.status()[0]?.dataId ?? new Uint8Array(), dataId));
    await a.links.close();
    assert.equal(b.links.status()[0]?.dataId === null, !b.links.isUp(A));
    await b.links.close();
  });
});
