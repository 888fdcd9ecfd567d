import { assert } from "@isthmus/kernel";
import type { Inflights } from "./inflights.ts";
import type { Progress, ProgressState } from "./types.ts";

/**
 * The leader's view of one peer and the rules by which it moves. Probe: one message with entries, then wait. Replicate:
 * optimistic, up to a window. Snapshot: nothing until the snapshot is settled.
 *
 * Invariant: match < next.
 */
export class PeerProgress {
  match: number;
  next: number;
  state: ProgressState = "StateProbe";
  isLearner: boolean;
  recentActive = false;
  pendingSnapshot = 0;
  /** Stops all but what a state lets through; a heartbeat's answer or a new acknowledgement lifts it. */
  flowPaused = false;
  /** The highest commit index sent: what a later message need not repeat. */
  sentCommit = 0;
  readonly inflights: Inflights;

  constructor(options: { match: number; next: number; isLearner: boolean; inflights: Inflights }) {
    this.match = options.match;
    this.next = options.next;
    this.isLearner = options.isLearner;
    this.inflights = options.inflights;
  }

  get paused(): boolean {
    return this.state === "StateSnapshot" || this.flowPaused;
  }

  /** From a snapshot on, probing goes on behind it, even if no acknowledgement of it has come. */
  becomeProbe(): void {
    const settled = this.state === "StateSnapshot" ? this.pendingSnapshot : 0;
    this.#enter("StateProbe");
    this.next = Math.max(this.match, settled) + 1;
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
    assert(this.match < this.next, "next stays above match");
  }

  becomeReplicate(): void {
    assert(
      this.pendingSnapshot === 0 || this.state === "StateSnapshot",
      "a snapshot is pending in its state only",
    );
    this.#enter("StateReplicate");
    this.next = this.match + 1;
  }

  becomeSnapshot(index: number): void {
    assert(index > 0, "a snapshot that is sent holds something");
    this.#enter("StateSnapshot");
    this.pendingSnapshot = index;
    this.next = index + 1;
    this.sentCommit = index;
  }

  /** Notes a MsgApp. `bytes` is the data of its entries. */
  sentEntries(count: number, bytes: number): void {
    assert(this.state !== "StateSnapshot", "nothing is appended to a peer that waits for a snapshot");
    if (this.state === "StateProbe") {
      if (count > 0) this.flowPaused = true;
      return;
    }
    if (count > 0) {
      this.next += count;
      this.inflights.add(this.next - 1, bytes);
    }
    this.flowPaused = this.inflights.full;
  }

  /** Whether telling the peer that `commit` is committed lets it commit more of what it was sent. */
  canBumpCommit(commit: number): boolean {
    return commit > this.sentCommit && this.sentCommit < this.next - 1;
  }

  /** Takes an acknowledgement of `index`; false if it is an old one. */
  maybeUpdate(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    assert(this.match < this.next, "next stays above match");
    this.flowPaused = false;
    return true;
  }

  /**
   * Takes a refusal of the message at `rejected`; false if it is a stale one. Invariant: `next` never falls to `match`
   * or below, whatever the hint says (R20).
   */
  maybeDecrTo(rejected: number, matchHint: number): boolean {
    if (this.state === "StateReplicate") {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
    } else {
      // While probing only the one message in question can be refused; anything else is an answer to an older one.
      if (rejected !== this.next - 1) return false;
      this.next = Math.max(Math.min(rejected, matchHint + 1), this.match + 1);
      this.flowPaused = false;
    }
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
    assert(this.match < this.next, "next stays above match");
    return true;
  }

  /** The same peer in another role, apart from this object: a change that is refused later must not show. */
  inRole(isLearner: boolean): PeerProgress {
    const { match, next, inflights } = this;
    const copy = new PeerProgress({ match, next, isLearner, inflights });
    copy.state = this.state;
    copy.recentActive = this.recentActive;
    copy.pendingSnapshot = this.pendingSnapshot;
    copy.flowPaused = this.flowPaused;
    copy.sentCommit = this.sentCommit;
    return copy;
  }

  /** What a status shows. */
  view(): Progress {
    return {
      match: this.match,
      next: this.next,
      state: this.state,
      isLearner: this.isLearner,
      paused: this.paused,
      pendingSnapshot: this.pendingSnapshot,
      recentActive: this.recentActive,
      inflight: this.inflights.count,
      inflightFull: this.inflights.full,
    };
  }

  /** Invariant: a new state begins with an empty window (R21). */
  #enter(state: ProgressState): void {
    this.flowPaused = false;
    this.pendingSnapshot = 0;
    this.state = state;
    this.inflights.reset();
  }
}
