import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import {
  assert,
  IsthmusError,
  type Listener,
  type Network,
  type Registry,
  type Socket,
  type SocketHandlers,
} from "@isthmus/kernel";
import { type RawData, WebSocket, WebSocketServer } from "ws";

export interface WebSocketNetworkOptions {
  /** The largest message taken; a larger one closes its socket and is counted as `oversized`. */
  readonly maxMessageBytes: number;
  /** Refusals are counted here, under `link`. */
  readonly registry: Registry;
}

const PATH = "/cluster";
const HANDSHAKE_MS = 3000;
/** A peer that does not answer a close is cut off after this long. */
const CLOSE_MS = 1000;
/** Sockets of one listener, in all phases. */
const MAX_SOCKETS = 1024;
/** A close frame has room for this much of a reason. */
const REASON_BYTES = 123;

/**
 * The network port over WebSockets: binary messages only, uncompressed, on the path `/cluster`. Browsers (whatever
 * sends an Origin) and subprotocols are refused: this port is for nodes.
 */
export function webSocketNetwork(options: WebSocketNetworkOptions): Network {
  return {
    listen: (address, accept) => listen(options, address, accept),
    connect: (address) => connect(options, address),
  };
}

function connect(options: WebSocketNetworkOptions, address: string): Socket {
  // A mask protects proxies from browsers; between nodes zeros do, and ws then skips the masking altogether.
  const client = {
    ...common(options),
    generateMask: (mask: Buffer) => {
      mask.fill(0);
    },
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
  };
  let socket: WebSocket;
  try {
    socket = new WebSocket(`${address}${PATH}`, client);
  } catch (error) {
    if (error instanceof SyntaxError) return new UnreachableSocket(`not an address: ${address}`);
    throw error;
  }
  return new NodeSocket(socket, options.registry);
}

async function listen(
  options: WebSocketNetworkOptions,
  address: string,
  accept: (socket: Socket) => void,
): Promise<Listener> {
  const { host, port } = hostAndPort(address);
  const upgrader = new WebSocketServer({
    ...common(options),
    noServer: true,
    clientTracking: false,
    handleProtocols: () => false,
  });
  const sockets = new Set<NodeSocket>();
  const server = createServer(
    { headersTimeout: HANDSHAKE_MS, requestTimeout: HANDSHAKE_MS },
    (_, response) => {
      options.registry.refuse("link", "not_an_upgrade");
      response.writeHead(426, { connection: "close" }).end();
    },
  );
  server.maxConnections = MAX_SOCKETS;
  server.on("drop", () => options.registry.refuse("link", "too_many_sockets"));
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const fault = upgradeFault(request);
    if (fault !== null) {
      options.registry.refuse("link", fault);
      stream.destroy();
      return;
    }
    upgrader.handleUpgrade(request, stream, head, (webSocket) => {
      const socket = new NodeSocket(webSocket, options.registry);
      sockets.add(socket);
      webSocket.on("close", () => sockets.delete(socket));
      accept(socket);
      socket.openNextTurn();
    });
  });
  upgrader.on("wsClientError", (_error, stream) => {
    options.registry.refuse("link", "bad_handshake");
    stream.destroy();
  });
  await bound(server, host, port, address);
  server.on("error", () => options.registry.refuse("link", "accept_failed"));
  return { close: () => closeListener(server, sockets) };
}

/** What both sides agree on. `closeTimeout` is newer than the published types. */
function common(options: WebSocketNetworkOptions) {
  return { perMessageDeflate: false, maxPayload: options.maxMessageBytes, closeTimeout: CLOSE_MS };
}

function hostAndPort(address: string): { host: string; port: number } {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.protocol !== "ws:") {
    throw new IsthmusError("address_unavailable", `${address} is not an address like ws://127.0.0.1:7511`, {
      facts: { address },
    });
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port === "" ? 80 : Number(url.port) };
}

function upgradeFault(request: IncomingMessage): string | null {
  if (request.url !== PATH) return "wrong_path";
  if (request.headers.origin !== undefined) return "browser";
  return null;
}

function bound(server: Server, host: string, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const taken = cause.code === "EADDRINUSE";
      reject(
        new IsthmusError(
          taken ? "address_in_use" : "address_unavailable",
          taken ? `${address} is in use` : `cannot listen on ${address}: ${cause.message}`,
          { facts: { address }, cause },
        ),
      );
    };
    server.once("error", failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", failed);
      resolve();
    });
  });
}

function closeListener(server: Server, sockets: ReadonlySet<NodeSocket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const socket of sockets) socket.close("listener closed");
  });
}

/** A WebSocket as the port wants it. */
class NodeSocket implements Socket {
  readonly #webSocket: WebSocket;
  readonly #registry: Registry;
  #handlers: SocketHandlers | null = null;
  #phase: "opening" | "open" | "closing" | "closed" = "opening";
  #fault: string | null = null;

  constructor(webSocket: WebSocket, registry: Registry) {
    this.#webSocket = webSocket;
    this.#registry = registry;
    webSocket.on("open", () => this.#opened());
    webSocket.on("message", (data, isBinary) => this.#received(data, isBinary));
    webSocket.on("error", (error: NodeJS.ErrnoException) => this.#failed(error));
    webSocket.on("close", (code, reason) => this.#closed(this.#fault ?? closeReason(code, reason)));
  }

  get bufferedBytes(): number {
    return this.#phase === "open" ? this.#webSocket.bufferedAmount : 0;
  }

  handle(handlers: SocketHandlers): void {
    assert(this.#handlers === null, "a socket has one handler");
    this.#handlers = handlers;
  }

  /** For accepted sockets, which are open from the start. */
  openNextTurn(): void {
    assert(this.#handlers !== null, "an accepted socket is handled in the turn that brings it");
    process.nextTick(() => this.#opened());
  }

  send(bytes: Uint8Array): boolean {
    if (this.#phase !== "open" || this.#webSocket.readyState !== WebSocket.OPEN) return false;
    this.#webSocket.send(bytes);
    return true;
  }

  close(reason: string): void {
    if (this.#phase === "closing" || this.#phase === "closed") return;
    this.#phase = "closing";
    this.#fault ??= reason;
    this.#webSocket.close(1000, clipped(reason));
    // Who closes need not wait for the other side, which may be long gone.
    process.nextTick(() => this.#closed(reason));
  }

  #opened(): void {
    if (this.#phase !== "opening") return;
    this.#phase = "open";
    this.#handlers?.onOpen();
  }

  #received(data: RawData, isBinary: boolean): void {
    // The first bytes may come in the turn of the handshake, before an accepted socket has been opened.
    this.#opened();
    if (this.#phase !== "open") return;
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.#registry.refuse("link", "text_message");
      this.close("refused: text_message");
      return;
    }
    this.#handlers?.onMessage(data);
  }

  /** ws closes a socket after each error: `close` follows, and tells. */
  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") this.#registry.refuse("link", "oversized");
    this.#fault ??= failureReason(error);
  }

  #closed(reason: string): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#handlers?.onClose(reason);
  }
}

/** What `connect` gives for an address that is none. */
class UnreachableSocket implements Socket {
  readonly bufferedBytes = 0;
  readonly #reason: string;

  constructor(reason: string) {
    this.#reason = reason;
  }

  handle(handlers: SocketHandlers): void {
    process.nextTick(() => handlers.onClose(this.#reason));
  }

  send(): boolean {
    return false;
  }

  close(): void {}
}

function failureReason(error: NodeJS.ErrnoException): string {
  if (error.code === "ECONNREFUSED") return "connection_refused";
  if (error.code === "ECONNRESET" || error.code === "EPIPE") return "reset";
  if (error.message === "Opening handshake has timed out") return "connect_timeout";
  return error.message;
}

function closeReason(code: number, reason: Buffer): string {
  if (reason.length > 0) return reason.toString("utf8");
  return code === 1006 ? "reset" : `closed with code ${code}`;
}

function clipped(reason: string): string {
  return Buffer.byteLength(reason, "utf8") <= REASON_BYTES ? reason : reason.slice(0, REASON_BYTES / 3);
}
