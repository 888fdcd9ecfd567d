import { chooseExistence, type DeletePolicy, lastWriteWins } from "@isthmus/conflict";
import { decodeValue, type Value, type ValueMap } from "@isthmus/kernel";
import type { EdgeEnds, Existence, GraphRecord } from "./record.ts";

/** How siblings are seen. The same in every region, by the control log. */
export interface ViewPolicy {
  readonly deletes: DeletePolicy;
  readonly nodeAgainstNewEdge: "restore_node" | "drop_edge";
}

export const DEFAULT_VIEW: ViewPolicy = { deletes: "update_wins", nodeAgainstNewEdge: "restore_node" };

export function visibleExistence(
  { existence }: Pick<GraphRecord, "existence">,
  policy: ViewPolicy,
): Existence | undefined {
  return chooseExistence(existence, policy.deletes);
}

export function visibleEnds(record: GraphRecord, policy: ViewPolicy): EdgeEnds | null {
  const existence = visibleExistence(record, policy);
  return existence?.present ? existence.ends : null;
}

export function visibleProperty(record: GraphRecord, name: string): Uint8Array | undefined {
  return lastWriteWins(record.properties.get(name) ?? [])?.value;
}

export function visibleProperties(record: GraphRecord): ValueMap {
  const values: Record<string, Value> = Object.create(null);
  for (const name of [...record.properties.keys()].sort()) {
    const value = visibleProperty(record, name);
    if (value !== undefined) values[name] = decodeValue(value);
  }
  return values;
}
