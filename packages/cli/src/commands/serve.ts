import { readFile } from "node:fs/promises";
import {
  nodeConfig,
  type RunningNode,
  readTopologyFile,
  STANDALONE_NODE,
  standaloneTopology,
  startNode,
} from "@isthmus/node";
import { Command } from "commander";
import type { CommandResult, Context, Run } from "../context.ts";
import { CommandFailure, EXIT, failureText, systemCode, usage } from "../failure.ts";
import { print } from "../output.ts";

interface ServeOptions {
  readonly config?: string;
  readonly node?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly insecure?: boolean;
}

const DEFAULT_LISTEN = "127.0.0.1:7411";
const CLOSE_PATIENCE_MS = 10_000;

export function serveCommand(run: Run): Command {
  return new Command("serve")
    .description("run one node in the foreground, of a topology file or standing alone")
    .option("--config <file>", "topology file")
    .option("--node <id>", "which of its nodes this is")
    .option("--data <dir>", "data directory (with --config: instead of the file's)")
    .option("--listen <host:port>", `standing alone: where clients come (default ${DEFAULT_LISTEN})`)
    .option("--insecure", "take addresses off loopback although nothing is encrypted yet")
    .action((options: ServeOptions, command: Command) => run(command, (context) => serve(options, context)));
}

async function serve(options: ServeOptions, context: Context): CommandResult {
  const { terminal, parent } = context;
  const { config, dataDirectory } = await startingPoint(options, context);
  // Asked to end while it starts, it ends once it has started: closing is only defined for what runs.
  const asked = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => asked.resolve());
  parent.onGone(() => process.exit(EXIT.failed));

  const onFatal = (error: unknown): void => {
    // What a node with a broken invariant would do next is not known: it does nothing more, not even close.
    terminal.err(`${failureText(error)}\n`);
    process.exit(EXIT.failed);
  };
  const node = await startNode(config, { dataDirectory, onFatal });
  await announce(node, config.node, context);
  await asked.promise;
  await closeInTime(node, config.node);
  return EXIT.done;
}

/** A stop that hangs is ended: the log has all that was acknowledged, a checkpoint only makes the next start shorter. */
async function closeInTime(node: RunningNode, id: string): Promise<void> {
  const message = `serve: ${id} did not close within ${CLOSE_PATIENCE_MS / 1_000} s and was ended; its log is whole`;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new CommandFailure(EXIT.failed, "not_closed", message)),
    CLOSE_PATIENCE_MS,
  );
  try {
    await Promise.race([node.close(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function announce(node: RunningNode, id: string, { terminal, format }: Context): Promise<void> {
  const data = { node: id, api: node.api, cluster: node.clusterAddress };
  await print(terminal, format, data, () => `ready: ${id} api ${node.api}\n`);
}

async function startingPoint(
  options: ServeOptions,
  { terminal }: Context,
): Promise<ReturnType<typeof nodeConfig>> {
  const { config, node, data, listen, insecure = false } = options;
  const { env } = terminal;
  const overrides = data === undefined ? {} : { dataDirectory: data };
  if (config !== undefined) {
    if (listen !== undefined)
      throw usage(
        "serve: --listen is for standing alone; with --config the file or ISTHMUS__LISTEN__API says it",
      );
    if (node === undefined) throw usage(`serve: which node of ${config} is this? add --node ID`);
    const file = readTopologyFile(await readConfig(config), { file: config, env, insecure });
    return nodeConfig(file, node, overrides);
  }
  if (node !== undefined) throw usage("serve: --node names a node of a topology file; add --config FILE");
  if (data === undefined) throw usage("serve: add --config FILE --node ID, or --data DIR to stand alone");
  const file = standaloneTopology({ dataDirectory: data, listen: listen ?? DEFAULT_LISTEN, env, insecure });
  return nodeConfig(file, STANDALONE_NODE, overrides);
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
