import { assert, ByteReader, ByteWriter, equalBytes, type NodeId, unreachable } from "@isthmus/kernel";
import {
  decodeHello,
  encodeHello,
  type Hello,
  type HelloFault,
  type LinkIdentity,
  type LinkPeer,
  membershipFault,
  NONCE_BYTES,
} from "./hello.ts";
import {
  FIRST_OWN_KIND,
  GREETING_MS,
  KEEPALIVE_MS,
  MAX_HELLO_PACKET_BYTES,
  ROUND_TRIP_EVERY_MS,
  SILENT_MS,
  TICK_MS,
} from "./limits.ts";
import { type Frame, type PacketFault, PacketReader, PacketWriter } from "./packet.ts";

/** Why a packet from the other side ends the connection. */
export type SessionFault = PacketFault | HelloFault | "no_hello";

/** What a packet led to. After `refused` the owner closes the socket and the session. */
export type Received =
  | { readonly kind: "accepted"; readonly cameUp: boolean; readonly frames: readonly Frame[] }
  | { readonly kind: "refused"; readonly cause: SessionFault };

/** What a tick led to: nothing, packets to flush, or the end. */
export type Ticked = "quiet" | "flush" | "connect_timeout" | "greeting_timeout" | "silent";

export interface SessionOptions {
  readonly self: LinkIdentity;
  /** Who may greet: a node that is not in it is refused. */
  readonly peers: ReadonlyMap<NodeId, LinkPeer>;
  /** Who was a member once: refused by name, so that it learns why. */
  readonly removed?: ReadonlySet<NodeId>;
  /** Whether a node may come with these data; any may where nobody judges. */
  isKnownBy?(node: NodeId, dataId: Uint8Array): boolean;
  /** Whom this side dials; null on the side that accepts. */
  readonly target: LinkPeer | null;
  /** 8 bytes that no other session of this node has had. */
  readonly nonce: Uint8Array;
  readonly nowMs: number;
}

type Phase =
  | { readonly name: "opening" }
  | { readonly name: "greeting" }
  | { readonly name: "confirming"; readonly peer: LinkPeer }
  | { readonly name: "up"; readonly peer: LinkPeer }
  | { readonly name: "closed" };

const HELLO = FIRST_OWN_KIND;
const CONFIRM = FIRST_OWN_KIND + 1;
const PING = FIRST_OWN_KIND + 2;
const PONG = FIRST_OWN_KIND + 3;
const PING_BYTES = 4;

const NO_FRAMES: readonly Frame[] = [];
const QUIETLY_UP: Received = { kind: "accepted", cameUp: false, frames: NO_FRAMES };

/**
 * One connection between two nodes, as a pure machine (SPEC.md): packets and ticks in, packets out. The owner moves
 * the bytes: after each call that returns, `waitingBytes > 0` means that `flush` has something to send.
 */
export class Session {
  readonly #self: LinkIdentity;
  readonly #peers: ReadonlyMap<NodeId, LinkPeer>;
  readonly #options: SessionOptions;
  readonly #target: LinkPeer | null;
  readonly #nonce: Uint8Array;
  readonly #writer = new PacketWriter();
  readonly #reader = new PacketReader();
  /** Packets that were full before the turn ended, in order. */
  #full: Uint8Array[] = [];
  #fullBytes = 0;
  #phase: Phase;
  #tickedMs: number;
  /** How long this node was awake without hearing anything. */
  #quietMs = 0;
  #sentMs: number;
  #ping: { readonly number: number; readonly sentMs: number } | null = null;
  #pingedMs: number | null = null;
  #pings = 0;
  #roundTripMs: number | null = null;
  #peerDataId: Uint8Array | null = null;

  constructor(options: SessionOptions) {
    assert(options.nonce.length === NONCE_BYTES, "a session has a nonce");
    this.#self = options.self;
    this.#options = options;
    this.#peers = options.peers;
    this.#target = options.target;
    this.#nonce = options.nonce;
    this.#phase = { name: options.target === null ? "greeting" : "opening" };
    this.#tickedMs = options.nowMs;
    this.#sentMs = options.nowMs;
  }

  get phase(): Phase["name"] {
    return this.#phase.name;
  }

  /** Who the other side has shown to be; null before its hello was accepted. */
  get peer(): LinkPeer | null {
    return this.#phase.name === "confirming" || this.#phase.name === "up" ? this.#phase.peer : null;
  }

  /** By which data the other side has made itself known; null before its hello was accepted. */
  get peerDataId(): Uint8Array | null {
    return this.#peerDataId;
  }

  get waitingBytes(): number {
    return this.#fullBytes + this.#writer.waitingBytes;
  }

  /** The last round trip measured, in milliseconds; null before the first. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** The socket of the dialing side is open: it greets first. */
  opened(): void {
    assert(this.#phase.name === "opening" && this.#target !== null, "only a dialer waits for its socket");
    this.#phase = { name: "greeting" };
    this.#append(HELLO, encodeHello(this.#self, this.#target.node, this.#nonce, null));
  }

  /** Takes a frame to the other side: it goes with the next flush. The payload is copied. */
  send(kind: number, payload: Uint8Array): void {
    assert(this.#phase.name === "up", "frames are sent on a connection that is up");
    assert(kind < FIRST_OWN_KIND, "the highest kinds are the link's own");
    this.#append(kind, payload);
  }

  /** The packets that wait, in the order in which they must be sent. */
  flush(nowMs: number): readonly Uint8Array[] {
    const packets = this.#full;
    const last = this.#writer.finish();
    if (last !== null) packets.push(last);
    if (packets.length === 0) return packets;
    this.#full = [];
    this.#fullBytes = 0;
    this.#sentMs = nowMs;
    return packets;
  }

  /** A message from the other side. Invariant: a packet is accepted whole or nothing of it is delivered. */
  receive(nowMs: number, packet: Uint8Array): Received {
    const phase = this.#phase;
    assert(phase.name !== "opening" && phase.name !== "closed", "packets come on open sockets");
    if (phase.name === "greeting" && packet.length > MAX_HELLO_PACKET_BYTES) return refused("oversized");
    const frames = this.#reader.read(packet);
    if (typeof frames === "string") return refused(frames);
    this.#quietMs = 0;
    switch (phase.name) {
      case "greeting":
        return this.#greeted(frames);
      case "confirming":
        return this.#confirmed(nowMs, phase.peer, frames);
      case "up":
        return this.#taken(nowMs, frames, false);
      default:
        return unreachable(phase, "a phase that receives");
    }
  }

  /** Time has passed: speaks up when nothing was said, gives up when nothing was heard. */
  tick(nowMs: number): Ticked {
    // A node that was itself asleep heard nothing because it did not listen: only waking time counts as silence.
    const phase = this.#phase.name;
    this.#quietMs += Math.min(Math.max(0, nowMs - this.#tickedMs), 2 * TICK_MS);
    this.#tickedMs = nowMs;
    switch (phase) {
      case "opening":
        return this.#quietMs >= GREETING_MS ? "connect_timeout" : "quiet";
      case "greeting":
      case "confirming":
        return this.#quietMs >= GREETING_MS ? "greeting_timeout" : "quiet";
      case "up":
        return this.#quietMs >= SILENT_MS ? "silent" : this.#keepAlive(nowMs);
      case "closed":
        return "quiet";
      default:
        return unreachable(phase, "a phase");
    }
  }

  /** The end: nothing may be sent or received afterwards. */
  close(): void {
    this.#phase = { name: "closed" };
  }

  #greeted(frames: readonly Frame[]): Received {
    const [first] = frames;
    if (first === undefined || first.kind !== HELLO) return refused("no_hello");
    if (frames.length > 1) return refused("malformed");
    const hello = decodeHello(first.payload);
    if (typeof hello === "string") return refused(hello);
    const fault = membershipFault(this.#self, hello);
    if (fault !== null) return refused(fault);
    const { removed, isKnownBy } = this.#options;
    if (removed?.has(hello.node)) return refused("removed_node");
    if (this.#peers.has(hello.node) && isKnownBy?.(hello.node, hello.dataId) === false)
      return refused("foreign_data");
    return this.#target === null ? this.#answer(hello) : this.#answered(this.#target, hello);
  }

  /** The accepting side: who is it, and may it dial? */
  #answer(hello: Hello): Received {
    const peer = this.#peers.get(hello.node);
    if (peer === undefined) return refused("unknown_peer");
    if (peer.region !== hello.region) return refused("wrong_region");
    // Invariant: of two nodes the smaller id dials, so that a pair never holds two connections on purpose.
    if (hello.node >= this.#self.node) return refused("wrong_direction");
    if (hello.echo.length !== 0) return refused("wrong_echo");
    this.#append(HELLO, encodeHello(this.#self, hello.node, this.#nonce, hello.nonce));
    this.#peerDataId = hello.dataId;
    this.#phase = { name: "confirming", peer };
    return QUIETLY_UP;
  }

  /** The dialing side: is it the one that was dialed, and does it answer this very hello? */
  #answered(target: LinkPeer, hello: Hello): Received {
    if (hello.node !== target.node) return refused("wrong_node");
    if (hello.region !== target.region) return refused("wrong_region");
    if (!equalBytes(hello.echo, this.#nonce)) return refused("wrong_echo");
    this.#append(CONFIRM, hello.nonce);
    this.#peerDataId = hello.dataId;
    this.#phase = { name: "up", peer: target };
    return { kind: "accepted", cameUp: true, frames: NO_FRAMES };
  }

  /**
   * The accepting side is up only when the dialer has confirmed: a dial that was delayed and given up by its dialer
   * never does, so it cannot push out the connection that replaced it.
   */
  #confirmed(nowMs: number, peer: LinkPeer, frames: readonly Frame[]): Received {
    const [first, ...rest] = frames;
    if (first === undefined || first.kind !== CONFIRM) return refused("malformed");
    if (!equalBytes(first.payload, this.#nonce)) return refused("wrong_echo");
    this.#phase = { name: "up", peer };
    return this.#taken(nowMs, rest, true);
  }

  #taken(nowMs: number, frames: readonly Frame[], cameUp: boolean): Received {
    const own = frames.some((frame) => frame.kind >= FIRST_OWN_KIND);
    if (!own) return { kind: "accepted", cameUp, frames };
    const others: Frame[] = [];
    let ping: Frame | null = null;
    for (const frame of frames) {
      if (frame.kind < FIRST_OWN_KIND) others.push(frame);
      else if (frame.payload.length !== PING_BYTES) return refused("malformed");
      else if (frame.kind === PING) ping = frame;
      else if (frame.kind === PONG) this.#measure(nowMs, frame);
      else return refused("malformed");
    }
    // One answer a packet: a flood of pings costs its sender more than it costs this node.
    if (ping !== null) this.#append(PONG, ping.payload);
    return { kind: "accepted", cameUp, frames: others };
  }

  #measure(nowMs: number, pong: Frame): void {
    const number = new ByteReader(pong.payload).u32();
    if (this.#ping === null || this.#ping.number !== number) return;
    this.#roundTripMs = nowMs - this.#ping.sentMs;
    this.#ping = null;
  }

  #keepAlive(nowMs: number): Ticked {
    if (this.#pingedMs === null || nowMs - this.#pingedMs >= ROUND_TRIP_EVERY_MS) {
      this.#pings = (this.#pings + 1) >>> 0;
      this.#ping = { number: this.#pings, sentMs: nowMs };
      this.#pingedMs = nowMs;
      this.#append(PING, new ByteWriter(PING_BYTES).u32(this.#pings).finish());
      return "flush";
    }
    if (nowMs - this.#sentMs < KEEPALIVE_MS) return "quiet";
    // A packet without frames: it says that this side is there, and asks for no answer.
    this.#writer.begin();
    return "flush";
  }

  #append(kind: number, payload: Uint8Array): void {
    const full = this.#writer.append(kind, payload);
    if (full === null) return;
    this.#full.push(full);
    this.#fullBytes += full.length;
  }
}

function refused(cause: SessionFault): Received {
  return { kind: "refused", cause };
}
