import type { BatchBook } from "../batch-book.ts";
import { type Checker, type NodeAtRest, Violation } from "../evidence.ts";
import { expectedRecords } from "../expected.ts";

/**
 * At the end each record is what all batches together make of it, computed by a plain twin that knows no order of
 * arrival: no effect of a write is lost, none counts twice, and nothing is there that nobody wrote.
 */
export class Effects implements Checker {
  readonly name = "effects";
  readonly #book: BatchBook;

  constructor(book: BatchBook) {
    this.#book = book;
  }

  finished(nodes: readonly NodeAtRest[]): void {
    const expected = expectedRecords(
      [...this.#book.all()].map(({ batch, content }) => ({ ...batch, content })),
    );
    for (const { node, records } of nodes) {
      const length = Math.max(expected.length, records.length);
      for (let line = 0; line < length; line++)
        if (records[line] !== expected[line])
          throw new Violation(
            this.name,
            `${node} shows ${records[line] ?? "nothing"}; the batches make ${expected[line] ?? "nothing"} of it`,
          );
    }
  }
}
