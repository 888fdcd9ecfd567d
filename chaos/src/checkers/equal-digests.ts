import type { VersionVector } from "@isthmus/causality";
import {
  type Checker,
  type EntryApplied,
  type ReplicaState,
  type Sighting,
  Violation,
  vectorText,
} from "../evidence.ts";

/** Equal vectors mean equal digests: of all replicas of all regions, at every moment of a run. */
export class EqualDigests implements Checker {
  readonly name = "equal digests at equal vectors";
  readonly #digests = new Map<string, { readonly digest: string; readonly node: string }>();

  applied(entry: EntryApplied): void {
    this.#compare(entry, entry.after, entry.digest);
  }

  opened(state: ReplicaState): void {
    this.#compare(state, state.vector, state.digest);
  }

  #compare({ group, node }: Sighting, vector: VersionVector, digest: string): void {
    const key = `${group} ${vectorText(vector)}`;
    const known = this.#digests.get(key);
    if (known === undefined) this.#digests.set(key, { digest, node });
    else if (known.digest !== digest)
      throw new Violation(
        this.name,
        `at [${vector}] of ${group} ${node} has ${digest} and ${known.node} had ${known.digest}`,
      );
  }
}
