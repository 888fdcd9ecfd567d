import type { NodeId } from "@isthmus/kernel";
import { type Checker, Violation } from "../evidence.ts";

/** What a node may hold in memory, by the name of the gauge that tells it. */
export type Bounds = Readonly<Record<string, number>>;

/** Queues and caches stay within their bounds, whatever the other side does. */
export class WithinBounds implements Checker {
  readonly name = "memory bounds";
  readonly #bounds: Bounds;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  sampled(node: NodeId, values: ReadonlyMap<string, number>): void {
    for (const [gauge, most] of Object.entries(this.#bounds)) {
      const value = values.get(gauge) ?? 0;
      if (value > most)
        throw new Violation(this.name, `${gauge} is ${value} at ${node}, and at most ${most} is allowed`);
    }
  }
}
