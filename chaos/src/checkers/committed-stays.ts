import {
  type Checker,
  type CommitSeen,
  type LogSeen,
  logOf,
  nodeLogOf,
  type RoleSeen,
  type Sighting,
  Violation,
} from "../evidence.ts";

interface Committed {
  readonly term: number;
  /** The lowest term in which a node knew of it: it was committed in that one or before. */
  learned: number;
  readonly by: string;
}

/**
 * What one node of a group takes for committed no other node takes for something else, ever; and who leads in a later
 * term has it (leader completeness).
 */
export class CommittedStays implements Checker {
  readonly name = "committed entries stay";
  /** The terms of each node's log, by index. */
  readonly #logs = new Map<string, number[]>();
  /** What is committed in each group, by index. */
  readonly #committed = new Map<string, Committed[]>();
  readonly #reached = new Map<string, number>();
  /** The index where each node's log begins: what is before it came with a snapshot. */
  readonly #begins = new Map<string, number>();

  logged(seen: LogSeen): void {
    const terms = this.#termsOf(seen);
    // A new life takes its whole log up; what it knows of its commit begins anew.
    const log = nodeLogOf(seen);
    if (seen.first <= (this.#reached.get(log) ?? 0)) this.#reached.set(log, 0);
    terms.length = seen.first;
    if (seen.begins) {
      this.#begins.set(log, seen.first);
      terms[seen.first - 1] = seen.previousTerm;
    }
    for (const { term } of seen.entries) terms.push(term);
  }

  committed(seen: CommitSeen): void {
    const terms = this.#termsOf(seen);
    const committed = this.#committedIn(seen);
    const log = nodeLogOf(seen);
    const reached = this.#reached.get(log) ?? 0;
    for (let index = Math.max(reached + 1, this.#begins.get(log) ?? 1); index <= seen.index; index++) {
      const term = terms[index];
      const known = committed[index];
      if (term === undefined)
        throw new Violation(
          this.name,
          `${seen.node} takes ${index} of ${seen.group} for committed, which its log has not`,
        );
      if (known === undefined) committed[index] = { term, learned: seen.term, by: seen.node };
      else if (known.term !== term)
        throw new Violation(
          this.name,
          `${seen.node} takes ${index}/${term} of ${seen.group} for committed; ${known.by} took ${index}/${known.term}`,
        );
      else known.learned = Math.min(known.learned, seen.term);
    }
    this.#reached.set(log, Math.max(seen.index, reached));
  }

  role(seen: RoleSeen): void {
    if (!seen.leads) return;
    const terms = this.#termsOf(seen);
    const committed = this.#committedIn(seen);
    for (let index = this.#begins.get(nodeLogOf(seen)) ?? 1; index < committed.length; index++) {
      // Of what came with snapshots nobody may have told.
      const known = committed[index];
      if (known === undefined) continue;
      const { term, learned, by } = known;
      // What a term not older than its own has committed need not be known to a leader that was chosen before.
      if (learned < seen.term && terms[index] !== term)
        throw new Violation(
          this.name,
          `${seen.node} leads ${seen.group} in term ${seen.term} without ${index}/${term}, which ${by} took for committed in term ${learned}`,
        );
    }
  }

  #termsOf(seen: Sighting): number[] {
    const key = nodeLogOf(seen);
    let terms = this.#logs.get(key);
    if (terms === undefined) {
      terms = [0];
      this.#logs.set(key, terms);
    }
    return terms;
  }

  #committedIn(seen: Sighting): Committed[] {
    const key = logOf(seen);
    let committed = this.#committed.get(key);
    if (committed === undefined) {
      committed = [];
      this.#committed.set(key, committed);
    }
    return committed;
  }
}
