import type { Key } from "@isthmus/kernel";
import type { Dependents, Operation, RefusalCode } from "@isthmus/wire";
import { NO_DEPENDENTS } from "@isthmus/wire";
import type { Draft } from "./draft.ts";
import { adjacencyRange, edgeOfAdjacency, recordKey } from "./keys.ts";
import { mergeValue } from "./merge-patch.ts";
import { type Existence, type GraphRecord, recordVersion } from "./record.ts";
import { type ViewPolicy, visibleExistence, visibleProperty } from "./view.ts";

/** A delete that would take more edges with it than this is refused: its batch must stay small enough to ship. */
export const CASCADE_MAX_EDGES = 10_000;

export type Decision = { readonly dependents: Dependents } | { readonly refusal: RefusalCode };

/**
 * Decides, in the origin and once, whether an operation applies, and takes from the state all that its effect depends
 * on. Other regions obey the result and never come here (TRAPS T1). `key` is the key of the operation's record.
 */
export function decide(draft: Draft, key: Key, operation: Operation, policy: ViewPolicy): Decision {
  const isNode = operation.op.endsWith("_node");
  const record = draft.record(key);
  const present = isNode
    ? isNodeSeen(draft, operation.id, record.existence, policy)
    : visibleExistence(record, policy)?.present === true;

  const { condition } = operation;
  if (condition?.kind === "absent" && present) return { refusal: "version_mismatch" };
  if (condition?.kind === "match" && !(present && recordVersion(record) === condition.version))
    return { refusal: "version_mismatch" };

  switch (operation.op) {
    case "put_node":
      return { dependents: NO_DEPENDENTS };
    case "put_edge":
      for (const end of [operation.from, operation.to])
        if (!isNodeSeen(draft, end, draft.existence(recordKey("node", end)), policy))
          return { refusal: "invalid_reference" };
      return { dependents: NO_DEPENDENTS };
    case "patch_node": {
      if (!present) return { refusal: "not_found" };
      const labels = new Set(visibleExistence(record, policy)?.labels);
      for (const label of operation.labelsAdded) labels.add(label);
      for (const label of operation.labelsRemoved) labels.delete(label);
      const merged = mergedValues(record, operation.properties.merge);
      return { dependents: { ...NO_DEPENDENTS, labels: [...labels].sort(), merged } };
    }
    case "patch_edge": {
      if (!present) return { refusal: "not_found" };
      const ends = visibleExistence(record, policy)?.ends ?? null;
      const merged = mergedValues(record, operation.properties.merge);
      return { dependents: { ...NO_DEPENDENTS, merged, ends } };
    }
    case "delete_node": {
      if (!present) return { refusal: "not_found" };
      const edges = adjacentEdges(draft, operation.id);
      if (edges === null) return { refusal: "too_large" };
      return {
        dependents: { ...NO_DEPENDENTS, labels: visibleExistence(record, policy)?.labels ?? [], edges },
      };
    }
    case "delete_edge":
      return present ? { dependents: NO_DEPENDENTS } : { refusal: "not_found" };
  }
}

/** Whether readers see a node: it stands, or an edge that stands brings it back. */
export function isNodeSeen(
  state: Pick<Draft, "range">,
  id: string,
  existence: readonly Existence[],
  policy: ViewPolicy,
): boolean {
  if (existence.length === 0) return false;
  if (visibleExistence({ existence }, policy)?.present) return true;
  if (policy.nodeAgainstNewEdge !== "restore_node") return false;
  for (const direction of ["out", "in"] as const) {
    const { from, to } = adjacencyRange(direction, id, null);
    for (const _ of state.range(from, to)) return true;
  }
  return false;
}

function adjacentEdges(draft: Draft, node: string): string[] | null {
  const edges = new Set<string>();
  for (const direction of ["out", "in"] as const) {
    const { from, to } = adjacencyRange(direction, node, null);
    for (const [key] of draft.range(from, to)) {
      edges.add(edgeOfAdjacency(key));
      if (edges.size > CASCADE_MAX_EDGES) return null;
    }
  }
  return [...edges].sort();
}

function mergedValues(
  record: GraphRecord,
  merge: readonly (readonly [string, Uint8Array])[],
): readonly Uint8Array[] {
  return merge.map(([name, patch]) => mergeValue(visibleProperty(record, name), patch));
}
