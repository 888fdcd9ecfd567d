import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  checkedJoin,
  type JoinDocument,
  joinedConfig,
  type NodeConfig,
  nodeConfig,
  type RunningNode,
  readJoin,
  readTopologyFile,
  STANDALONE_NODE,
  standaloneTopology,
  startNode,
  type TopologyFile,
  writeJoin,
} from "@isthmus/node";
import { Command } from "commander";
import { ClusterClient } from "../cluster-client.ts";
import type { CommandResult, Context, Run } from "../context.ts";
import { parseEndpoints } from "../endpoints.ts";
import { CommandFailure, EXIT, failureText, systemCode, usage } from "../failure.ts";
import { print } from "../output.ts";

interface ServeOptions {
  readonly config?: string;
  readonly node?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly join?: string;
  readonly insecure?: boolean;
}

const DEFAULT_LISTEN = "127.0.0.1:7411";
const CLOSE_PATIENCE_MS = 15_000;
const DRAIN_MS = 4_000;

export function serveCommand(run: Run): Command {
  return new Command("serve")
    .description("run one node in the foreground, of a topology file or standing alone")
    .option("--config <file>", "topology file")
    .option("--node <id>", "which of its nodes this is")
    .option("--data <dir>", "data directory (with --config: instead of the file's)")
    .option("--join <endpoint>", "a running node that tells what to join (see `isthmus node add`)")
    .option("--listen <host:port>", `standing alone: where clients come (default ${DEFAULT_LISTEN})`)
    .option("--insecure", "take addresses off loopback although nothing is encrypted yet")
    .action((options: ServeOptions, command: Command) => run(command, (context) => serve(options, context)));
}

async function serve(options: ServeOptions, context: Context): CommandResult {
  const { terminal, parent } = context;
  const { config, dataDirectory } = await startingPoint(options, context);
  // Asked to end while it starts, it ends once it has started: closing is only defined for what runs.
  const asked = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => asked.resolve(signal));
  parent.onGone(() => process.exit(EXIT.failed));

  const onFatal = (error: unknown): void => {
    // What a node with a broken invariant would do next is not known: it does nothing more, not even close.
    terminal.err(`${failureText(error)}\n`);
    process.exit(EXIT.failed);
  };
  const node = await startNode(config, { dataDirectory, onFatal });
  await announce(node, config.node, context);
  // SIGTERM is for one node of several: it hands on what it leads, so that nobody waits for an election.
  const drainMs = (await asked.promise) === "SIGTERM" ? DRAIN_MS : 0;
  await closeInTime(node, config.node, drainMs);
  return EXIT.done;
}

/** A stop that hangs is ended: the log has all that was acknowledged, a checkpoint only makes the next start shorter. */
async function closeInTime(node: RunningNode, id: string, drainMs: number): Promise<void> {
  const message = `serve: ${id} did not close within ${CLOSE_PATIENCE_MS / 1_000} s and was ended; its log is whole`;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new CommandFailure(EXIT.failed, "not_closed", message)),
    CLOSE_PATIENCE_MS,
  );
  try {
    await Promise.race([node.close({ drainMs }), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function announce(node: RunningNode, id: string, { terminal, format }: Context): Promise<void> {
  const data = { node: id, api: node.api, cluster: node.clusterAddress };
  await print(terminal, format, data, () => `ready: ${id} api ${node.api}\n`);
}

interface StartingPoint {
  readonly config: NodeConfig;
  readonly dataDirectory: string;
}

async function startingPoint(options: ServeOptions, { terminal }: Context): Promise<StartingPoint> {
  const { config, node, data, listen, insecure = false } = options;
  const { env } = terminal;
  const overrides = data === undefined ? {} : { dataDirectory: data };
  if (node !== undefined || config !== undefined || options.join !== undefined) {
    if (listen !== undefined)
      throw usage(
        "serve: --listen is for standing alone; with --config the file or ISTHMUS__LISTEN__API says it",
      );
    if (node === undefined)
      throw usage(`serve: which node of ${config ?? "the cluster"} is this? add --node ID`);
    const file =
      config === undefined
        ? null
        : readTopologyFile(await readConfig(config), { file: config, env, insecure });
    const member = await memberOf(options, node, file);
    if (member !== null) return member;
    if (file === null)
      throw usage("serve: --node names a node of a topology file; add --config FILE, or --join ENDPOINT");
    return nodeConfig(file, node, overrides);
  }
  if (data === undefined) throw usage("serve: add --config FILE --node ID, or --data DIR to stand alone");
  const file = standaloneTopology({ dataDirectory: data, listen: listen ?? DEFAULT_LISTEN, env, insecure });
  return nodeConfig(file, STANDALONE_NODE, overrides);
}

/**
 * A node that came after the founding: it goes by what the cluster told it, now or when it joined. Null for one that goes
 * by its file.
 */
async function memberOf(
  options: ServeOptions,
  node: string,
  file: TopologyFile | null,
): Promise<StartingPoint | null> {
  const { data, join, insecure = false } = options;
  const inFile = file?.dataDirectory ?? [...(file?.dataDirectories ?? [])].find(([id]) => id === node)?.[1];
  const directory = data ?? inFile;
  if (directory === undefined) {
    if (join === undefined) return null;
    throw usage(`serve: the file does not say where ${node} keeps its data; add --data DIR`);
  }
  const dataDirectory = path.resolve(directory);
  const document = join === undefined ? readJoin(dataDirectory) : await askToJoin(join);
  if (document === null) return null;
  const config = joinedConfig(document, node, {
    limits: file?.limits ?? {},
    insecure,
    inFile: file?.topology ?? null,
  });
  if (join !== undefined) writeJoin(dataDirectory, document);
  return { config, dataDirectory };
}

async function askToJoin(endpoints: string): Promise<JoinDocument> {
  const client = new ClusterClient({ urls: parseEndpoints(endpoints, "--join"), from: "--join" });
  try {
    return checkedJoin(await client.json({ method: "GET", path: "/admin/v1/topology" }));
  } finally {
    client.close();
  }
}

export async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = systemCode(cause);
    if (code === null) throw cause;
    const why = code === "ENOENT" ? "there is no such file" : code;
    throw new CommandFailure(
      EXIT.usage,
      "no_config",
      `${file} cannot be read: ${why}; name a topology file`,
      {
        cause,
      },
    );
  }
}
