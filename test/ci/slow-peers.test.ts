import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, beforeEach, describe, it, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Command } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { NodeClient, nodePath } from "../support/http.ts";
import { Platform, type PlatformNode } from "../support/platform.ts";
import { freePortBase, portsOf } from "../support/ports.ts";
import { processesNaming, residentBytes } from "../support/processes.ts";
import { Pump } from "./pump.ts";
import { MemoryWatch, MIB, mib } from "./resources.ts";

const VALUE_BYTES = 64 * 1024;
const KEYS = 100;
const BYTES_PER_SECOND = 8 * MIB;
const WARM_MS = 10_000;
const SLOW_MS = 20_000;
/** So much must pass while a peer is slow: more than what may be kept for it, or the bound would say nothing. */
const PASSED_MIN = 256 * MIB;
/** What a node may grow by: buffers of one peer (32 MiB), the log's cache (32 MiB), the overlay, the collector's slack. */
const GROWTH_MAX = 192 * MIB;

const SLOW_CLIENTS = 4;
const PIPELINED = 200;
/** Of 3.1 GiB that they ask for. */
const SLOW_CLIENT_GROWTH_MAX = 512 * MIB;

describe("memory, when somebody is slow", () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
  });
  beforeEach(() => platform.heal());
  after(() => platform?.close());

  it("a follower that is stopped costs its leader bounded memory", async (t) => {
    const leader = await platform.leader("us-east");
    const follower = platform.inRegion("us-east").find((node) => node !== leader);
    assert(follower);
    await underSlowness(t, platform, { slow: follower, watched: leader, targets: [leader] });
  });

  it("a remote region whose leader is stopped costs the sender bounded memory", async (t) => {
    const leader = await platform.leader("us-east");
    const remote = await platform.leader("eu-west");
    await underSlowness(t, platform, { slow: remote, watched: leader, targets: [leader] });
  });

  it("a client that asks for much and takes nothing costs bounded memory, and others are served", async (t) => {
    const node = await platform.leader("us-east");
    const before = residentBytes(node.pid);
    const memory = new MemoryWatch([node], 50);
    const port = Number(new URL(node.client.api).port);
    const clients: Socket[] = [];
    try {
      for (let client = 0; client < SLOW_CLIENTS; client++) clients.push(await askAndNotRead(port));
      await eventually("the node has begun to answer", () => memory.peak(node) > before + MIB || undefined, {
        withinMs: 10_000,
      });
      // Others are served meanwhile; each of these is also a turn of the node in which it goes on with the slow ones.
      for (let write = 0; write < 200; write++) {
        await eventually("another client is served", () => node.client.putNode("meanwhile", { write }), {
          withinMs: 10_000,
        });
        await pause(10);
      }
      const peak = memory.peak(node);
      t.diagnostic(
        `${SLOW_CLIENTS} clients asked for ${SLOW_CLIENTS * PIPELINED} pages of 4 MiB: ` +
          `${node.id} had ${mib(before)} before, ${mib(peak)} at most`,
      );
      assert(peak - before < SLOW_CLIENT_GROWTH_MAX, `${node.id} grew by ${mib(peak - before)}`);
    } finally {
      memory.close();
      for (const socket of clients) socket.destroy();
    }
    await eventually(
      "nothing is in flight any more",
      async () => {
        const { text } = await node.client.call("GET", "/metrics");
        return /^isthmus_api_inflight(?:\{.*\})? 0$/m.test(text) ? true : undefined;
      },
      { withinMs: 10_000 },
    );
    t.diagnostic(`${node.id} has ${mib(residentBytes(node.pid))} after they are gone`);
  });
});

/** The node's limit, and how many ask at once. */
const INFLIGHT = 64;
const AT_ONCE = 1_000;

describe("more writes at once than a node takes", () => {
  let root: string;
  let dev: Command;
  let client: NodeClient;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
    const config = path.join(root, "one-region.json");
    const ports = portsOf(await freePortBase(1, 3), 1, 3);
    writeFileSync(config, JSON.stringify(oneRegion(ports)));
    dev = new Command(["dev", "--config", config, "--data", path.join(root, "data")], { cwd: root });
    await dev.says(/^ready$/m, 60_000);
    client = new NodeClient(`http://127.0.0.1:${ports[0]}`);
    await eventually("writes are taken", () => client.putNode("first", {}), { withinMs: 20_000 });
  });
  after(async () => {
    agent.destroy();
    client?.close();
    dev?.child.kill("SIGTERM");
    await dev?.ended;
    assert.deepEqual(processesNaming(root), []);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  it("those beyond the limit are told so early, with Retry-After, the rest succeed, and then all do", async (t) => {
    const waiting = new Set(Array.from({ length: AT_ONCE }, (_, number) => number));
    for (let wave = 1; waiting.size > 0; wave++) {
      assert(wave <= AT_ONCE, "each wave takes some");
      const results = await Promise.all([...waiting].map((number) => putOnce(agent, client.api, number)));
      const done = results.filter(({ status }) => status === 200);
      const refused = results.filter(({ status }) => status !== 200);
      assert(done.length > 0, "those within the limit succeed");
      for (const { status, code, retryAfter } of refused) {
        assert.deepEqual({ status, code }, { status: 503, code: "overloaded" });
        assert.match(retryAfter ?? "", /^[0-9]+$/);
      }
      if (wave === 1) {
        assert(refused.length > 0, `${AT_ONCE} at once are more than ${INFLIGHT}`);
        t.diagnostic(
          `of ${AT_ONCE} at once at a limit of ${INFLIGHT}: ${done.length} done, after ${medianMs(done)} ms; ` +
            `${refused.length} refused, after ${medianMs(refused)} ms (medians)`,
        );
      }
      for (const { number } of done) waiting.delete(number);
    }
    const records = await client.everything();
    for (let number = 0; number < AT_ONCE; number++)
      assert.equal(records.get(`node:crowd-${number}`)?.properties.number, number);
  });
});

interface Put {
  readonly number: number;
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | undefined;
  readonly ms: number;
}

function putOnce(agent: Agent, api: string, number: number): Promise<Put> {
  const begunMs = performance.now();
  const body = JSON.stringify({ properties: { number } });
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${api}${nodePath(`crowd-${number}`)}`,
      {
        method: "PUT",
        agent,
        headers: { "content-type": "application/json", "content-length": body.length },
      },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        incoming.on("error", reject).on("end", () => {
          const { code = "" } = JSON.parse(text) as { readonly code?: string };
          const { statusCode: status = 0, headers } = incoming;
          resolve({
            number,
            status,
            code,
            retryAfter: headers["retry-after"],
            ms: performance.now() - begunMs,
          });
        });
      },
    );
    outgoing.on("error", reject).end(body);
  });
}

function medianMs(puts: readonly Put[]): number {
  const sorted = puts.map(({ ms }) => ms).sort((a, b) => a - b);
  return Math.round(sorted[sorted.length >> 1] ?? 0);
}

function oneRegion(ports: readonly number[]): object {
  const nodes = [0, 1, 2].map((index) => ({
    id: `local-${index + 1}`,
    api: `http://127.0.0.1:${ports[index]}`,
    cluster: `ws://127.0.0.1:${ports[index + 3]}`,
    data: `local-${index + 1}`,
  }));
  return {
    version: 1,
    cluster: "crowd",
    databases: [{ name: "main", policy: "multi_writer", sync: { mode: "async" } }],
    limits: { inflight: INFLIGHT },
    regions: [{ id: "local", priority: 1, nodes }],
  };
}

/** Writes pass while a node is stopped; what the watched one grows by is bounded, and all agree afterwards. */
async function underSlowness(
  t: TestContext,
  platform: Platform,
  who: {
    readonly slow: PlatformNode;
    readonly watched: PlatformNode;
    readonly targets: readonly PlatformNode[];
  },
): Promise<void> {
  const { slow, watched, targets } = who;
  const memory = new MemoryWatch(platform.nodes);
  const pump = new Pump({
    prefix: "slow",
    targets: targets.map(({ client }) => client),
    valueBytes: VALUE_BYTES,
    keys: KEYS,
    bytesPerSecond: BYTES_PER_SECOND,
  });
  try {
    await pause(WARM_MS);
    const warmPeak = memory.peak(watched);
    const before = pump.acknowledgedBytes;
    memory.reset();
    platform.freeze(slow);
    await pause(SLOW_MS);
    await eventually(
      "enough has passed",
      () => (pump.acknowledgedBytes - before >= PASSED_MIN ? true : undefined),
      { withinMs: 180_000 },
    );
    const slowPeak = memory.peak(watched);
    const passed = pump.acknowledgedBytes - before;
    platform.thaw(slow);
    await pump.stop();
    memory.reset();
    const begunMs = performance.now();
    await platform.quiet();
    const quietMs = Math.round(performance.now() - begunMs);
    t.diagnostic(
      `${watched.id} had at most ${mib(warmPeak)} before, ${mib(slowPeak)} while ${slow.id} was stopped and ` +
        `${mib(passed)} passed, ${mib(memory.peak(watched))} while it caught up, ` +
        `${mib(residentBytes(watched.pid))} after; all agree ${quietMs} ms after the last write; ${slow.id} had at ` +
        `most ${mib(memory.peak(slow))} while it caught up; ${pump.refused} writes were refused`,
    );
    assert(slowPeak - warmPeak < GROWTH_MAX, `${watched.id} grew by ${mib(slowPeak - warmPeak)}`);
  } finally {
    memory.close();
    await pump.stop();
  }
}

/** Many requests in one piece, and never a look at the answers. */
function askAndNotRead(port: number): Promise<Socket> {
  const one = "GET /v1/main/export?limit=1000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.pause();
    socket.once("error", reject);
    socket.write(one.repeat(PIPELINED), () => {
      socket.removeListener("error", reject);
      // The node may end it: that is an answer, too.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
