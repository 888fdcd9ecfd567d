import type { Topology } from "@isthmus/control";
import { assert, type NodeId, type RegionId } from "@isthmus/kernel";

/** How many regions of how many nodes, written `3x3`. */
export interface Shape {
  readonly regions: number;
  readonly nodes: number;
}

const REGION_NAMES = ["us", "eu", "ap", "sa", "af", "me", "oc"] as const;
const CLUSTER_PORT = 7400;

/** A topology of equal regions: nodes are `us-1`, `us-2`, ..., numbered through. */
export function gridTopology({ regions, nodes }: Shape): Topology {
  assert(regions >= 1 && regions <= REGION_NAMES.length && nodes >= 1, "a world has a region, and it a node");
  let number = 0;
  return {
    cluster: "simulated",
    databases: [{ name: "main", policy: "multi_writer" }],
    regions: REGION_NAMES.slice(0, regions).map((region) => ({
      id: region as string as RegionId,
      priority: 1,
      nodes: Array.from({ length: nodes }, (_, index) => {
        number += 1;
        const id = `${region}-${index + 1}`;
        return { id: id as NodeId, number, api: `http://${id}:80`, cluster: `ws://${id}:${CLUSTER_PORT}` };
      }),
    })),
  };
}

export function shapeText({ regions, nodes }: Shape): string {
  return `${regions}x${nodes}`;
}

/** The shape that a text such as `1x3` means, or null. */
export function parseShape(text: string): Shape | null {
  const match = /^([1-7])x([1-9])$/.exec(text);
  return match ? { regions: Number(match[1]), nodes: Number(match[2]) } : null;
}
