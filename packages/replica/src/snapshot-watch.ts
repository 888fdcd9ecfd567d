/** So often a peer may be looked at without a sign of it before it is asked anew what it has. */
const SILENT_LOOKS_MAX = 6;

/**
 * A leader waits for a peer that is to have a snapshot, and sends it nothing else. One that takes no notice, since it was told
 * by an earlier leader or died before it asked, must not be waited for for ever.
 */
export class SnapshotWatch {
  readonly #looks = new Map<number, number>();

  /** Called now and then with those that are waited for; gives those that have been silent for too long. */
  look(waitedFor: readonly number[], isFeeding: (peer: number) => boolean): number[] {
    for (const peer of this.#looks.keys()) if (!waitedFor.includes(peer)) this.#looks.delete(peer);
    return waitedFor.filter((peer) => {
      const looks = isFeeding(peer) ? 0 : (this.#looks.get(peer) ?? 0) + 1;
      this.#looks.set(peer, looks);
      return looks >= SILENT_LOOKS_MAX && this.#looks.delete(peer);
    });
  }
}
