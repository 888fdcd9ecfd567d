import type { RequestResult } from "@isthmus/graph";
import { type GroupId, IsthmusError, type Registry } from "@isthmus/kernel";
import { encodeRequestId, type RequestId, requestIdOf } from "@isthmus/wire";

export interface QueueLimits {
  /** Requests that wait for their result at this node. */
  readonly requests: number;
  readonly bytes: number;
}

interface Waiter {
  readonly counter: number;
  readonly bytes: Uint8Array;
  readonly deadlineMs: number;
  resolve(result: RequestResult): void;
  reject(error: Error): void;
  /** The term in which it was proposed or forwarded; null while it still waits here. */
  sentTerm: number | null;
}

/**
 * The writes of this node's clients until their result is known. A request is sent in one term only: by proposing it
 * as that term's leader, or by handing it to that leader, which proposes it in that term or never. So when the first
 * entry of a later term is applied, whatever was sent before and has no result will never have one, and goes again.
 *
 * Invariant: a request is sent again only when it is known that it was not applied; nothing else retries.
 */
export class WriteQueue {
  readonly #group: GroupId;
  readonly #node: number;
  readonly #nonce: number;
  readonly #limits: QueueLimits;
  readonly #registry: Registry;
  readonly #waiters = new Map<number, Waiter>();
  #unsent: Waiter[] = [];
  #bytes = 0;
  #counter = 0;

  constructor(options: {
    group: GroupId;
    node: number;
    nonce: number;
    limits: QueueLimits;
    registry: Registry;
  }) {
    this.#group = options.group;
    this.#node = options.node;
    this.#nonce = options.nonce;
    this.#limits = options.limits;
    this.#registry = options.registry;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  /** The id under which the next request is to be encoded. */
  nextId(): RequestId {
    this.#counter += 1;
    return { node: this.#node, nonce: this.#nonce, counter: this.#counter };
  }

  /** Resolves with the request's result. Rejects with `overloaded` at once, `no_leader` or `timeout` in the end. */
  add(bytes: Uint8Array, deadlineMs: number): Promise<RequestResult> {
    if (this.#waiters.size >= this.#limits.requests || this.#bytes + bytes.length > this.#limits.bytes) {
      this.#registry.refuse("write", "overloaded");
      return Promise.reject(
        new IsthmusError("overloaded", `${this.#waiters.size} writes are waiting at this node already`),
      );
    }
    const { counter } = requestIdOf(bytes);
    return new Promise((resolve, reject) => {
      const waiter = { counter, bytes, deadlineMs, resolve, reject, sentTerm: null };
      this.#waiters.set(counter, waiter);
      this.#unsent.push(waiter);
      this.#bytes += bytes.length;
    });
  }

  /** Up to `maxBytes` of what is to be sent next, at least one; they count as sent in `term` from now on. */
  takeUnsent(term: number, maxBytes: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let bytes = 0;
    let count = 0;
    for (const waiter of this.#unsent) {
      if (count > 0 && bytes + waiter.bytes.length > maxBytes) break;
      count += 1;
      // It may have been given up since it was queued.
      if (!this.#waiters.has(waiter.counter)) continue;
      bytes += waiter.bytes.length;
      waiter.sentTerm = term;
      taken.push(waiter.bytes);
    }
    this.#unsent = this.#unsent.slice(count);
    return taken;
  }

  /** An applied entry brought a result: whoever it is for recognises itself. */
  settle(result: RequestResult): void {
    if (result.id.node !== this.#node || result.id.nonce !== this.#nonce) return;
    this.#remove(result.id.counter)?.resolve(result);
  }

  /** The entry of a later term was applied: what was sent in earlier ones is lost, and goes again. */
  termBegan(term: number): void {
    this.#sendAgain((waiter) => waiter.sentTerm !== null && waiter.sentTerm < term);
  }

  /**
   * Requests that were certainly not applied in this term: handed back by who was to propose them, or a no-op when
   * their turn came. What was sent again in a later term is not meant.
   */
  returned(ids: readonly RequestId[], term: number): void {
    const mine = new Set(
      ids.filter((id) => id.node === this.#node && id.nonce === this.#nonce).map((id) => id.counter),
    );
    this.#sendAgain((waiter) => waiter.sentTerm === term && mine.has(waiter.counter));
  }

  /** As `returned`, but the leader has too much to do: that is the clients' answer. */
  refused(ids: readonly RequestId[], term: number): void {
    for (const id of ids) {
      const mine = id.node === this.#node && id.nonce === this.#nonce;
      if (!mine || this.#waiters.get(id.counter)?.sentTerm !== term) continue;
      this.#remove(id.counter)?.reject(
        new IsthmusError(
          "overloaded",
          `the leader of ${this.#group} has too much to do; the write was not applied`,
        ),
      );
    }
  }

  /**
   * The state has become another one, and the entries in between were never applied here: whether what was sent is among
   * them is not known, and will not be. What waits unsent still goes.
   */
  resultsMissed(): void {
    for (const waiter of this.#waiters.values()) {
      if (waiter.sentTerm === null) continue;
      this.#remove(waiter.counter);
      waiter.reject(
        new IsthmusError(
          "timeout",
          "this node has missed the write's result; whether it is applied is not known",
        ),
      );
    }
  }

  #sendAgain(which: (waiter: Waiter) => boolean): void {
    const again = [...this.#waiters.values()].filter(which);
    if (again.length === 0) return;
    for (const waiter of again) waiter.sentTerm = null;
    this.#unsent = [...again, ...this.#unsent];
  }

  /** Gives up what has waited too long. What was sent may still be applied: its outcome is unknown, and that is said. */
  expire(nowMs: number): void {
    for (const waiter of this.#waiters.values()) {
      if (waiter.deadlineMs > nowMs) continue;
      this.#remove(waiter.counter);
      waiter.reject(
        waiter.sentTerm === null
          ? new IsthmusError(
              "no_leader",
              `no leader of ${this.#group} took the write in time; it was not applied`,
            )
          : new IsthmusError(
              "timeout",
              "the write was not confirmed in time; whether it is applied is not known",
            ),
      );
    }
  }

  #remove(counter: number): Waiter | undefined {
    const waiter = this.#waiters.get(counter);
    if (!waiter) return undefined;
    this.#waiters.delete(counter);
    this.#bytes -= waiter.bytes.length;
    return waiter;
  }
}

export function idsOf(requests: readonly Uint8Array[]): Uint8Array[] {
  return requests.map((request) => encodeRequestId(requestIdOf(request)));
}
