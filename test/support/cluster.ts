import { Broken } from "./eventually.ts";

/** `GET /admin/v1/cluster`, as far as the tests look at it. */
export interface Cluster {
  readonly cluster: string;
  readonly databases: readonly { readonly name: string; readonly policy: string }[];
  readonly regions: readonly {
    readonly id: string;
    readonly role: string;
    readonly vector: Vector;
    readonly nodes: readonly {
      readonly id: string;
      readonly up: boolean;
      readonly groups: readonly Group[];
    }[];
  }[];
  readonly links: readonly Link[];
}

export type Vector = Readonly<Record<string, number>>;

export interface Group {
  readonly group: string;
  readonly role: string;
  readonly term: number;
  readonly leader: string | null;
  readonly commit: number;
  readonly applied: number;
  readonly digest: string | null;
  readonly vector: Vector;
}

export interface Link {
  readonly from: string;
  readonly to: string;
  readonly state: string;
  readonly lag_ops: number | null;
  readonly lag_ms: number | null;
  readonly rtt_ms: number | null;
}

export const MAIN = "main/0";
export const CONTROL = "_control";

export interface Replica extends Group {
  readonly region: string;
  readonly node: string;
  readonly up: boolean;
}

/** Every replica of a group that a node told of. */
export function replicasOf(cluster: Cluster, group: string): Replica[] {
  return cluster.regions.flatMap((region) =>
    region.nodes.flatMap((node) =>
      node.groups
        .filter((each) => each.group === group)
        .map((each) => ({ ...each, region: region.id, node: node.id, up: node.up })),
    ),
  );
}

/**
 * What all replicas hold once nothing is under way any more: one vector, one digest. Undefined while they differ; throws
 * Broken where equal vectors have different digests, which no waiting heals.
 */
export function agreement(
  cluster: Cluster,
  replicas: number,
): { readonly vector: string; readonly digest: string } | undefined {
  const told = replicasOf(cluster, MAIN);
  const digests = new Map<string, Replica>();
  for (const replica of told) {
    const vector = vectorText(replica.vector);
    const other = digests.get(vector);
    if (other !== undefined && other.digest !== replica.digest)
      throw new Broken(
        `${other.node} and ${replica.node} have one vector, ${vector}, and two digests: ${other.digest}, ${replica.digest}`,
      );
    digests.set(vector, replica);
  }
  const [one] = digests;
  if (one === undefined || digests.size > 1 || told.length !== replicas) return undefined;
  const [vector, { digest }] = one;
  return { vector, digest: digest ?? "" };
}

export function vectorText(vector: Vector): string {
  const parts = Object.entries(vector).sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.map(([origin, sequence]) => `${origin}:${sequence}`).join(" ");
}
