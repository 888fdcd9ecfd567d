import { type Checker, type EntryApplied, type ReplicaState, Violation, vectorText } from "../evidence.ts";

interface Known {
  readonly entry: string;
  readonly state: string;
}

/**
 * What the replicas of a group apply are prefixes of one sequence, and each index leaves one state behind: also in a
 * later life, which applies again what its checkpoint had not.
 */
export class AppliedPrefixes implements Checker {
  readonly name = "applied prefixes";
  readonly #known = new Map<string, Known[]>();

  applied({ region, group, node, index, term, checksum, applied, after, digest }: EntryApplied): void {
    const sequence = this.#sequence(region, group);
    const seen = {
      entry: `term ${term}, bytes ${checksum}, ${applied.kind}`,
      state: `[${vectorText(after)}] ${digest}`,
    };
    const known = sequence[index];
    if (known === undefined) sequence[index] = seen;
    else if (known.entry !== seen.entry)
      throw new Violation(
        this.name,
        `${node} applies at ${index} of ${group}: ${seen.entry}; others: ${known.entry}`,
      );
    else if (known.state !== seen.state)
      throw new Violation(
        this.name,
        `${node} has after ${index} of ${group}: ${seen.state}; others: ${known.state}`,
      );
  }

  opened({ region, group, node, index, vector, digest }: ReplicaState): void {
    const known = this.#sequence(region, group)[index];
    const state = `[${vector}] ${digest}`;
    if (known !== undefined && known.state !== state)
      throw new Violation(
        this.name,
        `${node} opens ${group} at ${index} with ${state}; it was ${known.state}`,
      );
  }

  #sequence(region: string, group: string): Known[] {
    const key = `${region} ${group}`;
    const sequence = this.#known.get(key) ?? [];
    this.#known.set(key, sequence);
    return sequence;
  }
}
