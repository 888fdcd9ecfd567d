import type { VersionVector } from "@isthmus/causality";
import type { Origin } from "@isthmus/kernel";
import type { BatchBook, BookedBatch } from "../batch-book.ts";
import { type Checker, Violation } from "../evidence.ts";

interface Counted {
  readonly origin: Origin;
  readonly sequence: number;
}

/**
 * A request is in one batch at most, however often it was handed on; and a key counts once for each region, and once
 * in all where one of the two had heard of the other. (Two regions that had not: see `effects`.)
 */
export class ExactlyOnce implements Checker {
  readonly name = "exactly once";
  readonly #requests = new Map<string, string>();
  readonly #keys = new Map<string, Counted[]>();
  readonly #retryKeys: number;
  /** For each origin the batches of its keyed requests, one number for each request, ascending. */
  readonly #keyed = new Map<Origin, number[]>();

  /** `retryKeys`: so many later keys of its origin a key is remembered at least. */
  constructor(book: BatchBook, { retryKeys = Number.POSITIVE_INFINITY }: { retryKeys?: number } = {}) {
    this.#retryKeys = retryKeys;
    book.onNew((booked) => this.#take(booked));
  }

  #take({ batch, content }: BookedBatch): void {
    const { origin, sequence, context } = batch;
    for (const { request, outcome } of content) {
      const { node, nonce, counter } = request.id;
      const id = `${node} ${nonce} ${counter}`;
      const before = this.#requests.get(id);
      if (before !== undefined)
        throw new Violation(this.name, `the request ${id} is in ${before} and in ${origin}:${sequence}`);
      this.#requests.set(id, `${origin}:${sequence}`);
      if (request.retry === null) continue;
      if (outcome.status === "applied") this.#count(request.retry.key, { origin, sequence }, context);
      const keyed = this.#keyed.get(origin);
      if (keyed) keyed.push(sequence);
      else this.#keyed.set(origin, [sequence]);
    }
  }

  #count(key: string, { origin, sequence }: Counted, context: VersionVector): void {
    const counted = this.#keys.get(key) ?? [];
    for (const other of counted) {
      const seen = other.origin === origin ? sequence : context.get(other.origin);
      if (seen >= other.sequence && !this.#mayBeForgotten(other, seen))
        throw new Violation(
          this.name,
          `"${key}" counts in ${origin}:${sequence}, which had seen it count in ${other.origin}:${other.sequence}`,
        );
    }
    this.#keys.set(key, [...counted, { origin, sequence }]);
  }

  /** Whether enough keys of its origin followed, up to the batch `seen`, for the table to have let it go. */
  #mayBeForgotten({ origin, sequence }: Counted, seen: number): boolean {
    if (this.#retryKeys === Number.POSITIVE_INFINITY) return false;
    // With the key's own request.
    const since = (this.#keyed.get(origin) ?? []).filter((each) => each >= sequence && each <= seen);
    return since.length > this.#retryKeys;
  }
}
