import { type NodeId, type RegionId, sha256, utf8 } from "@isthmus/kernel";

/** Who takes part and where: the part of the topology file on which all nodes must agree. */
export interface Topology {
  readonly cluster: string;
  readonly regions: readonly RegionSpec[];
  readonly databases: readonly DatabaseSpec[];
}

export interface RegionSpec {
  readonly id: RegionId;
  readonly priority: number;
  readonly nodes: readonly NodeSpec[];
}

export interface NodeSpec {
  readonly id: NodeId;
  /** The node's number inside Raft: counted from 1 in founding order, never given again. */
  readonly number: number;
  readonly api: string;
  readonly cluster: string;
}

export interface DatabaseSpec {
  readonly name: string;
  readonly policy: "multi_writer";
}

/**
 * What a founding topology is recognised by: nodes of one name and another founding must never meet.
 * Addresses and priorities are not part of it: a node may move.
 */
export function foundingHash(topology: Topology): Uint8Array {
  const identity = {
    cluster: topology.cluster,
    regions: topology.regions.map((region) => ({
      id: region.id,
      nodes: region.nodes.map((node) => ({ id: node.id, number: node.number })),
    })),
    databases: topology.databases.map((database) => database.name),
  };
  return sha256(utf8(JSON.stringify(identity)));
}

/** Each region votes with the same number of nodes, at most three, so that no region outvotes the others by size. */
const CONTROL_VOTES_MAX = 3;

export function controlVotesPerRegion(topology: Topology): number {
  return Math.min(CONTROL_VOTES_MAX, ...topology.regions.map((region) => region.nodes.length));
}

/** The control group's configuration at its founding: the first nodes of each region vote, the others learn. */
export function controlMembers(topology: Topology): { voters: number[]; learners: number[] } {
  const votes = controlVotesPerRegion(topology);
  const voters: number[] = [];
  const learners: number[] = [];
  for (const region of topology.regions)
    region.nodes.forEach((node, index) => {
      (index < votes ? voters : learners).push(node.number);
    });
  return { voters: voters.sort((a, b) => a - b), learners: learners.sort((a, b) => a - b) };
}

export function allNodes(topology: Topology): { region: RegionId; node: NodeSpec }[] {
  return topology.regions.flatMap((region) => region.nodes.map((node) => ({ region: region.id, node })));
}
