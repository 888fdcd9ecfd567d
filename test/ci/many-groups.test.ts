import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Command } from "../support/command.ts";
import { eventually, inParallel } from "../support/eventually.ts";
import { NodeClient } from "../support/http.ts";
import { freePortBase, portsOf } from "../support/ports.ts";
import { cpuSeconds, ownBytes, residentBytes } from "../support/processes.ts";
import { mib } from "./resources.ts";

const NODES = 3;
const GROUPS = Number(process.env.ISTHMUS_GROUPS ?? 1000);
const IDLE_MS = 20_000;
const WRITERS = 64;
/** The goals are 10% of one core and 5 s, on a machine that does nothing else: what is asserted is far from what is seen. */
const IDLE_SHARE_MAX = 0.5;
const TAKEN_OVER_MS_MAX = 30_000;

interface ServedNode {
  readonly id: string;
  readonly client: NodeClient;
  readonly process: Command;
}

const databases = Array.from({ length: GROUPS }, (_, index) => `db${String(index).padStart(4, "0")}`);

describe(`${GROUPS} databases on three nodes`, () => {
  const root = mkdtempSync(path.join(tmpdir(), "isthmus-groups-"));
  const nodes: ServedNode[] = [];

  before(async () => {
    const ports = portsOf(await freePortBase(1, NODES), 1, NODES);
    const config = path.join(root, "topology.yaml");
    writeFileSync(config, topology(ports));
    for (const [index, id] of ["n1", "n2", "n3"].entries())
      nodes.push({
        id,
        client: new NodeClient(`http://127.0.0.1:${ports[index]}`),
        process: new Command(["serve", "--config", config, "--node", id], { cwd: root }),
      });
  });

  after(async () => {
    for (const { client, process } of nodes) {
      client.close();
      if (process.running) process.child.kill("SIGKILL");
      await process.ended;
    }
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  it("start, come to rest, and cost next to nothing", { timeout: 400_000 }, async (t) => {
    const begunMs = performance.now();
    await Promise.all(nodes.map(({ process }) => process.says(/^ready: /m, 120_000)));
    t.diagnostic(`all three listen after ${since(begunMs)} s`);
    await eventually("every group is led", async () => ((await ledBy(nodes)) === GROUPS ? true : undefined), {
      withinMs: 120_000,
      everyMs: 500,
    });
    t.diagnostic(`every group is led after ${since(begunMs)} s`);

    // One node is to lead them all.
    const [first, ...others] = nodes;
    assert(first);
    for (const { id } of others)
      await first.client.json("PATCH", `/admin/v1/nodes/${id}`, { body: { draining: true } });
    await eventually("one node leads all", async () => ((await led(first)) === GROUPS ? true : undefined), {
      withinMs: 120_000,
      everyMs: 500,
    });
    for (const { id } of others)
      await first.client.json("PATCH", `/admin/v1/nodes/${id}`, { body: { draining: false } });
    const writtenMs = performance.now();
    await writeEverywhere([first], "before");
    t.diagnostic(`one write to each takes ${since(writtenMs)} s`);

    await eventually("all rest", async () => ((await isAllAtRest(nodes)) ? true : undefined), {
      withinMs: 120_000,
      everyMs: 1000,
    });
    t.diagnostic(
      `all rest, with their state in the checkpoint, ${since(writtenMs)} s after the first of these writes`,
    );
    const before = nodes.map(({ process }) => cpuSeconds(process.pid));
    await pause(IDLE_MS);
    const shares = nodes.map(
      ({ process }, index) => (cpuSeconds(process.pid) - (before[index] ?? 0)) / (IDLE_MS / 1000),
    );
    const share = shares.reduce((sum, each) => sum + each, 0);
    t.diagnostic(
      `idle: ${percent(share)} of one core for all three (${shares.map(percent).join(", ")}); ` +
        `memory ${nodes.map(({ process: { pid } }) => `${mib(residentBytes(pid))}, ${mib(ownBytes(pid))} its own`).join("; ")}`,
    );
    assert(share < IDLE_SHARE_MAX, `${percent(share)} of a core`);
  });

  it("take a write each soon after the node that leads them all was killed", {
    timeout: 200_000,
  }, async (t) => {
    const [first, ...others] = nodes;
    assert(first);
    t.diagnostic(`${first.id} leads ${await led(first)} groups`);
    const cpu = others.map(({ process }) => cpuSeconds(process.pid));
    const killedMs = performance.now();
    first.process.child.kill("SIGKILL");
    const tookMs = await writeEverywhere(others, "after", killedMs);
    tookMs.sort((a, b) => a - b);
    const spent = others.map(({ process }, index) => cpuSeconds(process.pid) - (cpu[index] ?? 0));
    const last = tookMs.at(-1) ?? 0;
    t.diagnostic(
      `the first of ${GROUPS} took a write ${seconds(tookMs[0] ?? 0)} s after the kill, half of them ${seconds(tookMs[GROUPS >> 1] ?? 0)} s, ` +
        `the last ${seconds(last)} s; the two that are left spent ${spent.map((each) => each.toFixed(1)).join(" and ")} s of a core`,
    );
    assert(last < TAKEN_OVER_MS_MAX, `the last took ${seconds(last)} s`);
  });

  it("cost little while one of the three is gone and nobody may rest", { timeout: 60_000 }, async (t) => {
    const others = nodes.slice(1);
    await pause(5_000);
    const before = others.map(({ process }) => cpuSeconds(process.pid));
    await pause(IDLE_MS / 2);
    const shares = others.map(
      ({ process }, index) => (cpuSeconds(process.pid) - (before[index] ?? 0)) / (IDLE_MS / 2000),
    );
    t.diagnostic(`awake: ${shares.map(percent).join(" and ")} of one core`);
  });
});

/** A write to each database, at one node after the other until it is taken. Gives when, from `begunMs` on. */
async function writeEverywhere(
  nodes: readonly ServedNode[],
  value: string,
  begunMs = performance.now(),
): Promise<number[]> {
  return await inParallel(databases, WRITERS, async (name) => {
    let turn = 0;
    await eventually(
      `${name} takes a write`,
      async () => {
        turn += 1;
        const node = nodes[turn % nodes.length];
        assert(node);
        const body = { labels: [], properties: { value } };
        await node.client.json("PUT", `/v1/${name}/nodes/one`, { body });
        return true;
      },
      { withinMs: 60_000, everyMs: 20 },
    );
    return performance.now() - begunMs;
  });
}

async function led({ client }: ServedNode): Promise<number> {
  const text = (await client.call("GET", "/metrics")).text;
  return text.match(/^isthmus_raft_leads\{group="db[^}]*\} 1$/gm)?.length ?? 0;
}

async function ledBy(nodes: readonly ServedNode[]): Promise<number> {
  const counts = await Promise.all(nodes.map(led));
  return counts.reduce((sum, each) => sum + each, 0);
}

/** Every group's clock stands on every node, and nothing waits for a checkpoint. */
async function isAllAtRest(nodes: readonly ServedNode[]): Promise<boolean> {
  for (const { client } of nodes) {
    const { text } = await client.call("GET", "/metrics");
    if (!/^isthmus_raft_groups_ticking 0$/m.test(text)) return false;
  }
  return true;
}

function topology(ports: readonly number[]): string {
  return [
    "version: 1",
    "cluster: many-groups",
    "databases:",
    ...databases.map((name) => `  - { name: ${name}, policy: multi_writer }`),
    "regions:",
    "  - id: local",
    "    priority: 1",
    "    nodes:",
    ...["n1", "n2", "n3"].flatMap((id, index) => [
      `      - { id: ${id}, api: "http://127.0.0.1:${ports[index]}", cluster: "ws://127.0.0.1:${ports[NODES + index]}", data: ${id} }`,
    ]),
    "",
  ].join("\n");
}

function since(ms: number): string {
  return seconds(performance.now() - ms);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
