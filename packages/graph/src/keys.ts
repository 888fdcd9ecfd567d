import { type Key, keyOf, type Origin, prefixEnd, textOfKey } from "@isthmus/kernel";

/**
 * The key space of a group's state (docs/formats/state.md). The first byte is the kind; ids have no control
 * characters, so U+0000 separates them.
 */
const PREFIX = { meta: "m", node: "n", edge: "e", out: "o", into: "i", retry: "k", retryOrder: "q" } as const;

export const META_KEY = PREFIX.meta as Key;
export const NODE_RANGE = rangeOf(PREFIX.node);
export const EDGE_RANGE = rangeOf(PREFIX.edge);

export type RecordKind = "node" | "edge";

export function recordKey(kind: RecordKind, id: string): Key {
  return (PREFIX[kind] + keyOf(id)) as Key;
}

export function recordIdOf(key: Key): string {
  return textOfKey(key.slice(1));
}

/** An edge as its one end sees it. */
export function adjacencyKey(direction: "out" | "in", node: string, type: string, edge: string): Key {
  return `${adjacencyPrefix(direction, node, type)}${keyOf(edge)}` as Key;
}

export function adjacencyRange(
  direction: "out" | "in",
  node: string,
  type: string | null,
): { from: Key; to: Key } {
  return rangeOf(adjacencyPrefix(direction, node, type));
}

/** The edge's id in an adjacency key. */
export function edgeOfAdjacency(key: Key): string {
  return textOfKey(key.slice(key.lastIndexOf("\0") + 1));
}

function adjacencyPrefix(direction: "out" | "in", node: string, type: string | null): string {
  const head = `${direction === "out" ? PREFIX.out : PREFIX.into}${keyOf(node)}\0`;
  return type === null ? head : `${head}${keyOf(type)}\0`;
}

export function retryKey(key: string): Key {
  return (PREFIX.retry + keyOf(key)) as Key;
}

/** By origin and its own count of keys: the order in which they are forgotten. */
export function retryOrderKey(origin: Origin, ordinal: number): Key {
  return `${PREFIX.retryOrder}${keyOf(origin)}\0${ordinal.toString(16).padStart(14, "0")}` as Key;
}

function rangeOf(prefix: string): { from: Key; to: Key } {
  return { from: prefix as Key, to: prefixEnd(prefix) };
}
