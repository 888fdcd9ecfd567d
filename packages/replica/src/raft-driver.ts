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
    const { raftState, term, lead } = this.#raw.status();
    this.#role = { state: raftState, term, leader: lead };
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
    return this.#raw.status().commit;
  }

  tick(): void {
    this.#ticks += 1;
    this.#raw.tick();
    this.#expireReads();
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
    this.#options.wake();
  }

  /** Puts an entry into the log if this node leads, else hands it to the leader. False when there is none. */
  propose(data: Uint8Array): boolean {
    try {
      this.#raw.propose(data);
    } catch (error) {
      if (error instanceof RaftError && error.code === "ErrProposalDropped") return false;
      throw error;
    }
    this.#options.wake();
    return true;
  }

  /**
   * Puts an entry into the log if this node leads in this term. False otherwise, and then nothing has been proposed.
   *
   * Invariant: asked of Raft itself, not of the role as of the last `pump`: a message of this turn may have ended the
   * term, and Raft would hand the proposal on to the next leader, who knows nothing of the term it was meant for.
   */
  proposeAsLeader(data: Uint8Array, term: number): boolean {
    const now = this.#raw.status();
    return now.raftState === "StateLeader" && now.term === term && this.propose(data);
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
    this.#askBarrier();
    // One portion of committed entries a turn: a node that catches up still hears its peers in between.
    const apply = this.#applying.shift();
    if (apply) this.#apply(apply);
    while (this.#raw.hasReady()) this.#handleReady();
    if (this.#applying.length > 0) this.#options.wake();
  }

  #handleReady(): void {
    const ready = this.#raw.ready();
    if (ready.softState || ready.hardState) {
      const { raftState, term, lead } = this.#raw.status();
      this.#role = { state: raftState, term, leader: lead };
    }
    for (const { index, context } of ready.readStates) this.#confirm(index, context);
    const outgoing = new Map<number, Message[]>();
    for (const message of ready.messages) {
      if (message.to === LocalAppendThread) this.#append(message);
      else if (message.to === LocalApplyThread) this.#applying.push(message);
      else addTo(outgoing, message.to, message);
    }
    this.#sendAll(outgoing);
    if (this.#applying.length > 0) this.#options.wake();
  }

  #append(message: Message): void {
    assert(message.snapshot === undefined, "no peer sends a snapshot while logs are kept whole");
    const { term, vote, commit, entries } = message;
    // Zeros stand for "unchanged": a hard state that is due has at least a term.
    const hardState = term > 0 ? { term, vote, commit } : undefined;
    const records = { ...(entries.length > 0 ? { entries } : {}), ...(hardState ? { hardState } : {}) };
    // Invariant: no response leaves before everything in this message is on disk, not even a refusal.
    this.#options.append(records, () => this.#deliver(message.responses ?? []));
  }

  #apply(message: Message): void {
    this.#options.apply(message.entries);
    const last = message.entries.at(-1);
    if (last) this.#applied = last.index;
    this.#deliver(message.responses ?? []);
    this.#resolveReads();
  }

  #deliver(responses: readonly Message[]): void {
    const outgoing = new Map<number, Message[]>();
    for (const response of responses) {
      if (response.to === this.number) this.step(response);
      else addTo(outgoing, response.to, response);
    }
    this.#sendAll(outgoing);
    this.#options.wake();
  }

  #sendAll(outgoing: ReadonlyMap<number, Message[]>): void {
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

function addTo(outgoing: Map<number, Message[]>, to: number, message: Message): void {
  const waiting = outgoing.get(to);
  if (waiting) waiting.push(message);
  else outgoing.set(to, [message]);
}
