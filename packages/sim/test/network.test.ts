import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { Registry, type Socket, seededRandom } from "@isthmus/kernel";
import { webSocketNetwork } from "@isthmus/link";
import { type Conditions, Scheduler, SimNetwork } from "@isthmus/sim";
import { networkConformance } from "./conformance/network.ts";
import { runIn } from "./conformance/run.ts";

const ADDRESS = "ws://there:1";

networkConformance("WebSockets", () => {
  const network = webSocketNetwork({ maxMessageBytes: 1024 * 1024, registry: new Registry() });
  return { here: network, there: network, freeAddress, run: (body) => body };
});

for (const conditions of [{}, { baseMs: 40, jitterMs: 200 }, { bytesPerMs: 1000 }]) {
  networkConformance(`simulated network ${JSON.stringify(conditions)}`, () => {
    const { scheduler, network } = world(1, conditions);
    let ports = 0;
    return {
      here: network.machine("here", { alive: true }),
      there: network.machine("there", { alive: true }),
      freeAddress: async () => `ws://there:${++ports}`,
      run: (body) => runIn(scheduler, body),
    };
  });
}

test("a partition tells nobody, and what was sent into it never arrives, nor what follows it", async () => {
  const { scheduler, network } = world(2);
  const { client, server } = await connected(scheduler, network);
  client.socket.send(Uint8Array.of(1));
  network.partition("here", "there");
  client.socket.send(Uint8Array.of(2));
  await scheduler.runUntil(scheduler.nowMs + 10_000);
  network.heal();
  client.socket.send(Uint8Array.of(3));
  server.socket.send(Uint8Array.of(4));
  await scheduler.runUntil(scheduler.nowMs + 10_000);
  assert.deepEqual(server.seen, ["open"]);
  assert.deepEqual(client.seen, ["open", "4"], "the other direction lost nothing");
  assert.equal(network.counts.vanished, 3);
});

test("a one-way partition lets the other way through", async () => {
  const { scheduler, network } = world(3);
  const { client, server } = await connected(scheduler, network);
  network.partition("here", "there", "one");
  client.socket.send(Uint8Array.of(1));
  server.socket.send(Uint8Array.of(2));
  await scheduler.runUntil(scheduler.nowMs + 1000);
  assert.deepEqual([client.seen, server.seen], [["open", "2"], ["open"]]);
});

test("a new connect into a partition times out", async () => {
  const { scheduler, network } = world(4);
  await connected(scheduler, network);
  network.partition("there", "here", "one");
  const late = watch(network.machine("here", { alive: true }).connect(ADDRESS));
  await scheduler.runUntil(scheduler.nowMs + 2999);
  assert.deepEqual(late.seen, []);
  await scheduler.runUntil(scheduler.nowMs + 2);
  assert.deepEqual(late.seen, ["closed: connect_timeout"]);
});

test("a killed process closes its sockets for its peers, is told nothing itself, and its address refuses", async () => {
  const { scheduler, network } = world(5);
  const { client, server } = await connected(scheduler, network);
  network.kill("there");
  await scheduler.runUntil(scheduler.nowMs + 10);
  assert.deepEqual([client.seen, server.seen], [["open", "closed: reset"], ["open"]]);
  const late = watch(network.machine("here", { alive: true }).connect(ADDRESS));
  await scheduler.runUntil(scheduler.nowMs + 10);
  assert.deepEqual(late.seen, ["closed: connection_refused"]);
});

test("a machine without power tells nobody; once it is back, whoever writes to its old socket learns", async () => {
  const { scheduler, network } = world(6);
  const { client } = await connected(scheduler, network);
  network.kill("there", "power");
  await scheduler.runUntil(scheduler.nowMs + 1000);
  assert.deepEqual(client.seen, ["open"]);
  network.restart("there");
  await network.machine("there", { alive: true }).listen(ADDRESS, () => {});
  client.socket.send(Uint8Array.of(1));
  await scheduler.runUntil(scheduler.nowMs + 1000);
  assert.deepEqual(client.seen, ["open", "closed: reset"]);
});

test("loss is a break: both sides are told, and what arrived is a prefix", async () => {
  const { scheduler, network } = world(7);
  const { client, server } = await connected(scheduler, network);
  network.condition("here", "there", { breakRate: 0.05 });
  for (let index = 0; index < 200; index++) client.socket.send(Uint8Array.of(index));
  await scheduler.runUntil(scheduler.nowMs + 1000);
  assert.equal(network.counts.broken, 1);
  assert.equal(client.seen.at(-1), "closed: reset");
  assert.equal(server.seen.at(-1), "closed: reset");
  const arrived = server.seen.slice(1, -1);
  assert.deepEqual(
    arrived,
    arrived.map((_, index) => String(index)),
  );
});

test("drops, repeats and flipped bits happen inside a live socket when they are asked for", async () => {
  const { scheduler, network } = world(8);
  const { client, server } = await connected(scheduler, network);
  network.condition("here", "there", { dropRate: 0.2, duplicateRate: 0.2, corruptRate: 0.2 });
  for (let index = 0; index < 200; index++) client.socket.send(Uint8Array.of(1));
  await scheduler.runUntil(scheduler.nowMs + 1000);
  const { dropped, duplicated, corrupted } = network.counts;
  assert.ok(dropped > 10 && duplicated > 10 && corrupted > 10);
  assert.equal(server.seen.length - 1, 200 - dropped + duplicated);
  assert.equal(server.seen.filter((message) => message !== "1" && message !== "open").length, corrupted);
});

test("a message out of line is overtaken by later ones, and nothing is lost or repeated", async () => {
  const { scheduler, network } = world(12);
  const { client, server } = await connected(scheduler, network);
  network.condition("here", "there", { reorderRate: 0.1 });
  for (let index = 0; index < 200; index++) {
    client.socket.send(Uint8Array.of(index));
    await scheduler.runUntil(scheduler.nowMs + 1);
  }
  await scheduler.runUntil(scheduler.nowMs + 100);
  const came = server.seen.slice(1).map(Number);
  assert.deepEqual(
    came.toSorted((a, b) => a - b),
    Array.from({ length: 200 }, (_, index) => index),
  );
  // Who came after somebody that was sent later.
  const overtaken = came.filter((number, place) => came.slice(0, place).some((other) => other > number));
  assert.ok(overtaken.length > 5);
  assert.equal(network.counts.reordered, overtaken.length);
});

test("who steps out of line and meets nobody is late, and not counted as overtaken", async () => {
  const { scheduler, network } = world(13, { jitterMs: 0 });
  const { client, server } = await connected(scheduler, network);
  network.condition("here", "there", { reorderRate: 1 });
  const sentMs = scheduler.nowMs;
  client.socket.send(Uint8Array.of(1));
  await scheduler.runUntil(sentMs + 0.2);
  assert.deepEqual(server.seen, ["open"]);
  await scheduler.runUntil(sentMs + 20.2);
  assert.deepEqual(server.seen, ["open", "1"]);
  assert.equal(network.counts.reordered, 0);
});

test("a message out of line into a partition vanishes, and all that follows it", async () => {
  const { scheduler, network } = world(14);
  const { client, server } = await connected(scheduler, network);
  network.condition("here", "there", { reorderRate: 1 });
  client.socket.send(Uint8Array.of(1));
  network.partition("here", "there");
  network.heal();
  client.socket.send(Uint8Array.of(2));
  await scheduler.runUntil(scheduler.nowMs + 100);
  assert.deepEqual(server.seen, ["open"]);
  assert.equal(network.counts.vanished, 2);
});

test("what a slow or dead peer has not taken is seen in bufferedBytes", async () => {
  const { scheduler, network } = world(9, { bytesPerMs: 1000 });
  const { client } = await connected(scheduler, network);
  client.socket.send(new Uint8Array(1024 * 1024));
  assert.equal(client.socket.bufferedBytes, 768 * 1024);
  await scheduler.runUntil(scheduler.nowMs + 2000);
  assert.equal(client.socket.bufferedBytes, 0);
  network.partition("here", "there");
  client.socket.send(new Uint8Array(1024 * 1024));
  await scheduler.runUntil(scheduler.nowMs + 60_000);
  assert.equal(client.socket.bufferedBytes, 768 * 1024);
});

test("one seed gives one history", async () => {
  const history = async (seed: number): Promise<string[]> => {
    const { scheduler, network } = world(seed, { jitterMs: 50, breakRate: 0.01, duplicateRate: 0.1 });
    const { client, server } = await connected(scheduler, network);
    const times: string[] = [];
    for (let index = 0; index < 100; index++) {
      client.socket.send(Uint8Array.of(index));
      await scheduler.runUntil(scheduler.nowMs + 1);
      times.push(`${scheduler.steps}`);
    }
    await scheduler.runUntil(scheduler.nowMs + 1000);
    return [...times, ...server.seen, ...client.seen];
  };
  assert.deepEqual(await history(10), await history(10));
  assert.notDeepEqual(await history(10), await history(11));
});

function world(seed: number, conditions: Partial<Conditions> = {}) {
  const scheduler = new Scheduler();
  return { scheduler, network: new SimNetwork({ scheduler, random: seededRandom(seed), conditions }) };
}

async function connected(scheduler: Scheduler, network: SimNetwork) {
  const accepted: ReturnType<typeof watch>[] = [];
  await network.machine("there", { alive: true }).listen(ADDRESS, (socket) => {
    accepted.push(watch(socket));
  });
  const client = watch(network.machine("here", { alive: true }).connect(ADDRESS));
  await scheduler.runUntil(scheduler.nowMs + 500);
  const [server] = accepted;
  assert.ok(server);
  return { client, server };
}

function watch(socket: Socket): { socket: Socket; seen: string[] } {
  const seen: string[] = [];
  socket.handle({
    onOpen: () => seen.push("open"),
    onMessage: (bytes) => seen.push(String(bytes[0])),
    onClose: (reason) => seen.push(`closed: ${reason}`),
  });
  return { socket, seen };
}

function freeAddress(): Promise<string> {
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
