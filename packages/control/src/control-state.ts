import { assert, type NodeId, type RegionId } from "@isthmus/kernel";
import {
  addNode,
  drainNode,
  type IdentifyNode,
  identifyNode,
  type MembershipCommand,
  type RemovedNode,
  removeNode,
} from "./members.ts";
import { allNodes, type Topology } from "./topology.ts";

/** A change that the regions agree on. */
export type ControlCommand = SetLink | MembershipCommand | IdentifyNode;

export interface SetLink {
  readonly kind: "set_link";
  readonly from: RegionId;
  readonly to: RegionId;
  readonly paused: boolean;
}

/** What is agreed at one position of the control log. Immutable; plain data, so that it can be written down whole. */
export interface ControlState {
  /** How many commands led here: the control component of every vector. */
  readonly position: number;
  /** Who takes part now. The founding topology is where it began. */
  readonly topology: Topology;
  /** The links that are paused, as `from>to`, sorted. */
  readonly pausedLinks: readonly string[];
  /** The greatest number that a node ever had. */
  readonly lastNumber: number;
  /** Who took part once, in the order of leaving: neither the name nor the number comes back. */
  readonly removed: readonly RemovedNode[];
  /** Nodes that should lead nothing, sorted. */
  readonly draining: readonly NodeId[];
  /** By which data each node is known, as hexadecimal text, sorted by node. */
  readonly dataIds: readonly { readonly node: NodeId; readonly dataId: string }[];
}

export interface ControlRefusal {
  readonly code: "invalid" | "not_found" | "refused_by_safety";
  readonly detail: string;
}

/** What a command made of the state: the new one, or why it stays. */
export type Changed = Partial<Omit<ControlState, "position">> | ControlRefusal;

export function foundedControl(topology: Topology): ControlState {
  const lastNumber = Math.max(0, ...allNodes(topology).map(({ node }) => node.number));
  return { position: 0, topology, pausedLinks: [], lastNumber, removed: [], draining: [], dataIds: [] };
}

/**
 * The state after a command. Pure. Every command counts, also one that changes nothing or is refused: the position is
 * that of the log.
 */
export function applyControl(
  state: ControlState,
  command: ControlCommand,
): { state: ControlState; refusal: ControlRefusal | null } {
  const position = state.position + 1;
  const changed = changedBy(state, command);
  if (isRefusal(changed)) return { state: { ...state, position }, refusal: changed };
  return { state: { ...state, ...changed, position }, refusal: null };
}

function changedBy(state: ControlState, command: ControlCommand): Changed {
  switch (command.kind) {
    case "set_link":
      return setLink(state, command);
    case "add_node":
      return addNode(state, command);
    case "remove_node":
      return removeNode(state, command);
    case "drain_node":
      return drainNode(state, command);
    case "identify_node":
      return identifyNode(state, command);
  }
}

function isRefusal(changed: Changed): changed is ControlRefusal {
  return "code" in changed;
}

function setLink(state: ControlState, { from, to, paused }: SetLink): Changed {
  const known = (id: RegionId) => state.topology.regions.some((region) => region.id === id);
  if (!known(from) || !known(to) || from === to)
    return { code: "invalid", detail: `there is no link from ${from} to ${to}` };
  const link = linkName(from, to);
  const others = state.pausedLinks.filter((other) => other !== link);
  return { pausedLinks: paused ? [...others, link].sort() : others };
}

export function isLinkPaused(state: ControlState, from: RegionId, to: RegionId): boolean {
  return state.pausedLinks.includes(linkName(from, to));
}

function linkName(from: RegionId, to: RegionId): string {
  assert(from !== to, "a link joins two regions");
  return `${from}>${to}`;
}
