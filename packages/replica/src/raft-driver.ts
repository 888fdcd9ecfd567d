import {
  assert,
  ByteReader,
  ByteWriter,
  fromUtf8,
  type GroupId,
  IsthmusError,
  must,
  type Random,
} from "@isthmus/kernel";
import {
  type ConfState,
  decodeConfChange,
  type Entry,
  type HardState,
  LocalAppendThread,
  LocalApplyThread,
  type Message,
  RaftError,
  RawNode,
  type StateType,
} from "@isthmus/raft";
import { encodeConfState } from "@isthmus/wire";
import type { AppendToLog, LogPort } from "./log-port.ts";
import { type LedGroup, nextMembershipStep, type WantedMembers } from "./membership.ts";
import { RaftLogStorage, type SnapshotSource } from "./raft-log-storage.ts";
import type { SnapshotHint } from "./snapshot-install.ts";

export interface RaftDriverOptions {
  readonly group: GroupId;
  /** This node's number inside Raft. */
  readonly number: number;
  readonly log: LogPort;
  readonly append: AppendToLog;
  /** The configuration of a group whose log holds none yet: that of its founding, also on a node that came later. */
  readonly founding: ConfState;
  readonly appliedIndex: number;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly random: Random;
  /** Distinguishes this life of the node from earlier ones in the contexts of its reads. */
  readonly nonce: number;
  /** False when the peer cannot be reached, or has too much waiting: nothing, or not all, was sent. */
  send(to: number, messages: readonly Message[]): boolean;
  /** Applies committed entries in order, now. A change of members is among them, and is already in force. */
  apply(entries: readonly Entry[]): void;
  /** There is work: `pump` should be called at the end of this turn. */
  wake(): void;
  /** For groups whose logs are compacted. */
  readonly snapshots?: SnapshotSource & {
    /** This node lacks what its leader's log no longer has: the driver is to be stopped, and the snapshot fetched. */
    needed(hint: SnapshotHint): void;
  };
  /** For groups that may rest. */
  readonly resting?: RestingOptions;
}

/** What a quiet group needs to stop its clock. */
export interface RestingOptions {
  /** Without anything but heartbeats for so many ticks a group is quiet. */
  readonly afterTicks: number;
  /** Whether a node is connected to this one. */
  isUp(number: number): boolean;
  /** Tells a member that this leader rests. False when it cannot be reached. */
  send(to: number, term: number, commit: number): boolean;
  /** It rests, or was woken by what is named. */
  noticed(what: "rested" | WokenBy): void;
}

/** What wakes a group on this node. */
export type WokenBy =
  | "message"
  | "proposal"
  | "read"
  | "leadership"
  | "peer_lost"
  | "members"
  | "unreachable";

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
/** What Raft calls nobody. */
const NO_NODE = 0;
const INFLIGHT_MESSAGES = 256;
/** What is under way to one peer: a follower that is far behind must not be sent its whole backlog at once. */
const INFLIGHT_BYTES = 4 * 1024 * 1024;

/** A draining node stands for election only when nobody else has for so many times the usual patience. */
const DRAINING_PATIENCE = 4;

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
  /** Ticks since anything but heartbeats went on here. */
  #quietTicks = 0;
  #wasResting = false;
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
  #conf: ConfState;
  #confIndex: number;
  #draining = false;
  #drainingTimeout = 0;
  #transferring = false;
  /** Before this tick no further step towards the wanted members is taken: the last one needs its time. */
  #nextStepTick = 0;
  /** Nothing goes in or out any more; what is under way to the disk comes back to nobody. */
  #stopped = false;

  constructor(options: RaftDriverOptions) {
    this.group = options.group;
    this.number = options.number;
    this.#options = options;
    this.#applied = options.appliedIndex;
    const { log, founding, appliedIndex, snapshots = null } = options;
    const storage = new RaftLogStorage(log, founding, appliedIndex, snapshots);
    const { conf, index } = storage.conf();
    this.#conf = conf;
    this.#confIndex = index;
    this.#raw = new RawNode({
      id: options.number,
      electionTick: options.electionTicks,
      heartbeatTick: options.heartbeatTicks,
      storage,
      applied: options.appliedIndex,
      maxSizePerMsg: MESSAGE_MAX_BYTES,
      maxInflightMsgs: INFLIGHT_MESSAGES,
      maxInflightBytes: INFLIGHT_BYTES,
      maxCommittedSizePerReady: APPLY_BYTES_PER_TURN,
      asyncStorageWrites: true,
      preVote: true,
      checkQuorum: true,
      stepDownOnRemoval: true,
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

  /** The configuration in force here. */
  get conf(): ConfState {
    return this.#conf;
  }

  /** Of the entry that brought it; 0 for the founding one. After a restart it may be ahead of what is applied. */
  get confIndex(): number {
    return this.#confIndex;
  }

  /** Whether this node is the only one that votes. */
  get isSoleVoter(): boolean {
    const { voters, outgoing } = this.#conf;
    return outgoing.length === 0 && voters.length === 1 && voters[0] === this.number;
  }

  /** A leader that hands over takes no proposals meanwhile. */
  get isTransferring(): boolean {
    return this.leads && this.#transferring;
  }

  /**
   * For good: the group's state is going, and nothing is voted for, acknowledged or proposed without one. Reads that
   * wait are refused.
   */
  stop(): void {
    this.#stopped = true;
    this.#role = { state: "StateFollower", term: this.#role.term, leader: NO_NODE };
    const barriers = [...this.#barriers.values()].flatMap(({ reads }) => reads);
    for (const read of [...this.#newReads, ...barriers, ...this.#confirmed]) read.reject(this.#installing());
    this.#newReads = [];
    this.#barriers.clear();
    this.#confirmed = [];
    this.#applying = [];
  }

  #installing(): IsthmusError {
    return new IsthmusError("installing", `this node fetches the state of ${this.group}`);
  }

  tick(): void {
    if (this.#stopped || this.#raw.isResting) return;
    this.#ticks += 1;
    this.#quietTicks += 1;
    this.#restrain();
    this.#raw.tick();
    if (this.#transferring) this.#noticeTransfer();
    this.#expireReads();
    this.#logIdleCommit();
    // Most ticks of a quiet group lead to nothing, and shall cost next to nothing.
    if (this.#newReads.length > 0 || this.#raw.hasReady()) this.#options.wake();
  }

  /** A message of a peer. Ones that no longer concern this node are dropped, as if they had been lost on the way. */
  step(message: Message): void {
    if (this.#stopped) return;
    if (message.type === "MsgSnap" && this.#wouldRestore(message)) {
      // Raft never takes it: the snapshot becomes log and state first, and Raft begins anew above them.
      this.#options.snapshots?.needed({
        source: message.from,
        id: fromUtf8(must(message.snapshot?.data, "a snapshot names its file")),
      });
      return;
    }
    if (message.type !== "MsgHeartbeat" && message.type !== "MsgHeartbeatResp") this.#quietTicks = 0;
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
    // As Raft has it: a call that it passes over must hold up no proposal.
    if (message.type === "MsgTransferLeader") this.#noticeTransfer();
    this.#noticeWaking("message");
    this.#wake();
  }

  /**
   * What Raft itself asks: of this term or a later one, beyond the commit, and not in the log. Not that this node has a
   * part in the snapshot's configuration: one may be cut before a node is added and fed to it afterwards; the change that
   * added it is in the log behind it.
   */
  #wouldRestore({ term, snapshot }: Message): boolean {
    if (!snapshot?.data) return false;
    const now = this.#raw.status();
    if (term < now.term || snapshot.index <= now.commit) return false;
    const { log } = this.#options;
    const inLog = snapshot.index >= log.firstIndex && snapshot.index <= log.lastIndex;
    return !inLog || log.term(snapshot.index) !== snapshot.term;
  }

  /** Tells Raft how a peer's snapshot went, where it waits for that. */
  reportSnapshot(peer: number, ok: boolean): void {
    if (this.#stopped || !this.leads) return;
    if (this.#raw.status().progress.get(peer)?.state !== "StateSnapshot") return;
    this.#raw.reportSnapshot(peer, ok);
    this.#options.wake();
  }

  /** On a leader: the peers that are waited for until they have a snapshot. */
  get peersWithSnapshot(): number[] {
    if (this.#stopped || !this.leads) return [];
    const { progress } = this.#raw.status();
    return [...progress].flatMap(([peer, { state }]) => (state === "StateSnapshot" ? [peer] : []));
  }

  /** On a leader: up to where the furthest behind of the members has the log; null elsewhere. */
  get slowestMatch(): number | null {
    if (this.#stopped || !this.leads) return null;
    return Math.min(...[...this.#raw.status().progress.values()].map(({ match }) => match));
  }

  /** Puts an entry into the log if this node leads, else hands it to the leader. False when there is none. */
  propose(data: Uint8Array): boolean {
    if (this.#stopped) return false;
    try {
      this.#raw.propose(data);
    } catch (error) {
      if (error instanceof RaftError && error.code === "ErrProposalDropped") return false;
      throw error;
    } finally {
      this.#noticeWaking("proposal");
    }
    this.#quietTicks = 0;
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
    if (this.#stopped) return false;
    return this.#raw.raftState === "StateLeader" && this.#raw.term === term && this.propose(data);
  }

  // ---- resting ----

  /** Whether this group's clock stands here: ticks do nothing until something wakes it. */
  get isResting(): boolean {
    return this.#raw.isResting;
  }

  /**
   * On the leader of a quiet group: stops its clock and tells the others to stop theirs. Nothing where anything is still
   * to be done, be it towards the wanted members.
   *
   * Invariant: nobody rests while a member's node is not connected here, and `rouse` is called when one ceases to be: a
   * leader that was cut off must notice that it leads nobody, and who comes back must hear of its leader.
   */
  restIfQuiet(wanted: () => WantedMembers): void {
    const { resting } = this.#options;
    if (!resting || !this.leads || this.#quietTicks < resting.afterTicks) return;
    if (this.#raw.isResting || !this.#isStill || this.#transferring || !this.#raw.canRest()) return;
    const others = [...this.#conf.voters, ...this.#conf.learners].filter((each) => each !== this.number);
    if (!others.every((number) => resting.isUp(number))) return;
    if (nextMembershipStep(this.#led(), wanted()).kind !== "nothing") return;
    // Order: the leader rests first. Whoever cannot follow answers, and finds it at rest, which wakes it.
    if (!this.#raw.rest()) return;
    this.#wasResting = true;
    resting.noticed("rested");
    const { term, commit } = this.#raw;
    if (!others.every((number) => resting.send(number, term, commit))) this.rouse("unreachable");
  }

  /**
   * The leader of that term rests at that commit index. Who is there and has nothing to do rests, too; to anybody else
   * it is a heartbeat like any other, whose answer wakes the leader.
   */
  takeRest(from: number, { term, commit }: { term: number; commit: number }, isIdle: boolean): void {
    const { resting } = this.#options;
    if (this.#stopped) return;
    const isThere = this.#raw.term === term && this.#raw.lead === from && this.#raw.commit === commit;
    if (resting && isThere && isIdle && this.#isStill && resting.isUp(from) && this.#raw.rest()) {
      if (!this.#wasResting) resting.noticed("rested");
      this.#wasResting = true;
      return;
    }
    const { number } = this;
    const none = { logTerm: 0, index: 0, vote: 0, entries: [], reject: false, rejectHint: 0 };
    this.step({ ...none, type: "MsgHeartbeat", to: number, from, term, commit });
  }

  /** Starts the clock again, with a whole time-out for the leader to show itself. */
  rouse(by: WokenBy): void {
    if (this.#stopped || !this.#raw.isResting) return;
    this.#raw.wake();
    this.#noticeWaking(by);
    this.#wake();
  }

  /** Whether nothing is under way between Raft and the rest of this node. */
  get #isStill(): boolean {
    if (this.#newReads.length > 0 || this.#barriers.size > 0 || this.#confirmed.length > 0) return false;
    return (
      this.#applying.length === 0 &&
      this.#appending.length === 0 &&
      this.#outgoing.size === 0 &&
      this.#unlogged === null
    );
  }

  #noticeWaking(by: WokenBy): void {
    if (!this.#wasResting || this.#raw.isResting) return;
    this.#wasResting = false;
    this.#quietTicks = 0;
    this.#options.resting?.noticed(by);
  }

  // ---- members ----

  /** A draining node leads only when nobody else can: it is patient, so that a group whose others lag is not stuck. */
  setDraining(draining: boolean): void {
    if (draining === this.#draining) return;
    this.#draining = draining;
    this.#drainingTimeout = 0;
    // The usual patience, until Raft draws anew at the next change of role.
    if (!draining && !this.leads) this.#raw.setRandomizedElectionTimeout(this.#drawTimeout(1));
  }

  /**
   * Asks that this node lead. Whether it comes about shows in the role. False when it cannot: it drains, only learns,
   * fetches its state, or knows of no leader to ask.
   */
  takeLeadership(): boolean {
    if (this.leads) return true;
    if (this.#stopped || this.#draining || this.#raw.lead === NO_NODE) return false;
    if (this.#conf.learners.includes(this.number)) return false;
    this.#raw.transferLeader(this.number);
    this.#noticeWaking("leadership");
    this.#options.wake();
    return true;
  }

  #noticeTransfer(): void {
    this.#transferring = this.#raw.status().leadTransferee !== NO_NODE;
  }

  /**
   * Takes the next step towards the wanted members, if one is due and it is for this node to take it. Called at ticks; a step that is refused
   * or lost is taken again later.
   */
  reconcile(wanted: WantedMembers): void {
    if (this.#stopped || this.#raw.isResting || this.#ticks < this.#nextStepTick) return;
    if (!this.leads) {
      this.#relieve(wanted);
      return;
    }
    if (this.isTransferring) return;
    const step = nextMembershipStep(this.#led(), wanted);
    if (step.kind === "nothing") return;
    this.#nextStepTick = this.#ticks + this.#options.electionTicks;
    this.#quietTicks = 0;
    if (step.kind === "transfer") {
      this.#raw.transferLeader(step.to);
      this.#noticeTransfer();
    } else {
      try {
        this.#raw.proposeConfChange(step.change);
      } catch (error) {
        // It is no longer the leader, or hands over: the next one takes the step.
        if (!(error instanceof RaftError && error.code === "ErrProposalDropped")) throw error;
      }
    }
    this.#options.wake();
  }

  /**
   * A leader that was removed may not learn of it: the control group has let it go already. Whoever stays, and knows,
   * asks to lead in its place.
   */
  #relieve({ voters }: WantedMembers): void {
    const { leader } = this.#role;
    const isAbout = leader !== 0 && !voters.includes(leader);
    if (!isAbout || !voters.includes(this.number) || !this.#conf.voters.includes(this.number)) return;
    this.#nextStepTick = this.#ticks + this.#options.electionTicks;
    this.takeLeadership();
  }

  #led(): LedGroup {
    const { commit, applied, progress } = this.#raw.status();
    const hasAppliedAll = applied === this.#options.log.lastIndex;
    return { self: this.number, conf: this.#conf, commit, hasAppliedAll, progress };
  }

  /** Raft draws its time-out at each change of role; while draining another one stands in its place. */
  #restrain(): void {
    if (!this.#draining || this.leads) return;
    if (this.#drainingTimeout === 0) this.#drainingTimeout = this.#drawTimeout(DRAINING_PATIENCE);
    this.#raw.setRandomizedElectionTimeout(this.#drainingTimeout);
  }

  #drawTimeout(patience: number): number {
    const { electionTicks, random } = this.#options;
    return patience * electionTicks + random.below(electionTicks);
  }

  /** Stands for election now: for a group's only voter, which needs nobody's silence to know that it is alone. */
  campaign(): void {
    if (this.#stopped) return;
    this.#raw.campaign();
    this.#options.wake();
  }

  /**
   * Resolves when everything that was committed in the group before this call is applied here: a read of the state
   * is linearizable from then on. Rejects with `no_leader`.
   */
  readBarrier(timeoutTicks: number): Promise<void> {
    if (this.#stopped) return Promise.reject(this.#installing());
    return new Promise((resolve, reject) => {
      const deadlineTick = this.#ticks + Math.max(1, timeoutTicks);
      this.#newReads.push({ resolve, reject, deadlineTick, index: null });
      this.#options.wake();
    });
  }

  /** Draws the consequences of what came in. Called once a turn. */
  pump(): void {
    if (this.#stopped) return;
    this.#pumping = true;
    this.#askBarrier();
    // One portion of committed entries a turn: a node that catches up still hears its peers in between.
    let mayApply = this.#applyNext(Number.POSITIVE_INFINITY) === 0;
    while (!this.#stopped && this.#raw.hasReady()) {
      this.#handleReady();
      if (mayApply && !this.#stopped) mayApply = this.#applyNext(APPLY_AT_ONCE_BYTES) === 0;
    }
    if (this.#stopped) this.#outgoing.clear();
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
    if (this.#raw.raftState !== state) this.#drainingTimeout = 0;
    if (this.#raw.raftState !== state || this.#raw.term !== term || this.#raw.lead !== leader)
      this.#role = this.#roleNow();
  }

  #append(message: Message): void {
    assert(message.snapshot === undefined, "a snapshot becomes log and state before Raft begins above it");
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
    // Changes of members go first: nothing else that is applied depends on them, and what is acknowledged afterwards
    // counts in the new configuration.
    for (const entry of next.entries) if (entry.type !== "EntryNormal") this.#changeMembers(entry);
    this.#options.apply(next.entries);
    const last = next.entries.at(-1);
    if (last) this.#applied = last.index;
    this.#deliver(next.responses ?? []);
    this.#resolveReads();
    return next.entries.length;
  }

  /**
   * Invariant: each change is put in force once. The configuration is in the log with the index that brought it, so that
   * a checkpoint behind it does not make a restart put an older change on top of a newer configuration.
   *
   * Order: the log takes it before the checkpoint that passes its entry, since a checkpoint waits for what is queued.
   */
  #changeMembers(entry: Entry): void {
    if (entry.index <= this.#confIndex) return;
    try {
      this.#conf = this.#raw.applyConfChange(decodeConfChange(entry));
    } catch (error) {
      // Proposed against a configuration that another leader has changed meanwhile: it fits nowhere, and all see so.
      if (!(error instanceof RaftError)) throw error;
      return;
    }
    this.#confIndex = entry.index;
    this.#options.append({ conf: encodeConfState(this.#conf, entry.index) }, () => {});
  }

  #deliver(responses: readonly Message[]): void {
    if (this.#stopped) return;
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
    this.#quietTicks = 0;
    this.#raw.readIndex(context.finish());
    this.#noticeWaking("read");
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
    if (this.#newReads.length === 0 && this.#confirmed.length === 0 && this.#barriers.size === 0) return;
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
