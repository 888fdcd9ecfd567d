import type { Origin } from "@isthmus/kernel";
import type { BatchBook } from "../batch-book.ts";
import { type Checker, type HistoryItem, type NodeAtRest, type Receipt, Violation } from "../evidence.ts";

/** What was acknowledged is there at the end: its batch, with the hash of its receipt, in every replica's vector. */
export class Durability implements Checker {
  readonly name = "durability";
  readonly #book: BatchBook;
  readonly #acknowledged: { readonly client: string; readonly receipt: Receipt }[] = [];

  constructor(book: BatchBook) {
    this.#book = book;
  }

  returned({ client, write }: HistoryItem): void {
    if (write?.receipt) this.#acknowledged.push({ client, receipt: write.receipt });
  }

  finished(nodes: readonly NodeAtRest[]): void {
    for (const { client, receipt } of this.#acknowledged) {
      const { origin, sequence, hash } = receipt;
      const booked = this.#book.get(origin, sequence);
      if (booked?.hash !== hash)
        throw new Violation(
          this.name,
          `${client} was told that its write is in ${origin}:${sequence}, ${booked ? "which is another batch" : "which nobody has applied"}`,
        );
      for (const { node, vector } of nodes)
        if (vector.get(origin as Origin) < sequence)
          throw new Violation(
            this.name,
            `${node} ends at [${vector}] without the acknowledged ${origin}:${sequence}`,
          );
    }
  }
}
