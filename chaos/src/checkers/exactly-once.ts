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

  constructor(book: BatchBook) {
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
      if (request.retry === null || outcome.status !== "applied") continue;
      const { key } = request.retry;
      const counted = this.#keys.get(key) ?? [];
      for (const other of counted)
        if (other.origin === origin || context.get(other.origin) >= other.sequence)
          throw new Violation(
            this.name,
            `"${key}" counts in ${origin}:${sequence}, which had seen it count in ${other.origin}:${other.sequence}`,
          );
      this.#keys.set(key, [...counted, { origin, sequence }]);
    }
  }
}
