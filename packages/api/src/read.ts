import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { VersionVector } from "@isthmus/causality";
import { IsthmusError, valueToJson } from "@isthmus/kernel";
import { nameOf } from "./fields.ts";
import { EDGES_DEFAULT_RECORDS, PAGE_BYTES, PAGE_MAX_RECORDS } from "./limits.ts";
import { notAvailable } from "./problem.ts";
import {
  allowParameters,
  choiceParameter,
  countParameter,
  flagParameter,
  type Query,
} from "./request-target.ts";
import { JSON_TYPE, send } from "./respond.ts";
import type { DatabaseService, EdgeView, NodeView, ReadRequest, ReadView, RecordsPage } from "./service.ts";
import { cursorToken, parseCursor, parseSession, type SessionTokens } from "./tokens.ts";
import type { Unsent } from "./unsent.ts";

export interface ReadCall {
  readonly database: DatabaseService;
  readonly headers: IncomingHttpHeaders;
  readonly query: Query;
  readonly timeoutMs: number;
  readonly tokens: SessionTokens;
  readonly unsent: Unsent;
}

const LEVEL = ["read", "max_staleness_ms"];

export async function readNode(call: ReadCall, id: string, response: ServerResponse): Promise<void> {
  const view = await viewFor(call, ["siblings"]);
  call.unsent.admit();
  const node = view.getNode(id);
  if (node === undefined) throw absent("node", id);
  sendRecord(call, view, node, nodeJson, response);
}

export async function readEdge(call: ReadCall, id: string, response: ServerResponse): Promise<void> {
  const view = await viewFor(call, ["siblings"]);
  call.unsent.admit();
  const edge = view.getEdge(id);
  if (edge === undefined) throw absent("edge", id);
  sendRecord(call, view, edge, edgeJson, response);
}

export async function readEdges(call: ReadCall, node: string, response: ServerResponse): Promise<void> {
  const { query } = call;
  const direction = choiceParameter(query, "direction", ["out", "in", "both"]) ?? "both";
  const type = query.has("type") ? nameOf(query.get("type"), "type", "a type") : null;
  const most = countParameter(query, "limit", EDGES_DEFAULT_RECORDS, PAGE_MAX_RECORDS);
  const start = startOf(query, "cursor");
  const view = await viewFor(call, ["direction", "type", "limit", "cursor"]);
  call.unsent.admit();
  if (view.getNode(node) === undefined) throw absent("node", node);
  const { lines, cursor } = fillPage(start, most, (after, limit) => {
    const page = view.edges({ node, direction, type, limit, after });
    return { lines: page.edges.map((edge) => JSON.stringify(edgeJson(edge))), cursor: page.cursor };
  });
  const body = `{"edges":[${lines.join(",")}],"cursor":${JSON.stringify(cursor)}}`;
  send(response, 200, JSON_TYPE, body, originHeaders(call, view));
  call.unsent.hold(response);
}

/** One page of everything, a record a line, in the form that an import takes. */
export async function readExport(call: ReadCall, response: ServerResponse): Promise<void> {
  const most = countParameter(call.query, "limit", PAGE_MAX_RECORDS, PAGE_MAX_RECORDS);
  const start = startOf(call.query, "after");
  const view = await viewFor(call, ["after", "limit"]);
  call.unsent.admit();
  const { lines, cursor } = fillPage(start, most, (after, limit) => {
    const page = view.page(after, limit);
    return { lines: page.records.map((record) => JSON.stringify(exportJson(record))), cursor: page.cursor };
  });
  const headers = originHeaders(call, view);
  if (cursor !== null) headers.push("Isthmus-Cursor", cursor);
  send(response, 200, "application/x-ndjson", lines.map((line) => `${line}\n`).join(""), headers);
  call.unsent.hold(response);
}

// ---- how fresh ----

async function viewFor(call: ReadCall, parameters: readonly string[]): Promise<ReadView> {
  allowParameters(call.query, [...LEVEL, ...parameters]);
  if (flagParameter(call.query, "siblings")) throw notAvailable("siblings=true");
  return await call.database.read(readRequest(call));
}

function readRequest({ query, headers, timeoutMs }: ReadCall): ReadRequest {
  const level =
    choiceParameter(query, "read", ["local", "session", "leader", "bounded", "primary"]) ?? "leader";
  if (level === "bounded" || level === "primary") throw notAvailable(`read=${level}`);
  if (query.has("max_staleness_ms")) throw notAvailable("max_staleness_ms");
  const token = headers["isthmus-session"];
  // A token is looked at on every level: a client that sends a broken one should learn it at once.
  const session = token === undefined ? VersionVector.EMPTY : parseSession(String(token));
  return level === "session" ? { level, session, timeoutMs } : { level, timeoutMs };
}

function originHeaders(call: ReadCall, view: ReadView): string[] {
  const { region, asOf } = view;
  return [
    "Isthmus-Region",
    region,
    "Isthmus-As-Of",
    asOf.toString(),
    "Isthmus-Session",
    call.tokens.of(asOf),
  ];
}

// ---- one record ----

function sendRecord<Record extends NodeView | EdgeView>(
  call: ReadCall,
  view: ReadView,
  record: Record,
  toJson: (record: Record) => unknown,
  response: ServerResponse,
): void {
  const etag = `"${record.version}"`;
  const { "if-match": match, "if-none-match": known } = call.headers;
  if (match !== undefined && !names(match, etag))
    throw new IsthmusError("version_mismatch", "the record does not have the version that If-Match names");
  const headers = ["ETag", etag, ...originHeaders(call, view)];
  if (known !== undefined && names(known, etag)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  send(response, 200, JSON_TYPE, JSON.stringify(toJson(record)), headers);
  call.unsent.hold(response);
}

/** Whether a list of entity tags names this one. A weak form of it means the same here: one version has one text. */
function names(list: string, etag: string): boolean {
  return list.trim() === "*" || list.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

function absent(kind: string, id: string): IsthmusError {
  return new IsthmusError("not_found", `there is no ${kind} with this id`, { facts: { kind, id } });
}

function nodeJson({ id, labels, properties, version }: NodeView): unknown {
  return { id, labels, properties: valueToJson(properties), version };
}

function edgeJson({ id, type, from, to, properties, version }: EdgeView): unknown {
  return { id, type, from, to, properties: valueToJson(properties), version };
}

function exportJson(record: RecordsPage["records"][number]): unknown {
  const { kind, id } = record;
  const properties = valueToJson(record.properties);
  if (record.kind === "node") return { kind, id, labels: [...record.labels].sort(), properties };
  const { type, from, to } = record;
  return { kind, id, type, from, to, properties };
}

// ---- pages ----

interface Lines {
  readonly lines: readonly string[];
  readonly cursor: string | null;
}

/** Records asked for at a time: what a page can go over its bytes by is one step. */
const STEP_RECORDS = 32;

function startOf(query: Query, name: string): string | null {
  const token = query.get(name);
  return token === undefined ? null : parseCursor(token, name);
}

/** Steps until there are enough records or bytes, all in one turn, so that a page is of one moment. */
function fillPage(
  start: string | null,
  most: number,
  step: (after: string | null, limit: number) => Lines,
): Lines {
  const lines: string[] = [];
  let bytes = 0;
  let after = start;
  do {
    const page = step(after, Math.min(STEP_RECORDS, most - lines.length));
    for (const line of page.lines) {
      lines.push(line);
      bytes += line.length;
    }
    after = page.cursor;
    if (page.lines.length === 0) break;
  } while (after !== null && lines.length < most && bytes < PAGE_BYTES);
  return { lines, cursor: after === null ? null : cursorToken(after) };
}
