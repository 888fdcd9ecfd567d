import {
  assert,
  type Clock,
  type Counter,
  type Listener,
  type Network,
  type NodeId,
  type Random,
  type RegionId,
  type Registry,
  type Socket,
  type Timer,
} from "@isthmus/kernel";
import { Backoff } from "./backoff.ts";
import { buffered, type Connection, type Ending, type Line, nonce } from "./connection.ts";
import type { LinkIdentity, LinkPeer } from "./hello.ts";
import { DEFAULT_MAX_BUFFERED_BYTES, MAX_PACKET_BYTES, MAX_STRANGERS, TICK_MS } from "./limits.ts";
import { Session, type SessionFault } from "./session.ts";

export interface LinksOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** For nonces and for the spread of retries. */
  readonly random: Random;
  readonly registry: Registry;
  /** `address` is where this node listens. */
  readonly self: LinkIdentity & { readonly address: string };
  /** Everybody else, at first; an entry for this node itself is passed over. */
  readonly peers: readonly LinkPeer[];
  /** Whether a peer may come with these data. Default: with any. */
  isKnownBy?(peer: NodeId, dataId: Uint8Array): boolean;
  /** This node cannot listen, now that it has somebody to listen to. */
  onFailed?(error: unknown): void;
  /** A frame of a peer that is up. `payload` is a view into the packet. May call back into Links. */
  onFrame(peer: NodeId, kind: number, payload: Uint8Array): void;
  onUp(peer: NodeId): void;
  /** Follows each `onUp` exactly once. What was sent and not answered may or may not have arrived. */
  onDown(peer: NodeId, reason: string): void;
  /** Calls back at the end of this turn. `clock.soon` by default; who has other work to do then gives its own. */
  readonly soon?: (call: () => void) => void;
  /** What may wait for one peer before `send` refuses, in bytes. */
  readonly maxBufferedBytes?: number;
}

export interface LinkStatus {
  readonly node: NodeId;
  readonly region: RegionId;
  readonly up: boolean;
  /** Since when it is so, by the wall clock, in milliseconds since 1970. */
  readonly since: number;
  readonly rttMs: number | null;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** By which data the peer is known on the connection that is up. */
  readonly dataId: Uint8Array | null;
  /** Why the peer refused this node's last greeting; null when it did not. */
  readonly refusedAs: string | null;
}

const REFUSED = "refused: ";

/**
 * The connections of one node: at most one a pair of nodes, dialed by the smaller id, kept alive and re-made. Frames
 * sent in one turn leave in one packet at its end. On one connection what arrives is a prefix of what was sent, in
 * order and unaltered; across connections nothing is promised, and nothing is sent again.
 */
export class Links {
  readonly #options: LinksOptions;
  readonly #lines = new Map<NodeId, Line>();
  readonly #known = new Map<NodeId, LinkPeer>();
  readonly #removed = new Set<NodeId>();
  readonly #strangers = new Set<Connection>();
  readonly #maxBufferedBytes: number;
  readonly #notConnected: Counter;
  readonly #bufferFull: Counter;
  #dirty: Connection[] = [];
  #listener: Listener | null = null;
  #ticker: Timer | null = null;
  #phase: "new" | "running" | "closed" = "new";
  #opening = false;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES;
    assert(this.#maxBufferedBytes >= MAX_PACKET_BYTES, "the largest packet has room in a peer's buffer");
    this.#notConnected = options.registry.counter("isthmus.link.refused", { cause: "not_connected" });
    this.#bufferFull = options.registry.counter("isthmus.link.refused", { cause: "buffer_full" });
    for (const peer of options.peers) {
      assert(!this.#lines.has(peer.node), "peers have different ids");
      this.#add(peer);
    }
    options.registry.gauge("isthmus.link.peers_up", {}, () => this.#upCount());
  }

  /**
   * Listens and begins to dial; resolves when it listens, not when peers are up. A node without peers opens nothing.
   * Rejects with IsthmusError `address_in_use` or `address_unavailable`.
   */
  async start(): Promise<void> {
    assert(this.#phase === "new", "links start once");
    this.#phase = "running";
    if (this.#lines.size > 0) await this.#open();
  }

  async #open(): Promise<void> {
    this.#opening = true;
    const listener = await this.#options.network.listen(this.#options.self.address, (socket) =>
      this.#accept(socket),
    );
    if (this.#isClosed()) return listener.close();
    this.#listener = listener;
    this.#ticker = this.#options.clock.every(TICK_MS, () => this.#tick());
    for (const line of this.#lines.values()) if (line.dials && line.connection === null) this.#dial(line);
  }

  /**
   * From now on these are the peers, and those in `removed` were some once: they are refused by name. Connections to who
   * is no longer a peer, has another address, or is now known by other data, end. The first peer of a node makes it
   * listen.
   */
  setPeers(peers: readonly LinkPeer[], removed: readonly NodeId[] = []): void {
    if (this.#isClosed()) return;
    for (const node of removed) this.#removed.add(node);
    const wanted = new Map(peers.map((peer) => [peer.node, peer]));
    for (const line of [...this.#lines.values()]) {
      const { node, region, address } = line.peer;
      const stays = wanted.get(node);
      if (stays?.address === address && stays.region === region) {
        this.#judgeAgain(line);
        continue;
      }
      this.#known.delete(node);
      this.#lines.delete(node);
      line.redial?.cancel();
      if (line.connection !== null) this.#end(line.connection, "left");
    }
    for (const peer of wanted.values()) if (!this.#lines.has(peer.node)) this.#add(peer);
    if (this.#phase !== "running" || this.#lines.size === 0) return;
    if (!this.#opening) this.#open().catch((error: unknown) => this.#options.onFailed?.(error));
    else if (this.#listener !== null)
      for (const line of this.#lines.values())
        if (line.dials && line.connection === null && line.redial === null) this.#dial(line);
  }

  /** What is known of a peer may have come after it came up: with other data it is another one. */
  #judgeAgain({ up, connection, peer }: Line): void {
    const dataId = connection?.session.peerDataId ?? null;
    if (!up || connection === null || dataId === null) return;
    if (this.#options.isKnownBy?.(peer.node, dataId) === false) this.#refuse(connection, "foreign_data");
  }

  #add(peer: LinkPeer): void {
    if (peer.node === this.#options.self.node) return;
    this.#known.set(peer.node, peer);
    this.#lines.set(peer.node, this.#newLine(peer));
  }

  /**
   * Takes a frame to a peer, to leave at the end of this turn; `kind` is below 0xf0, the payload (8 MiB at most) is
   * copied. False when the peer is not connected or too much waits for it already: nothing is queued then.
   */
  send(peer: NodeId, kind: number, payload: Uint8Array): boolean {
    const line = this.#lines.get(peer);
    if (line === undefined || !line.up || line.connection === null) {
      this.#notConnected.add();
      return false;
    }
    const connection = line.connection;
    if (buffered(connection) + payload.length > this.#maxBufferedBytes) {
      this.#bufferFull.add();
      return false;
    }
    connection.session.send(kind, payload);
    this.#flushSoon(connection);
    return true;
  }

  isUp(peer: NodeId): boolean {
    return this.#lines.get(peer)?.up ?? false;
  }

  /** What waits for a peer and has not been taken by its socket's operating system. */
  bufferedBytes(peer: NodeId): number {
    const line = this.#lines.get(peer);
    return line?.up && line.connection !== null ? buffered(line.connection) : 0;
  }

  status(): LinkStatus[] {
    return [...this.#lines.values()].map((line) => ({
      node: line.peer.node,
      region: line.peer.region,
      up: line.up,
      since: line.changedWallMs,
      rttMs: line.up && line.connection !== null ? line.connection.session.roundTripMs : null,
      sentBytes: line.sentBytes,
      receivedBytes: line.receivedBytes,
      dataId: line.up && line.connection !== null ? line.connection.session.peerDataId : null,
      refusedAs: line.refusedAs,
    }));
  }

  /** Ends all connections (peers that were up get their `onDown`) and stops listening. */
  async close(): Promise<void> {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#ticker?.cancel();
    for (const connection of [...this.#strangers]) this.#end(connection, "stopped");
    for (const line of this.#lines.values()) {
      line.redial?.cancel();
      if (line.connection !== null) this.#end(line.connection, "stopped");
    }
    await this.#listener?.close();
  }

  #newLine(peer: LinkPeer): Line {
    return {
      peer,
      dials: this.#options.self.node < peer.node,
      backoff: new Backoff(this.#options.random),
      connection: null,
      up: false,
      changedWallMs: this.#options.clock.wallMs(),
      upMonotonicMs: 0,
      redial: null,
      sentBytes: 0,
      receivedBytes: 0,
      refusedAs: null,
    };
  }

  #dial(line: Line): void {
    assert(line.connection === null && line.dials, "a pair has one connection, and one who dials");
    line.redial = null;
    const connection = this.#newConnection(this.#options.network.connect(line.peer.address), line);
    line.connection = connection;
    this.#handle(connection);
  }

  #accept(socket: Socket): void {
    const connection = this.#newConnection(socket, null);
    this.#strangers.add(connection);
    this.#handle(connection);
    // Strangers cost memory before anybody knows who they are: there are only so many at a time.
    if (this.#isClosed()) this.#end(connection, "stopped");
    else if (this.#strangers.size > MAX_STRANGERS) this.#end(connection, "too_many_strangers");
  }

  #newConnection(socket: Socket, line: Line | null): Connection {
    const session = new Session({
      self: this.#options.self,
      peers: this.#known,
      removed: this.#removed,
      isKnownBy: (peer, dataId) => this.#options.isKnownBy?.(peer, dataId) ?? true,
      target: line === null ? null : line.peer,
      nonce: nonce(this.#options.random),
      nowMs: this.#options.clock.monotonicMs(),
    });
    return { socket, session, line, dirty: false, closed: false };
  }

  #handle(connection: Connection): void {
    connection.socket.handle({
      onOpen: () => {
        if (connection.closed || connection.line === null) return;
        connection.session.opened();
        this.#flushSoon(connection);
      },
      onMessage: (bytes) => {
        if (!connection.closed) this.#receive(connection, bytes);
      },
      onClose: (reason) => {
        if (connection.closed) return;
        this.#noteRefusal(connection, reason);
        this.#end(connection, "remote", reason);
      },
    });
  }

  /** Both sides may refuse: also the dialer, when it has seen who answers. */
  #noteRefusal({ line, session }: Connection, reason: string): void {
    const met = line ?? (session.peer === null ? undefined : this.#lines.get(session.peer.node));
    if (met !== undefined && !met.up && reason.startsWith(REFUSED))
      met.refusedAs = reason.slice(REFUSED.length);
  }

  #receive(connection: Connection, bytes: Uint8Array): void {
    const received = connection.session.receive(this.#options.clock.monotonicMs(), bytes);
    if (received.kind === "refused") {
      this.#refuse(connection, received.cause);
      return;
    }
    if (connection.session.waitingBytes > 0) this.#flushSoon(connection);
    if (received.cameUp) this.#cameUp(connection);
    const line = connection.line;
    if (line === null) return;
    line.receivedBytes += bytes.length;
    for (const frame of received.frames) {
      // Whoever takes a frame may close the links: nothing follows an `onDown`.
      if (connection.closed) return;
      this.#options.onFrame(line.peer.node, frame.kind, frame.payload);
    }
  }

  #cameUp(connection: Connection): void {
    const peer = connection.session.peer;
    assert(peer !== null, "a session that is up knows its peer");
    const line = this.#lines.get(peer.node);
    if (line === undefined || line.peer !== peer) {
      // It ceased to be a peer, or moved, while it was greeting.
      this.#end(connection, "left");
      return;
    }
    // What the peer is known by may have come since its greeting was taken: nothing would judge this connection again.
    const dataId = connection.session.peerDataId;
    assert(dataId !== null, "a session that is up knows its peer's data");
    if (this.#options.isKnownBy?.(peer.node, dataId) === false) {
      this.#refuse(connection, "foreign_data");
      return;
    }
    // The peer would not dial again if it still held the old one: that is a dead half.
    if (line.connection !== null && line.connection !== connection) this.#end(line.connection, "replaced");
    if (connection.closed) return; // by whoever heard of the old one's end
    this.#strangers.delete(connection);
    connection.line = line;
    line.connection = connection;
    line.up = true;
    line.refusedAs = null;
    line.changedWallMs = this.#options.clock.wallMs();
    line.upMonotonicMs = this.#options.clock.monotonicMs();
    this.#options.onUp(peer.node);
  }

  #tick(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const line of this.#lines.values()) {
      if (line.connection !== null) this.#tickOne(line.connection, nowMs);
    }
    for (const connection of [...this.#strangers]) this.#tickOne(connection, nowMs);
  }

  #tickOne(connection: Connection, nowMs: number): void {
    const ticked = connection.session.tick(nowMs);
    if (ticked === "flush") this.#flushSoon(connection);
    else if (ticked !== "quiet") this.#end(connection, ticked);
  }

  #refuse(connection: Connection, cause: SessionFault): void {
    this.#options.registry.refuse("link", cause);
    connection.line?.backoff.ended(0, connection.session.phase !== "up");
    this.#close(connection, `${REFUSED}${cause}`);
  }

  #end(connection: Connection, cause: Ending, reason: string = cause): void {
    if (cause === "too_many_strangers") this.#options.registry.refuse("link", cause);
    else this.#options.registry.counter("isthmus.link.ended", { cause }).add();
    this.#close(connection, reason);
  }

  /** Invariant: after this nothing of the connection is sent or delivered, whatever its socket still says. */
  #close(connection: Connection, reason: string): void {
    assert(!connection.closed, "a connection ends once");
    connection.closed = true;
    connection.session.close();
    connection.socket.close(reason);
    this.#strangers.delete(connection);
    const line = connection.line;
    if (line === null || line.connection !== connection) return;
    line.connection = null;
    const wasUp = line.up;
    if (wasUp) {
      line.up = false;
      line.changedWallMs = this.#options.clock.wallMs();
      line.backoff.ended(this.#options.clock.monotonicMs() - line.upMonotonicMs, false);
    }
    if (line.dials && !this.#isClosed() && this.#lines.get(line.peer.node) === line) {
      line.redial = this.#options.clock.after(line.backoff.nextMs(), () => this.#dial(line));
    }
    if (wasUp) this.#options.onDown(line.peer.node, reason);
  }

  #flushSoon(connection: Connection): void {
    if (connection.dirty) return;
    connection.dirty = true;
    this.#dirty.push(connection);
    if (this.#dirty.length > 1) return;
    if (this.#options.soon) this.#options.soon(this.#flushAll);
    else this.#options.clock.soon(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    const dirty = this.#dirty;
    this.#dirty = [];
    const nowMs = this.#options.clock.monotonicMs();
    for (const connection of dirty) {
      connection.dirty = false;
      if (connection.closed) continue;
      for (const packet of connection.session.flush(nowMs)) {
        // False means that the socket has closed and will say so: the rest is lost with it.
        if (!connection.socket.send(packet)) break;
        if (connection.line !== null) connection.line.sentBytes += packet.length;
      }
    }
  };

  #isClosed(): boolean {
    return this.#phase === "closed";
  }

  #upCount(): number {
    let count = 0;
    for (const line of this.#lines.values()) if (line.up) count += 1;
    return count;
  }
}
