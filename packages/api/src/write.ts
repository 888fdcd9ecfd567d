import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { assert, IsthmusError, must, sha256Of, utf8 } from "@isthmus/kernel";
import type { Condition, Operation } from "@isthmus/wire";
import { canonicalJson } from "./json.ts";
import { invalid } from "./problem.ts";
import { sendJson } from "./respond.ts";
import type { DatabaseService, WriteRefusal, WriteRequest, WriteResult } from "./service.ts";
import { parseSession, type SessionTokens } from "./tokens.ts";

/** What a write's route knows of its request. */
export interface WriteCall {
  readonly database: DatabaseService;
  readonly headers: IncomingHttpHeaders;
  /** What a retry under one idempotency key must have in common with the first: see `retryOf`. */
  readonly identity: readonly [method: string, path: string, body: unknown];
  readonly timeoutMs: number;
  readonly tokens: SessionTokens;
}

const BODY_HASH_BYTES = 16;

const REFUSALS: Record<WriteRefusal, string> = {
  not_found: "the record does not exist",
  version_mismatch: "the record does not have the version, or the absence, that the write asks for",
  invalid_reference: "a node that the edge joins does not exist",
  idempotency_mismatch: "the idempotency key was used for another request",
  too_large: "the write makes a record larger than a record may be",
};

/** One operation on the record that the path names. */
export async function writeRecord(
  call: WriteCall,
  operation: Operation,
  response: ServerResponse,
): Promise<void> {
  const result = await write(call, [operation]);
  if (result.status === "refused") throw refusal(result, null);
  const { id, version } = must(result.results[0], "an applied operation has a result");
  const headers = receiptHeaders(call, result);
  const { receipt } = result;
  if (operation.op === "delete_node" || operation.op === "delete_edge")
    sendJson(response, 200, { version, receipt }, headers);
  else sendJson(response, 200, { id, version, receipt }, ["ETag", `"${version}"`, ...headers]);
}

/** All operations or none, in their order. */
export async function writeBatch(
  call: WriteCall,
  operations: readonly Operation[],
  response: ServerResponse,
): Promise<void> {
  const result = await write(call, operations);
  if (result.status === "refused") throw refusal(result, result.operation);
  const results = result.results.map(({ id, version }) => ({ id, version }));
  sendJson(response, 200, { results, receipt: result.receipt }, receiptHeaders(call, result));
}

async function write(call: WriteCall, operations: readonly Operation[]): Promise<WriteResult> {
  const { headers, timeoutMs } = call;
  const retry = retryOf(call);
  const token = headers["isthmus-session"];
  const request: WriteRequest =
    token === undefined
      ? { operations, retry, timeoutMs }
      : { operations, retry, timeoutMs, session: parseSession(String(token)) };
  const result = await call.database.write(request);
  assert(
    result.status === "refused" || result.results.length === operations.length,
    "an applied write has a result for each operation",
  );
  return result;
}

function receiptHeaders(call: WriteCall, result: WriteResult): string[] {
  return ["Isthmus-Session", call.tokens.of(result.asOf), "Isthmus-Guarantee", result.guarantee];
}

/** `operation` is where in a batch, or null outside one. */
function refusal(result: WriteResult & { status: "refused" }, operation: number | null): IsthmusError {
  const { code } = result;
  const detail =
    operation === null ? REFUSALS[code] : `operations[${operation}]: ${REFUSALS[code]}; nothing was written`;
  return new IsthmusError(code, detail, operation === null ? {} : { facts: { operation } });
}

/**
 * The condition that a single write's headers set. Lists and weak tags are refused: a write is ordered over one version
 * or over none.
 */
export function conditionOf(headers: IncomingHttpHeaders): Condition {
  const { "if-match": match, "if-none-match": absent } = headers;
  if (match === undefined && absent === undefined) return null;
  if (match !== undefined && absent !== undefined) throw invalid("If-Match", "excludes If-None-Match");
  if (match === undefined) {
    if (absent !== "*") throw invalid("If-None-Match", "takes * on a write");
    return { kind: "absent" };
  }
  const version = /^"([\x21\x23-\x7e]{1,256})"$/.exec(match)?.[1];
  if (version === undefined) throw invalid("If-Match", "takes one version in double quotes, as ETag gave it");
  return { kind: "match", version };
}

/** Conditions of a batch stand in its operations: on the whole they would have no meaning. */
export function refuseConditions(headers: IncomingHttpHeaders): void {
  for (const name of ["If-Match", "If-None-Match"])
    if (headers[name.toLowerCase()] !== undefined)
      throw invalid(name, "a batch takes if_match in its operations");
}

/** Two requests are one if method, path and body are, whatever the order of members and the spelling of the path. */
function retryOf({ headers, identity }: WriteCall): WriteRequest["retry"] {
  const key = headers["idempotency-key"];
  if (key === undefined) return null;
  if (typeof key !== "string" || !/^[\x20-\x7e]{1,256}$/.test(key))
    throw invalid("Idempotency-Key", "takes 1 to 256 printable ASCII characters");
  const [method, path, body] = identity;
  const canonical = body === undefined ? "" : canonicalJson(body);
  const hash = sha256Of([utf8(`${method}\n${path}\n`), utf8(canonical)]);
  return { key, bodyHash: hash.subarray(0, BODY_HASH_BYTES) };
}
