import path from "node:path";
import type { RegionSpec, Topology } from "@isthmus/control";
import { IsthmusError, must, type NodeId, type RegionId } from "@isthmus/kernel";
import { z } from "zod";
import { nearestName } from "./nearest-name.ts";
import { DEFAULT_LIMITS, DEFAULT_TIMINGS, type Limits, type NodeConfig } from "./node-config.ts";
import {
  type Environment,
  type ListenAddresses,
  type Overrides,
  overridesFromEnvironment,
} from "./overrides.ts";
import { type PlacedDocument, parsePlaced } from "./topology-document.ts";
import { type Fault, type Path, pathPattern, pathText, shownValue, TopologyError } from "./topology-fault.ts";
import { brokenRules } from "./topology-rules.ts";
import { LATER_KEYS, LATER_VALUES, type TopologyDocument, topologySchema } from "./topology-schema.ts";
import { parseDuration, parseSize } from "./units.ts";

/** A topology file that was taken, with the environment's overrides beside it. */
export interface TopologyFile {
  readonly topology: Topology;
  /** Absolute: relative ones were counted from the file's directory. */
  readonly dataDirectories: ReadonlyMap<NodeId, string>;
  /** What the file and, over it, the environment say; what neither names keeps its default. */
  readonly limits: Partial<Limits>;
  /** From the environment: where this process listens, whatever the file says of its node. */
  readonly listen: ListenAddresses;
  /** From the environment: where this process keeps its data. */
  readonly dataDirectory: string | null;
}

export interface TopologyFileOptions {
  /** The file's path: named in messages, and its directory is where relative data directories begin. */
  readonly file: string;
  readonly env: Environment;
  /** Whether addresses off loopback are taken although nothing protects them. */
  readonly insecure: boolean;
}

/**
 * Takes a topology file whole or refuses it whole, with every fault at once (TopologyError, code `invalid_topology`).
 * Nodes are numbered from 1 in the order of the file, over all regions: the order is part of the founding.
 */
export function readTopologyFile(text: string, options: TopologyFileOptions): TopologyFile {
  const placed = parsePlaced(text);
  const { overrides, faults: environmentFaults } = overridesFromEnvironment(options.env, options);
  if (placed.syntaxFaults.length > 0) throw new TopologyError(options.file, placed.syntaxFaults);

  const parsed = topologySchema.safeParse(placed.value);
  const faults = parsed.success ? [] : parsed.error.issues.flatMap((issue) => issueFaults(issue, placed));
  for (const rule of brokenRules(placed.value, options))
    faults.push(fault(placed.at(rule.path), { ...rule, value: shownValue(rule.value), nearest: null }));
  faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  faults.push(...environmentFaults);
  if (!parsed.success || faults.length > 0) throw new TopologyError(options.file, faults);

  const directory = path.dirname(path.resolve(options.file));
  return {
    topology: topologyOf(parsed.data),
    dataDirectories: new Map(
      parsed.data.regions.flatMap((region) =>
        region.nodes.map((node) => [node.id as NodeId, path.resolve(directory, node.data)]),
      ),
    ),
    limits: { ...limitsOf(parsed.data), ...overrides.limits },
    listen: overrides.listen ?? {},
    dataDirectory: overrides.dataDirectory === undefined ? null : path.resolve(overrides.dataDirectory),
  };
}

/**
 * What one node of the file needs to start. `overrides` are the flags: they go over environment and file. A node that
 * the file does not name is code `unknown_node`.
 */
export function nodeConfig(
  file: TopologyFile,
  nodeId: string,
  overrides: Overrides = {},
): { config: NodeConfig; dataDirectory: string } {
  const region = file.topology.regions.find(({ nodes }) => nodes.some((node) => node.id === nodeId));
  if (!region) throw unknownNode(file.topology, nodeId);
  const node = nodeId as NodeId;
  const config: NodeConfig = {
    topology: listeningAt(file.topology, node, { ...file.listen, ...overrides.listen }),
    region: region.id,
    node,
    timings: DEFAULT_TIMINGS,
    limits: { ...DEFAULT_LIMITS, ...file.limits, ...overrides.limits },
  };
  const fromFile = must(file.dataDirectories.get(node), "every node of the file has a data directory");
  const flag = overrides.dataDirectory;
  return {
    config,
    dataDirectory: flag === undefined ? (file.dataDirectory ?? fromFile) : path.resolve(flag),
  };
}

function unknownNode(topology: Topology, nodeId: string): IsthmusError {
  const known = topology.regions.flatMap(({ nodes }) => nodes.map(({ id }) => id as string));
  const nearest = nearestName(nodeId, known);
  const guess = nearest === null ? "" : `; did you mean ${nearest}?`;
  return new IsthmusError(
    "unknown_node",
    `no node is named ${nodeId}; there are ${known.join(", ")}${guess}`,
  );
}

/** The topology with this node's own addresses replaced: the others go on dialling what the file says. */
function listeningAt(topology: Topology, nodeId: NodeId, listen: ListenAddresses): Topology {
  const replaced = (region: RegionSpec): RegionSpec => ({
    ...region,
    nodes: region.nodes.map((node) => (node.id === nodeId ? { ...node, ...listen } : node)),
  });
  return { ...topology, regions: topology.regions.map(replaced) };
}

function topologyOf(document: TopologyDocument): Topology {
  let number = 0;
  const regions = document.regions.map((region) => ({
    id: region.id as RegionId,
    priority: region.priority ?? 1,
    nodes: region.nodes.map((node) => {
      number += 1;
      return { id: node.id as NodeId, number, api: node.api, cluster: node.cluster };
    }),
  }));
  const databases = document.databases.map(({ name, policy }) => ({ name, policy }));
  return { cluster: document.cluster, regions, databases };
}

function limitsOf({ limits }: TopologyDocument): Partial<Limits> {
  const whole = (amount: number | null): number => must(amount, "the schema took the amount");
  return {
    ...(limits?.body === undefined ? {} : { bodyBytes: whole(parseSize(limits.body)) }),
    ...(limits?.inflight === undefined ? {} : { inflight: limits.inflight }),
    ...(limits?.log_keep === undefined ? {} : { logKeepBytes: whole(parseSize(limits.log_keep)) }),
    ...(limits?.request_timeout === undefined
      ? {}
      : { requestTimeoutMs: whole(parseDuration(limits.request_timeout)) }),
  };
}

// ---- from the schema's issues to faults that a person can act on ----

type Issue = z.core.$ZodIssue;

function issueFaults(issue: Issue, placed: PlacedDocument): Fault[] {
  const at = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => keyFault([...at, key], placed));
  const value = valueAt(placed.value, at);
  const report = { path: at, value: shownValue(value), problem: "is not taken", nearest: null };
  const place = placed.at(at);
  if (value === undefined)
    return [fault(place, { ...report, problem: "is missing", allowed: expected(issue) })];
  if (issue.code === "invalid_value") return [valueFault(at, value, issue.values, placed)];
  return [fault(place, { ...report, allowed: expected(issue) })];
}

function keyFault(at: Path, placed: PlacedDocument): Fault {
  const key = String(at.at(-1));
  const place = placed.atKey(at);
  const report = { path: at, value: null, allowed: null, nearest: null };
  if (LATER_KEYS[pathPattern(at.slice(0, -1))]?.includes(key))
    return fault(place, { ...report, problem: "is not available yet" });
  const known = keysAt(at.slice(0, -1));
  return fault(place, {
    ...report,
    problem: "is not known here",
    allowed: known.join(", "),
    nearest: nearestName(key, known),
  });
}

function valueFault(at: Path, value: unknown, values: readonly unknown[], placed: PlacedDocument): Fault {
  const allowed = values.map(String);
  const text = String(value);
  const later = LATER_VALUES[pathPattern(at)]?.includes(text);
  return fault(placed.at(at), {
    path: at,
    value: shownValue(value),
    problem: later ? "is not available yet" : "is not taken",
    allowed: allowed.join(", "),
    nearest: later || typeof value !== "string" ? null : nearestName(text, allowed),
  });
}

function fault(
  place: { line: number; column: number },
  { path: at, ...report }: Omit<Fault, "path" | "line" | "column"> & { path: Path },
): Fault {
  const { value, problem, allowed, nearest } = report;
  return { path: pathText(at), line: place.line, column: place.column, value, problem, allowed, nearest };
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map(String).join(", ");
    case "too_small":
      return issue.origin === "array" ? `at least ${issue.minimum} item` : `${issue.minimum} or more`;
    case "too_big":
      return `${issue.maximum} or less`;
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  object: "a mapping",
  array: "a list",
  string: "a text",
  int: "a whole number",
  number: "a number",
};

function valueAt(value: unknown, at: Path): unknown {
  let current = value;
  for (const step of at) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

/** The keys that the schema knows at a path: what an unknown one was probably meant to be. */
function keysAt(at: Path): string[] {
  let schema: unknown = topologySchema;
  for (const step of at) {
    schema = bare(schema);
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodObject) schema = (schema.shape as Record<string, unknown>)[String(step)];
  }
  schema = bare(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function bare(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? schema.unwrap() : schema;
}
