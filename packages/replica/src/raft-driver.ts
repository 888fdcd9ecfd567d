import {
  assert,
  ByteReader,
  ByteWriter,
  type GroupId,
  IsthmusError,
  must,
  type Random,
} from "@isthmus/kernel";
import {
  type ConfState,
  type Entry,
  type HardState,
  LocalAppendThread,
  LocalApplyThread,
  type Message,
  RaftError,
  RawNode,
  type StateType,
} from "@isthmus/raft";
import type { AppendToLog, LogPort } from "./log-port.ts";
import { RaftLogStorage } from "./raft-log-storage.ts";

export interface RaftDriverOptions {
  readonly group: GroupId;
  /** This node's number inside Raft. */
  readonly number: number;
  readonly log: LogPort;
  readonly append: AppendToLog;
  readonly founding: ConfState;
  readonly appliedIndex: number;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly random: Random;
  /** Distinguishes this life of the node from earlier ones in the contexts of its reads. */
  readonly nonce: number;
  /** False when the peer cannot be reached, or has too much waiting: nothing, or not all, was sent. */
  send(to: number, messages: readonly Message[]): boolean;
  /** Applies committed entries in order, now. */
  apply(entries: readonly Entry[]): void;
  /** There is work: `pump` should be called at the end of this turn. */
  wake(): void;
}

export interface RaftRole {
  readonly state: StateType;
  readonly term: number;
  /** The leader's number, 0 when none is known. */
  readonly leader: number;
}

/** Bytes of entries handed to the state machine in one turn: what bounds how long a turn of catching up takes. */
const APPLY_BYTES_PER_TURN = 1024 * 1024;
/** A portion of at most so many bytes is applied in the turn that brings it; a larger one lets what is to be sent leave first. */
const APPLY_AT_ONCE_BYTES = 64 * 1024;
const MESSAGE_MAX_BYTES = 1024 * 1024;
const INFLIGHT_MESSAGES = 256;
/** What is under way to one peer: a follower that is far behind must not be sent its whole backlog at once. */
const INFLIGHT_BYTES = 4 * 1024 * 1024;

interface WaitingRead {
  resolve(): void;
  reject(error: Error): void;
  readonly deadlineTick: number;
  /** The index that must be applied; null until a leader has named it. */
  index: number | null;
}

/**
 * Drives one Raft group on one node: what Raft wants written goes to the log, what it wants sent to the peers, what is
 * committed to the state machine, in Raft's asynchronous storage order. Runs in turns: events come in by `step`, `tick`
 * and `propose`, their consequences are drawn in `pump`.
 */
export class RaftDriver {
  readonly group: GroupId;
  readonly number: number;
  readonly #raw: RawNode;
  readonly #options: RaftDriverOptions;
  #role: RaftRole;
  #ticks = 0;
  #applied: number;
  #applying: Message[] = [];
  /** Of each append that is on its way to disk, in order, what is to be delivered when it is there. */
  readonly #appending: Message[][] = [];
  /** The term and the vote that the log has been given last. */
  #logged: { readonly term: number; readonly vote: number };
  /** A newer commit index than the log has; it rides along with the next append. */
  #unlogged: HardState | null = null;
  #unloggedTicks = 0;
  /** The acknowledgement that was sent last. */
  #acknowledged: Message | null = null;
  /** What is to be sent at the end of this turn's work, by peer. */
  #outgoing = new Map<number, Message[]>();
  #pumping = false;
  /** Reads that wait for the next turn's barrier. */
  #newReads: WaitingRead[] = [];
  /** Reads whose barrier a leader is asked for, by the barrier's number. */
  readonly #barriers = new Map<number, { reads: WaitingRead[]; askedTick: number }>();
  #confirmed: WaitingRead[] = [];
  #barrierNumber = 0;

  constructor(options: RaftDriverOptions) {
    this.group = options.group;
    this.number = options.number;
    this.#options = options;
    this.#applied = options.appliedIndex;
    this.#raw = new RawNode({
      id: options.number,
      electionTick: options.electionTicks,
      heartbeatTick: options.heartbeatTicks,
      storage: new RaftLogStorage(options.log, options.founding, options.appliedIndex),
      applied: options.appliedIndex,
      maxSizePerMsg: MESSAGE_MAX_BYTES,
      maxInflightMsgs: INFLIGHT_MESSAGES,
      maxInflightBytes: INFLIGHT_BYTES,
      maxCommittedSizePerReady: APPLY_BYTES_PER_TURN,
      asyncStorageWrites: true,
      preVote: true,
      checkQuorum: true,
      random: (n) => options.random.below(n),
    });
    this.#logged = options.log.hardState;
    this.#role = this.#roleNow();
  }

  get role(): RaftRole {
    return this.#role;
  }

  get leads(): boolean {
    return this.#role.state === "StateLeader";
  }

  get appliedIndex(): number {
    return this.#applied;
  }

  get commitIndex(): number {
    return this.#raw.commit;
  }

  tick(): void {
    this.#ticks += 1;
    this.#raw.tick();
    this.#expireReads();
    this.#logIdleCommit();
    // Most ticks of a quiet group lead to nothing, and shall cost next to nothing.
    if (this.#newReads.length > 0 || this.#raw.hasReady()) this.#options.wake();
  }

  /** A message of a peer. Ones that no longer concern this node are dropped, as if they had been lost on the way. */
  step(message: Message): void {
    try {
      this.#raw.step(message);
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
      assert(
        error.code === "ErrProposalDropped" ||
          error.code === "ErrStepPeerNotFound" ||
          error.code === "ErrStepLocalMsg",
        "a message is refused for a known reason",
      );
    }
    this.#wake();
  }

  /** Puts an entry into the log if this node leads, else hands it to the leader. False when there is none. */
  propose(data: Uint8Array): boolean {
    try {
      this.#raw.propose(data);
    } catch (error) {
      if (error instanceof RaftError && error.code === "ErrProposalDropped") return false;
      throw error;
    }
    this.#wake();
    return true;
  }

  /**
   * Puts an entry into the log if this node leads in this term. False otherwise, and then nothing has been proposed.
   *
   * Invariant: asked of Raft itself, not of the role as of the last `pump`: a message of this turn may have ended the
   * term, and Raft would hand the proposal on to the next leader, who knows nothing of the term it was meant for.
   */
  proposeAsLeader(data: Uint8Array, term: number): boolean {
    return this.#raw.raftState === "StateLeader" && this.#raw.term === term && this.propose(data);
  }

  /** Stands for election now: for a group's only voter, which needs nobody's silence to know that it is alone. */
  campaign(): void {
    this.#raw.campaign();
    this.#options.wake();
  }

  /**
   * Resolves when everything that was committed in the group before this call is applied here: a read of the state
   * is linearizable from then on. Rejects with `no_leader`.
   */
  readBarrier(timeoutTicks: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadlineTick = this.#ticks + Math.max(1, timeoutTicks);
      this.#newReads.push({ resolve, reject, deadlineTick, index: null });
      this.#options.wake();
    });
  }

  /** Draws the consequences of what came in. Called once a turn. */
  pump(): void {
    this.#pumping = true;
    this.#askBarrier();
    // One portion of committed entries a turn: a node that catches up still hears its peers in between.
    let mayApply = this.#applyNext(Number.POSITIVE_INFINITY) === 0;
    while (this.#raw.hasReady()) {
      this.#handleReady();
      if (mayApply) mayApply = this.#applyNext(APPLY_AT_ONCE_BYTES) === 0;
    }
    this.#sendAll();
    this.#pumping = false;
    if (this.#applying.length > 0) this.#options.wake();
  }

  /** What comes up while the turn's work is done is a part of it, and asks for no other turn. */
  #wake(): void {
    if (!this.#pumping) this.#options.wake();
  }

  #roleNow(): RaftRole {
    return { state: this.#raw.raftState, term: this.#raw.term, leader: this.#raw.lead };
  }

  #handleReady(): void {
    const ready = this.#raw.ready();
    if (ready.softState || ready.hardState) this.#noticeRole();
    for (const { index, context } of ready.readStates) this.#confirm(index, context);
    for (const message of ready.messages) {
      if (message.to === LocalAppendThread) this.#append(message);
      else if (message.to === LocalApplyThread) this.#applying.push(message);
      else this.#send(message);
    }
  }

  /** The same object as long as nothing has changed, so that others can tell by a look. */
  #noticeRole(): void {
    const { state, term, leader } = this.#role;
    if (this.#raw.raftState !== state || this.#raw.term !== term || this.#raw.lead !== leader)
      this.#role = this.#roleNow();
  }

  #append(message: Message): void {
    assert(message.snapshot === undefined, "no peer sends a snapshot while logs are kept whole");
    const { term, vote, commit, entries } = message;
    const responses = message.responses ?? [];
    // Zeros stand for "unchanged": a hard state that is due has at least a term.
    if (term > 0) this.#unlogged = { term, vote, commit };
    const { term: loggedTerm, vote: loggedVote } = this.#logged;
    const onlyCommit =
      this.#unlogged === null || (this.#unlogged.term === loggedTerm && this.#unlogged.vote === loggedVote);
    if (entries.length > 0 || !onlyCommit) this.#log(entries, responses);
    // A commit index is found again after a crash, from the leader or by an election: it is no reason to ask the disk.
    // Invariant: no response leaves before everything asked of the disk before it is there, not even a refusal.
    else {
      const news = term > 0 ? responses.filter((response) => !this.#isRepeated(response)) : responses;
      if (this.#appending.length > 0) must(this.#appending.at(-1), "the last append").push(...news);
      else this.#deliver(news);
    }
  }

  /**
   * An acknowledgement that the leader was sent already in this term: of a message that brought a commit index and no
   * entries, which is every second one. It would learn nothing from it. Should it still miss the one before, it asks
   * again after the next heartbeat, and that message brings no new commit index: it is always answered.
   */
  #isRepeated({ type, reject, to, term, index }: Message): boolean {
    const last = this.#acknowledged;
    if (type !== "MsgAppResp" || reject || last === null) return false;
    return last.to === to && last.term === term && last.index === index;
  }

  #log(entries: readonly Entry[], responses: Message[]): void {
    const hardState = this.#unlogged;
    const records = { ...(entries.length > 0 ? { entries } : {}), ...(hardState ? { hardState } : {}) };
    if (hardState) this.#logged = hardState;
    this.#unlogged = null;
    this.#unloggedTicks = 0;
    // A list of its own: what needs no disk itself may still be put behind these.
    this.#appending.push([...responses]);
    this.#options.append(records, () => {
      this.#deliver(must(this.#appending.shift(), "an append that was under way"));
      this.#wake();
    });
  }

  /** No entry came to take the commit index along: a quiet group's log says how far it was committed. */
  #logIdleCommit(): void {
    if (this.#unlogged === null) return;
    this.#unloggedTicks += 1;
    if (this.#unloggedTicks > 1) this.#log([], []);
  }

  /** Applies what is next, if it has at most so many bytes. Gives how many entries that were. */
  #applyNext(maxBytes: number): number {
    const next = this.#applying[0];
    if (next === undefined || bytesOf(next.entries) > maxBytes) return 0;
    this.#applying.shift();
    this.#options.apply(next.entries);
    const last = next.entries.at(-1);
    if (last) this.#applied = last.index;
    this.#deliver(next.responses ?? []);
    this.#resolveReads();
    return next.entries.length;
  }

  #deliver(responses: readonly Message[]): void {
    for (const response of responses) {
      if (response.to === this.number) this.step(response);
      else this.#send(response);
    }
  }

  #send(message: Message): void {
    if (message.type === "MsgAppResp" && !message.reject) this.#acknowledged = message;
    const waiting = this.#outgoing.get(message.to);
    if (waiting) waiting.push(message);
    else this.#outgoing.set(message.to, [message]);
  }

  #sendAll(): void {
    if (this.#outgoing.size === 0) return;
    const outgoing = this.#outgoing;
    this.#outgoing = new Map();
    // Raft then probes the peer instead of counting on what never left.
    for (const [to, messages] of outgoing)
      if (!this.#options.send(to, messages)) this.#raw.reportUnreachable(to);
  }

  // ---- reads ----

  #askBarrier(): void {
    if (this.#newReads.length === 0) return;
    // Without a leader Raft would drop the question; asked again at each tick until one is known.
    if (this.#role.leader === 0) return;
    const reads = this.#newReads;
    this.#newReads = [];
    this.#barrierNumber += 1;
    this.#barriers.set(this.#barrierNumber, { reads, askedTick: this.#ticks });
    const context = new ByteWriter(24)
      .varint(this.number)
      .u32(this.#options.nonce)
      .varint(this.#barrierNumber);
    this.#raw.readIndex(context.finish());
  }

  #confirm(index: number, context: Uint8Array): void {
    const { node, nonce, number: barrier } = readBarrierContext(context);
    // An answer to an earlier life's question says nothing about this one's.
    if (node !== this.number || nonce !== this.#options.nonce) return;
    const reads = this.#barriers.get(barrier)?.reads ?? [];
    this.#barriers.delete(barrier);
    for (const read of reads) {
      read.index = index;
      this.#confirmed.push(read);
    }
    this.#resolveReads();
  }

  #resolveReads(): void {
    if (this.#confirmed.length === 0) return;
    const waiting = this.#confirmed;
    this.#confirmed = [];
    for (const read of waiting) {
      if (must(read.index, "a confirmed read has an index") <= this.#applied) read.resolve();
      else this.#confirmed.push(read);
    }
  }

  /** Asks again for barriers that got lost with a leader, and gives up those whose time is over. */
  #expireReads(): void {
    for (const [number, barrier] of this.#barriers) {
      if (this.#ticks - barrier.askedTick < this.#options.electionTicks) continue;
      this.#barriers.delete(number);
      this.#newReads.push(...barrier.reads);
    }
    const keep = (read: WaitingRead): boolean => {
      if (read.deadlineTick > this.#ticks) return true;
      read.reject(new IsthmusError("no_leader", `no leader of ${this.group} confirmed the read in time`));
      return false;
    };
    this.#newReads = this.#newReads.filter(keep);
    this.#confirmed = this.#confirmed.filter(keep);
    for (const barrier of this.#barriers.values()) barrier.reads = barrier.reads.filter(keep);
  }
}

function readBarrierContext(context: Uint8Array): { node: number; nonce: number; number: number } {
  const reader = new ByteReader(context);
  return { node: reader.varint(), nonce: reader.u32(), number: reader.varint() };
}

function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const { data } of entries) bytes += data?.length ?? 0;
  return bytes;
}
