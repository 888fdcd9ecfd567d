import { assert } from "@isthmus/kernel";
import { draftRestored } from "./changer.ts";
import { type SettledConfig, settleConfig } from "./config.ts";
import { ProgressTracker } from "./progress-tracker.ts";
import { RaftLog } from "./raft-log.ts";
import { ReadOnly } from "./read-only.ts";
import { traceChangeApplied, traceSend, traceStep } from "./trace.ts";
import {
  type HardState,
  type Message,
  NO_NODE,
  type RaftConfig,
  type ReadState,
  type StateType,
} from "./types.ts";

/**
 * One node's state, the changes of role, and the two queues of messages. What a role does with a message stands in
 * follower.ts, candidate.ts and leader.ts, as functions over this.
 *
 * Invariant: the term never falls, and within a term the vote once given does not change (SPEC 1).
 */
export class Core {
  readonly config: SettledConfig;
  readonly log: RaftLog;
  readonly tracker: ProgressTracker;
  term = 0;
  vote = NO_NODE;
  lead = NO_NODE;
  role: StateType = "StateFollower";
  /** Whom leadership is being handed to; proposals wait meanwhile. */
  leadTransferee = NO_NODE;
  /** An index at or above every configuration change that may not be applied yet. */
  pendingConfIndex = 0;
  reads = new ReadOnly();
  /** Reads asked before this leader has committed an entry of its term (R11). */
  earlyReads: Message[] = [];
  readStates: ReadState[] = [];
  /** Ticks since a leader was last heard of, or, on the leader, since it last checked its quorum. */
  electionElapsed = 0;
  heartbeatElapsed = 0;
  randomizedElectionTimeout = 0;
  /** Nothing is going on, and no tick counts until something does: see resting.ts. */
  isResting = false;
  /** Set while a leader that rested has not been confirmed by a quorum since: its followers may have forgotten it (T29). */
  isLeaseVoid = false;
  /** Data bytes appended in this term and not yet applied. Counted only where they are limited. */
  uncommittedBytes = 0;
  /** What may leave at once. */
  messages: Message[] = [];
  /** What says that something is on disk, and so must wait until it is: acknowledgements and votes (R2, R3). */
  afterAppend: Message[] = [];

  constructor(config: RaftConfig) {
    this.config = settleConfig(config);
    const { storage, applied, maxCommittedSizePerReady, maxInflightMsgs, maxInflightBytes } = this.config;
    this.log = new RaftLog(storage, maxCommittedSizePerReady);
    this.tracker = new ProgressTracker(maxInflightMsgs, maxInflightBytes);
    traceStep(this, "InitState");
    const { hard, conf } = storage.initialState();
    traceChangeApplied(this, conf.voters);
    this.tracker.switchTo(draftRestored(conf), this.log.lastIndex);
    this.#load(hard);
    if (applied > 0) this.log.appliedTo(applied, 0);
    this.becomeFollower(this.term, NO_NODE);
  }

  get id(): number {
    return this.config.id;
  }

  get isLeader(): boolean {
    return this.role === "StateLeader";
  }

  /** Whether this node may stand for election: a voter, and not in the middle of taking a snapshot. */
  get isPromotable(): boolean {
    return this.tracker.peer(this.id)?.isLearner === false && !this.log.hasUnstableSnapshot;
  }

  /** Invariant: until then a new leader does not know which of the older entries are committed (R11). */
  get hasCommittedInTerm(): boolean {
    return this.log.matches(this.log.committed, this.term);
  }

  /** Fills in sender and term and puts the message in its queue. */
  send(message: Message): void {
    if (message.from === NO_NODE) message.from = this.id;
    switch (message.type) {
      case "MsgVote":
      case "MsgPreVote":
        // A pre-vote asks about a term that is not ours yet, so whoever sends these says for which term.
        assert(message.term !== 0, "a vote message names its term");
        this.messages.push(message);
        break;
      case "MsgVoteResp":
      case "MsgPreVoteResp":
        assert(message.term !== 0, "a vote message names its term");
        this.afterAppend.push(message);
        break;
      case "MsgAppResp":
        message.term = this.term;
        this.afterAppend.push(message);
        break;
      case "MsgProp":
      case "MsgReadIndex":
        // Forwarded requests have no term: the leader takes them in whatever term it leads.
        assert(message.term === 0, "a forwarded request has no term");
        this.messages.push(message);
        break;
      default:
        message.term = this.term;
        this.messages.push(message);
    }
    assert(
      message.to !== this.id || this.afterAppend.at(-1) === message,
      "only what waits for the disk goes to oneself",
    );
    traceSend(this, message);
  }

  /** Of `lead`, or of nobody known. In the same term the vote stays. */
  becomeFollower(term: number, lead: number): void {
    this.#reset(term);
    this.lead = lead;
    this.role = "StateFollower";
    this.config.logger?.info(`${this.id} became follower at term ${term}`);
    traceStep(this, "BecomeFollower");
  }

  /** In the next term, with the own vote. That it is on disk before it counts is send()'s affair. */
  becomeCandidate(): void {
    assert(!this.isLeader, "a leader does not stand for election");
    this.#reset(this.term + 1);
    this.vote = this.id;
    this.role = "StateCandidate";
    this.config.logger?.info(`${this.id} became candidate at term ${this.term}`);
    traceStep(this, "BecomeCandidate");
  }

  /** Invariant: asking whether one could win changes neither term nor vote. */
  becomePreCandidate(): void {
    assert(!this.isLeader, "a leader does not stand for election");
    this.tracker.resetVotes();
    this.lead = NO_NODE;
    this.role = "StatePreCandidate";
    this.config.logger?.info(`${this.id} became pre-candidate at term ${this.term}`);
  }

  /** Knows nothing of the others' logs: where they stand is found by probing. */
  becomeLeader(): void {
    assert(this.role !== "StateFollower", "only a candidate becomes leader");
    this.#reset(this.term);
    this.lead = this.id;
    this.role = "StateLeader";
    const own = this.tracker.peer(this.id);
    assert(own !== undefined, "a leader is a member");
    assert(!own.isLearner, "a leader votes");
    assert(this.vote === this.id, "a leader has voted for itself");
    own.becomeReplicate();
    own.recentActive = true;
    // There may be a configuration change among the entries taken over: nobody looks, all of them count as one (R8).
    this.pendingConfIndex = this.log.lastIndex;
    this.config.logger?.info(`${this.id} became leader at term ${this.term}`);
    traceStep(this, "BecomeLeader");
  }

  /** What belongs to one role in one term ends with it. Reads asked early stay: a later term of ours may answer them. */
  #reset(term: number): void {
    assert(term >= this.term, "the term never falls");
    if (term !== this.term) {
      this.term = term;
      this.vote = NO_NODE;
    }
    this.lead = NO_NODE;
    this.electionElapsed = 0;
    this.heartbeatElapsed = 0;
    this.randomizedElectionTimeout = this.#drawTimeout();
    this.leadTransferee = NO_NODE;
    this.tracker.resetVotes();
    this.tracker.resetProgress(this.id, this.log.lastIndex);
    this.pendingConfIndex = 0;
    this.uncommittedBytes = 0;
    this.isLeaseVoid = false;
    this.reads = new ReadOnly();
  }

  /** Drawn anew each time, so that two who stood at once do not do so again. */
  #drawTimeout(): number {
    const { electionTick, priority, random } = this.config;
    const drawn = random(electionTick);
    assert(
      Number.isSafeInteger(drawn) && drawn >= 0 && drawn < electionTick,
      "random(n) is an integer in [0, n)",
    );
    // Whoever goes first has had its whole range before the next priority's begins.
    return electionTick * (1 - priority) + drawn;
  }

  /** What the node had promised before it went down. A storage that has nothing promises nothing. */
  #load(hard: HardState): void {
    if (hard.term === 0 && hard.vote === NO_NODE && hard.commit === 0) return;
    assert(hard.commit >= this.log.committed, "the stored commit is not below what was compacted");
    assert(
      hard.commit <= this.log.lastIndex,
      "the stored commit is in the log: else it was damaged, cut or lost",
    );
    assert(hard.term >= this.term, "the stored term does not fall");
    this.log.committed = hard.commit;
    this.term = hard.term;
    this.vote = hard.vote;
  }
}
