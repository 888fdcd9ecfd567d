import path from "node:path";
import type { TopologyFile } from "@isthmus/node";
import type { CommandResult, Context } from "../context.ts";
import { CommandFailure, EXIT } from "../failure.ts";
import { exchange, keepAliveAgent } from "../http.ts";
import { print, tableText } from "../output.ts";
import { DEV_FILE, type DevFile, removeDevFile, writeDevFile } from "./dev-file.ts";
import { NodeProcess } from "./node-process.ts";
import { type PlatformNode, platformNodes } from "./platform.ts";

export interface PlatformOptions {
  readonly context: Context;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** The topology file, and what it says. */
  readonly topology: string;
  readonly file: TopologyFile;
}

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 100;
const PROBE_TIMEOUT_MS = 2_000;
/** A node that was stopped, or hangs, is not waited for longer than this. */
const STOP_PATIENCE_MS = 5_000;

/** Starts every node, tells where they are, and stops them when asked to. Whatever happens, no node outlives it. */
export async function runPlatform(options: PlatformOptions): CommandResult {
  const { context } = options;
  const { terminal } = context;
  const stop = stopRequest(context);
  const planned = platformNodes(options.file);
  const running = planned.map(
    ({ node }) =>
      new NodeProcess({
        node,
        topology: options.topology,
        entry: context.entry,
        env: options.env,
        onMessage: (line) => terminal.err(`${node}: ${line}\n`),
      }),
  );
  const devFiles = [path.join(options.home, "dev.json"), path.join(terminal.cwd, DEV_FILE)];
  try {
    if (!(await allReady(planned, running, stop))) return EXIT.done;
    for (const node of running)
      void node.ended.then((how) => {
        if (!stop.aborted)
          terminal.err(`isthmus: ${node.node} ${how}; ${restartAdvice(options.topology, node.node)}\n`);
      });
    const content = devFile(options, planned, running);
    for (const file of devFiles) await writeDevFile(file, content);
    await announce(context, content);
    await untilStopped(stop);
    return EXIT.done;
  } finally {
    await Promise.all(running.map((node) => node.stop(STOP_PATIENCE_MS)));
    for (const file of devFiles) await removeDevFile(file, process.pid);
  }
}

/** Aborted by the first signal to end, or when the parent has died. Later ones change nothing: stopping is bounded. */
function stopRequest({ parent }: Context): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort());
  parent.onGone(() => controller.abort());
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

async function untilStopped(stop: AbortSignal): Promise<void> {
  // Signal handlers do not keep a process alive, and the nodes may all have been killed by hand: this does.
  const alive = setInterval(() => undefined, 2 ** 30);
  await aborted(stop);
  clearInterval(alive);
}

/** True once every node says that it is ready; false if asked to stop before. Throws when a node ends or none comes. */
async function allReady(
  planned: readonly PlatformNode[],
  running: readonly NodeProcess[],
  stop: AbortSignal,
): Promise<boolean> {
  const agent = keepAliveAgent();
  const over = new AbortController();
  const lost = Promise.race(
    running.map(async (node): Promise<never> => {
      const how = await node.ended;
      const message = `dev: ${node.node} ${how} before it was ready; what it said stands above`;
      throw new CommandFailure(EXIT.failed, "not_started", message);
    }),
  );
  const ready = Promise.all(planned.map((node) => untilReady(node, agent, over.signal)));
  // Only the first of these is awaited; how the others end is no news then.
  lost.catch(() => undefined);
  ready.catch(() => undefined);
  try {
    return await Promise.race([ready.then(() => true), lost, aborted(stop).then(() => false)]);
  } finally {
    over.abort();
    agent.destroy();
  }
}

async function untilReady(
  { node, api }: PlatformNode,
  agent: ReturnType<typeof keepAliveAgent>,
  over: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let why = "it does not answer";
  while (performance.now() < deadline) {
    if (over.aborted) return;
    try {
      const { status, body } = await exchange(
        api,
        { method: "GET", path: "/readyz" },
        { agent, timeoutMs: PROBE_TIMEOUT_MS },
      );
      if (status === 200) return;
      why = `it answers ${status}: ${body.toString("utf8").slice(0, 300)}`;
    } catch (error) {
      // Not listening yet: the usual answer of a process that starts.
      why = error instanceof Error ? error.message : String(error);
    }
    await pause(READY_POLL_MS);
  }
  const message = `dev: ${node} is not ready after ${READY_TIMEOUT_MS / 1_000} s: ${why}`;
  throw new CommandFailure(EXIT.failed, "not_started", message);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function devFile(
  { home, topology, file }: PlatformOptions,
  planned: readonly PlatformNode[],
  running: readonly NodeProcess[],
): DevFile {
  return {
    cluster: file.topology.cluster,
    data: home,
    pid: process.pid,
    topology,
    nodes: planned.map(({ region, node, api, cluster, dir }, index) => ({
      region,
      node,
      pid: running[index]?.pid ?? 0,
      api,
      cluster,
      dir,
    })),
    dashboard: null,
  };
}

async function announce({ terminal, format }: Context, content: DevFile): Promise<void> {
  await print(terminal, format, content, (paint) => {
    const rows = content.nodes.map(({ region, node, api, cluster, pid, dir }) => [
      region,
      node,
      api,
      cluster,
      String(pid),
      dir,
    ]);
    const regions = new Set(content.nodes.map(({ region }) => region)).size;
    const table = tableText({ head: ["REGION", "NODE", "API", "CLUSTER", "PID", "DATA"], rows }, paint);
    return `${table}
cluster   ${content.cluster}: ${regions} regions, ${content.nodes.length} nodes
data      ${content.data}
topology  ${content.topology}
described ${DEV_FILE}
try       isthmus put alice --label Person --set age=42   then   isthmus get alice
stop      Ctrl-C
ready
`;
  });
}

function restartAdvice(topology: string, node: string): string {
  return `start it again with: isthmus serve --config ${quoted(topology)} --node ${node}`;
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
