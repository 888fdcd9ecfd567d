import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { allNodes, foundingHash, type Topology } from "@isthmus/control";
import { equalBytes, IsthmusError, type NodeId, type RegionId } from "@isthmus/kernel";
import { z } from "zod";
import { DEFAULT_LIMITS, DEFAULT_TIMINGS, type Limits, type NodeConfig } from "./node-config.ts";
import { addressFault } from "./topology-rules.ts";

/** What a node that comes after the founding has to know: a running node tells it, `GET /admin/v1/topology`. */
export interface JoinDocument {
  /** By which the cluster is recognised, and with which its logs begin. */
  readonly founding: Topology;
  /** As agreed at `position` of the control log: whom to connect with. */
  readonly topology: Topology;
  readonly position: number;
}

/** Beside the node's log and state, so that later starts need nobody to ask. */
const FILE = "joined.json";

/**
 * The control log is kept whole and played again at each start: it never comes near so many entries. A node goes by its
 * document until its own log has come as far, and one beyond this it would follow for ever.
 */
const POSITION_MAX = 2 ** 32;

const TOPOLOGY = z.object({
  cluster: z.string(),
  regions: z.array(
    z.object({
      id: z.string(),
      priority: z.number(),
      nodes: z.array(
        z.object({ id: z.string(), number: z.number().int().min(1), api: z.string(), cluster: z.string() }),
      ),
    }),
  ),
  databases: z.array(z.object({ name: z.string(), policy: z.literal("multi_writer") })),
});

const DOCUMENT = z.object({
  founding: TOPOLOGY,
  topology: TOPOLOGY,
  position: z.number().int().min(0).max(POSITION_MAX),
});

/** Takes what another node, or the file, said. Throws IsthmusError `invalid_answer`. */
export function checkedJoin(value: unknown): JoinDocument {
  const checked = DOCUMENT.safeParse(value);
  if (!checked.success)
    throw new IsthmusError("invalid_answer", "what was told of the cluster is no topology of this version");
  const { founding, topology, position } = checked.data;
  return { founding: named(founding), topology: named(topology), position };
}

/** Names are texts in a file; here they are told apart. */
function named({ cluster, regions, databases }: z.infer<typeof TOPOLOGY>): Topology {
  return {
    cluster,
    databases,
    regions: regions.map(({ id, priority, nodes }) => ({
      id: id as RegionId,
      priority,
      nodes: nodes.map((node) => ({ ...node, id: node.id as NodeId })),
    })),
  };
}

/** What the node was told when it joined; null for a directory that has no such file. Throws `damaged`. */
export function readJoin(dataDirectory: string): JoinDocument | null {
  let text: string;
  try {
    text = readFileSync(join(dataDirectory, FILE), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    return checkedJoin(JSON.parse(text));
  } catch (cause) {
    throw new IsthmusError(
      "damaged",
      `${join(dataDirectory, FILE)} cannot be read; start again with --join`,
      {
        cause,
      },
    );
  }
}

/** Keeps it for later starts, durable when it returns. */
export function writeJoin(dataDirectory: string, document: JoinDocument): void {
  mkdirSync(dataDirectory, { recursive: true });
  const file = join(dataDirectory, FILE);
  const draft = `${file}.${process.pid}`;
  const handle = openSync(draft, "w");
  try {
    writeSync(handle, `${JSON.stringify(document, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  const directory = openSync(dataDirectory, "r");
  fsyncSync(directory);
  closeSync(directory);
}

/**
 * What a node needs to start as the member that the cluster has agreed on. Throws IsthmusError `wrong_founding` when a
 * topology file stands beside the document and founds another cluster (addresses may differ: a node may move),
 * `not_a_member`, and `invalid` for addresses off loopback that nobody allowed.
 */
export function joinedConfig(
  document: JoinDocument,
  nodeId: string,
  options: {
    readonly limits: Partial<Limits>;
    readonly insecure: boolean;
    /** Of the topology file, where one was named. */
    readonly inFile: Topology | null;
  },
): NodeConfig {
  const { founding, topology, position } = document;
  const { inFile } = options;
  if (inFile !== null && !equalBytes(foundingHash(inFile), foundingHash(founding)))
    throw new IsthmusError(
      "wrong_founding",
      `${nodeId} joined ${founding.cluster}, which another topology founded than the file's (${inFile.cluster}): start it without --config, or with the file of the founding`,
    );
  const member = allNodes(topology).find(({ node }) => node.id === nodeId);
  if (member === undefined)
    throw new IsthmusError(
      "not_a_member",
      `${nodeId} is not a member of ${topology.cluster}: run \`isthmus node add ${nodeId} ...\` first`,
    );
  for (const face of ["api", "cluster"] as const) {
    const fault = addressFault(member.node[face], face, options.insecure);
    if (fault) throw new IsthmusError("invalid", `${face} ${member.node[face]} ${fault.problem}`);
  }
  return {
    topology: founding,
    joined: { topology, position },
    region: member.region,
    node: member.node.id,
    timings: DEFAULT_TIMINGS,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
}
