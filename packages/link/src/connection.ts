import { ByteWriter, type Random, type Socket, type Timer } from "@isthmus/kernel";
import type { Backoff } from "./backoff.ts";
import { type LinkPeer, NONCE_BYTES } from "./hello.ts";
import type { Session } from "./session.ts";

/** What this node keeps about one peer, through all connections. */
export interface Line {
  readonly peer: LinkPeer;
  readonly dials: boolean;
  readonly backoff: Backoff;
  /** The one that is up, or the one that this node is dialing. */
  connection: Connection | null;
  up: boolean;
  changedWallMs: number;
  upMonotonicMs: number;
  redial: Timer | null;
  sentBytes: number;
  receivedBytes: number;
  /** Why the peer refused this node's last greeting; null when it did not. */
  refusedAs: string | null;
}

export interface Connection {
  readonly socket: Socket;
  readonly session: Session;
  /** Null while an accepted socket is a stranger's. */
  line: Line | null;
  /** Waits for the flush at the end of this turn. */
  dirty: boolean;
  closed: boolean;
}

/** Reasons that are nobody's fault and so no refusals: counted apart. */
export type Ending =
  | "remote"
  | "silent"
  | "connect_timeout"
  | "greeting_timeout"
  | "replaced"
  | "left"
  | "too_many_strangers"
  | "stopped";

/** Bytes that wait for one connection, in the session and in the socket. */
export function buffered(connection: Connection): number {
  return connection.socket.bufferedBytes + connection.session.waitingBytes;
}

export function nonce(random: Random): Uint8Array {
  const writer = new ByteWriter(NONCE_BYTES);
  while (writer.length < NONCE_BYTES) writer.u32(random.below(2 ** 32));
  return writer.finish();
}
