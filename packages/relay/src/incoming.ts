import { equalBytes, type NodeId, type Origin } from "@isthmus/kernel";
import type { Batch } from "@isthmus/wire";

/** Why a received batch ends its stream. */
export type BatchFault = "foreign_batch" | "gap" | "broken_chain" | "credit_exceeded";

/** Credit goes back when so large a part of the window is released, */
const PORTIONS = 8;
/** or so long after the last time. */
const TELL_EVERY_MS = 100;

/**
 * One origin's batches on their way into this region's group: what came, in order; what of it is proposed; what of that
 * is applied and gives its credit back. Pure: it holds no socket and no clock.
 */
export class Incoming {
  readonly origin: Origin;
  readonly peer: NodeId;
  readonly stream: number;
  /** Bytes that the sender may have under way or waiting here. */
  readonly windowBytes: number;
  #next: number;
  #head: Uint8Array;
  #heldBytes = 0;
  /** Verified, and not proposed yet. */
  readonly #waiting: { batch: Batch; bytes: number }[] = [];
  /** Proposed, and not applied yet. */
  readonly #proposed: { batch: Batch; bytes: number }[] = [];
  #releasedBytes = 0;
  #toldTo: number;
  #appliedTo: { sequence: number; hash: Uint8Array } | null = null;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(options: {
    origin: Origin;
    peer: NodeId;
    stream: number;
    windowBytes: number;
    after: number;
    head: Uint8Array;
  }) {
    this.origin = options.origin;
    this.peer = options.peer;
    this.stream = options.stream;
    this.windowBytes = options.windowBytes;
    this.#next = options.after + 1;
    this.#head = options.head;
    this.#toldTo = options.after;
  }

  /** Takes the next batch, or says why it cannot be the next one. */
  take(batch: Batch, bytes: number): BatchFault | null {
    if (batch.origin !== this.origin) return "foreign_batch";
    if (batch.sequence !== this.#next) return "gap";
    if (!equalBytes(batch.previousHash, this.#head)) return "broken_chain";
    // The sender stops at or below zero credit: the last batch may reach beyond the window, a further one may not.
    if (this.#heldBytes >= this.windowBytes) return "credit_exceeded";
    this.#next += 1;
    this.#head = batch.hash;
    this.#heldBytes += bytes;
    this.#waiting.push({ batch, bytes });
    return null;
  }

  /** The batch that is to be proposed next. */
  get first(): Batch | undefined {
    return this.#waiting[0]?.batch;
  }

  firstIsProposed(): void {
    const first = this.#waiting.shift();
    if (first) this.#proposed.push(first);
  }

  /**
   * The group has applied the origin's batches up to a number, whoever brought them: everything up to there gives its
   * credit back, also what another stream had proposed before and what was not proposed yet.
   */
  reached(sequence: number, hash: Uint8Array): void {
    for (const list of [this.#proposed, this.#waiting])
      while (list[0] && list[0].batch.sequence <= sequence) {
        const bytes = list.shift()?.bytes ?? 0;
        this.#heldBytes -= bytes;
        this.#releasedBytes += bytes;
      }
    if (sequence === this.#toldTo && this.#releasedBytes === 0) return;
    this.#toldTo = sequence;
    this.#appliedTo = { sequence, hash };
  }

  /** Nothing came that is not applied: if the origin has more, it does not send it. */
  get isIdle(): boolean {
    return this.#heldBytes === 0;
  }

  /**
   * What to tell the sender since the last time: how far this region's group has applied, and new credit. In portions:
   * as long as most of the window is free the sender waits for nothing, and a frame for each batch would only cost.
   */
  takeAcknowledgement(nowMs: number): { sequence: number; hash: Uint8Array; creditBytes: number } | null {
    if (this.#appliedTo === null) return null;
    const isSmall = this.#releasedBytes * PORTIONS < this.windowBytes;
    if (isSmall && nowMs - this.#toldMs < TELL_EVERY_MS) return null;
    this.#toldMs = nowMs;
    const acknowledgement = { ...this.#appliedTo, creditBytes: this.#releasedBytes };
    this.#appliedTo = null;
    this.#releasedBytes = 0;
    return acknowledgement;
  }
}
