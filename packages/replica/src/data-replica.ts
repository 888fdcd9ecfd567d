import { type Applied, GraphMachine, GraphReader, INSTALL_KEY, type RequestResult } from "@isthmus/graph";
import {
  assert,
  type Clock,
  CONTROL_GROUP,
  type Disk,
  fromUtf8,
  type GroupId,
  IsthmusError,
  type Origin,
  type Random,
  type Registry,
} from "@isthmus/kernel";
import type { ConfState, Entry, Message } from "@isthmus/raft";
import {
  type Batch,
  decodeRequestId,
  ENTRY_GATHER_BYTES,
  encodeConfState,
  encodeDataEntry,
  encodeRequest,
  encodeRequests,
  type Forward,
  type ForwardReply,
  REQUEST_MAX_BYTES,
  type Request,
  type SnapshotFrame,
  type SnapshotOffer,
} from "@isthmus/wire";
import { BatchLog } from "./batch-log.ts";
import { type CheckpointLimits, CheckpointSchedule } from "./checkpoint.ts";
import { compactionIndex } from "./compaction.ts";
import { type HandOver, HandOvers, TakenHandOvers } from "./hand-over.ts";
import type { AppendToLog, LogPort, LogRecords } from "./log-port.ts";
import { cutPlanOf, firstUnseenBatch } from "./log-retention.ts";
import type { WantedMembers } from "./membership.ts";
import { RaftDriver, type RaftRole, type WokenBy } from "./raft-driver.ts";
import { NO_STATE, type ReplicaState, type StateAccess } from "./replica-state.ts";
import type { CutPlan } from "./snapshot-cut.ts";
import { type SnapshotHint, SnapshotInstall } from "./snapshot-install.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import { decodeMarker } from "./snapshot-marker.ts";
import { SnapshotWatch } from "./snapshot-watch.ts";
import { idsOf, type QueueLimits, WriteQueue } from "./write-queue.ts";

export interface SnapshotLimits {
  readonly chunkBytes: number;
  /** What a receiver puts into its store in one transaction, about. */
  readonly transactionBytes: number;
}

export interface DataReplicaOptions {
  readonly group: GroupId;
  readonly origin: Origin;
  /** This node's number inside Raft. */
  readonly number: number;
  readonly founding: ConfState;
  readonly log: LogPort;
  readonly append: AppendToLog;
  readonly cluster: string;
  readonly state: StateAccess;
  readonly disk: Disk;
  readonly snapshots: SnapshotLimits;
  /** Bytes of the newest entries that stay in the log when all that is older is in the checkpoint. */
  readonly logKeepBytes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly registry: Registry;
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Quiet for so many ticks, the group rests. */
  readonly restTicks: number;
  readonly queue: QueueLimits;
  readonly checkpoint: CheckpointLimits;
  readonly retryKeys: number;
  /** The origins of all regions. */
  readonly members: readonly Origin[];
  /** Who should belong to the group and is not to lead it, as agreed at a position of the control log. */
  membership(): WantedMembers & { readonly position: number };
  /** False when not all was sent. */
  sendRaft(to: number, messages: readonly Message[]): boolean;
  /** Tells a member that this leader rests. False when it cannot be reached. */
  sendRest(to: number, term: number, commit: number): boolean;
  /** False when the peer cannot be reached: nothing was sent. */
  sendForward(to: number, forward: Forward): boolean;
  sendForwardReply(to: number, reply: ForwardReply): void;
  /** False when the peer cannot be reached, or has too much waiting. */
  sendSnapshot(to: number, frame: SnapshotFrame): boolean;
  /** A snapshot has become the state: whatever was known of the machine before is void. */
  onInstalled(): void;
  /** Something was applied, or the role changed. Told at the end of a turn's work, in log order. */
  onApplied(applied: Applied): void;
  onRole(role: RaftRole): void;
  /** Asks for a call of `pump` at the end of this turn. */
  wake(): void;
  /** The checkpoint cannot be written: the owner decides what becomes of the node. */
  onFatal(error: unknown): void;
}

/** So many times the size at which a checkpoint is due may wait for it. */
const CONGESTED_CHECKPOINTS = 4;
/** So many batches of other regions may be applied before this region says that it has seen them. */
const MARK_AFTER_BATCHES = 1000;
const MARK_EVERY_TICKS = 10;
const RECONCILE_EVERY_TICKS = 2;
/** The component of vectors that counts the control log. */
const CONTROL_COMPONENT = CONTROL_GROUP as string as Origin;
const COMPACT_EVERY_TICKS = 10;
/** What other nodes handed over and is not yet proposed. */
const FORWARDED_MAX_BYTES = 64 * 1024 * 1024;

/** A replica above one state. While a snapshot is fetched it is inert: no state, and a driver that is stopped. */
interface ReplicaLife {
  readonly state: ReplicaState;
  readonly machine: GraphMachine;
  readonly batches: BatchLog;
  readonly raft: RaftDriver;
}

/**
 * One replica of a data group: clients' writes into the log, committed entries into the state, results back to the
 * clients, the state into the checkpoint.
 */
export class DataReplica {
  readonly group: GroupId;
  readonly origin: Origin;
  readonly #options: DataReplicaOptions;
  readonly #queue: WriteQueue;
  readonly #nonce: number;
  readonly #handOvers = new HandOvers();
  readonly #taken = new TakenHandOvers();
  readonly #checkpoints: CheckpointSchedule;
  readonly #keeper: SnapshotKeeper;
  #life: ReplicaLife;
  #install: SnapshotInstall | null = null;
  /** Entries up to here are in the durable checkpoint. */
  #checkpointIndex: number;
  readonly #watch = new SnapshotWatch();
  /** Other nodes' requests that this leader has taken, with the term in which it may propose them. */
  #forwarded: { term: number; requests: readonly Uint8Array[] }[] = [];
  #forwardedBytes = 0;
  /** A local entry is on its way to disk: meanwhile the next one fills. */
  #entriesUnderWay = 0;
  #appliedTerm = 0;
  #ticks = 0;
  /** The log has not been looked through since the last checkpoint. */
  #mayCompact = true;
  /** The newest checkpoint that was begun, ended or not; it never rejects. */
  #checkpointing: Promise<void> = Promise.resolve();
  #role: RaftRole;

  constructor(options: DataReplicaOptions) {
    this.group = options.group;
    this.origin = options.origin;
    this.#options = options;
    const { group, number, registry } = options;
    const nonce = options.random.below(2 ** 32);
    this.#nonce = nonce;
    this.#queue = new WriteQueue({ group, node: number, nonce, limits: options.queue, registry });
    this.#checkpoints = new CheckpointSchedule(options.checkpoint);
    this.#keeper = new SnapshotKeeper({
      group,
      cluster: options.cluster,
      disk: options.disk,
      random: options.random,
      registry,
      chunkBytes: options.snapshots.chunkBytes,
      log: {
        entries: (lo, hi, maxBytes) => options.log.entries(lo, hi, maxBytes),
        outcome: (sequence) => this.#batches.outcome(sequence),
      },
      plan: () => this.#planCut(),
      send: (to, frame) => this.#sendSnapshot(to, frame),
      onFatal: options.onFatal,
    });
    this.#life = this.#begin();
    this.#checkpointIndex = this.#machine.appliedIndex;
    this.#role = this.#raft.role;
    registry.gauge("isthmus.snapshot.installing", { group }, () => (this.#install ? 1 : 0));
    registry.gauge("isthmus.snapshot.stored_share", { group }, () => {
      const { stored = 0, chunks = 0 } = this.#install?.progress ?? {};
      return chunks > 0 ? stored / chunks : null;
    });
  }

  // ---- one life after another ----

  get #state(): ReplicaState {
    return this.#life.state;
  }

  get #machine(): GraphMachine {
    return this.#life.machine;
  }

  get #batches(): BatchLog {
    return this.#life.batches;
  }

  get #raft(): RaftDriver {
    return this.#life.raft;
  }

  /**
   * Takes up store and log, at a start and after a snapshot alike. Where a snapshot is half in the store, or the log has
   * given up what the store does not hold, there is no state to go on from: then one is fetched.
   */
  #begin(): ReplicaLife {
    const { log, state } = this.#options;
    const bytes = state.store().get(INSTALL_KEY);
    if (bytes) return this.#beginInstall({ marker: decodeMarker(bytes), hint: null, isStateWhole: false });
    const life = this.#lifeOver(state.open());
    if (life.machine.appliedIndex < log.firstIndex - 1)
      return this.#beginInstall({ marker: null, hint: null, isStateWhole: false });
    // The only voter of a group needs nobody's silence to know that it is alone.
    if (life.raft.isSoleVoter) life.raft.campaign();
    return life;
  }

  #lifeOver(state: ReplicaState): ReplicaLife {
    const options = this.#options;
    const { group, origin, number, log, registry, random } = options;
    const machine = new GraphMachine({
      group,
      origin,
      state,
      registry,
      retryKeys: options.retryKeys,
      members: options.members,
    });
    const raft = new RaftDriver({
      group,
      number,
      nonce: this.#nonce,
      log,
      append: (records, onDurable) => this.#append(records, onDurable),
      founding: options.founding,
      appliedIndex: Math.max(machine.appliedIndex, log.firstIndex - 1),
      electionTicks: options.electionTicks,
      heartbeatTicks: options.heartbeatTicks,
      random,
      send: (to, messages) => options.sendRaft(to, messages),
      apply: (entries) => this.#apply(entries),
      wake: () => options.wake(),
      snapshots: {
        snapshot: (leastIndex) => this.#keeper.snapshot(leastIndex),
        needed: (hint) => this.#fetch(hint),
      },
      resting: {
        afterTicks: options.restTicks,
        isUp: (peer) => options.membership().isUp(peer),
        send: (to, term, commit) => options.sendRest(to, term, commit),
        noticed: (what) => this.#noticeRest(what),
      },
    });
    return { state, machine, batches: new BatchLog(log, machine.vector.get(origin)), raft };
  }

  #beginInstall(from: Pick<SnapshotInstallParts, "marker" | "hint" | "isStateWhole">): ReplicaLife {
    const { group, cluster, log, append, registry, snapshots, state, number, onFatal } = this.#options;
    const life = this.#lifeOver(NO_STATE);
    life.raft.stop();
    const install = new SnapshotInstall({
      group,
      cluster,
      self: number,
      log,
      append,
      registry,
      transactionBytes: snapshots.transactionBytes,
      store: () => state.store(),
      wipe: () => state.wipe(),
      peers: () => this.#otherMembers(),
      send: (to, frame) => this.#sendSnapshot(to, frame),
      before: Promise.all([this.#checkpointing, this.#keeper.abort("its state goes")]),
      ...from,
      onEnded: (installed) => this.#installed(installed),
      onFatal,
    });
    this.#install = install;
    registry.counter("isthmus.snapshot.installs_begun", { group }).add();
    // The ticks would do it, too; but the log behind the snapshot grows meanwhile.
    if (from.hint) install.begin();
    return life;
  }

  /** Its leader's log no longer has what this replica lacks. */
  #fetch(hint: SnapshotHint): void {
    assert(this.#install === null, "a replica without a state hears of no snapshot");
    this.#raft.stop();
    this.#life = this.#beginInstall({ marker: null, hint, isStateWhole: true });
    this.#options.wake();
  }

  /** Invariant: the replica begins anew as at a start: nothing that it knew of the state before is used again. */
  #installed(offer: SnapshotOffer | null): void {
    this.#install = null;
    // Order: before anything of a later term is applied, which would make all that is open look as if it were lost.
    if (offer !== null) this.#queue.resultsMissed();
    this.#entriesUnderWay = 0;
    this.#appliedTerm = 0;
    this.#life = this.#begin();
    assert(this.#install === null, "an installed snapshot is a state");
    this.#checkpointIndex = this.#machine.appliedIndex;
    this.#checkpoints.begun();
    assert(
      offer === null || this.#machine.appliedIndex === offer.header.index,
      "the state is the snapshot's",
    );
    this.#options.onInstalled();
    this.#options.wake();
  }

  #otherMembers(): number[] {
    const { voters, outgoing, learners } = this.#raft.conf;
    return [...new Set([...voters, ...outgoing, ...learners])].filter(
      (each) => each !== this.#options.number,
    );
  }

  // ---- snapshots ----

  /** Whether this replica has no state now and fetches one. */
  get isInstalling(): boolean {
    return this.#install !== null;
  }

  /** Cuts a snapshot now. Resolves when it is durable; rejects with `installing`, `not_available`. */
  cutSnapshot(): Promise<SnapshotOffer> {
    if (this.#install) return Promise.reject(this.#installing());
    this.#options.wake();
    return this.#keeper.cut();
  }

  takeSnapshotFrame(from: number, frame: SnapshotFrame): void {
    if (frame.kind === "ask") this.#keeper.ask(from, frame);
    else if (frame.kind === "done") {
      this.#keeper.done(from);
      this.#raft.reportSnapshot(from, frame.ok);
    } else this.#install?.take(from, frame);
    this.#options.wake();
  }

  /** A node that has lost its state may have a snapshot of it on its own shelf. */
  #sendSnapshot(to: number, frame: SnapshotFrame): boolean {
    if (to !== this.#options.number) return this.#options.sendSnapshot(to, frame);
    this.takeSnapshotFrame(to, frame);
    return true;
  }

  /** The connection to a member's node has broken. */
  peerLost(peer: number): void {
    this.#install?.lost(peer);
  }

  /** Null when there is nothing to cut a snapshot of now. */
  #planCut(): CutPlan | null {
    const { log, founding } = this.#options;
    const { appliedIndex } = this.#machine;
    // After a restart the configuration may be ahead of the state: they go together, so it is waited for.
    if (this.#install !== null || appliedIndex === 0 || this.#raft.confIndex > appliedIndex) return null;
    return cutPlanOf({ ...this.#life, log }, log.conf ?? encodeConfState(founding, 0));
  }

  /**
   * Gives up what nobody needs any more of the log. A group rests when all its members have all of it: then, once no
   * snapshot needs one, no tail is kept, which would hold the segments of busy groups for as long as this one rests.
   */
  #compact(): void {
    const { log, append, logKeepBytes } = this.#options;
    if (this.#checkpointIndex < log.firstIndex) return;
    const index = compactionIndex({
      checkpointIndex: this.#checkpointIndex,
      keepBytes: this.#raft.isResting && this.#keeper.isIdle ? 0 : logKeepBytes,
      slowestMatch: this.#raft.slowestMatch,
      snapshotIndex: this.#keeper.neededIndex,
      unseenIndex: firstUnseenBatch({ ...this.#life, log })?.index ?? null,
      firstWithin: (bytes) => log.firstWithin(bytes),
    });
    if (index < log.firstIndex) return;
    append({ compact: { index, term: log.term(index) } }, () => {});
    this.#options.registry.counter("isthmus.raft.compactions", { group: this.group }).add();
  }

  get role(): RaftRole {
    return this.#raft.role;
  }

  get leads(): boolean {
    return this.#raft.leads;
  }

  /** Whether this leader has applied everything that was committed before its term: what it knows is complete. */
  get leadsWithKnowledge(): boolean {
    return this.#raft.leads && this.#appliedTerm === this.#raft.role.term;
  }

  get commitIndex(): number {
    return this.#raft.commitIndex;
  }

  /** The members in force here. */
  get conf(): ConfState {
    return this.#raft.conf;
  }

  get machine(): GraphMachine {
    return this.#machine;
  }

  get waitingWrites(): number {
    return this.#queue.waiting;
  }

  get newestBatch(): number {
    return this.#batches.newest;
  }

  /** An own batch by number, for shipping; undefined when it is compacted, which it is only when all had it. */
  batch(sequence: number): Batch | undefined {
    return this.#batches.get(sequence);
  }

  /** Throws `installing` while there is no state to read. */
  reader(): GraphReader {
    if (this.#install) throw this.#installing();
    return new GraphReader(this.#state, this.#machine.policy);
  }

  #installing(): IsthmusError {
    return new IsthmusError("installing", `this node fetches the state of ${this.group}`, {
      facts: { ...this.#install?.progress },
    });
  }

  /** More is applied and not yet in the checkpoint than memory should hold: nothing new until it has caught up. */
  get isCongested(): boolean {
    return this.#state.dirtyBytes > CONGESTED_CHECKPOINTS * this.#options.checkpoint.bytes;
  }

  /** Resolves when the request is committed and applied here. Errors as WriteQueue's. */
  write(request: Omit<Request, "id">, timeoutMs: number): Promise<RequestResult> {
    const bytes = encodeRequest({ ...request, id: this.#queue.nextId() });
    if (bytes.length > REQUEST_MAX_BYTES)
      return Promise.reject(
        new IsthmusError("too_large", `a request has at most ${REQUEST_MAX_BYTES} bytes in the log`, {
          facts: { bytes: bytes.length },
        }),
      );
    if (this.isCongested) {
      this.#options.registry.refuse("write", "overloaded");
      return Promise.reject(
        new IsthmusError("overloaded", "the checkpoint does not keep up with the writes"),
      );
    }
    const result = this.#queue.add(bytes, this.#options.clock.monotonicMs() + timeoutMs);
    this.#options.wake();
    return result;
  }

  /** Resolves when all that was committed before is applied here. Rejects with `no_leader`. */
  readBarrier(timeoutMs: number): Promise<void> {
    return this.#raft.readBarrier(Math.ceil(timeoutMs / this.#options.tickMs));
  }

  /** Proposes another region's batch, or a control position. False when this node does not lead. */
  proposeAsLeader(entry: Uint8Array): boolean {
    return this.#raft.proposeAsLeader(entry, this.role.term);
  }

  tick(): void {
    this.#ticks += 1;
    // Order: before the tick, which may bring heartbeats that would have to be sent first.
    if (this.#hasNoRequests) this.#raft.restIfQuiet(() => this.#options.membership());
    this.#raft.tick();
    const nowMs = this.#options.clock.monotonicMs();
    this.#queue.expire(nowMs);
    this.#keeper.tick();
    if (this.#install) {
      this.#install.tick();
      return;
    }
    this.#mark();
    if (this.#ticks % RECONCILE_EVERY_TICKS === 0) this.#reconcile();
    if (this.#queue.hasUnsent || this.#handOvers.waits) this.#options.wake();
    if (this.#checkpoints.isDue(this.#state, nowMs)) this.#checkpointing = this.#checkpoint();
    if (this.#ticks % COMPACT_EVERY_TICKS !== 0) return;
    const silent = this.#watch.look(this.#raft.peersWithSnapshot, (peer) => this.#keeper.isFeeding(peer));
    for (const peer of silent) this.#raft.reportSnapshot(peer, false);
    this.#compact();
    // What a snapshot still needs may go later.
    this.#mayCompact = !this.#keeper.isIdle;
  }

  // ---- resting ----

  /** Whether the group's clock stands here. */
  get isResting(): boolean {
    return this.#raft.isResting;
  }

  /** Whether ticks would change nothing until something wakes this replica: its group rests, and all chores are done. */
  get isDormant(): boolean {
    return (
      this.#raft.isResting &&
      this.#install === null &&
      this.#hasNoRequests &&
      this.#keeper.isIdle &&
      this.#checkpoints.isClean &&
      !this.#state.flushing &&
      !this.#mayCompact &&
      (!this.#raft.leads || this.#machine.untold < MARK_AFTER_BATCHES)
    );
  }

  /** Nobody's request is under way here, of clients and of other nodes. */
  get #hasNoRequests(): boolean {
    return (
      this.#queue.waiting === 0 &&
      this.#forwarded.length === 0 &&
      this.#entriesUnderWay === 0 &&
      !this.#handOvers.waits
    );
  }

  /** The leader says that it rests. */
  takeRest(from: number, at: { readonly term: number; readonly commit: number }): void {
    this.#raft.takeRest(from, at, this.#hasNoRequests);
  }

  /** Starts the group's clock here again, if it rests. */
  rouse(by: WokenBy): void {
    this.#raft.rouse(by);
  }

  #noticeRest(what: "rested" | WokenBy): void {
    const { registry } = this.#options;
    // At rest less is kept of the log.
    if (what === "rested") this.#mayCompact = true;
    // By cause alone: a thousand groups would be thousands of numbers.
    if (what === "rested") registry.counter("isthmus.raft.rested").add();
    else registry.counter("isthmus.raft.woken", { by: what }).add();
  }

  step(message: Message): void {
    // Raft is not there meanwhile, but a leader that names a snapshot is heard.
    if (this.#install && message.type === "MsgSnap" && message.snapshot?.data)
      this.#install.takeHint({ source: message.from, id: fromUtf8(message.snapshot.data) });
    this.#raft.step(message);
  }

  takeForward(from: number, forward: Forward): void {
    const { nonce, number, term, requests } = forward;
    if (this.leads) this.#taken.lead(this.role.term);
    const verdict = this.#taken.judge(from, forward, this.leads ? this.role.term : null);
    if (verdict === "ignore") return;
    if (verdict === "refuse") {
      this.#answerForward(from, nonce, term, requests, "no_leader", number);
      return;
    }
    if (verdict === "take") {
      this.#taken.take(from, nonce, number);
      const bytes = bytesOf(requests);
      if (this.#forwardedBytes + bytes > FORWARDED_MAX_BYTES) {
        this.#options.registry.refuse("forward", "overloaded");
        this.#answerForward(from, nonce, term, requests, "overloaded");
        return;
      }
      this.#forwarded.push({ term, requests });
      this.#forwardedBytes += bytes;
      this.#options.wake();
    }
    this.#answerForward(from, nonce, term, [], "");
  }

  /** `refused` is the number of a hand-over that was certainly not taken, or 0. */
  #answerForward(
    to: number,
    nonce: number,
    term: number,
    requests: readonly Uint8Array[],
    code: string,
    refused = 0,
  ): void {
    const taken = this.#taken.takenOf(to, nonce, term);
    const ids = idsOf(requests);
    this.#options.sendForwardReply(to, { group: this.group, term, taken, refused, ids, code });
  }

  takeForwardReply({ term, taken, refused, ids, code }: ForwardReply): void {
    this.#handOvers.answered(term, taken);
    if (refused > 0) this.#handOvers.refused(term, refused);
    const requests = ids.map(decodeRequestId);
    if (code === "overloaded") this.#queue.refused(requests, term);
    else this.#queue.returned(requests, term);
  }

  pump(): void {
    this.#send();
    this.#raft.pump();
    this.#noticeRole();
  }

  /** Makes the state the checkpoint now; for a clean stop. One that is under way ends first. */
  async close(): Promise<void> {
    await this.#keeper.close();
    await this.#checkpointing;
    if (this.#install) await this.#install.close();
    else await this.#checkpoint();
  }

  /** A draining node leads only when nobody else can. */
  setDraining(draining: boolean): void {
    this.#raft.setDraining(draining);
  }

  /** Asks that this node lead the group; whether it comes about shows in the role. False when it cannot. */
  takeLeadership(): boolean {
    return this.#raft.takeLeadership();
  }

  /**
   * Invariant: a leader acts on exactly the position of the control log that the group's own log has taken up. One that
   * knows less would undo what another leader has done; one that knows more waits until its group knows it too.
   */
  #reconcile(): void {
    const wanted = this.#options.membership();
    const known = this.#machine.vector.get(CONTROL_COMPONENT);
    if (!this.#raft.leads) {
      if (wanted.position >= known) this.#raft.reconcile(wanted);
      return;
    }
    if (!this.leadsWithKnowledge) return;
    // Leadership may be handed on at any time: it changes nobody's membership.
    const { voters, learners } = this.#raft.conf;
    this.#raft.reconcile(wanted.position === known ? wanted : { ...wanted, voters, learners });
  }

  /** An empty batch tells the other regions what this one has seen, if it has told them nothing for long. */
  #mark(): void {
    if (this.#ticks % MARK_EVERY_TICKS !== 0 || !this.leadsWithKnowledge || this.#entriesUnderWay > 0) return;
    if (this.#machine.untold < MARK_AFTER_BATCHES) return;
    this.#propose([], this.role.term);
  }

  // ---- writes on their way into the log ----

  #send(): void {
    const { state, term, leader } = this.#raft.role;
    if (state === "StateLeader") this.#gather(term);
    else if (leader !== 0 && leader !== this.#options.number) this.#handOver(term, leader);
    if (state !== "StateLeader") this.#returnForwarded();
  }

  /** One entry of all that waits, as soon as the one before it is on disk here. */
  #gather(term: number): void {
    // A leader that hands over could only hand back what it gathers: it keeps it until it is known who leads.
    if (this.#entriesUnderWay > 0 || this.#raft.isTransferring) return;
    const requests: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < ENTRY_GATHER_BYTES) {
      const next = this.#forwarded[0];
      if (next === undefined) break;
      this.#forwarded.shift();
      const size = bytesOf(next.requests);
      this.#forwardedBytes -= size;
      if (next.term !== term) {
        this.#giveBack(next.requests, next.term);
        continue;
      }
      requests.push(...next.requests);
      bytes += size;
    }
    if (bytes < ENTRY_GATHER_BYTES)
      requests.push(...this.#queue.takeUnsent(term, ENTRY_GATHER_BYTES - bytes));
    if (requests.length > 0) this.#propose(requests, term);
  }

  #propose(requests: readonly Uint8Array[], term: number): void {
    const data = encodeDataEntry({
      kind: "local",
      epoch: this.#machine.epoch,
      wallMs: Math.max(0, Math.floor(this.#options.clock.wallMs())),
      requests: encodeRequests(requests),
    });
    if (this.#raft.proposeAsLeader(data, term)) this.#entriesUnderWay += 1;
    else this.#giveBack(requests, term);
  }

  #handOver(term: number, leader: number): void {
    this.#handOvers.begin(leader, term);
    for (const handOver of this.#handOvers.due(this.#ticks)) this.#sendForward(leader, term, handOver);
    while (this.#queue.hasUnsent && !this.#handOvers.isRefused) {
      const requests = this.#queue.takeUnsent(term, ENTRY_GATHER_BYTES);
      if (requests.length === 0) continue;
      const handOver = this.#handOvers.add(requests, this.#ticks);
      if (this.#sendForward(leader, term, handOver)) continue;
      // Not reachable in this moment: the next tick tries again.
      this.#handOvers.takeBack(handOver.number);
      this.#giveBack(requests, term);
      return;
    }
  }

  #sendForward(leader: number, term: number, handOver: HandOver): boolean {
    return this.#options.sendForward(leader, { group: this.group, term, nonce: this.#nonce, ...handOver });
  }

  #returnForwarded(): void {
    for (const { requests, term } of this.#forwarded) this.#giveBack(requests, term);
    this.#forwarded = [];
    this.#forwardedBytes = 0;
  }

  /** To whoever sent them: they were not proposed. */
  #giveBack(requests: readonly Uint8Array[], term: number): void {
    const owners = Map.groupBy(idsOf(requests), (id) => decodeRequestId(id).node);
    for (const [node, ids] of owners) {
      // Nothing new is taken by this; the number of what was stands in the answers to hand-overs.
      const reply = { group: this.group, term, taken: 0, refused: 0, ids, code: "no_leader" };
      if (node === this.#options.number) this.takeForwardReply(reply);
      else this.#options.sendForwardReply(node, reply);
    }
  }

  /** Appends with the outcomes that wait riding along, and an eye on when entries are on disk. */
  #append(records: LogRecords, onDurable: () => void): void {
    const outcomes = this.#batches.takeUnwritten();
    const counted = (records.entries ?? []).length > 0;
    this.#options.append({ ...records, ...(outcomes.length > 0 ? { outcomes } : {}) }, () => {
      if (counted) {
        this.#entriesUnderWay = 0;
        this.#options.wake();
      }
      onDurable();
    });
  }

  // ---- committed entries ----

  #apply(entries: readonly Entry[]): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const entry of entries) {
      // A change of members is in force already; to the state it is an entry like the one that begins a term.
      const data = entry.type === "EntryNormal" ? entry.data : undefined;
      const applied = this.#machine.apply(entry.index, entry.term, data);
      if (applied.kind === "local") {
        this.#batches.add(entry.index, applied.batch);
        for (const result of applied.results) this.#queue.settle(result);
      } else if (applied.kind === "skipped") this.#queue.returned(applied.requests, entry.term);
      if (entry.term > this.#appliedTerm) {
        this.#appliedTerm = entry.term;
        this.#queue.termBegan(entry.term);
      }
      this.#options.onApplied(applied);
    }
    this.#checkpoints.changed(nowMs);
  }

  async #checkpoint(): Promise<void> {
    const { append } = this.#options;
    const { state, machine } = this.#life;
    this.#checkpoints.begun();
    // Invariant: the checkpoint never passes an entry whose outcome is not in the log, or the batch could not be
    // shipped again after a restart.
    const outcomes = this.#batches.takeUnwritten();
    const written = new Promise<void>((resolve) => append({ outcomes }, resolve));
    const index = machine.appliedIndex;
    machine.writeMeta();
    try {
      await state.flush(written);
      // Another state may have come meanwhile, whose checkpoint this is not.
      if (machine === this.#life.machine) this.#checkpointIndex = index;
      this.#mayCompact = true;
    } catch (error) {
      this.#options.onFatal(error);
    }
  }

  #noticeRole(): void {
    const role = this.#raft.role;
    if (role === this.#role) return;
    const before = this.#role;
    this.#role = role;
    if (before.state === role.state && before.term === role.term && before.leader === role.leader) return;
    if (role.state !== "StateLeader") this.#entriesUnderWay = 0;
    this.#options.onRole(role);
  }
}

type SnapshotInstallParts = ConstructorParameters<typeof SnapshotInstall>[0];

function bytesOf(requests: readonly Uint8Array[]): number {
  return requests.reduce((sum, request) => sum + request.length, 0);
}
