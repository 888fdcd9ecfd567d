import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Cluster, MAIN, replicasOf } from "../support/cluster.ts";
import { Command } from "../support/command.ts";
import { eventually, within } from "../support/eventually.ts";
import { NodeClient } from "../support/http.ts";
import { freePortBase, portsOf } from "../support/ports.ts";
import { cpuSeconds } from "../support/processes.ts";
import { type Measured, quantile, type Target } from "./generator.ts";

/** Three servers that run, and what to send to the one that leads. */
export interface System extends Target {
  readonly leaderPid: number;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const KEYS = 10_000;
export const VALUE_BYTES = 256;
const MEMBERS = 3;
const START_MS = 30_000;

/** A region of three nodes. With `profileInto` each leaves a CPU profile there when it ends. */
export async function startIsthmus(profileInto?: string): Promise<System> {
  const root = temporary();
  const apis = portsOf(await freePortBase(1, MEMBERS), 1, MEMBERS).slice(0, MEMBERS);
  const topology = path.join(root, "topology.json");
  writeFileSync(topology, JSON.stringify(topologyOf(apis)));
  const env = profileInto === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileInto}` };
  const nodes = apis.map(
    (_, index) =>
      new Command(["serve", "--config", topology, "--node", `local-${index + 1}`], { cwd: root, env }),
  );
  const stop = async (): Promise<void> => {
    for (const node of nodes) if (node.running) node.child.kill("SIGTERM");
    await allEnd(nodes.map(({ child, ended }) => ({ child, ended })));
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await Promise.all(nodes.map((node) => node.says(/^ready: /m, START_MS)));
    const leader = await isthmusLeader(apis);
    return {
      port: apis[leader] ?? 0,
      requests: requestsOf((key, value) => {
        const body = JSON.stringify({ properties: { value } });
        return { method: "PUT", path: `/v1/main/nodes/${key}`, body };
      }),
      leaderPid: nodes[leader]?.pid ?? 0,
      pids: nodes.map(({ pid }) => pid),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function topologyOf(apis: readonly number[]): object {
  const nodes = apis.map((port, index) => ({
    id: `local-${index + 1}`,
    api: `http://127.0.0.1:${port}`,
    cluster: `ws://127.0.0.1:${port + 100}`,
    data: `local-${index + 1}`,
  }));
  return {
    version: 1,
    cluster: "bench",
    databases: [{ name: "main", policy: "multi_writer", sync: { mode: "async" } }],
    regions: [{ id: "local", priority: 1, nodes }],
  };
}

async function isthmusLeader(apis: readonly number[]): Promise<number> {
  const client = new NodeClient(`http://127.0.0.1:${apis[0]}`);
  try {
    return await eventually(
      "the region has a leader",
      async () => {
        const cluster = (await client.json("GET", "/admin/v1/cluster")) as Cluster;
        const leader = replicasOf(cluster, MAIN).find(({ role }) => role === "leader");
        return leader === undefined ? undefined : Number(leader.node.replace("local-", "")) - 1;
      },
      { withinMs: START_MS },
    );
  } finally {
    client.close();
  }
}

/** Three members of etcd with its own defaults; writes go through the HTTP gateway of its leader. */
export async function startEtcd(): Promise<System> {
  const root = temporary();
  const ports = portsOf(await freePortBase(1, MEMBERS), 1, MEMBERS);
  const clients = ports.slice(0, MEMBERS);
  const peers = ports.slice(MEMBERS);
  const cluster = peers.map((port, index) => `m${index + 1}=http://127.0.0.1:${port}`).join(",");
  const members = clients.map((client, index) => {
    const here = `http://127.0.0.1:${client}`;
    const peer = `http://127.0.0.1:${peers[index] ?? 0}`;
    const flags = [
      ["name", `m${index + 1}`],
      ["data-dir", path.join(root, `m${index + 1}`)],
      ["listen-client-urls", here],
      ["advertise-client-urls", here],
      ["listen-peer-urls", peer],
      ["initial-advertise-peer-urls", peer],
      ["initial-cluster", cluster],
      ["logger", "zap"],
      ["log-level", "error"],
    ];
    const child = spawn(
      "etcd",
      flags.map(([name, value]) => `--${name}=${value}`),
      { stdio: "ignore" },
    );
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    return { child, ended };
  });
  const stop = async (): Promise<void> => {
    for (const { child } of members) child.kill("SIGTERM");
    await allEnd(members);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const leader = await etcdLeader(clients);
    return {
      port: clients[leader] ?? 0,
      requests: requestsOf((key, value) => {
        const body = JSON.stringify({ key: base64(key), value: base64(value) });
        return { method: "POST", path: "/v3/kv/put", body };
      }),
      leaderPid: members[leader]?.child.pid ?? 0,
      pids: members.map(({ child }) => child.pid ?? 0),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function etcdLeader(ports: readonly number[]): Promise<number> {
  return await eventually(
    "etcd has a leader",
    async () => {
      const leads = await Promise.all(ports.map(etcdLeads));
      const index = leads.indexOf(true);
      return index < 0 ? undefined : index;
    },
    { withinMs: START_MS },
  );
}

async function etcdLeads(port: number): Promise<boolean> {
  const client = new NodeClient(`http://127.0.0.1:${port}`);
  try {
    const status = (await client.json("POST", "/v3/maintenance/status", { body: {} })) as {
      readonly leader?: string;
      readonly header: { readonly member_id: string };
    };
    return status.leader === status.header.member_id;
  } finally {
    client.close();
  }
}

/**
 * What a log alone would take: `inFlight` values in one write, then fdatasync, by this process, on the file system that
 * the others use.
 */
export function bareLoop(inFlight: number, measureMs: number): Measured {
  const root = temporary();
  const block = Buffer.alloc(inFlight * VALUE_BYTES, "v");
  const file = openSync(path.join(root, "log"), "w");
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const begunMs = performance.now();
  try {
    for (let now = begunMs; now - begunMs < measureMs; ) {
      writeSync(file, block);
      fdatasyncSync(file);
      const done = performance.now();
      times.push(done - now);
      now = done;
    }
    const seconds = (performance.now() - begunMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const sorted = Float64Array.from(times).sort();
    return {
      answered: sorted.length * inFlight,
      refused: 0,
      seconds,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      serverCpuSeconds: (user + system) / 1e6,
      clientCpuSeconds: 0,
    };
  } finally {
    closeSync(file);
    rmSync(root, { recursive: true, force: true });
  }
}

export function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}

function requestsOf(
  of: (key: string, value: string) => { method: string; path: string; body: string },
): Buffer[] {
  return Array.from({ length: KEYS }, (_, index) => {
    // The keys one after the other would be kinder to both trees than clients are.
    const key = `key-${String((index * 7919) % KEYS).padStart(5, "0")}`;
    const { method, path: target, body } = of(key, key.padEnd(VALUE_BYTES, "v"));
    const head = [
      `${method} ${target} HTTP/1.1`,
      "Host: 127.0.0.1",
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function temporary(): string {
  return mkdtempSync(path.join(tmpdir(), "isthmus-bench-"));
}

async function allEnd(
  processes: readonly { readonly child: ChildProcess; readonly ended: Promise<unknown> }[],
): Promise<void> {
  try {
    await within(START_MS, "the servers end", Promise.all(processes.map(({ ended }) => ended)));
  } finally {
    for (const { child } of processes)
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  }
}
