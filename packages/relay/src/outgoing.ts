import { type Counter, equalBytes, type NodeId, type Registry } from "@isthmus/kernel";
import { type Acknowledge, encodeStreamBatch, FRAME, HASH_ZERO, type Subscribe } from "@isthmus/wire";
import type { RelayedGroup, RelayPeers } from "./ports.ts";

interface Stream {
  readonly peer: NodeId;
  readonly stream: number;
  next: number;
  creditBytes: number;
  /** There is more, and no credit for it. */
  waits: boolean;
}

/** However much a receiver grants, no more than this is under way to it. */
const CREDIT_MAX_BYTES = 64 * 1024 * 1024;

/** Why a subscription is not served. */
export type ServeRefusal =
  | "not_leader"
  | "unknown_origin"
  | "ahead_of_origin"
  | "compacted"
  | "diverged"
  | "paused";

/** What this region's leader sends to the leaders of others: own batches, in order, within each receiver's credit. */
export class Outgoing {
  readonly #group: RelayedGroup;
  readonly #peers: RelayPeers;
  readonly #registry: Registry;
  readonly #sentBytes: Counter;
  readonly #streams = new Map<NodeId, Stream>();

  constructor(group: RelayedGroup, peers: RelayPeers, registry: Registry) {
    this.#group = group;
    this.#peers = peers;
    this.#registry = registry;
    this.#sentBytes = registry.counter("isthmus.relay.sent_bytes");
  }

  /** Begins a stream, in place of an earlier one to the same peer; or says why not. */
  begin(peer: NodeId, subscribe: Subscribe): ServeRefusal | null {
    if (!this.#group.leads) return "not_leader";
    if (subscribe.origin !== this.#group.origin) return "unknown_origin";
    if (subscribe.after > this.#group.newestBatch) return "ahead_of_origin";
    // A position is a number and a hash: two histories under one number must never be spliced (R28).
    const head = this.#hashOf(subscribe.after);
    if (head === undefined) return "compacted";
    if (!equalBytes(head, subscribe.hash)) return "diverged";
    const { stream } = subscribe;
    const creditBytes = Math.min(subscribe.creditBytes, CREDIT_MAX_BYTES);
    this.#streams.set(peer, { peer, stream, next: subscribe.after + 1, creditBytes, waits: false });
    return null;
  }

  /** The hash of an own batch that exists, as long as the next one is still there to name it. */
  #hashOf(sequence: number): Uint8Array | undefined {
    if (sequence === 0) return this.#group.newestBatch === 0 || this.#group.batch(1) ? HASH_ZERO : undefined;
    if (sequence === this.#group.newestBatch) return this.#group.headOf(this.#group.origin);
    return this.#group.batch(sequence + 1)?.previousHash;
  }

  acknowledge(peer: NodeId, { stream, creditBytes }: Acknowledge): void {
    const serving = this.#streams.get(peer);
    if (serving?.stream === stream)
      serving.creditBytes = Math.min(serving.creditBytes + creditBytes, CREDIT_MAX_BYTES);
  }

  /** Ends the peer's stream: whichever it is, or only the one with this number. */
  end(peer: NodeId, stream?: number): void {
    if (stream === undefined || this.#streams.get(peer)?.stream === stream) this.#streams.delete(peer);
  }

  endAll(): void {
    this.#streams.clear();
  }

  /** Sends what there is, as far as credit and the peers' sockets go. */
  pump(): void {
    for (const stream of this.#streams.values()) {
      while (stream.next <= this.#group.newestBatch && stream.creditBytes > 0) {
        const batch = this.#group.batch(stream.next);
        if (batch === undefined) {
          // Whoever asks again is told at once that it is compacted.
          this.#streams.delete(stream.peer);
          this.#registry.refuse("relay", "compacted");
          break;
        }
        const payload = encodeStreamBatch({ stream: stream.stream, batch });
        if (!this.#peers.send(stream.peer, FRAME.batch, payload)) break;
        stream.next += 1;
        stream.creditBytes -= payload.length;
        this.#sentBytes.add(payload.length);
      }
      const waits = stream.next <= this.#group.newestBatch && stream.creditBytes <= 0;
      if (waits && !stream.waits) this.#registry.counter("isthmus.relay.credit_waits").add();
      stream.waits = waits;
    }
  }
}
