import type { GroupId, Registry } from "@isthmus/kernel";
import type { SnapshotFrame } from "@isthmus/wire";
import type { SnapshotShelf } from "./snapshot-shelf.ts";

type Ask = Extract<SnapshotFrame, { kind: "ask" }>;

export interface SnapshotFeedOptions {
  readonly group: GroupId;
  readonly shelf: SnapshotShelf;
  readonly registry: Registry;
  /** False when the peer cannot take it now: it asks again. */
  send(to: number, frame: SnapshotFrame): boolean;
  /** Nothing on the shelf will do: a snapshot with at least this index is to be cut, if that can be. */
  want(leastIndex: number): void;
  onFatal(error: unknown): void;
}

/** What one peer is being sent. */
interface Feeding {
  readonly id: string;
  next: number;
  end: number;
  /** One reader a peer: what it asks for meanwhile only moves `next` and `end`. */
  reading: boolean;
  /** One past the furthest chunk that it was ever sent. */
  furthest: number;
  quietTicks: number;
}

/** However much a receiver asks for, no more chunks than this are on their way to it. */
const WINDOW_MAX_CHUNKS = 16;
/** So long after a receiver's last word its snapshot, and the log behind it, are kept for it. */
export const FEED_PATIENCE_TICKS = 300;

/** Answers those that fetch a snapshot from this node, each within what it has asked for. */
export class SnapshotFeed {
  readonly #options: SnapshotFeedOptions;
  readonly #feeding = new Map<number, Feeding>();

  constructor(options: SnapshotFeedOptions) {
    this.#options = options;
  }

  /** Whether somebody is being fed from this snapshot. */
  isFeedingFrom(id: string): boolean {
    return [...this.#feeding.values()].some((feeding) => feeding.id === id);
  }

  /** Whether this peer has asked for anything lately. */
  isFeeding(peer: number): boolean {
    return this.#feeding.has(peer);
  }

  get ids(): string[] {
    return [...this.#feeding.values()].map(({ id }) => id);
  }

  tick(): void {
    for (const [peer, feeding] of this.#feeding) {
      feeding.quietTicks += 1;
      if (feeding.quietTicks >= FEED_PATIENCE_TICKS) this.#feeding.delete(peer);
    }
  }

  take(from: number, ask: Ask): void {
    const { shelf } = this.#options;
    const offer = ask.id === "" ? shelf.newest : shelf.offer(ask.id);
    const serves = offer !== null && offer.header.index >= ask.leastIndex;
    if (!serves) {
      if (ask.id === "") this.#options.want(ask.leastIndex);
      this.#send(from, { kind: "gone", group: ask.group, id: ask.id });
      return;
    }
    const feeding = this.#of(from, offer.header.id);
    feeding.quietTicks = 0;
    if (ask.count === 0) {
      this.#send(from, { kind: "offer", group: ask.group, offer });
      return;
    }
    // What follows on what it has asked for is more of it; anything else begins anew there.
    if (ask.from !== feeding.end) feeding.next = ask.from;
    feeding.end = Math.min(ask.from + ask.count, offer.chunks, feeding.next + WINDOW_MAX_CHUNKS);
    if (!feeding.reading) this.#serve(from, feeding).catch((error: unknown) => this.#options.onFatal(error));
  }

  /** The peer needs no more. */
  end(peer: number): void {
    this.#feeding.delete(peer);
  }

  #of(peer: number, id: string): Feeding {
    const known = this.#feeding.get(peer);
    if (known?.id === id) return known;
    const fresh = { id, next: 0, end: 0, reading: false, furthest: 0, quietTicks: 0 };
    this.#feeding.set(peer, fresh);
    return fresh;
  }

  async #serve(to: number, feeding: Feeding): Promise<void> {
    const { group, shelf, registry } = this.#options;
    const { id } = feeding;
    feeding.reading = true;
    try {
      while (feeding.next < feeding.end && this.#feeding.get(to) === feeding) {
        const number = feeding.next;
        const chunk = await shelf.read(id, number);
        if (chunk === null) {
          this.#feeding.delete(to);
          this.#send(to, { kind: "gone", group, id });
          return;
        }
        // It may have asked for another place meanwhile.
        if (feeding.next !== number) continue;
        if (!this.#send(to, { kind: "chunk", group, id, chunk })) {
          feeding.end = number;
          return;
        }
        feeding.next = number + 1;
        registry.counter("isthmus.snapshot.sent_bytes", { group }).add(chunk.bytes.length);
        if (number < feeding.furthest)
          registry.counter("isthmus.snapshot.sent_again_bytes", { group }).add(chunk.bytes.length);
        feeding.furthest = Math.max(feeding.furthest, feeding.next);
      }
    } finally {
      feeding.reading = false;
    }
  }

  #send(to: number, frame: SnapshotFrame): boolean {
    return this.#options.send(to, frame);
  }
}
