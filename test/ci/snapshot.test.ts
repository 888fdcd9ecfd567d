import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { eventually, inParallel } from "../support/eventually.ts";
import { Load } from "../support/load.ts";
import { assertNothingLost } from "../support/nothing-lost.ts";
import { Platform, type PlatformNode } from "../support/platform.ts";
import { ownBytes } from "../support/processes.ts";
import { MemoryWatch, MIB, mib } from "./resources.ts";

/** ISTHMUS_SNAPSHOT_RECORDS=1000000 is what the project is measured by; CI takes a tenth. */
const RECORDS = Number(process.env.ISTHMUS_SNAPSHOT_RECORDS ?? 100_000);
const RECORD_TEXT = "x".repeat(200);
const BATCH = 500;
const RATE = 500;
const REGION = "us-east";
/** At what share of the snapshot who is killed. */
const KILLS = [
  [0.15, "receiver"],
  [0.35, "source"],
  [0.55, "receiver"],
  [0.75, "source"],
] as const;
const SLICE_MS = 30;
/** Beyond what a node holds anyway under this load: a window, transactions on their way, and the collector's slack. */
const OWN_MAX = 512 * MIB;
const WITHIN_MS = 100_000 + RECORDS / 2;

describe(`a snapshot of ${RECORDS} records to a new node, under ${RATE} writes/s`, () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start({
      flags: ["--regions", REGION, "--nodes", "3"],
      // So that there is no log to catch up by.
      env: { ISTHMUS__LIMITS__LOG_KEEP: "8MiB" },
    });
  });
  after(() => platform?.close());

  it("goes on where it was, whichever side is killed on the way, twice each; nothing is lost", async (t) => {
    const founding = [...platform.nodes];
    await fill(founding);
    await eventually(
      "the log is compacted",
      async () =>
        (await metric(founding, "isthmus_raft_compactions_total")) >= founding.length ? true : undefined,
      { withinMs: 60_000 },
    );
    const load = new Load({ prefix: "w", perSecond: RATE, targets: founding, idempotent: true, goOn: true });
    const held = new Map(founding.map(({ id, pid }) => [id, ownBytes(pid)]));
    const begunMs = performance.now();
    const fresh = await platform.join(`${REGION}-4`, REGION, portBehind(founding));
    platform.freeze(fresh);
    const memory = new MemoryWatch(platform.nodes);
    const own = new MemoryWatch(platform.nodes, 500, ownBytes);
    const transfer = new Transfer(founding);
    let kills = 0;
    try {
      for (const [share, whom] of KILLS) {
        // The receiver goes on for moments at a time, so that neither is too quick to be met on the way.
        for (; transfer.share < share; await transfer.look()) {
          platform.thaw(fresh);
          await pause(SLICE_MS);
          platform.freeze(fresh);
        }
        assert(transfer.share < 1, `${whom} is killed on the way`);
        const victim = whom === "receiver" ? fresh : transfer.source;
        t.diagnostic(`${Math.round(transfer.share * 100)} %: kill -9 ${victim.id} (${whom})`);
        await platform.kill(victim);
        kills += 1;
        if (victim !== fresh) await platform.restart(victim);
        else {
          await platform.rejoin(fresh);
          platform.freeze(fresh);
        }
        await transfer.look();
      }
      platform.thaw(fresh);
      await eventually(
        "the new node has the snapshot",
        async () => ((await metric([fresh], "isthmus_snapshot_installs_total")) > 0 ? true : undefined),
        { withinMs: WITHIN_MS },
      );
      await transfer.look();
      const tookMs = Math.round(performance.now() - begunMs);
      const { size } = transfer;
      t.diagnostic(`${mib(size)} of ${RECORDS} records were there ${tookMs} ms after the node was added`);
      t.diagnostic(`${Math.round(transfer.sentAgain / 1024)} KiB of it were sent again, with ${kills} kills`);
      assert(transfer.sent < size * 1.5, "a kill does not begin it anew");
      await eventually(
        "it votes",
        async () => {
          const { regions } = await platform.cluster(fresh);
          const group = regions[0]?.nodes
            .find(({ id }) => id === fresh.id)
            ?.groups.find(({ group }) => group === "main/0");
          return group?.role === "follower" || group?.role === "leader" ? true : undefined;
        },
        { withinMs: 60_000 },
      );
    } finally {
      await load.stop();
      memory.close();
      own.close();
    }
    for (const node of platform.nodes) {
      t.diagnostic(
        `${node.id}: at most ${mib(own.peak(node))} of its own memory, ${mib(held.get(node.id) ?? 0)} before the ` +
          `snapshot; ${mib(memory.peak(node))} with the pages of its store`,
      );
      // What an import leaves in the heap is not the snapshot's.
      const grown = own.peak(node) - (held.get(node.id) ?? 0);
      assert(grown < OWN_MAX, `${node.id} had ${mib(grown)} more than before`);
    }
    const { digest } = await platform.quiet();
    t.diagnostic(`digests equal (${digest}); ${load.summary()}`);
    await assertNothingLost(platform, load.acknowledged);
  });
});

/** The next in the row that `dev` takes its ports from. */
function portBehind(nodes: readonly PlatformNode[]): number {
  return 1 + Math.max(...nodes.map(({ client }) => Number(new URL(client.api).port)));
}

async function fill(nodes: readonly PlatformNode[]): Promise<void> {
  const batches = Array.from({ length: RECORDS / BATCH }, (_, at) => at);
  await inParallel(batches, 8, async (at) => {
    const operations = Array.from({ length: BATCH }, (_, each) => ({
      op: "put_node",
      id: `record-${at * BATCH + each}`,
      labels: ["Record"],
      properties: { number: at * BATCH + each, text: RECORD_TEXT },
    }));
    const node = nodes[at % nodes.length] as PlatformNode;
    await eventually(
      "a batch is taken",
      async () => {
        const headers = { "idempotency-key": `batch-${at}` };
        const answer = await node.client.call("POST", "/v1/main/batch", { body: { operations }, headers });
        return answer.status === 200 ? true : undefined;
      },
      { withinMs: 60_000 },
    );
  });
}

/** What the nodes' own counters say of a snapshot on its way, added up over their lives. */
class Transfer {
  readonly #nodes: readonly PlatformNode[];
  /** Of each life of each node, as last seen. */
  readonly #seen = new Map<string, Map<string, number>>();
  source: PlatformNode;

  constructor(nodes: readonly PlatformNode[]) {
    this.#nodes = nodes;
    this.source = nodes[0] as PlatformNode;
  }

  async look(): Promise<void> {
    for (const node of this.#nodes) {
      const before = this.#of(node).get("isthmus_snapshot_sent_bytes_total") ?? 0;
      const now = await metricsOf(node);
      if (now === null) continue;
      if ((now.get("isthmus_snapshot_sent_bytes_total") ?? 0) > before) this.source = node;
      this.#seen.set(`${node.id} ${node.pid}`, now);
    }
  }

  get sent(): number {
    return this.#sum("isthmus_snapshot_sent_bytes_total");
  }

  /** As the source knows: a life of it counts from where it began. */
  get sentAgain(): number {
    return this.#sum("isthmus_snapshot_sent_again_bytes_total");
  }

  /** Of the largest snapshot that was cut: the one that was sent. */
  get size(): number {
    return Math.max(
      0,
      ...[...this.#seen.values()].map((life) => life.get("isthmus_snapshot_offered_bytes") ?? 0),
    );
  }

  /** How much of it was sent, what was sent again included. */
  get share(): number {
    return this.size === 0 ? 0 : this.sent / this.size;
  }

  #of(node: PlatformNode): Map<string, number> {
    return this.#seen.get(`${node.id} ${node.pid}`) ?? new Map();
  }

  #sum(name: string): number {
    return [...this.#seen.values()].reduce((sum, life) => sum + (life.get(name) ?? 0), 0);
  }
}

async function metric(nodes: readonly PlatformNode[], name: string): Promise<number> {
  const all = await Promise.all(nodes.map(metricsOf));
  return all.reduce((sum, each) => sum + (each?.get(name) ?? 0), 0);
}

/** The samples of one node, over all labels; null when it does not answer. */
async function metricsOf(node: PlatformNode): Promise<Map<string, number> | null> {
  const answer = await node.client.call("GET", "/metrics", { timeoutMs: 2_000 }).catch(() => null);
  if (answer === null) return null;
  const samples = new Map<string, number>();
  for (const [, name, value] of String(answer.text).matchAll(/^(\w+)(?:\{[^}]*\})? ([0-9.e+-]+)$/gm))
    samples.set(name as string, (samples.get(name as string) ?? 0) + Number(value));
  return samples;
}
