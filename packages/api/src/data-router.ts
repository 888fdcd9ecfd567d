import type { IncomingMessage, ServerResponse } from "node:http";
import { IsthmusError } from "@isthmus/kernel";
import type { Operation } from "@isthmus/wire";
import { readJson, refuseBody } from "./body.ts";
import { nameOf } from "./fields.ts";
import type { ApiLimits } from "./limits.ts";
import { batchOperations, patchEdge, patchNode, putEdge, putNode } from "./operations.ts";
import { methodNotAllowed, notAvailable } from "./problem.ts";
import { type ReadCall, readEdge, readEdges, readExport, readNode } from "./read.ts";
import { allowParameters, parseTarget, type Target } from "./request-target.ts";
import type { DatabaseService, NodeService } from "./service.ts";
import type { SessionTokens } from "./tokens.ts";
import type { Unsent } from "./unsent.ts";
import { conditionOf, refuseConditions, type WriteCall, writeBatch, writeRecord } from "./write.ts";

export interface DataContext {
  readonly service: NodeService;
  readonly limits: ApiLimits;
  readonly tokens: SessionTokens;
  readonly unsent: Unsent;
}

/** Paths that begin so are the data path's, and never meet express: it would cost more than the write. */
export const DATA_PREFIX = "/v1/";

const RECORD_METHODS = "GET, HEAD, PUT, PATCH, DELETE";
const READ_METHODS = "GET, HEAD";

/** Answers one request of the data path, or throws what `problemOf` maps. */
export async function routeData(
  context: DataContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = parseTarget(request.url ?? "", DATA_PREFIX.length);
  const [name = "", kind = "", id, sub] = target.segments;
  const depth = target.segments.length;
  if ((name === "receipts" && depth === 2) || (name === "ws" && depth === 1))
    throw notAvailable(`/v1/${name}`);
  if (depth === 2 && (kind === "query" || kind === "changes")) throw notAvailable(`/v1/{db}/${kind}`);
  const route = { context, request, response, target, name };
  if (id !== undefined) {
    if (depth === 3 && kind === "nodes") return await recordRoute(route, "node", nameOf(id, "id", "an id"));
    if (depth === 3 && kind === "edges") return await recordRoute(route, "edge", nameOf(id, "id", "an id"));
    if (depth === 4 && kind === "nodes" && sub === "edges")
      return await edgesRoute(route, nameOf(id, "id", "an id"));
  } else if (depth === 2) {
    if (kind === "batch") return await batchRoute(route);
    if (kind === "export") return await exportRoute(route);
  }
  throw new IsthmusError("not_found", "there is nothing under this path");
}

interface Route {
  readonly context: DataContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  /** The database's. */
  readonly name: string;
}

async function recordRoute(route: Route, kind: "node" | "edge", id: string): Promise<void> {
  const { request, response } = route;
  switch (request.method) {
    case "GET":
    case "HEAD": {
      const call = readCall(route);
      return await (kind === "node" ? readNode(call, id, response) : readEdge(call, id, response));
    }
    case "PUT":
    case "PATCH":
    case "DELETE":
      return await recordWrite(route, kind, id, request.method);
    default:
      throw methodNotAllowed(request.method ?? "", RECORD_METHODS);
  }
}

async function recordWrite(
  route: Route,
  kind: "node" | "edge",
  id: string,
  method: "PUT" | "PATCH" | "DELETE",
): Promise<void> {
  const { context, request, response, target, name } = route;
  const database = databaseOf(route);
  allowParameters(target.query, []);
  const condition = conditionOf(request.headers);
  if (method === "DELETE") refuseBody(request);
  const body = method === "DELETE" ? undefined : await readJson(request, response, context.limits);
  const operation = ((): Operation => {
    if (method === "DELETE") return { op: kind === "node" ? "delete_node" : "delete_edge", id, condition };
    if (kind === "node")
      return method === "PUT" ? putNode(id, condition, body) : patchNode(id, condition, body);
    return method === "PUT" ? putEdge(id, condition, body) : patchEdge(id, condition, body);
  })();
  const call = writeCall(route, database, [method, `${name}\n${kind}\n${id}`, body]);
  await writeRecord(call, operation, response);
}

async function batchRoute(route: Route): Promise<void> {
  const { context, request, response, target, name } = route;
  if (request.method !== "POST") throw methodNotAllowed(request.method ?? "", "POST");
  const database = databaseOf(route);
  allowParameters(target.query, []);
  refuseConditions(request.headers);
  const body = await readJson(request, response, context.limits);
  const call = writeCall(route, database, ["POST", `${name}\nbatch`, body]);
  await writeBatch(call, batchOperations(body), response);
}

async function edgesRoute(route: Route, id: string): Promise<void> {
  checkReading(route.request);
  await readEdges(readCall(route), id, route.response);
}

async function exportRoute(route: Route): Promise<void> {
  checkReading(route.request);
  await readExport(readCall(route), route.response);
}

function checkReading(request: IncomingMessage): void {
  if (request.method !== "GET" && request.method !== "HEAD")
    throw methodNotAllowed(request.method ?? "", READ_METHODS);
}

function readCall(route: Route): ReadCall {
  const { context, request, target } = route;
  const database = databaseOf(route);
  refuseBody(request);
  const { limits, tokens, unsent } = context;
  return {
    database,
    headers: request.headers,
    query: target.query,
    timeoutMs: limits.requestTimeoutMs,
    tokens,
    unsent,
  };
}

function writeCall(route: Route, database: DatabaseService, identity: WriteCall["identity"]): WriteCall {
  const { limits, tokens } = route.context;
  return { database, headers: route.request.headers, identity, timeoutMs: limits.requestTimeoutMs, tokens };
}

function databaseOf({ context, name }: Route): DatabaseService {
  const database = context.service.database(name);
  if (database === undefined)
    throw new IsthmusError("not_found", "there is no database of this name", {
      facts: { kind: "database", db: name },
    });
  return database;
}
