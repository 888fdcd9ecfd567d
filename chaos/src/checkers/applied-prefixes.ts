import type { VersionVector } from "@isthmus/causality";
import { type Checker, type EntryApplied, type ReplicaState, Violation } from "../evidence.ts";

/** What the first to apply an index made of it. Not the sighting itself, which would keep all that it tells of. */
interface Known extends Pick<EntryApplied, "term" | "checksum" | "after" | "digest"> {
  readonly kind: EntryApplied["applied"]["kind"];
}

/**
 * What the replicas of a group apply are prefixes of one sequence, and each index leaves one state behind: also in a
 * later life, which applies again what its checkpoint had not.
 */
export class AppliedPrefixes implements Checker {
  readonly name = "applied prefixes";
  /** By region, then by group, then by index. */
  readonly #known = new Map<string, Map<string, Known[]>>();

  applied(seen: EntryApplied): void {
    const { region, group, node, index, term, checksum, after, digest } = seen;
    const { kind } = seen.applied;
    const sequence = this.#sequence(region, group);
    const known = sequence[index];
    if (known === undefined) sequence[index] = { term, checksum, kind, after, digest };
    else if (known.term !== term || known.checksum !== checksum || known.kind !== kind)
      throw new Violation(
        this.name,
        `${node} applies at ${index} of ${group}: ${entryText({ term, checksum, kind })}; others: ${entryText(known)}`,
      );
    else if (!isState(known, after, digest))
      throw new Violation(
        this.name,
        `${node} has after ${index} of ${group}: ${stateText(seen)}; others: ${stateText(known)}`,
      );
  }

  opened({ region, group, node, index, vector, digest }: ReplicaState): void {
    const known = this.#sequence(region, group)[index];
    if (known !== undefined && !isState(known, vector, digest))
      throw new Violation(
        this.name,
        `${node} opens ${group} at ${index} with ${stateText({ after: vector, digest })}; it was ${stateText(known)}`,
      );
  }

  #sequence(region: string, group: string): Known[] {
    const groups = this.#known.get(region) ?? new Map<string, Known[]>();
    this.#known.set(region, groups);
    const sequence = groups.get(group) ?? [];
    groups.set(group, sequence);
    return sequence;
  }
}

function isState(known: Known, vector: VersionVector, digest: string): boolean {
  return known.digest === digest && known.after.equals(vector);
}

function entryText({ term, checksum, kind }: Pick<Known, "term" | "checksum" | "kind">): string {
  return `term ${term}, bytes ${checksum}, ${kind}`;
}

function stateText({ after, digest }: Pick<Known, "after" | "digest">): string {
  return `[${after}] ${digest}`;
}
