import { assert, type Socket, type SocketHandlers } from "@isthmus/kernel";
import type { Lifetime, Scheduler } from "./scheduler.ts";

/** How one direction between two nodes behaves. Rates are probabilities of one message, in [0, 1]. */
export interface Conditions {
  readonly baseMs: number;
  readonly jitterMs: number;
  /** How much a message's size delays it and those behind it. */
  readonly bytesPerMs: number;
  /** Loss as TCP shows it: the message, all behind it and the socket are gone, and both sides are told. */
  readonly breakRate: number;
  // What no network does behind TCP, but bad memory and bad code do. The port's promise is broken then: whoever
  // listens has to find out.
  readonly dropRate: number;
  readonly duplicateRate: number;
  /** A message steps out of line and comes up to 20 ms late: what is sent meanwhile on its socket overtakes it. */
  readonly reorderRate: number;
  readonly corruptRate: number;
}

/** What has happened to messages so far. */
export interface Traffic {
  delivered: number;
  vanished: number;
  broken: number;
  dropped: number;
  duplicated: number;
  /** Messages that came behind one sent later: one that stepped out of line and met nobody does not count. */
  reordered: number;
  corrupted: number;
}

/** What lies between the two ends of a socket. */
export interface Wires {
  readonly scheduler: Scheduler;
  readonly counts: Traffic;
  readonly connectTimeoutMs: number;
  /** What the operating systems of both sides take before `bufferedBytes` grows. */
  readonly windowBytes: number;
  /** Whether something that is sent now gets there. */
  reaches(from: string, to: string): boolean;
  conditionsOf(from: string, to: string): Conditions;
  latencyMs(from: string, to: string): number;
  /** The same where the conditions are known. */
  latencyUnder(conditions: Conditions): number;
  happens(rate: number): boolean;
  /** By how much a message that stepped out of line is late. */
  latenessMs(): number;
  /** A copy with one bit changed. */
  corrupted(bytes: Uint8Array): Uint8Array;
  /** Counts what became of a message, and tells whoever watches. */
  saw(what: keyof Traffic, from: string, to: string, bytes: Uint8Array): void;
  /** The socket is closed: it is not the network's any more. */
  forget(socket: SimSocket): void;
}

const NOTHING = new Uint8Array();

/** One end of a socket. The methods beyond the port's are for the network alone. */
export class SimSocket implements Socket {
  readonly node: string;
  readonly peerNode: string;
  readonly #network: Wires;
  readonly #lifetime: Lifetime;
  #handlers: SocketHandlers | null = null;
  #peer: SimSocket | null = null;
  #phase: "connecting" | "open" | "closed" = "connecting";
  /** What was sent from here is lost, and all that is sent later. */
  #severed = false;
  /** This end has closed by itself: it wants to hear no more. */
  #deaf = false;
  #onWayBytes = 0;
  #onWayMessages = 0;
  /** What arrives at the other end, in order. */
  readonly #onWay: (() => void)[] = [];
  /** The messages in line, counted as they leave and as they arrive: by that is seen who was overtaken. */
  #lined = 0;
  #linedArrived = 0;
  #departMs = 0;
  #arriveMs = 0;

  constructor(network: Wires, node: string, lifetime: Lifetime, peerNode: string) {
    this.#network = network;
    this.node = node;
    this.#lifetime = lifetime;
    this.peerNode = peerNode;
  }

  get isConnecting(): boolean {
    return this.#phase === "connecting" && this.#lifetime.alive;
  }

  get bufferedBytes(): number {
    return this.#phase === "open" ? Math.max(0, this.#onWayBytes - this.#network.windowBytes) : 0;
  }

  handle(handlers: SocketHandlers): void {
    assert(this.#handlers === null, "a socket has one handler");
    this.#handlers = handlers;
  }

  send(bytes: Uint8Array): boolean {
    const peer = this.#peer;
    if (this.#phase !== "open" || peer === null) return false;
    const network = this.#network;
    const conditions = network.conditionsOf(this.node, this.peerNode);
    if (this.#severed || !network.reaches(this.node, this.peerNode)) {
      this.#severed = true;
      this.#onWayBytes += bytes.length;
      network.saw("vanished", this.node, this.peerNode, bytes);
    } else if (network.happens(conditions.breakRate)) {
      this.break();
    } else if (network.happens(conditions.dropRate)) {
      network.saw("dropped", this.node, this.peerNode, bytes);
    } else {
      this.#transmit(bytes, conditions);
      if (network.happens(conditions.duplicateRate)) {
        network.saw("duplicated", this.node, this.peerNode, bytes);
        this.#transmit(bytes, conditions);
      }
    }
    return true;
  }

  close(reason: string): void {
    if (this.#phase === "closed") return;
    this.#deaf = true;
    this.#leave();
    this.#network.scheduler.schedule(0, () => this.#handlers?.onClose(reason), this.#lifetime);
    this.#tellPeer(reason);
  }

  /** The dialing end: gives up when nobody answers. */
  connecting(): void {
    const { scheduler, connectTimeoutMs } = this.#network;
    const handled = () => assert(this.#handlers !== null, "a socket is handled in the turn that brings it");
    scheduler.schedule(0, handled, this.#lifetime);
    const giveUp = () => {
      if (this.#phase === "connecting") this.end("connect_timeout");
    };
    scheduler.schedule(connectTimeoutMs, giveUp, this.#lifetime);
  }

  joined(client: SimSocket): void {
    this.#peer = client;
    client.#peer = this;
  }

  /** The accepting end: opens next turn; its answer opens the other end. */
  accepted(): void {
    assert(this.#handlers !== null, "an accepted socket is handled in the turn that brings it");
    this.#network.scheduler.schedule(0, () => this.#open(), this.#lifetime);
    const client = this.#peer;
    if (client === null || !this.#network.reaches(this.node, this.peerNode)) return;
    this.#carry(0, () => {
      if (this.#network.reaches(this.node, client.node)) client.#open();
    });
  }

  /** This end is told that the socket is gone. */
  end(reason: string): void {
    if (this.#phase === "closed") return;
    this.#leave();
    this.#tell(() => this.#handlers?.onClose(reason));
  }

  /** This end's process is gone: it is told nothing. */
  die(tells: boolean): void {
    this.#leave();
    if (tells) this.#tellPeer("reset");
    else this.#severed = true;
  }

  /** The socket breaks in the middle: what is under way is lost, and both ends learn of it. */
  break(): void {
    const peer = this.#peer;
    this.#network.saw("broken", this.node, this.peerNode, NOTHING);
    for (const end of [this, peer]) {
      if (end === null) continue;
      end.#severed = true;
      const delayMs = this.#network.latencyMs(end.node, end.peerNode);
      this.#network.scheduler.schedule(delayMs, () => end.end("reset"));
    }
  }

  severInFlight(): void {
    if (this.#onWayMessages > 0) this.#severed = true;
  }

  #open(): void {
    if (!this.isConnecting) return;
    this.#phase = "open";
    this.#tell(() => this.#handlers?.onOpen());
  }

  /** To this end's process, if it lives; a stopped one hears it when it goes on. */
  #tell(call: () => void): void {
    if (this.#lifetime.alive && !this.#lifetime.hold?.(call)) call();
  }

  #transmit(bytes: Uint8Array, conditions: Conditions): void {
    const network = this.#network;
    const corrupts = network.happens(conditions.corruptRate);
    if (corrupts) network.saw("corrupted", this.node, this.peerNode, bytes);
    const sent = corrupts ? network.corrupted(bytes) : bytes;
    this.#onWayBytes += bytes.length;
    this.#onWayMessages += 1;
    if (network.happens(conditions.reorderRate)) {
      this.#stray(sent);
      return;
    }
    const place = ++this.#lined;
    this.#carry(bytes.length, () => {
      this.#linedArrived = place;
      this.#arrive(sent);
    });
  }

  /** Out of line: nothing that is sent later waits for this message. */
  #stray(bytes: Uint8Array): void {
    const network = this.#network;
    const place = this.#lined;
    const latencyMs = network.latencyMs(this.node, this.peerNode) + network.latenessMs();
    const arriveMs = Math.max(this.#arriveMs, network.scheduler.nowMs) + latencyMs;
    network.scheduler.schedule(arriveMs - network.scheduler.nowMs, () => {
      if (this.#linedArrived > place) network.saw("reordered", this.node, this.peerNode, bytes);
      this.#arrive(bytes);
    });
  }

  /** Invariant: in line nothing overtakes anything, whatever latency was drawn for it. */
  #carry(bytes: number, arrive: () => void): void {
    const { scheduler } = this.#network;
    const conditions = this.#network.conditionsOf(this.node, this.peerNode);
    this.#departMs = Math.max(this.#departMs, scheduler.nowMs) + bytes / conditions.bytesPerMs;
    const latencyMs = this.#network.latencyUnder(conditions);
    this.#arriveMs = Math.max(this.#arriveMs, this.#departMs + latencyMs);
    // Each event brings what is first in line, not what it was made for: sums of fractions may swap two events.
    this.#onWay.push(arrive);
    scheduler.schedule(Math.max(0, this.#arriveMs - scheduler.nowMs), this.#bringNext);
  }

  readonly #bringNext = (): void => this.#onWay.shift()?.();

  #arrive(bytes: Uint8Array): void {
    const peer = this.#peer;
    assert(peer !== null, "a socket that carries messages has two ends");
    this.#onWayMessages -= 1;
    if (this.#severed || !this.#network.reaches(this.node, peer.node)) {
      this.#severed = true;
      this.#network.saw("vanished", this.node, peer.node, bytes);
      return;
    }
    this.#onWayBytes -= bytes.length;
    if (peer.#phase === "closed" || !peer.#lifetime.alive) {
      // The other machine knows nothing of such a socket (any more) and says so.
      peer.#tellPeer("reset");
      return;
    }
    this.#network.saw("delivered", this.node, peer.node, bytes);
    // A copy, as between machines: each side may do with its bytes what the port allows.
    const copy = Buffer.allocUnsafe(bytes.length);
    copy.set(bytes);
    peer.#tell(() => {
      if (!peer.#deaf) peer.#handlers?.onMessage(copy);
    });
  }

  #tellPeer(reason: string): void {
    const peer = this.#peer;
    if (peer === null || !this.#network.reaches(this.node, peer.node)) return;
    this.#carry(0, () => {
      if (this.#network.reaches(this.node, peer.node)) peer.end(reason);
    });
  }

  #leave(): void {
    this.#phase = "closed";
    this.#network.forget(this);
  }
}
