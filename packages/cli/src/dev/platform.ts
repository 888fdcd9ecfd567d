import path from "node:path";
import type { TopologyFile } from "@isthmus/node";
import { CLUSTER_PORT_OFFSET, parseAddress } from "@isthmus/node";
import { stringify } from "yaml";

export interface PlatformShape {
  readonly regions: readonly string[];
  /** Nodes of each region. */
  readonly nodes: number;
  readonly port: number;
}

/** One decimal digit each in the port: more would meet the next region, or the cluster ports. */
export const NODES_MAX = 9;
export const REGIONS_MAX = 9;
export const PORT_MAX = 65_535 - CLUSTER_PORT_OFFSET - 10 * REGIONS_MAX - NODES_MAX;

export interface PlatformNode {
  readonly region: string;
  readonly node: string;
  readonly api: string;
  readonly cluster: string;
  readonly dir: string;
}

const HEADING =
  "# Written by `isthmus dev`. It founds the platform beside it; a node takes its place again with\n";

/** The topology file of a platform of this shape. Node n of region r listens at port + 10r + n, both from 1. */
export function platformTopology(shape: PlatformShape): string {
  const regions = shape.regions.map((id, region) => ({
    id,
    priority: shape.regions.length - region,
    nodes: Array.from({ length: shape.nodes }, (_, node) => {
      const port = shape.port + 10 * (region + 1) + (node + 1);
      return {
        id: `${id}-${node + 1}`,
        api: `http://127.0.0.1:${port}`,
        cluster: `ws://127.0.0.1:${port + CLUSTER_PORT_OFFSET}`,
        data: `nodes/${id}-${node + 1}`,
      };
    }),
  }));
  return topologyText({
    version: 1,
    cluster: "dev",
    databases: [{ name: "main", policy: "multi_writer", sync: { mode: "async" } }],
    regions,
  });
}

/** A file of somebody's own, with every data directory moved beside the copy: `dev` never opens a directory of his. */
export function platformTopologyFrom(file: TopologyFile): string {
  const { cluster, databases, regions } = file.topology;
  const { bodyBytes, inflight, requestTimeoutMs } = file.limits;
  const limits = {
    ...(bodyBytes === undefined ? {} : { body: `${bodyBytes}B` }),
    ...(inflight === undefined ? {} : { inflight }),
    ...(requestTimeoutMs === undefined ? {} : { request_timeout: `${requestTimeoutMs}ms` }),
  };
  return topologyText({
    version: 1,
    cluster,
    databases: databases.map(({ name, policy }) => ({ name, policy, sync: { mode: "async" } })),
    regions: regions.map(({ id, priority, nodes }) => ({
      id,
      priority,
      nodes: nodes.map((node) => ({
        id: node.id,
        api: node.api,
        cluster: node.cluster,
        data: path.posix.join("nodes", node.id),
      })),
    })),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  });
}

export function platformNodes(file: TopologyFile): PlatformNode[] {
  return file.topology.regions.flatMap((region) =>
    region.nodes.map((node) => ({
      region: region.id,
      node: node.id,
      api: node.api,
      cluster: node.cluster,
      dir: file.dataDirectories.get(node.id) ?? "",
    })),
  );
}

/** In what a platform that exists differs from what was asked for; null where it does not. */
export function contradiction(file: TopologyFile, asked: Partial<PlatformShape>): string | null {
  const { regions } = file.topology;
  const names = regions.map(({ id }) => id as string).join(",");
  if (asked.regions !== undefined && asked.regions.join(",") !== names)
    return `--regions ${asked.regions.join(",")}, but its regions are ${names}`;
  const other = regions.find(({ nodes }) => nodes.length !== asked.nodes);
  if (asked.nodes !== undefined && other)
    return `--nodes ${asked.nodes}, but its region ${other.id} has ${other.nodes.length}`;
  const first = parseAddress(regions[0]?.nodes[0]?.api ?? "")?.port ?? 0;
  if (asked.port !== undefined && asked.port + 11 !== first)
    return `--port ${asked.port}, but its first node listens at ${first}`;
  return null;
}

function topologyText(document: object): string {
  return `${HEADING}# isthmus serve --config THIS-FILE --node ID\n${stringify(document, { lineWidth: 0 })}`;
}
