import {
  allNodes,
  applyControl,
  type ControlCommand,
  type ControlState,
  controlMembers,
  foundedControl,
  type Topology,
} from "@isthmus/control";
import {
  ByteWriter,
  type Clock,
  CONTROL_GROUP,
  DecodeError,
  hex,
  IsthmusError,
  type Random,
  type Registry,
} from "@isthmus/kernel";
import type { ConfState, Entry, Message } from "@isthmus/raft";
import { type ControlEntry, decodeControlEntry, encodeControlEntry } from "@isthmus/wire";
import type { AppendToLog, LogPort } from "./log-port.ts";
import { RaftDriver, type RaftRole } from "./raft-driver.ts";

export interface ControlReplicaOptions {
  readonly number: number;
  /** The founding one. */
  readonly topology: Topology;
  readonly founding: ConfState;
  readonly log: LogPort;
  readonly append: AppendToLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly registry: Registry;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Whether a node is connected to this one; its own number counts as up. */
  isUp(number: number): boolean;
  /** A node that should lead nothing beyond those that are agreed on: this one, as it stops. */
  isLeaving(number: number): boolean;
  /** False when not all was sent. */
  sendRaft(to: number, messages: readonly Message[]): boolean;
  /** The agreed state has changed. */
  onChange(state: ControlState): void;
  wake(): void;
}

interface WaitingCommand {
  readonly entry: Uint8Array;
  readonly deadlineMs: number;
  /** Whether a leader was known to take it: until then it is offered again at each tick. */
  proposed: boolean;
  resolve(state: ControlState): void;
  reject(error: Error): void;
}

const RECONCILE_EVERY_TICKS = 2;

/**
 * One replica of the control group, which spans all regions. Its log is short and kept whole: the agreed state is
 * played again from the first entry at each start.
 */
export class ControlReplica {
  readonly #options: ControlReplicaOptions;
  readonly #raft: RaftDriver;
  readonly #nonce: number;
  readonly #waiting = new Map<string, WaitingCommand>();
  #state: ControlState;
  #counter = 0;
  #appliedTerm = 0;
  #ticks = 0;

  constructor(options: ControlReplicaOptions) {
    this.#options = options;
    this.#state = foundedControl(options.topology);
    this.#nonce = options.random.below(2 ** 32);
    this.#raft = new RaftDriver({
      group: CONTROL_GROUP,
      number: options.number,
      nonce: this.#nonce,
      log: options.log,
      append: options.append,
      founding: options.founding,
      appliedIndex: 0,
      electionTicks: options.electionTicks,
      heartbeatTicks: options.heartbeatTicks,
      random: options.random,
      send: (to, messages) => options.sendRaft(to, messages),
      apply: (entries) => this.#apply(entries),
      wake: () => options.wake(),
    });
    if (this.#raft.isSoleVoter) this.#raft.campaign();
  }

  get state(): ControlState {
    return this.#state;
  }

  get role(): RaftRole {
    return this.#raft.role;
  }

  /** The members in force here. */
  get conf(): ConfState {
    return this.#raft.conf;
  }

  /** Whether this node leads and has applied all that was committed before its term. */
  get leadsWithKnowledge(): boolean {
    return this.#raft.leads && this.#appliedTerm === this.#raft.role.term;
  }

  /** A draining node leads only when nobody else can. */
  setDraining(draining: boolean): void {
    this.#raft.setDraining(draining);
  }

  /** Asks that this node lead the group; whether it comes about shows in the role. False when it cannot. */
  takeLeadership(): boolean {
    return this.#raft.takeLeadership();
  }

  get commitIndex(): number {
    return this.#raft.commitIndex;
  }

  get appliedIndex(): number {
    return this.#raft.appliedIndex;
  }

  /**
   * Resolves with the agreed state once the command is in it here. Rejects with `invalid` when it was refused, with
   * `no_leader` when nobody took it, with `timeout` when its outcome is not known.
   */
  change(command: ControlCommand, timeoutMs: number): Promise<ControlState> {
    this.#counter += 1;
    const id = new ByteWriter(16)
      .varint(this.#options.number)
      .u32(this.#nonce)
      .varint(this.#counter)
      .finish();
    const entry = encodeControlEntry({ id, command });
    const deadlineMs = this.#options.clock.monotonicMs() + timeoutMs;
    return new Promise((resolve, reject) => {
      this.#waiting.set(hex(id), { entry, deadlineMs, proposed: false, resolve, reject });
      this.#offer();
    });
  }

  tick(): void {
    this.#ticks += 1;
    this.#raft.tick();
    if (this.#ticks % RECONCILE_EVERY_TICKS === 0) this.#reconcile();
    this.#offer();
    const nowMs = this.#options.clock.monotonicMs();
    for (const [id, command] of this.#waiting) {
      if (command.deadlineMs > nowMs) continue;
      this.#waiting.delete(id);
      command.reject(
        command.proposed
          ? new IsthmusError("timeout", "the change was not confirmed in time; whether it holds is not known")
          : new IsthmusError(
              "no_leader",
              "no leader of the control group took the change; nothing was changed",
            ),
      );
    }
  }

  step(message: Message): void {
    this.#raft.step(message);
  }

  pump(): void {
    this.#raft.pump();
  }

  /** Its own members follow what it has agreed: the same number of votes in each region. */
  #reconcile(): void {
    if (!this.leadsWithKnowledge) return;
    const { topology, draining } = this.#state;
    const { isUp, isLeaving } = this.#options;
    const avoid = new Set(
      allNodes(topology)
        .filter(({ node }) => draining.includes(node.id) || isLeaving(node.number))
        .map(({ node }) => node.number),
    );
    this.#raft.reconcile({ ...controlMembers(topology), avoid, isUp });
  }

  #offer(): void {
    for (const command of this.#waiting.values())
      if (!command.proposed) command.proposed = this.#raft.propose(command.entry);
  }

  #apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#appliedTerm = entry.term;
      // A change of members is in force already.
      if (entry.type !== "EntryNormal" || entry.data === undefined || entry.data.length === 0) continue;
      const decoded = this.#decode(entry.data);
      if (decoded === null) {
        this.#options.registry.refuse("control", "malformed");
        continue;
      }
      const { id, command } = decoded;
      const { state, refusal } = applyControl(this.#state, command);
      this.#state = state;
      this.#options.onChange(state);
      const waiting = this.#waiting.get(hex(id));
      if (!waiting) continue;
      this.#waiting.delete(hex(id));
      if (refusal) waiting.reject(new IsthmusError(refusal.code, refusal.detail));
      else waiting.resolve(state);
    }
  }

  /** Null for what no version of a node should have proposed: it is no command, and takes no position. */
  #decode(data: Uint8Array): ControlEntry | null {
    try {
      return decodeControlEntry(data);
    } catch (error) {
      if (error instanceof DecodeError) return null;
      throw error;
    }
  }
}
