import { compareStamps, type VersionVector } from "@isthmus/causality";
import { checkedContent } from "@isthmus/graph";
import { equalBytes, hex, type Origin } from "@isthmus/kernel";
import type { Batch, Request, RequestOutcome } from "@isthmus/wire";
import { type Checker, type EntryApplied, Violation } from "./evidence.ts";

export interface BookedBatch {
  readonly batch: Batch;
  readonly hash: string;
  readonly content: readonly { readonly request: Request; readonly outcome: RequestOutcome }[];
}

/**
 * All batches that any replica has applied, by origin and number: what the other checkers look things up in. It finds
 * by itself a number that was given twice (TRAPS T8, T11), and a stamp that does not pass all that its batch had seen.
 */
export class BatchBook implements Checker {
  readonly name = "batch numbers";
  readonly #batches: BookedBatch[] = [];
  /** By origin, then by number. */
  readonly #numbered = new Map<string, BookedBatch[]>();
  readonly #listeners: ((booked: BookedBatch) => void)[] = [];

  /** Told each batch once, when it is first applied anywhere. */
  onNew(listener: (booked: BookedBatch) => void): void {
    this.#listeners.push(listener);
  }

  get(origin: string, sequence: number): BookedBatch | undefined {
    return this.#numbered.get(origin)?.[sequence];
  }

  all(): Iterable<BookedBatch> {
    return this.#batches;
  }

  applied({ applied, node }: EntryApplied): void {
    if (applied.kind !== "local" && applied.kind !== "remote") return;
    const { batch } = applied;
    const known = this.get(batch.origin, batch.sequence);
    if (known) {
      if (equalBytes(known.batch.hash, batch.hash)) return;
      throw new Violation(
        this.name,
        `${batch.origin}:${batch.sequence} is another batch at ${node} than elsewhere`,
      );
    }
    const booked = { batch, hash: hex(batch.hash), content: checkedContent(batch) };
    this.#batches.push(booked);
    const numbered = this.#numbered.get(batch.origin) ?? [];
    numbered[batch.sequence] = booked;
    this.#numbered.set(batch.origin, numbered);
    this.#checkStamp(batch);
    for (const listener of this.#listeners) listener(booked);
  }

  /** Stamps grow along an origin, so the last batch of each that was seen is the one to pass. */
  #checkStamp(batch: Batch): void {
    for (const [origin, sequence] of seenBy(batch.context)) {
      const seen = this.get(origin, sequence)?.batch;
      if (seen && compareStamps(seen.stamp, batch.stamp) >= 0)
        throw new Violation(
          this.name,
          `${batch.origin}:${batch.sequence} has seen ${origin}:${sequence} and its stamp is not greater`,
        );
    }
  }
}

function seenBy(context: VersionVector): [Origin, number][] {
  return context.entries();
}
