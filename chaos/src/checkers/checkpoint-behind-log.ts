import { type Checker, type LogSeen, nodeLogOf, type ReplicaState, Violation } from "../evidence.ts";

/** A life that begins finds in its log all that its checkpoint holds: the checkpoint never passes what was synced. */
export class CheckpointBehindLog implements Checker {
  readonly name = "checkpoint behind log";
  /** Where each node's log of each group ends. */
  readonly #ends = new Map<string, number>();

  logged(seen: LogSeen): void {
    this.#ends.set(nodeLogOf(seen), seen.first + seen.entries.length - 1);
  }

  opened({ node, group, index }: ReplicaState): void {
    const end = this.#ends.get(nodeLogOf({ node, group })) ?? 0;
    if (index > end)
      throw new Violation(
        this.name,
        `${node} opens a checkpoint of ${group} at ${index}, and its log ends at ${end}`,
      );
  }
}
