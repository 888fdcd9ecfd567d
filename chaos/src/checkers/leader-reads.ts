import type { Origin, RegionId } from "@isthmus/kernel";
import { type Checker, type HistoryItem, Violation } from "../evidence.ts";

interface Acknowledged {
  readonly returnMs: number;
  readonly sequence: number;
}

/** A `leader` read shows a state that has every write which its region had acknowledged before the read was asked. */
export class LeaderReads implements Checker {
  readonly name = "leader reads";
  /** For each region how far its own batches were acknowledged, and since when: both only grow. */
  readonly #acknowledged = new Map<RegionId, Acknowledged[]>();

  returned({ kind, region, callMs, returnMs, from, key, result, write, read }: HistoryItem): void {
    if (kind === "write" && write?.receipt && returnMs !== null) {
      const { origin, sequence } = write.receipt;
      // A retried key may count in another region, where it was acknowledged under that region's guarantee.
      if (origin === (region as string)) this.#note(region, { returnMs, sequence });
    }
    if (kind !== "read" || result !== "ok" || read?.level !== "leader" || read.asOf === null) return;
    const known = this.#acknowledged.get(region) ?? [];
    const due = known.findLast((each) => each.returnMs <= callMs)?.sequence ?? 0;
    const seen = read.asOf.get(region as string as Origin);
    if (seen < due)
      throw new Violation(
        this.name,
        `${from} answered a leader read of ${key}, asked at ${callMs} ms, as of ${region}:${seen}; ${region}:${due} was acknowledged before`,
      );
  }

  #note(region: RegionId, acknowledged: Acknowledged): void {
    const known = this.#acknowledged.get(region) ?? [];
    if ((known.at(-1)?.sequence ?? 0) < acknowledged.sequence) known.push(acknowledged);
    this.#acknowledged.set(region, known);
  }
}
