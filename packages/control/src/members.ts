import { assert, isName, type NodeId, type RegionId } from "@isthmus/kernel";
import type { Changed, ControlState } from "./control-state.ts";
import { allNodes, type NodeSpec } from "./topology.ts";

export type MembershipCommand =
  | {
      readonly kind: "add_node";
      readonly region: RegionId;
      readonly node: NodeId;
      readonly api: string;
      readonly cluster: string;
    }
  | { readonly kind: "remove_node"; readonly node: NodeId }
  | { readonly kind: "drain_node"; readonly node: NodeId; readonly draining: boolean };

/** Says by which data a node is known from now on: what it drew when it began with an empty directory. */
export interface IdentifyNode {
  readonly kind: "identify_node";
  readonly node: NodeId;
  /** 32 hexadecimal digits. */
  readonly dataId: string;
}

export interface RemovedNode {
  readonly region: RegionId;
  readonly node: NodeSpec;
}

const DATA_ID = /^[0-9a-f]{32}$/;

type Command<Kind extends MembershipCommand["kind"]> = Extract<MembershipCommand, { kind: Kind }>;

/**
 * A new member of a region, under the next number. Said twice it counts once, so that a client whose answer was lost may
 * repeat it.
 *
 * Invariant: neither a name nor a number is ever given again. Votes, acknowledgements and request ids go by the number,
 * and a handshake goes by the name: a second bearer would be taken for the first (R17).
 */
export function addNode(state: ControlState, { region, node, api, cluster }: Command<"add_node">): Changed {
  const { topology, removed, lastNumber } = state;
  if (!topology.regions.some(({ id }) => id === region)) return invalid(`there is no region ${region}`);
  if (!isName(node)) return invalid("a node's name has lower-case letters, digits and dashes, 63 at most");
  if (removed.some((gone) => gone.node.id === node))
    return invalid(`${node} was a member once and is not taken again; give the node a new name`);
  const members = allNodes(topology);
  const same = members.find((member) => member.node.id === node);
  if (same) {
    const isSame = same.region === region && same.node.api === api && same.node.cluster === cluster;
    return isSame ? {} : invalid(`${node} is a member already, in ${same.region} at ${same.node.api}`);
  }
  const holder = members.find((member) => member.node.api === api || member.node.cluster === cluster);
  if (holder) return invalid(`${holder.node.id} has one of these addresses`);
  const spec: NodeSpec = { id: node, number: lastNumber + 1, api, cluster };
  assert(
    members.every((member) => member.node.number < spec.number),
    "a number is given once",
  );
  const regions = topology.regions.map((each) =>
    each.id === region ? { ...each, nodes: [...each.nodes, spec] } : each,
  );
  return { topology: { ...topology, regions }, lastNumber: spec.number };
}

/**
 * The member leaves; a region keeps at least one, since its data would go with the last. By which data it was known stays
 * known: it still votes until its groups have let it go, and may lose its disk until then.
 */
export function removeNode(state: ControlState, { node }: Command<"remove_node">): Changed {
  const { topology, removed } = state;
  if (removed.some((gone) => gone.node.id === node)) return {};
  const member = allNodes(topology).find((each) => each.node.id === node);
  if (!member) return { code: "not_found", detail: `there is no node ${node}` };
  const region = topology.regions.find(({ id }) => id === member.region);
  assert(region !== undefined, "a member is in its region");
  if (region.nodes.length === 1)
    return { code: "refused_by_safety", detail: `${node} holds the last copy of ${region.id}` };
  const regions = topology.regions.map((each) => ({
    ...each,
    nodes: each.nodes.filter(({ id }) => id !== node),
  }));
  return {
    topology: { ...topology, regions },
    removed: [...removed, member],
    draining: state.draining.filter((id) => id !== node),
  };
}

/** A draining node keeps its data and its votes; it leads nothing, as far as others can. */
export function drainNode(state: ControlState, { node, draining }: Command<"drain_node">): Changed {
  if (!allNodes(state.topology).some((member) => member.node.id === node))
    return { code: "not_found", detail: `there is no node ${node}` };
  const others = state.draining.filter((id) => id !== node);
  return { draining: draining ? [...others, node].sort() : others };
}

/** The first word holds: other data under the same name are those of a node that has lost its disk. */
export function identifyNode(state: ControlState, { node, dataId }: IdentifyNode): Changed {
  if (!DATA_ID.test(dataId)) return invalid("a data id has 32 hexadecimal digits");
  if (!allNodes(state.topology).some((member) => member.node.id === node))
    return { code: "not_found", detail: `there is no node ${node}` };
  const known = dataIdOf(state, node);
  if (known === dataId) return {};
  if (known !== null) return { code: "refused_by_safety", detail: `${node} is known by other data` };
  const dataIds = [...state.dataIds, { node, dataId }].sort((a, b) => (a.node < b.node ? -1 : 1));
  return { dataIds };
}

/** By which data a node is known; null until somebody has met it. */
export function dataIdOf(state: ControlState, node: NodeId): string | null {
  return state.dataIds.find((known) => known.node === node)?.dataId ?? null;
}

export function isRemoved(state: ControlState, node: NodeId): boolean {
  return state.removed.some((gone) => gone.node.id === node);
}

function invalid(detail: string): Changed {
  return { code: "invalid", detail };
}
