import { assert, type RegionId } from "@isthmus/kernel";
import type { Topology } from "./topology.ts";

/** A change that the regions agree on. */
export type ControlCommand = {
  readonly kind: "set_link";
  readonly from: RegionId;
  readonly to: RegionId;
  readonly paused: boolean;
};

/** What is agreed at one position of the control log. Immutable; plain data, so that it can be written down whole. */
export interface ControlState {
  /** How many commands led here: the control component of every vector. */
  readonly position: number;
  readonly topology: Topology;
  /** The links that are paused, as `from>to`, sorted. */
  readonly pausedLinks: readonly string[];
}

export type ControlRefusal = { readonly code: "invalid"; readonly detail: string };

export function foundedControl(topology: Topology): ControlState {
  return { position: 0, topology, pausedLinks: [] };
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
  switch (command.kind) {
    case "set_link": {
      const { from, to, paused } = command;
      const known = (id: RegionId) => state.topology.regions.some((region) => region.id === id);
      if (!known(from) || !known(to) || from === to) {
        const detail = `there is no link from ${from} to ${to}`;
        return { state: { ...state, position }, refusal: { code: "invalid", detail } };
      }
      const link = linkName(from, to);
      const others = state.pausedLinks.filter((other) => other !== link);
      const pausedLinks = paused ? [...others, link].sort() : others;
      return { state: { ...state, position, pausedLinks }, refusal: null };
    }
  }
}

export function isLinkPaused(state: ControlState, from: RegionId, to: RegionId): boolean {
  return state.pausedLinks.includes(linkName(from, to));
}

function linkName(from: RegionId, to: RegionId): string {
  assert(from !== to, "a link joins two regions");
  return `${from}>${to}`;
}
