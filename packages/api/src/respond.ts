import type { IncomingMessage, ServerResponse } from "node:http";
import type { Problem } from "./problem.ts";

export const JSON_TYPE = "application/json";

/** One head, one body, one write to the socket. `headers` is name, value, name, value. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: readonly string[] = [],
): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, ["Content-Type", type, "Content-Length", length, ...headers]);
  response.end(body);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  json: unknown,
  headers?: readonly string[],
): void {
  send(response, status, JSON_TYPE, JSON.stringify(json), headers);
}

/** How long, and over how many bytes, a refused upload is read on and thrown away. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 8 * 1024 * 1024;

/**
 * Sends a problem. Where part of the body has not been read and is too much to skip over, the connection ends after
 * the answer, and not before the other side had a chance to read it.
 */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
  bodyBytes: number,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, body, headers } = problem;
  if (!leavesBody(request, bodyBytes) && status !== 408) {
    send(response, status, "application/problem+json", body, headers);
    return;
  }
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, [
    "Content-Type",
    "application/problem+json",
    "Content-Length",
    length,
    "Connection",
    "close",
    ...headers,
  ]);
  linger(request, response, body);
}

/** Whether the rest of the body is more than Node may read and drop so that the connection can be used again. */
function leavesBody(request: IncomingMessage, bodyBytes: number): boolean {
  if (request.complete || !hasBody(request)) return false;
  const declared = request.headers["content-length"];
  return declared === undefined || Number(declared) > bodyBytes;
}

export function hasBody(request: IncomingMessage): boolean {
  const declared = request.headers["content-length"];
  return request.headers["transfer-encoding"] !== undefined || (declared !== undefined && declared !== "0");
}

/**
 * Closing a socket with unread bytes resets the connection, and a reset can overtake the answer. So the whole answer
 * goes out first (its length says that it is whole), then what still comes is dropped for a bounded while.
 */
function linger(request: IncomingMessage, response: ServerResponse, body: string): void {
  let dropped = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.removeListener("data", drop);
    response.end();
  };
  const drop = (chunk: Buffer): void => {
    dropped += chunk.length;
    if (dropped > LINGER_BYTES) end();
  };
  const timer = setTimeout(end, LINGER_MS);
  request.once("end", end);
  request.once("close", end);
  request.on("data", drop);
  response.write(body);
}
