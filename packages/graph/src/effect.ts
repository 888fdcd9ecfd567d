import type { VersionVector } from "@isthmus/causality";
import { standing, type Write } from "@isthmus/conflict";
import type { Key } from "@isthmus/kernel";
import type { Assignment, Dependents, Operation, PropertyPatch } from "@isthmus/wire";
import type { Draft } from "./draft.ts";
import { adjacencyKey, type RecordKind, recordKey } from "./keys.ts";
import type { EdgeEnds, Existence, GraphRecord, PropertyVersion } from "./record.ts";
import { type ViewPolicy, visibleEnds } from "./view.ts";

const NOTHING = new Uint8Array();

/**
 * Changes the state as an operation says, given what its origin decided. The same function in the origin and everywhere
 * else; it looks at siblings only to see which of them the write had seen. `key` is the key of the operation's record.
 */
export function applyOperation(
  draft: Draft,
  key: Key,
  operation: Operation,
  dependents: Dependents,
  write: Write,
  context: VersionVector,
  policy: ViewPolicy,
): void {
  const { id } = operation;
  const change = (kind: RecordKind, to: (record: GraphRecord) => GraphRecord) =>
    changeRecord(draft, key, kind, id, policy, to);
  const exists = (record: GraphRecord, version: Omit<Existence, "write">): readonly Existence[] => {
    const { present, labels, ends } = version;
    const left = standing(record.existence, write, context);
    const own = { write, present, labels, ends };
    return left.length === 0 ? [own] : [...left, own];
  };
  switch (operation.op) {
    case "put_node":
      change("node", (record) => ({
        existence: exists(record, { present: true, labels: operation.labels, ends: null }),
        properties: assign(uncovered(record, write, context), operation.properties, write, context),
      }));
      break;
    case "patch_node":
      change("node", (record) => ({
        existence: exists(record, { present: true, labels: dependents.labels, ends: null }),
        properties: patch(record, operation.properties, dependents, write, context),
      }));
      break;
    case "delete_node":
      change("node", (record) => ({
        existence: exists(record, { present: false, labels: dependents.labels, ends: null }),
        properties: uncovered(record, write, context),
      }));
      // The edges that the origin saw go, no others: one that a concurrent write made stands against the delete (T17).
      for (const edge of dependents.edges)
        changeRecord(draft, recordKey("edge", edge), "edge", edge, policy, (record) => ({
          existence: exists(record, { present: false, labels: [], ends: null }),
          properties: uncovered(record, write, context),
        }));
      break;
    case "put_edge": {
      const ends = { type: operation.type, from: operation.from, to: operation.to };
      change("edge", (record) => ({
        existence: exists(record, { present: true, labels: [], ends }),
        properties: assign(uncovered(record, write, context), operation.properties, write, context),
      }));
      break;
    }
    case "patch_edge":
      change("edge", (record) => ({
        existence: exists(record, { present: true, labels: [], ends: dependents.ends }),
        properties: patch(record, operation.properties, dependents, write, context),
      }));
      break;
    case "delete_edge":
      change("edge", (record) => ({
        existence: exists(record, { present: false, labels: [], ends: null }),
        properties: uncovered(record, write, context),
      }));
      break;
  }
}

/** Replaces a record and keeps the adjacency index in step with the edge that is seen. */
export function changeRecord(
  draft: Draft,
  key: Key,
  kind: RecordKind,
  id: string,
  policy: ViewPolicy,
  to: (record: GraphRecord) => GraphRecord,
): void {
  const before = draft.record(key);
  const after = to(before);
  draft.setRecord(key, after);
  if (kind === "node") return;
  const had = visibleEnds(before, policy);
  const has = visibleEnds(after, policy);
  if (had && has && had.type === has.type && had.from === has.from && had.to === has.to) return;
  if (had) index(draft, id, had, undefined);
  if (has) index(draft, id, has, NOTHING);
}

function index(draft: Draft, edge: string, ends: EdgeEnds, value: Uint8Array | undefined): void {
  draft.set(adjacencyKey("out", ends.from, ends.type, edge), value);
  draft.set(adjacencyKey("in", ends.to, ends.type, edge), value);
}

type Properties = Map<string, readonly PropertyVersion[]>;

/** The property versions that a write had not seen. */
function uncovered(record: GraphRecord, write: Write, context: VersionVector): Properties {
  const kept: Properties = new Map();
  for (const [name, versions] of record.properties) {
    const left = standing(versions, write, context);
    if (left.length > 0) kept.set(name, left);
  }
  return kept;
}

function assign(
  properties: Properties,
  assignments: readonly Assignment[],
  write: Write,
  context: VersionVector,
): Properties {
  for (const [name, value] of assignments) {
    const versions = properties.get(name);
    if (versions === undefined) {
      properties.set(name, [{ write, value }]);
      continue;
    }
    const left = standing(versions, write, context).filter(
      // The same property named twice in one operation: the last counts.
      (version) => version.write !== write,
    );
    properties.set(name, [...left, { write, value }]);
  }
  return properties;
}

function patch(
  record: GraphRecord,
  { set, merge, unset }: PropertyPatch,
  { merged }: Dependents,
  write: Write,
  context: VersionVector,
): Properties {
  const properties: Properties = new Map(record.properties);
  for (const name of unset) {
    const left = standing(properties.get(name) ?? [], write, context);
    if (left.length > 0) properties.set(name, left);
    else properties.delete(name);
  }
  assign(properties, set, write, context);
  const results = merge.map(([name], index): Assignment => [name, merged[index] as Uint8Array]);
  return assign(properties, results, write, context);
}
