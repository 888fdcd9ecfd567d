import { must } from "@isthmus/kernel";
import { type Checker, type LogSeen, logOf, Violation } from "../evidence.ts";

interface Known {
  readonly term: number;
  readonly previousTerm: number;
  /** Null until somebody has looked at the bytes. */
  checksum: number | null;
}

/**
 * Two logs of a group that hold an entry of the same index and term hold the same entry there, and the same before it:
 * up to the beginning, since each entry is compared together with the term of the one before.
 */
export class LogMatching implements Checker {
  readonly name = "log matching";
  /** For each group what was seen at each index: one entry, and more only where terms fought over it. */
  readonly #known = new Map<string, Known[][]>();

  logged(seen: LogSeen): void {
    const log = this.#logOf(seen);
    let { previousTerm } = seen;
    for (const [place, { term, checksum }] of seen.entries.entries()) {
      const index = seen.first + place;
      log[index] ??= [];
      const rivals = must(log[index], "an index that was looked at");
      const known = rivals.find((each) => each.term === term);
      if (known === undefined) rivals.push({ term, previousTerm, checksum });
      else {
        const where = `${seen.node} holds at ${index}/${term} of ${seen.group}`;
        if (known.previousTerm !== previousTerm)
          throw new Violation(
            this.name,
            `${where} an entry behind one of term ${previousTerm}; elsewhere it is of term ${known.previousTerm}`,
          );
        if (checksum !== null && known.checksum !== null && known.checksum !== checksum)
          throw new Violation(
            this.name,
            `${where} other bytes (${checksum}) than elsewhere (${known.checksum})`,
          );
        known.checksum ??= checksum;
      }
      previousTerm = term;
    }
  }

  #logOf(seen: LogSeen): Known[][] {
    const key = logOf(seen);
    const log = this.#known.get(key) ?? [];
    this.#known.set(key, log);
    return log;
  }
}
