/**
 * Message sockets between nodes: ordered, whole messages, no delivery promise beyond what `onClose` tells.
 * A message may be lost only together with all that follow it on the same socket.
 */
export interface Network {
  /** Accepts sockets on an address (`ws://host:port`). */
  listen(address: string, accept: (socket: Socket) => void): Promise<Listener>;
  /** Starts to connect; the handlers tell how it went. Never throws for an unreachable peer. */
  connect(address: string): Socket;
}

export interface Listener {
  close(): Promise<void>;
}

export interface SocketHandlers {
  onOpen(): void;
  /** `bytes` belongs to the receiver. */
  onMessage(bytes: Uint8Array): void;
  /** Called exactly once, also after `close()` and after a failed connect. Nothing follows it. */
  onClose(reason: string): void;
}

export interface Socket {
  /** Must be called in the turn in which the socket was got. An accepted socket's `onOpen` comes next turn. */
  handle(handlers: SocketHandlers): void;
  /** False when the socket is not open: the message is gone. `bytes` must not change afterwards. */
  send(bytes: Uint8Array): boolean;
  /** Bytes accepted by `send` and not yet taken by the operating system: what a slow peer costs. */
  readonly bufferedBytes: number;
  close(reason: string): void;
}
