import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeId } from "@isthmus/kernel";
import { MAX_FRAME_BYTES } from "@isthmus/link";
import { realWorld, simWorld, TestNode, type World } from "./world.ts";

const [A, B, C] = ["a", "b", "c"] as NodeId[] as [NodeId, NodeId, NodeId];

/** What holds over real and simulated sockets alike. */
function onBoth(title: string, names: string[], body: (world: World) => Promise<void>): void {
  test(`WebSockets: ${title}`, async () => {
    const world = await realWorld(names);
    await world.run(() => body(world));
  });
  test(`simulated sockets: ${title}`, async () => {
    const world = simWorld(names, 1);
    await world.run(() => body(world));
  });
}

onBoth("every pair of nodes comes up on one connection", [A, B, C], async (world) => {
  const nodes = [A, B, C].map((name) => new TestNode(world, name));
  await Promise.all(nodes.map((node) => node.links.start()));
  for (const node of nodes) await node.until(() => node.links.status().every((line) => line.up));
  for (const node of nodes) {
    assert.deepEqual(node.events.filter((event) => event.startsWith("up")).length, 2);
    assert.deepEqual(
      node.events.filter((event) => event.startsWith("down")),
      [],
    );
    assert.equal(node.links.isUp(node.name), false);
  }
  await closeAll(nodes);
  for (const node of nodes) assert.equal(node.events.filter((event) => event.startsWith("down")).length, 2);
});

onBoth("frames arrive in order and unaltered, small and large, both ways at once", [A, B], async (world) => {
  const [a, b] = await twoUp(world);
  const sizes = [0, 1, 100, 200, 70_000, 1024 * 1024, MAX_FRAME_BYTES, 3, 600_000, 600_000, 5];
  for (const [index, size] of sizes.entries()) {
    assert.equal(a.links.send(B, index, new Uint8Array(size).fill(index)), true);
    assert.equal(b.links.send(A, index, new Uint8Array(size).fill(100 + index)), true);
  }
  for (const [node, base] of [
    [b, 0],
    [a, 100],
  ] as const) {
    await node.until(() => node.frames.length === sizes.length);
    for (const [index, frame] of node.frames.entries()) {
      assert.equal(frame.kind, index);
      assert.ok(Buffer.from(frame.payload).equals(Buffer.alloc(sizes[index] ?? -1, base + index)));
    }
  }
  await closeAll([a, b]);
});

onBoth("what is sent in one turn leaves in one packet", [A, B], async (world) => {
  const [a, b] = await twoUp(world);
  const before = a.links.status()[0]?.sentBytes ?? 0;
  for (let index = 0; index < 50; index++) a.links.send(B, 1, Uint8Array.of(index));
  assert.equal(a.links.bufferedBytes(B), 8 + 50 * 3);
  await b.until(() => b.frames.length === 50);
  const sent = (a.links.status()[0]?.sentBytes ?? 0) - before;
  assert.ok(sent - (8 + 50 * 3) < 50, `one packet, and at most keepalives beside it: ${sent}`);
  await closeAll([a, b]);
});

onBoth("an answer sent from within onFrame reaches the other side", [A, B], async (world) => {
  const [a, b] = await twoUp(world);
  b.onFrame = (from, kind, payload) => b.links.send(from, kind + 1, payload);
  a.links.send(B, 1, Uint8Array.of(1));
  await a.until(() => a.frames.length === 1);
  assert.deepEqual(
    a.frames.map(({ kind, payload }) => [kind, ...payload]),
    [[2, 1]],
  );
  await closeAll([a, b]);
});

onBoth("closing from within onFrame delivers nothing more", [A, B], async (world) => {
  const [a, b] = await twoUp(world);
  let closing: Promise<void> | null = null;
  b.onFrame = () => {
    closing ??= b.links.close();
  };
  for (let index = 0; index < 3; index++) a.links.send(B, 1, Uint8Array.of(index));
  await a.until(() => !a.links.isUp(B));
  await closing;
  assert.equal(b.frames.length, 1);
  assert.deepEqual(b.events.at(-1), "down a: stopped");
  await a.links.close();
});

onBoth("a node that comes back is met again by its peers, whoever dials", [A, B], async (world) => {
  for (const name of [A, B]) {
    const [a, b] = await twoUp(world);
    const [gone, left] = name === A ? [a, b] : [b, a];
    await gone.links.close();
    await left.until(() => left.events.includes(`down ${name}: stopped`));
    assert.equal(left.links.send(name, 1, new Uint8Array(1)), false);
    const back = new TestNode(world, name);
    await back.links.start();
    await left.until(() => left.links.isUp(name));
    await back.until(() => back.links.isUp(left.name));
    left.links.send(name, 1, Uint8Array.of(5));
    await back.until(() => back.frames.length === 1);
    await closeAll([left, back]);
  }
});

onBoth(
  "a node of another cluster is refused by name on both sides, and no frame passes",
  [A, B],
  async (world) => {
    const a = new TestNode(world, A, { foundingHash: new Uint8Array(32).fill(6) });
    const b = new TestNode(world, B);
    await Promise.all([a.links.start(), b.links.start()]);
    await b.until(() => b.refusals("wrong_founding") >= 2);
    assert.equal(a.links.send(B, 1, new Uint8Array(1)), false);
    assert.deepEqual([a.links.isUp(B), b.links.isUp(A), b.frames.length], [false, false, 0]);
    await closeAll([a, b]);
  },
);

onBoth("an address in use stops the start by name", [A, B], async (world) => {
  const a = new TestNode(world, A);
  await a.links.start();
  const twin = new TestNode(world, A);
  await assert.rejects(twin.links.start(), { code: "address_in_use" });
  await closeAll([a, twin]);
});

onBoth("the round trip is measured", [A, B], async (world) => {
  const [a, b] = await twoUp(world);
  assert.equal(a.links.status()[0]?.rttMs, null);
  // Frames are sent until a keepalive has gone round: each brings the waiting test its turn.
  b.onFrame = (from) => b.links.send(from, 1, new Uint8Array(0));
  a.onFrame = (from) => a.links.send(from, 1, new Uint8Array(0));
  a.links.send(B, 1, new Uint8Array(0));
  await a.until(() => (a.links.status()[0]?.rttMs ?? null) !== null);
  assert.ok((a.links.status()[0]?.rttMs ?? -1) >= 0);
  await closeAll([a, b]);
});

test("a node without peers opens no socket", async () => {
  const world = simWorld([A], 1);
  await world.run(async () => {
    const [one, two] = [new TestNode(world, A), new TestNode(world, A)];
    await one.links.start();
    await two.links.start();
    await closeAll([one, two]);
  });
  assert.equal(world.scheduler.steps, 0);
});

test("a connection into a partition is given up within four seconds and made again after healing", async () => {
  const world = simWorld([A, B], 2);
  const [a, b] = await world.run(() => twoUp(world));
  world.network.partition(A, B);
  const cutMs = world.scheduler.nowMs;
  await world.run(() => a.until(() => !a.links.isUp(B)));
  await world.run(() => b.until(() => !b.links.isUp(A)));
  assert.ok(world.scheduler.nowMs - cutMs <= 4250, `${world.scheduler.nowMs - cutMs} ms`);
  assert.match(a.events.at(-1) ?? "", /silent/);
  await world.scheduler.runUntil(world.scheduler.nowMs + 30_000);
  world.network.heal();
  const healedMs = world.scheduler.nowMs;
  await world.run(() => b.until(() => b.links.isUp(A)));
  assert.ok(world.scheduler.nowMs - healedMs <= 5500, `${world.scheduler.nowMs - healedMs} ms`);
});

test("a power cut leaves a dead half, which the peer's next connection replaces", async () => {
  const world = simWorld([A, B], 3);
  const [, b] = await world.run(() => twoUp(world));
  world.kill(A, "power");
  await world.scheduler.runUntil(world.scheduler.nowMs + 500);
  assert.equal(b.links.isUp(A), true, "b cannot know yet");
  world.restart(A);
  const back = new TestNode(world, A);
  await world.run(() => back.links.start());
  await world.run(() => back.until(() => back.links.isUp(B)));
  await world.run(() => b.until(() => b.events.filter((event) => event === "up a").length === 2));
  assert.deepEqual(
    b.events.slice(0, 3).map((event) => event.replace("reset", "replaced")),
    ["up a", "down a: replaced", "up a"],
  );
});

test("an unreachable peer is dialed ever more slowly, up to once in two seconds", async () => {
  const world = simWorld([A, B], 4);
  const b = new TestNode(world, B);
  await world.run(() => b.links.start());
  world.kill(B);
  const dials: number[] = [];
  const a = new TestNode(countingDials(world, dials), A);
  await world.run(() => a.links.start());
  await world.scheduler.runUntil(world.scheduler.nowMs + 60_000);
  const gaps = dials.slice(1).map((at, index) => at - (dials[index] ?? 0));
  assert.ok(
    gaps.slice(0, 3).every((gap) => gap <= 201),
    "quick at first",
  );
  assert.ok(
    gaps.slice(8).every((gap) => gap >= 1000 && gap <= 2001),
    "then slow",
  );
});

test("a peer that refuses is not dialed in a tight loop", async () => {
  const world = simWorld([A, B], 5);
  const a = new TestNode(world, A, { cluster: "other" });
  const b = new TestNode(world, B);
  await world.run(async () => {
    await Promise.all([a.links.start(), b.links.start()]);
  });
  await world.scheduler.runUntil(60_000);
  assert.ok(b.refusals("wrong_cluster") >= 30 && b.refusals("wrong_cluster") <= 70);
});

test("a damaged, lost or repeated packet ends the connection by its cause, and it is made again", async () => {
  for (const [change, causes] of [
    [{ corruptRate: 0.05 }, ["checksum", "gap", "repeat"]],
    [{ dropRate: 0.05 }, ["gap"]],
    [{ duplicateRate: 0.05 }, ["repeat"]],
  ] as const) {
    const world = simWorld([A, B], 6);
    const [a, b] = await world.run(() => twoUp(world));
    world.network.condition(A, B, change);
    for (let turn = 0; turn < 300; turn++) {
      a.links.send(B, 1, new Uint8Array(100));
      await world.scheduler.runUntil(world.scheduler.nowMs + 100);
    }
    const found = causes.reduce((sum, cause) => sum + a.refusals(cause) + b.refusals(cause), 0);
    const ended = (node: TestNode) => node.events.filter((event) => event.startsWith("down")).length;
    assert.ok(found >= 5, `${found} found of ${JSON.stringify(world.network.counts)}`);
    assert.ok(ended(b) >= 5);
    world.network.condition(A, B, { corruptRate: 0, dropRate: 0, duplicateRate: 0 });
    await world.scheduler.runUntil(world.scheduler.nowMs + 10_000);
    assert.ok(a.links.isUp(B) && b.links.isUp(A));
  }
});

test("what waits for a peer is bounded: more is refused, and sent when there is room again", async () => {
  const world = simWorld([A, B], 7);
  const [a, b] = await world.run(() => twoUp(world, { maxBufferedBytes: 9 * 1024 * 1024 }));
  const mebibyte = new Uint8Array(1024 * 1024);
  let taken = 0;
  while (a.links.send(B, 1, mebibyte)) taken += 1;
  assert.ok(taken >= 8 && taken <= 9);
  assert.equal(a.refusals("buffer_full"), 1);
  await world.run(() => b.until(() => b.frames.length === taken));
  assert.equal(a.links.send(B, 1, mebibyte), true);
});

test("sockets that never greet are bounded in number and in time", async () => {
  const world = simWorld([A, B], 8);
  const b = new TestNode(world, B);
  await world.run(() => b.links.start());
  const closes: string[] = [];
  const { network } = world.machine("stranger");
  for (let count = 0; count < 70; count++) {
    network.connect(world.addresses.get(B) ?? "").handle({
      onOpen() {},
      onMessage: () => assert.fail("a stranger is told nothing"),
      onClose: (reason) => closes.push(reason),
    });
  }
  await world.scheduler.runUntil(1000);
  assert.deepEqual([closes.length, b.refusals("too_many_strangers")], [6, 6]);
  await world.scheduler.runUntil(5000);
  assert.equal(closes.filter((reason) => reason === "greeting_timeout").length, 64);
});

test("an idle pair costs about two packets a second", async () => {
  const world = simWorld([A, B], 9);
  await world.run(() => twoUp(world));
  await world.scheduler.runUntil(world.scheduler.nowMs + 5000);
  const before = world.network.counts.delivered;
  await world.scheduler.runUntil(world.scheduler.nowMs + 60_000);
  const packets = world.network.counts.delivered - before;
  assert.ok(packets <= 150, `${packets} in a minute`);
});

async function twoUp(world: World, more = {}): Promise<[TestNode, TestNode]> {
  const [a, b] = [new TestNode(world, A, {}, more), new TestNode(world, B, {}, more)];
  await Promise.all([a.links.start(), b.links.start()]);
  await a.until(() => a.links.isUp(B));
  await b.until(() => b.links.isUp(A));
  return [a, b];
}

async function closeAll(nodes: readonly TestNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.links.close()));
}

function countingDials(world: ReturnType<typeof simWorld>, dials: number[]): World {
  return {
    ...world,
    machine(node) {
      const machine = world.machine(node);
      const { network } = machine;
      const connect: typeof network.connect = (address) => {
        dials.push(world.scheduler.nowMs);
        return network.connect(address);
      };
      return { ...machine, network: { ...network, connect } };
    },
  };
}
