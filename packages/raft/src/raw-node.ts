import { assert } from "@isthmus/kernel";
import { asV2, encodeConfChange } from "./conf-change.ts";
import { Core } from "./core.ts";
import { RaftError } from "./errors.ts";
import { applyConfChange } from "./membership.ts";
import { blank, isLocal, isResponse, isStorageThread } from "./message.ts";
import { type HandedOut, handedOutOf, hasReady, takeReady } from "./ready.ts";
import { canRest, rest, wake } from "./resting.ts";
import { step, tick } from "./step.ts";
import { traceStep } from "./trace.ts";
import {
  type ConfChangeV1,
  type ConfChangeV2,
  type ConfState,
  type Entry,
  type Message,
  NO_NODE,
  type RaftConfig,
  type Ready,
  type StateType,
  type Status,
} from "./types.ts";

/**
 * One member of one Raft group, as a machine without clock, disk or network: messages, ticks and requests go in, a
 * Ready comes out that says what to do. Nothing happens between calls, and nothing here is safe to call again from
 * within a callback (`random`, `trace`, `logger`, storage).
 */
export class RawNode {
  readonly #core: Core;
  readonly #handedOut: HandedOut;
  /** What advance() has to tell the node. Synchronous mode only. */
  #onStable: Message[] = [];
  #awaitsAdvance = false;

  /** Starts as a follower from what storage has. Asserts that the configuration makes sense. */
  constructor(config: RaftConfig) {
    this.#core = new Core(config);
    this.#handedOut = handedOutOf(this.#core);
  }

  /** Lets one tick of the clock pass: elections, heartbeats, quorum checks. */
  tick(): void {
    tick(this.#core);
  }

  /** Starts an election now. Refused in silence on a leader, a learner, and a node that has still to apply. */
  campaign(): void {
    step(this.#core, blank("MsgHup", NO_NODE));
  }

  /**
   * Proposes an entry; a follower forwards it with `ctx` as the message's context. Nothing is promised before it comes
   * back committed, or does not. Throws ErrProposalDropped where it surely will not.
   */
  propose(data: Uint8Array | undefined, ctx?: Uint8Array): void {
    const type = "EntryNormal";
    this.#propose(data === undefined ? { term: 0, index: 0, type } : { term: 0, index: 0, type, data }, ctx);
  }

  /** As propose. A change that may not be made now goes into the log as an empty entry. */
  proposeConfChange(change: ConfChangeV1 | ConfChangeV2): void {
    this.#propose({ term: 0, index: 0, ...encodeConfChange(change) });
  }

  /**
   * To be called for each configuration entry as it is applied, unless the application refuses it. Gives the
   * configuration now in force. Throws RaftError if the change does not fit the one before.
   */
  applyConfChange(change: ConfChangeV1 | ConfChangeV2): ConfState {
    return applyConfChange(this.#core, asV2(change));
  }

  /**
   * Takes a message from a peer, or a response from a storage thread. Throws ErrStepLocalMsg, ErrStepPeerNotFound, or,
   * for a forwarded proposal, ErrProposalDropped; in each case nothing has changed.
   */
  step(message: Message): void {
    const { type, from } = message;
    if (!isStorageThread(from)) {
      if (isLocal(type)) throw new RaftError("ErrStepLocalMsg", `${type} does not come from a peer`);
      if (isResponse(type) && this.#core.tracker.peer(from) === undefined)
        throw new RaftError("ErrStepPeerNotFound", `${type} from ${from}, who is not a member`);
    }
    this.#step(message);
  }

  /** Whether ready() has something to give. */
  hasReady(): boolean {
    return hasReady(this.#core, this.#handedOut);
  }

  /**
   * Takes out what has to be done; it is not given again.
   *
   * Synchronous: persist hardState, then snapshot or entries, with an fsync before anything else where `mustSync`; then
   * apply `committedEntries`, send `messages`, call advance(). Asserts that the Ready before was advanced.
   *
   * Asynchronous: send `messages`. What is to be stored is in a MsgStorageAppend, what is to be applied in a
   * MsgStorageApply, each to be worked off in the order given; their `responses` are delivered when the work is done,
   * those of an append after its fsync.
   */
  ready(): Ready {
    assert(!this.#awaitsAdvance, "a Ready is advanced before the next one is taken");
    this.#awaitsAdvance = !this.#core.config.asyncStorageWrites;
    const ready = takeReady(this.#core, this.#handedOut, this.#onStable);
    traceStep(this.#core, "Ready");
    return ready;
  }

  /** Synchronous mode only: everything that the last Ready asked for is done. */
  advance(): void {
    assert(
      !this.#core.config.asyncStorageWrites,
      "asynchronous storage answers by messages, not by advance()",
    );
    this.#awaitsAdvance = false;
    const done = this.#onStable;
    this.#onStable = [];
    for (const message of done) step(this.#core, message);
  }

  /** Of what `status` shows, what is asked for in every turn: read without making anything. */
  get term(): number {
    return this.#core.term;
  }

  get lead(): number {
    return this.#core.lead;
  }

  get raftState(): StateType {
    return this.#core.role;
  }

  get commit(): number {
    return this.#core.log.committed;
  }

  status(): Status {
    const { id, term, vote, lead, role, leadTransferee, log, tracker } = this.#core;
    const progress: Status["progress"] = new Map();
    if (this.#core.isLeader) for (const [peer, known] of tracker.progress) progress.set(peer, known.view());
    const { committed: commit, applied } = log;
    return {
      id,
      term,
      vote,
      commit,
      applied,
      lead,
      raftState: role,
      leadTransferee,
      config: tracker.conf,
      progress,
    };
  }

  /** Asks for leadership to go to `to`. It comes about, or is given up after electionTick ticks. */
  transferLeader(to: number): void {
    this.#stepFrom("MsgTransferLeader", to);
  }

  /** Lets a follower vote for another although it has a leader. Nothing happens on others, or with reads by lease. */
  forgetLeader(): void {
    this.#stepFrom("MsgForgetLeader", NO_NODE);
  }

  /**
   * Asks from which applied index on a read is linearizable. The answer comes as a ReadState with this context, which
   * must be unique among those under way; or it never comes, and the caller asks again.
   */
  readIndex(ctx: Uint8Array): void {
    const request = blank("MsgReadIndex", NO_NODE);
    request.entries = [{ term: 0, index: 0, type: "EntryNormal", data: ctx }];
    step(this.#core, request);
  }

  /** Says that the last message to a peer could not be delivered. */
  reportUnreachable(id: number): void {
    this.#stepFrom("MsgUnreachable", id);
  }

  /** Says how the sending of a snapshot went. Must be called for each: until then the peer is sent nothing. */
  reportSnapshot(id: number, ok: boolean): void {
    const report = blank("MsgSnapStatus", NO_NODE);
    report.from = id;
    report.reject = !ok;
    step(this.#core, report);
  }

  /**
   * Whether nothing is going on that ticks are needed for. On the leader: no Ready, all entries acknowledged by every
   * member and applied here, no read, transfer or joint configuration. On a follower: no Ready, and all of its log applied.
   */
  canRest(): boolean {
    return !this.#awaitsAdvance && !this.hasReady() && canRest(this.#core);
  }

  /**
   * Stops the clock if canRest(), and says whether it did. The leader rests first; its driver tells the others the term
   * and commit index at which it does, and those that are at both rest too, or answer with anything at all, which wakes the
   * leader. A resting node wakes by itself when it is asked or sent anything, and then wakes the others; it does not
   * notice that its leader died: whoever watches the leader's node calls wake(). A resting leader holds no lease.
   */
  rest(): boolean {
    if (!this.canRest()) return false;
    rest(this.#core);
    return true;
  }

  /** Starts the clock again: a full time-out for the leader to show itself, or for its quorum to answer. */
  wake(): void {
    if (this.#core.isResting) wake(this.#core, NO_NODE);
  }

  get isResting(): boolean {
    return this.#core.isResting;
  }

  /** For tests alone: holds until the next change of role. */
  setRandomizedElectionTimeout(ticks: number): void {
    assert(Number.isSafeInteger(ticks) && ticks > 0, "a time-out is a positive number of ticks");
    this.#core.randomizedElectionTimeout = ticks;
  }

  #propose(entry: Entry, ctx?: Uint8Array): void {
    const proposal = blank("MsgProp", NO_NODE);
    proposal.from = this.#core.id;
    proposal.entries = [entry];
    if (ctx !== undefined) proposal.context = ctx;
    this.#step(proposal);
  }

  #stepFrom(type: Message["type"], from: number): void {
    const message = blank(type, NO_NODE);
    message.from = from;
    step(this.#core, message);
  }

  #step(message: Message): void {
    if (step(this.#core, message) === "dropped")
      throw new RaftError(
        "ErrProposalDropped",
        "the proposal is dropped: there is no leader to take it, or not now",
      );
  }
}
