import { encodeValue, isValueMap } from "@isthmus/kernel";
import {
  type Assignment,
  type Condition,
  type Operation,
  type PropertyPatch,
  REQUEST_MAX_OPERATIONS,
} from "@isthmus/wire";
import { type Fields, fieldsOf, inside, labelsOf, nameOf, objectOf, valueAt } from "./fields.ts";
import { invalid } from "./problem.ts";

/** The parts of a patch that the contract names and that are not built. */
const UNBUILT_PATCHES = ["increment", "add", "remove"];
const ENDS = ["type", "from", "to"];

// ---- one record, named by the path ----

export function putNode(id: string, condition: Condition, body: unknown): Operation {
  return putNodeOf(id, condition, fieldsOf(body, "", ["labels", "properties"]), "");
}

export function patchNode(id: string, condition: Condition, body: unknown): Operation {
  return patchNodeOf(id, condition, fieldsOf(body, "", ["labels", "properties"], UNBUILT_PATCHES), "");
}

export function putEdge(id: string, condition: Condition, body: unknown): Operation {
  return putEdgeOf(id, condition, fieldsOf(body, "", [...ENDS, "properties"]), "");
}

export function patchEdge(id: string, condition: Condition, body: unknown): Operation {
  refuseEnds(objectOf(body, ""), "");
  return patchEdgeOf(id, condition, fieldsOf(body, "", ["properties"], UNBUILT_PATCHES), "");
}

function putNodeOf(id: string, condition: Condition, fields: Fields, where: string): Operation {
  const labels = labelsOf(fields.labels, inside(where, "labels"));
  return { op: "put_node", id, condition, labels, properties: assignmentsOf(fields.properties, where) };
}

function patchNodeOf(id: string, condition: Condition, fields: Fields, where: string): Operation {
  const { labels = {}, properties } = fields;
  const at = inside(where, "labels");
  const change = fieldsOf(labels, at, ["add", "remove"]);
  const labelsAdded = labelsOf(change.add, `${at}.add`);
  const labelsRemoved = labelsOf(change.remove, `${at}.remove`);
  const both = labelsAdded.find((label) => labelsRemoved.includes(label));
  if (both !== undefined) throw invalid(at, "a label is either added or removed");
  return {
    op: "patch_node",
    id,
    condition,
    labelsAdded,
    labelsRemoved,
    properties: patchOf(properties, where),
  };
}

function putEdgeOf(id: string, condition: Condition, fields: Fields, where: string): Operation {
  const properties = assignmentsOf(fields.properties, where);
  return { op: "put_edge", id, condition, ...endsOf(fields, where), properties };
}

function patchEdgeOf(id: string, condition: Condition, fields: Fields, where: string): Operation {
  return { op: "patch_edge", id, condition, properties: patchOf(fields.properties, where) };
}

function endsOf(fields: Fields, where: string): { type: string; from: string; to: string } {
  return {
    type: nameOf(fields.type, inside(where, "type"), "a type"),
    from: nameOf(fields.from, inside(where, "from"), "a node's id"),
    to: nameOf(fields.to, inside(where, "to"), "a node's id"),
  };
}

function refuseEnds(fields: Fields, where: string): void {
  for (const name of ENDS)
    if (Object.hasOwn(fields, name))
      throw invalid(inside(where, name), "an edge's type and ends do not change");
}

// ---- properties ----

function assignmentsOf(json: unknown, where: string): Assignment[] {
  const assignments: Assignment[] = [];
  if (json === undefined) return assignments;
  const at = inside(where, "properties");
  const properties = objectOf(json, at);
  for (const name of Object.keys(properties)) {
    const place = `${at}.${nameOf(name, at, "a property's name")}`;
    assignments.push([name, encodeValue(valueAt(properties[name], place))]);
  }
  return assignments;
}

/** JSON merge patch (RFC 7396): null takes a property away, an object goes into the present one, all else replaces. */
function patchOf(json: unknown, where: string): PropertyPatch {
  const set: Assignment[] = [];
  const merge: Assignment[] = [];
  const unset: string[] = [];
  if (json === undefined) return { set, merge, unset };
  const at = inside(where, "properties");
  const properties = objectOf(json, at);
  for (const name of Object.keys(properties)) {
    const place = `${at}.${nameOf(name, at, "a property's name")}`;
    const value = valueAt(properties[name], place);
    if (value === null) unset.push(name);
    else (isValueMap(value) ? merge : set).push([name, encodeValue(value)]);
  }
  return { set, merge, unset };
}

// ---- batch ----

const COMMON = ["op", "id", "if_match", "if_none_match"];
const VERSION_MAX_LENGTH = 256;

export function batchOperations(body: unknown): Operation[] {
  const { operations } = fieldsOf(body, "", ["operations"]);
  if (!Array.isArray(operations)) throw invalid("operations", "must be a list");
  if (operations.length < 1 || operations.length > REQUEST_MAX_OPERATIONS)
    throw invalid("operations", `a batch has 1 to ${REQUEST_MAX_OPERATIONS} operations`);
  return operations.map((operation, index) => batchOperation(operation, `operations[${index}]`));
}

function batchOperation(json: unknown, where: string): Operation {
  const { op } = objectOf(json, where);
  switch (op) {
    case "put_node": {
      const fields = fieldsOf(json, where, [...COMMON, "labels", "properties"]);
      return putNodeOf(nodeIdOf(fields, where), conditionOf(fields, where), fields, where);
    }
    case "patch_node": {
      const fields = fieldsOf(json, where, [...COMMON, "labels", "properties"], UNBUILT_PATCHES);
      return patchNodeOf(nodeIdOf(fields, where), conditionOf(fields, where), fields, where);
    }
    case "delete_node": {
      const fields = fieldsOf(json, where, COMMON);
      return { op, id: nodeIdOf(fields, where), condition: conditionOf(fields, where) };
    }
    case "put_edge": {
      const fields = fieldsOf(json, where, [...COMMON, ...ENDS, "properties"]);
      return putEdgeOf(edgeIdOf(fields, where), conditionOf(fields, where), fields, where);
    }
    case "patch_edge": {
      const fields = fieldsOf(json, where, [...COMMON, ...ENDS, "properties"], UNBUILT_PATCHES);
      return patchEdgeOf(standingEdgeIdOf(fields, where), conditionOf(fields, where), fields, where);
    }
    case "delete_edge": {
      const fields = fieldsOf(json, where, [...COMMON, ...ENDS]);
      return { op, id: standingEdgeIdOf(fields, where), condition: conditionOf(fields, where) };
    }
    default:
      throw invalid(
        `${where}.op`,
        "must be put_node, patch_node, delete_node, put_edge, patch_edge or delete_edge",
      );
  }
}

function nodeIdOf(fields: Fields, where: string): string {
  return nameOf(fields.id, `${where}.id`, "an id");
}

/** An edge without an id of its own is named by what it joins. */
function edgeIdOf(fields: Fields, where: string): string {
  if (fields.id !== undefined) return nameOf(fields.id, `${where}.id`, "an id");
  const { type, from, to } = endsOf(fields, where);
  return nameOf(`${from}:${type}:${to}`, `${where}.id`, "an id made of FROM:TYPE:TO");
}

/** An edge that is there already: its type and ends can only stand in for its id. */
function standingEdgeIdOf(fields: Fields, where: string): string {
  if (fields.id !== undefined) refuseEnds(fields, where);
  return edgeIdOf(fields, where);
}

function conditionOf(fields: Fields, where: string): Condition {
  const { if_match: version, if_none_match: absent } = fields;
  if (version !== undefined && absent !== undefined)
    throw invalid(`${where}.if_match`, "an operation has one condition at most");
  if (absent !== undefined) {
    if (absent !== "*") throw invalid(`${where}.if_none_match`, 'takes "*"');
    return { kind: "absent" };
  }
  if (version === undefined) return null;
  if (typeof version !== "string" || version.length === 0 || version.length > VERSION_MAX_LENGTH)
    throw invalid(`${where}.if_match`, "takes a version, as it was read");
  return { kind: "match", version };
}
