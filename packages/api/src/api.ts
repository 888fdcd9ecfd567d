import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Duplex } from "node:stream";
import { AssertionError, IsthmusError, type Registry } from "@isthmus/kernel";
import { createAdmin } from "./admin.ts";
import { ClientGone } from "./body.ts";
import { DATA_PREFIX, type DataContext, routeData } from "./data-router.ts";
import { type ApiLimits, DEFAULT_API_LIMITS } from "./limits.ts";
import { checkLoopback } from "./loopback.ts";
import { invalid, problemOf } from "./problem.ts";
import { sendProblem } from "./respond.ts";
import type { NodeService } from "./service.ts";
import { SessionTokens } from "./tokens.ts";
import { Unsent } from "./unsent.ts";

export interface ApiOptions {
  readonly service: NodeService;
  /** Counts requests, time and refusals; the service shows it, with all else, in `samples`. */
  readonly registry: Registry;
  readonly limits?: Partial<ApiLimits>;
  /** The product's version, as the OpenAPI document names it. */
  readonly version: string;
  /** A clock that does not go back, for durations. */
  clockMs(): number;
  /** Which `Host` and `Origin` are served. Default `loopback`, which a server without tokens needs. */
  readonly hosts?: "loopback" | "any";
  /**
   * Told of what no code path expects, once the client has its 500. By default a failed assertion is thrown on, outside
   * of any request, so that it ends the process; others are only counted.
   */
  readonly onFault?: (error: unknown) => void;
}

export interface Api {
  /** Listening is the caller's. */
  readonly server: Server;
  /**
   * Takes no new connections, ends the idle ones, and resolves when the rest have their answers, or after
   * `closeTimeoutMs`, when they are cut.
   */
  close(): Promise<void>;
}

/** A head must be complete within this, and a whole request within REQUEST_MS; Node looks every CHECK_MS. */
const HEAD_MS = 10_000;
const REQUEST_MS = 60_000;
const CHECK_MS = 5_000;
const KEEP_ALIVE_MS = 60_000;
/** A connection on which nothing moves, also one whose client does not take its answer. */
const SILENT_MS = 120_000;
/** An answer of which more than this waits for a slow client keeps its place among the requests in flight. */
const UNSENT_BYTES = 64 * 1024;

/** The HTTP face of a node: one server, the data path routed by hand, express for the rest. */
export function createApi(options: ApiOptions): Api {
  const { service, registry, version, clockMs } = options;
  const limits: ApiLimits = { ...DEFAULT_API_LIMITS, ...options.limits };
  const context: DataContext = { service, limits, tokens: new SessionTokens(), unsent: new Unsent() };
  const admin = createAdmin({ service, limits, version }, fail);
  const reads = trafficOf(registry, "read");
  const writes = trafficOf(registry, "write");
  let inflight = 0;
  let closing = false;
  registry.gauge("isthmus.api.inflight", {}, () => inflight);

  function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (error instanceof ClientGone || response.destroyed) {
      registry.refuse("api", "client_gone");
      response.destroy();
      return;
    }
    const problem = problemOf(error);
    registry.refuse("api", problem.code);
    sendProblem(request, response, problem, limits.bodyBytes);
    if (problem.code === "internal") (options.onFault ?? endOnAssertion)(error);
  }

  async function serveData(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begunMs = clockMs();
    inflight += 1;
    try {
      await routeData(context, request, response);
    } catch (error) {
      fail(request, response, error);
    } finally {
      const traffic = request.method === "GET" || request.method === "HEAD" ? reads : writes;
      traffic.count.add();
      traffic.seconds.add(Math.max(0, clockMs() - begunMs) / 1000);
      // Invariant: what waits for slow clients is bounded, too: by the requests in flight.
      if (response.writableLength > UNSENT_BYTES && !response.destroyed) response.once("close", release);
      else release();
    }
  }

  function release(): void {
    inflight -= 1;
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    if (closing) response.shouldKeepAlive = false;
    const url = request.url ?? "";
    try {
      if (options.hosts !== "any") checkLoopback(request.headers);
      if (!url.startsWith("/")) throw invalid("path", "must begin with a slash");
      if (url.startsWith(DATA_PREFIX) && inflight >= limits.inflight)
        throw new IsthmusError("overloaded", `${limits.inflight} requests are in flight already`);
    } catch (error) {
      fail(request, response, error);
      return;
    }
    if (url.startsWith(DATA_PREFIX)) void serveData(request, response);
    else admin(request, response);
  }

  const server = createServer({
    headersTimeout: HEAD_MS,
    requestTimeout: Math.max(REQUEST_MS, limits.bodyTimeoutMs + HEAD_MS),
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  server.timeout = SILENT_MS;
  server.maxConnections = limits.connections;
  server.on("request", handle);
  // Whoever waits for "continue" is told to go on once the body is wanted, not before.
  server.on("checkContinue", handle);
  server.on("drop", () => registry.refuse("api", "connections"));
  server.on("clientError", (error, socket) => {
    const problem = problemOf(parserFault(error));
    registry.refuse("api", problem.code);
    if (!socket.writable || socketBroke(error)) socket.destroy();
    else endWithProblem(socket, problem.status, problem.body);
  });

  return {
    server,
    close() {
      closing = true;
      return closeServer(server, limits.closeTimeoutMs);
    },
  };
}

function trafficOf(registry: Registry, kind: "read" | "write") {
  return {
    count: registry.counter("isthmus.api.requests", { kind }),
    seconds: registry.counter("isthmus.api.request_seconds", { kind }),
  };
}

/** A broken invariant must not be lived with: the process that made this node learns of it. */
function endOnAssertion(error: unknown): void {
  if (!(error instanceof AssertionError)) return;
  queueMicrotask(() => {
    throw error;
  });
}

function closeServer(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
    // The only error is that the server does not listen: then it is closed.
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

// ---- bytes that are not HTTP ----

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

function socketBroke(error: Error): boolean {
  return codeOf(error) === "ECONNRESET" || codeOf(error) === "EPIPE";
}

function parserFault(error: Error): IsthmusError {
  switch (codeOf(error)) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new IsthmusError("request_timeout", "the request did not arrive in time");
    case "HPE_HEADER_OVERFLOW":
      return new IsthmusError("headers_too_large", "the request's head is too large");
    default:
      return new IsthmusError("invalid", "the request is not HTTP/1.1");
  }
}

function endWithProblem(socket: Duplex, status: number, body: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
