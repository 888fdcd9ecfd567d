import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { isName } from "@isthmus/kernel";
import { type Environment, readTopologyFile, type TopologyFile } from "@isthmus/node";
import { Command } from "commander";
import type { CommandResult, Context, Run } from "../context.ts";
import { nodeEnvironment } from "../dev/node-process.ts";
import {
  contradiction,
  NODES_MAX,
  type PlatformShape,
  PORT_MAX,
  platformNodes,
  platformTopology,
  platformTopologyFrom,
  REGIONS_MAX,
} from "../dev/platform.ts";
import { firstTaken } from "../dev/ports.ts";
import { runPlatform } from "../dev/run-platform.ts";
import { CommandFailure, EXIT, systemCode, usage } from "../failure.ts";
import { readConfig } from "./serve.ts";

interface DevOptions {
  readonly regions: string;
  readonly nodes: string;
  readonly policy: string;
  readonly sync: string;
  readonly wan: string;
  readonly port: string;
  readonly data?: string;
  readonly config?: string;
}

export function devCommand(run: Run): Command {
  return new Command("dev")
    .description("run a whole platform on this machine, one process a node, until it is interrupted")
    .option("--regions <names>", "regions, commas between", "us-east,eu-west,ap-south")
    .option("--nodes <count>", "nodes of each region", "3")
    .option("--policy <policy>", "who writes: multi_writer", "multi_writer")
    .option("--sync <mode>", "when a write is answered: async", "async")
    .option("--wan <profile>", "distances between regions: none", "none")
    .option(
      "--data <dir>",
      "keep the data here and go on with what is there (default: a temporary directory)",
    )
    .option("--port <port>", "node n of region r listens at port + 10r + n", "7400")
    .option("--config <file>", "take regions, nodes and addresses from a topology file instead")
    .action((options: DevOptions, command: Command) =>
      run(command, (context) =>
        dev(options, (name) => command.getOptionValueSource(name) === "cli", context),
      ),
    );
}

type Given = (option: keyof DevOptions) => boolean;

async function dev(options: DevOptions, given: Given, context: Context): CommandResult {
  refuseLater(options);
  const { terminal } = context;
  const env = nodeEnvironment(terminal.env);
  const directory = options.data === undefined ? null : path.resolve(terminal.cwd, options.data);
  const wanted = await wantedTopology(options, given, env);
  const existing = directory === null ? null : await readIfThere(topologyIn(directory));
  if (directory !== null && existing !== null)
    refuseContradiction(directory, read(directory, existing, env), wanted, options, given, env);

  // Everything that can be refused is refused before anything is made or started.
  const text = existing ?? wanted;
  await refuseTakenPorts(read(directory ?? ".", text, env));
  const home = directory ?? (await mkdtemp(path.join(os.tmpdir(), "isthmus-dev-")));
  try {
    if (existing === null) await found(home, text);
    const file = read(home, text, env);
    return await runPlatform({ context, env, home, topology: topologyIn(home), file });
  } finally {
    if (directory === null) await rm(home, { recursive: true, force: true });
  }
}

function refuseLater({ policy, sync, wan }: DevOptions): void {
  const choices = [
    { flag: "--policy", value: policy, now: "multi_writer", later: ["primary"] },
    { flag: "--sync", value: sync, now: "async", later: ["semi_sync"] },
    { flag: "--wan", value: wan, now: "none", later: ["world"] },
  ];
  for (const { flag, value, now, later } of choices) {
    if (value === now) continue;
    const why = later.includes(value) ? "is not available yet" : "is not known";
    throw usage(`dev: ${flag} ${value} ${why}; use ${now}`);
  }
}

async function wantedTopology(options: DevOptions, given: Given, env: Environment): Promise<string> {
  const { config } = options;
  if (config === undefined) return platformTopology(parseShape(options));
  for (const name of ["regions", "nodes", "port"] as const)
    if (given(name)) throw usage(`dev: --${name} and --config both say what to run; leave one of them out`);
  return platformTopologyFrom(
    readTopologyFile(await readConfig(config), { file: config, env, insecure: false }),
  );
}

function parseShape(options: DevOptions): PlatformShape {
  const regions = options.regions.split(",").map((name) => name.trim());
  for (const name of regions)
    if (!isName(name))
      throw usage(`dev: --regions: "${name}" is no name; use lower-case letters, digits and dashes`);
  if (new Set(regions).size < regions.length) throw usage("dev: --regions names a region twice");
  if (regions.length > REGIONS_MAX) throw usage(`dev: --regions takes ${REGIONS_MAX} at most`);
  return {
    regions,
    nodes: parseNumber("--nodes", options.nodes, NODES_MAX),
    port: parseNumber("--port", options.port, PORT_MAX),
  };
}

function parseNumber(flag: string, text: string, max: number): number {
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || number < 1 || number > max)
    throw usage(`dev: ${flag} ${text} is not taken; use a number from 1 to ${max}`);
  return number;
}

/** What is there was founded once and holds: a flag that says otherwise was meant for another directory. */
function refuseContradiction(
  directory: string,
  existing: TopologyFile,
  wanted: string,
  options: DevOptions,
  given: Given,
  env: Environment,
): void {
  const shape = parseShape(options);
  const differs =
    options.config === undefined
      ? contradiction(existing, {
          ...(given("regions") ? { regions: shape.regions } : {}),
          ...(given("nodes") ? { nodes: shape.nodes } : {}),
          ...(given("port") ? { port: shape.port } : {}),
        })
      : JSON.stringify(read(directory, wanted, env).topology) === JSON.stringify(existing.topology)
        ? null
        : `--config ${options.config}, but its topology is another`;
  if (differs === null) return;
  const message = `dev: ${directory} holds a platform already: ${differs}; leave the flag out or use another --data`;
  throw usage(message);
}

async function refuseTakenPorts(file: TopologyFile): Promise<void> {
  const taken = await firstTaken(platformNodes(file).flatMap(({ api, cluster }) => [api, cluster]));
  if (taken === null) return;
  const port = taken.address.slice(taken.address.lastIndexOf(":") + 1);
  const message = `dev: port ${port} is taken (${taken.address}: ${taken.why}); end that process or use another --port`;
  throw new CommandFailure(EXIT.failed, "port_taken", message);
}

function topologyIn(home: string): string {
  return path.join(home, "topology.yaml");
}

function read(home: string, text: string, env: Environment): TopologyFile {
  return readTopologyFile(text, { file: topologyIn(home), env, insecure: false });
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** Renamed into place: a directory either holds a whole platform or none. */
async function found(home: string, text: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const draft = `${topologyIn(home)}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, topologyIn(home));
}
