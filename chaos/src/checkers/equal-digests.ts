import type { VersionVector } from "@isthmus/causality";
import { type Checker, type EntryApplied, type ReplicaState, type Sighting, Violation } from "../evidence.ts";

/** Equal vectors mean equal digests: of all replicas of all regions, at every moment of a run. */
export class EqualDigests implements Checker {
  readonly name = "equal digests at equal vectors";
  /** By group, then by vector. */
  readonly #digests = new Map<string, Map<string, { readonly digest: string; readonly node: string }>>();

  applied(entry: EntryApplied): void {
    this.#compare(entry, entry.after, entry.digest);
  }

  opened(state: ReplicaState): void {
    this.#compare(state, state.vector, state.digest);
  }

  #compare({ group, node }: Sighting, vector: VersionVector, digest: string): void {
    const digests = this.#digests.get(group) ?? new Map<string, { digest: string; node: string }>();
    this.#digests.set(group, digests);
    const text = vector.toString();
    const known = digests.get(text);
    if (known === undefined) digests.set(text, { digest, node });
    else if (known.digest !== digest)
      throw new Violation(
        this.name,
        `at [${vector}] of ${group} ${node} has ${digest} and ${known.node} had ${known.digest}`,
      );
  }
}
