import { assert, must } from "@isthmus/kernel";
import { carryProgress, confOf, type Draft, draftOf, firstNext } from "./changer.ts";
import { Inflights } from "./inflights.ts";
import { PeerProgress } from "./progress.ts";
import { jointVote, majorityOf } from "./quorum.ts";
import type { ConfState, VoteResult } from "./types.ts";

/** The configuration in force, each member's progress, and the votes of the running election. */
export class ProgressTracker {
  readonly #maxInflightMsgs: number;
  readonly #maxInflightBytes: number;
  #conf: ConfState = { voters: [], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
  /** Invariant: keys ascend, so that a broadcast visits peers in ascending id. */
  #progress: Map<number, PeerProgress> = new Map();
  #votes = new Map<number, boolean>();

  constructor(maxInflightMsgs: number, maxInflightBytes: number) {
    this.#maxInflightMsgs = maxInflightMsgs;
    this.#maxInflightBytes = maxInflightBytes;
  }

  get conf(): ConfState {
    return this.#conf;
  }

  /** Every member in ascending id. */
  get progress(): ReadonlyMap<number, PeerProgress> {
    return this.#progress;
  }

  peer(id: number): PeerProgress | undefined {
    return this.#progress.get(id);
  }

  get isJoint(): boolean {
    return this.#conf.outgoing.length > 0;
  }

  /** Whether `id` is the only voter. A leader that was removed is not, even if one voter is left. */
  isAlone(id: number): boolean {
    return this.#conf.voters.length === 1 && this.#conf.voters[0] === id && !this.isJoint;
  }

  /** Voters of both halves, ascending. */
  voterIds(): number[] {
    const ids = new Set([...this.#conf.voters, ...this.#conf.outgoing]);
    return [...ids].sort((a, b) => a - b);
  }

  isVoter(id: number): boolean {
    return this.#conf.voters.includes(id) || this.#conf.outgoing.includes(id);
  }

  /** A copy of the configuration to work a change out on. */
  draft(): Draft {
    return draftOf(this.#conf, this.#progress);
  }

  /** Puts a worked-out change in force. Members that were there before keep their progress. */
  switchTo(draft: Draft, lastIndex: number): void {
    const begin = (isLearner: boolean): PeerProgress => {
      const progress = this.#begin(firstNext(lastIndex), isLearner);
      // A new member is taken as alive at first: a leader that checks its quorum must not step down for its sake.
      progress.recentActive = true;
      return progress;
    };
    this.#progress = carryProgress(draft, this.#progress, begin, (progress, isLearner) =>
      progress.inRole(isLearner),
    );
    this.#conf = confOf(draft);
    assert(this.#progress.size === draft.members.size, "every member has progress, and nobody else");
  }

  /** Forgets the members, for a configuration that comes with a snapshot and follows from nothing here. */
  clear(): void {
    this.#progress = new Map();
    this.#votes = new Map();
  }

  /** Begins anew for a new term: nothing is known of anybody but oneself. */
  resetProgress(self: number, lastIndex: number): void {
    for (const [id, { isLearner }] of this.#progress) {
      const progress = this.#begin(lastIndex + 1, isLearner);
      if (id === self) progress.match = lastIndex;
      this.#progress.set(id, progress);
    }
  }

  /**
   * The highest index that both halves have reached. Invariant: the outgoing half counts as much as the incoming one
   * (R9), a learner never (R19), and a member of neither half not even if it leads (R10).
   */
  committed(): number {
    const { voters, outgoing } = this.#conf;
    const incoming = majorityOf(voters, this.#matchOf);
    return outgoing.length === 0 ? incoming : Math.min(incoming, majorityOf(outgoing, this.#matchOf));
  }

  resetVotes(): void {
    this.#votes = new Map();
  }

  /** Invariant: the first answer of a voter stands, a second one in the same term changes nothing. */
  recordVote(id: number, granted: boolean): void {
    if (!this.#votes.has(id)) this.#votes.set(id, granted);
  }

  tallyVotes(): VoteResult {
    return this.voteResult(this.#votes);
  }

  voteResult(votes: ReadonlyMap<number, boolean>): VoteResult {
    return jointVote(this.#conf.voters, this.#conf.outgoing, votes);
  }

  /** Whether enough voters have been heard of since this was last asked of them. */
  quorumActive(): boolean {
    const active = new Map<number, boolean>();
    for (const [id, progress] of this.#progress) {
      if (!progress.isLearner) active.set(id, progress.recentActive);
    }
    return this.voteResult(active) === "VoteWon";
  }

  readonly #matchOf = (id: number): number => must(this.#progress.get(id), "every voter has progress").match;

  #begin(next: number, isLearner: boolean): PeerProgress {
    assert(next >= 1, "replication begins in the log");
    const inflights = new Inflights(this.#maxInflightMsgs, this.#maxInflightBytes);
    return new PeerProgress({ match: 0, next, isLearner, inflights });
  }
}
