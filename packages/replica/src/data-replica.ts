import {
  type Applied,
  GraphMachine,
  GraphReader,
  type RequestResult,
  type StateWriter,
} from "@isthmus/graph";
import {
  assert,
  type Clock,
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
  encodeDataEntry,
  encodeRequest,
  encodeRequests,
  type Forward,
  type ForwardReply,
  REQUEST_MAX_BYTES,
  type Request,
} from "@isthmus/wire";
import { BatchLog } from "./batch-log.ts";
import { type CheckpointLimits, type CheckpointPort, CheckpointSchedule } from "./checkpoint.ts";
import { type HandOver, HandOvers, TakenHandOvers } from "./hand-over.ts";
import type { AppendToLog, LogPort, LogRecords } from "./log-port.ts";
import { RaftDriver, type RaftRole } from "./raft-driver.ts";
import { idsOf, type QueueLimits, WriteQueue } from "./write-queue.ts";

export interface DataReplicaOptions {
  readonly group: GroupId;
  readonly origin: Origin;
  /** This node's number inside Raft. */
  readonly number: number;
  readonly founding: ConfState;
  readonly log: LogPort;
  readonly append: AppendToLog;
  readonly state: StateWriter & CheckpointPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly registry: Registry;
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly queue: QueueLimits;
  readonly checkpoint: CheckpointLimits;
  readonly retryKeys: number;
  /** The origins of all regions. */
  readonly members: readonly Origin[];
  /** False when not all was sent. */
  sendRaft(to: number, messages: readonly Message[]): boolean;
  /** False when the peer cannot be reached: nothing was sent. */
  sendForward(to: number, forward: Forward): boolean;
  sendForwardReply(to: number, reply: ForwardReply): void;
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
/** What other nodes handed over and is not yet proposed. */
const FORWARDED_MAX_BYTES = 64 * 1024 * 1024;

/**
 * One replica of a data group: clients' writes into the log, committed entries into the state, results back to the
 * clients, the state into the checkpoint.
 */
export class DataReplica {
  readonly group: GroupId;
  readonly origin: Origin;
  readonly #options: DataReplicaOptions;
  readonly #machine: GraphMachine;
  readonly #raft: RaftDriver;
  readonly #queue: WriteQueue;
  readonly #nonce: number;
  readonly #handOvers = new HandOvers();
  readonly #taken = new TakenHandOvers();
  readonly #batches: BatchLog;
  readonly #checkpoints: CheckpointSchedule;
  /** Other nodes' requests that this leader has taken, with the term in which it may propose them. */
  #forwarded: { term: number; requests: readonly Uint8Array[] }[] = [];
  #forwardedBytes = 0;
  /** A local entry is on its way to disk: meanwhile the next one fills. */
  #entriesUnderWay = 0;
  #appliedTerm = 0;
  #ticks = 0;
  /** The newest checkpoint that was begun, ended or not; it never rejects. */
  #checkpointing: Promise<void> = Promise.resolve();
  #role: RaftRole;

  constructor(options: DataReplicaOptions) {
    this.group = options.group;
    this.origin = options.origin;
    this.#options = options;
    const { group, number, registry } = options;
    this.#machine = new GraphMachine({
      group,
      origin: options.origin,
      state: options.state,
      registry,
      retryKeys: options.retryKeys,
      members: options.members,
    });
    const nonce = options.random.below(2 ** 32);
    this.#nonce = nonce;
    this.#queue = new WriteQueue({ group, node: number, nonce, limits: options.queue, registry });
    this.#batches = new BatchLog(options.log, this.#machine.vector.get(options.origin));
    this.#checkpoints = new CheckpointSchedule(options.checkpoint);
    this.#raft = new RaftDriver({
      group,
      number,
      nonce,
      log: options.log,
      append: (records, onDurable) => this.#append(records, onDurable),
      founding: options.founding,
      appliedIndex: this.#machine.appliedIndex,
      electionTicks: options.electionTicks,
      heartbeatTicks: options.heartbeatTicks,
      random: options.random,
      send: (to, messages) => options.sendRaft(to, messages),
      apply: (entries) => this.#apply(entries),
      wake: () => options.wake(),
    });
    this.#role = this.#raft.role;
    // The only voter of a group needs nobody's silence to know that it is alone.
    if (options.founding.voters.length === 1) this.#raft.campaign();
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

  get machine(): GraphMachine {
    return this.#machine;
  }

  get waitingWrites(): number {
    return this.#queue.waiting;
  }

  get newestBatch(): number {
    return this.#batches.newest;
  }

  /** An own batch by number, for shipping. */
  batch(sequence: number): Batch {
    return this.#batches.get(sequence);
  }

  reader(): GraphReader {
    return new GraphReader(this.#options.state, this.#machine.policy);
  }

  /** More is applied and not yet in the checkpoint than memory should hold: nothing new until it has caught up. */
  get isCongested(): boolean {
    return this.#options.state.dirtyBytes > CONGESTED_CHECKPOINTS * this.#options.checkpoint.bytes;
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
    this.#raft.tick();
    const nowMs = this.#options.clock.monotonicMs();
    this.#queue.expire(nowMs);
    this.#mark();
    if (this.#queue.hasUnsent || this.#handOvers.waits) this.#options.wake();
    if (this.#checkpoints.isDue(this.#options.state, nowMs)) this.#checkpointing = this.#checkpoint();
  }

  step(message: Message): void {
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
    await this.#checkpointing;
    await this.#checkpoint();
  }

  /** An empty batch tells the other regions what this one has seen, if it has told them nothing for long. */
  #mark(): void {
    if (!this.leadsWithKnowledge || this.#entriesUnderWay > 0) return;
    if (this.#machine.untold < MARK_AFTER_BATCHES || this.#ticks % MARK_EVERY_TICKS !== 0) return;
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
    if (this.#entriesUnderWay > 0) return;
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
      assert(entry.type === "EntryNormal", "a group's members are the founding ones");
      const applied = this.#machine.apply(entry.index, entry.term, entry.data);
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
    const { append, state } = this.#options;
    this.#checkpoints.begun();
    // Invariant: the checkpoint never passes an entry whose outcome is not in the log, or the batch could not be
    // shipped again after a restart.
    const outcomes = this.#batches.takeUnwritten();
    const written = new Promise<void>((resolve) => append({ outcomes }, resolve));
    this.#machine.writeMeta();
    try {
      await state.flush(written);
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

function bytesOf(requests: readonly Uint8Array[]): number {
  return requests.reduce((sum, request) => sum + request.length, 0);
}
