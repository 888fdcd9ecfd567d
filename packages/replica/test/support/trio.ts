import {
  type Clock,
  type Disk,
  encodeValue,
  type GroupId,
  type Key,
  type Origin,
  Registry,
  seededRandom,
  type Timer,
} from "@isthmus/kernel";
import type { ConfState, Entry, HardState, Message } from "@isthmus/raft";
import { DataReplica, type LoggedOutcome, type LogPort, type LogRecords } from "@isthmus/replica";
import type { Forward, ForwardReply, Operation } from "@isthmus/wire";

const GROUP = "main/0" as GroupId;
export const TICK_MS = 100;

/** A log in memory; what is appended is on disk when the test says so. */
class MemoryLog implements LogPort {
  hardState: HardState = { term: 0, vote: 0, commit: 0 };
  conf: Uint8Array | undefined;
  readonly firstIndex = 1;
  readonly #entries: Entry[] = [];
  readonly #outcomes = new Map<number, LoggedOutcome>();
  readonly pending: (() => void)[] = [];
  lastOutcomeSequence = 0;

  get firstOutcomeSequence(): number {
    return this.#outcomes.size > 0 ? 1 : 0;
  }

  /** All of it is recent: nothing is ever compacted here. */
  firstWithin(): number {
    return 1;
  }

  get lastIndex(): number {
    return this.#entries.length;
  }

  term(index: number): number {
    return index === 0 ? 0 : (this.#entries[index - 1]?.term ?? 0);
  }

  entries(lo: number, hi: number): Entry[] {
    return this.#entries.slice(lo - 1, hi - 1);
  }

  outcome(sequence: number): LoggedOutcome | undefined {
    return this.#outcomes.get(sequence);
  }

  append(records: LogRecords, onDurable: () => void): void {
    const first = records.entries?.[0];
    if (first) this.#entries.splice(first.index - 1, Number.POSITIVE_INFINITY, ...(records.entries ?? []));
    if (records.hardState) this.hardState = records.hardState;
    if (records.conf) this.conf = records.conf;
    for (const outcome of records.outcomes ?? []) {
      this.#outcomes.set(outcome.sequence, outcome);
      this.lastOutcomeSequence = Math.max(this.lastOutcomeSequence, outcome.sequence);
    }
    this.pending.push(onDurable);
  }
}

class MemoryState {
  readonly content = new Map<Key, Uint8Array>();
  flushes = 0;
  /** A flush that has begun ends no sooner than this. */
  gate: Promise<void> = Promise.resolve();
  readonly flushing = false;
  dirtyBytes = 0;
  get = (key: Key) => this.content.get(key);
  set(key: Key, value: Uint8Array | undefined): void {
    this.dirtyBytes += 1;
    if (value === undefined) this.content.delete(key);
    else this.content.set(key, value);
  }
  *range(from: Key, to: Key): Iterable<readonly [Key, Uint8Array]> {
    for (const key of [...this.content.keys()].sort())
      if (key >= from && key < to) yield [key, this.content.get(key) as Uint8Array];
  }
  view() {
    return { get: this.get, range: this.range.bind(this), release: () => {} };
  }
  commit(): Promise<void> {
    return Promise.reject(new Error("no snapshot comes here"));
  }
  async close(): Promise<void> {}
  async flush(ready: Promise<void>): Promise<void> {
    await ready;
    await this.gate;
    this.flushes += 1;
    this.dirtyBytes = 0;
  }
}

/** There are no snapshots on it, and none is made. */
const NO_DISK: Disk = {
  list: () => Promise.resolve([]),
  open: unused,
  read: unused,
  replace: unused,
  rename: unused,
  remove: unused,
  syncDirectory: unused,
};

function unused(): Promise<never> {
  return Promise.reject(new Error("nothing is written here"));
}

type Letter = { to: number; from: number } & (
  | { kind: "raft"; message: Message }
  | { kind: "rest"; term: number; commit: number }
  | { kind: "forward"; forward: Forward }
  | { kind: "reply"; reply: ForwardReply }
);

/** Three replicas of one group, whose messages and disks the test holds in its hand. */
export class Trio {
  nowMs = 0;
  readonly logs = [1, 2, 3].map(() => new MemoryLog());
  readonly states = [1, 2, 3].map(() => new MemoryState());
  readonly replicas: DataReplica[];
  readonly registry = new Registry();
  letters: Letter[] = [];
  /** Who should not lead. */
  readonly avoid = new Set<number>();
  /** Who should vote, as agreed at this position of the control log. */
  wanted = [1, 2, 3];
  position = 0;
  /** Replicas whose control log stands elsewhere, and what it says there. */
  readonly elsewhere = new Map<number, { readonly position: number; readonly voters: number[] }>();
  /** Nobody hears these, and they hear nobody. */
  readonly cut = new Set<number>();

  readonly #restTicks: number;

  /** Quiet for so many ticks the group rests; by default never. */
  constructor({ restTicks = Number.POSITIVE_INFINITY } = {}) {
    this.#restTicks = restTicks;
    this.replicas = [1, 2, 3].map((number) => this.#replica(number));
  }

  #replica(number: number): DataReplica {
    const timer: Timer = { cancel() {} };
    const clock: Clock = {
      wallMs: () => 1_000_000 + this.nowMs,
      monotonicMs: () => this.nowMs,
      after: () => timer,
      every: () => timer,
      soon: () => {},
    };
    const founding: ConfState = {
      voters: [1, 2, 3],
      outgoing: [],
      learners: [],
      learnersNext: [],
      autoLeave: false,
    };
    const log = this.logs[number - 1] as MemoryLog;
    const state = this.states[number - 1] as MemoryState;
    return new DataReplica({
      group: GROUP,
      origin: "us" as Origin,
      number,
      founding,
      log,
      append: (records, onDurable) => log.append(records, onDurable),
      cluster: "earth",
      state: { open: () => state, store: () => state, wipe: () => state.close() },
      disk: NO_DISK,
      snapshots: { chunkBytes: 1000, transactionBytes: 10_000 },
      logKeepBytes: 1_000_000,
      clock,
      random: seededRandom(number),
      registry: this.registry,
      tickMs: TICK_MS,
      electionTicks: 5,
      heartbeatTicks: 1,
      restTicks: this.#restTicks,
      queue: { requests: 10, bytes: 100_000 },
      checkpoint: { bytes: 1_000_000, ageMs: 60_000 },
      retryKeys: 100,
      members: ["us" as Origin],
      membership: () => ({
        ...(this.elsewhere.get(number) ?? { position: this.position, voters: this.wanted }),
        learners: [],
        avoid: this.avoid,
        isUp: (other) => !this.cut.has(other),
      }),
      sendRaft: (to, messages) => {
        for (const message of messages) this.letters.push({ to, from: number, kind: "raft", message });
        return true;
      },
      sendRest: (to, term, commit) => {
        this.letters.push({ to, from: number, kind: "rest", term, commit });
        return true;
      },
      sendForward: (to, forward) => {
        if (this.cut.has(to) || this.cut.has(number)) return false;
        this.letters.push({ to, from: number, kind: "forward", forward });
        return true;
      },
      sendForwardReply: (to, reply) => this.letters.push({ to, from: number, kind: "reply", reply }),
      sendSnapshot: () => false,
      onInstalled: () => {},
      onApplied: () => {},
      onRole: () => {},
      wake: () => {},
      onFatal: (error) => {
        throw error;
      },
    });
  }

  replica(number: number): DataReplica {
    return this.replicas[number - 1] as DataReplica;
  }

  log(number: number): MemoryLog {
    return this.logs[number - 1] as MemoryLog;
  }

  state(number: number): MemoryState {
    return this.states[number - 1] as MemoryState;
  }

  get leader(): DataReplica | undefined {
    const alive = this.replicas.filter((_, index) => !this.cut.has(index + 1) && this.replicas[index]?.leads);
    return alive.sort((a, b) => b.role.term - a.role.term)[0];
  }

  numberOf(replica: DataReplica): number {
    return this.replicas.indexOf(replica) + 1;
  }

  /** Delivers everything, and what follows from it, until nothing moves. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      for (const replica of this.replicas) replica.pump();
      const durable = this.logs.flatMap((log) => log.pending.splice(0));
      for (const call of durable) call();
      const letters = this.letters;
      this.letters = [];
      for (const letter of letters) this.deliver(letter);
      for (const replica of this.replicas) replica.pump();
      if (
        durable.length === 0 &&
        this.letters.length === 0 &&
        this.logs.every((log) => log.pending.length === 0)
      )
        return;
    }
    throw new Error("the group does not come to rest");
  }

  deliver(letter: Letter): void {
    if (this.cut.has(letter.to) || this.cut.has(letter.from)) return;
    const to = this.replica(letter.to);
    if (letter.kind === "raft") to.step(letter.message);
    else if (letter.kind === "rest") to.takeRest(letter.from, letter);
    else if (letter.kind === "forward") to.takeForward(letter.from, letter.forward);
    else to.takeForwardReply(letter.reply);
  }

  /** Lets time pass, tick by tick, everything delivered in between. */
  pass(ticks: number): void {
    for (let tick = 0; tick < ticks; tick++) {
      this.nowMs += TICK_MS;
      for (const replica of this.replicas) replica.tick();
      this.settle();
    }
  }

  elect(): DataReplica {
    for (let tick = 0; tick < 50; tick++) {
      this.pass(1);
      if (this.leader) return this.leader;
    }
    throw new Error("no leader was elected");
  }
}

export function put(id: string, value: number): Operation {
  return { op: "put_node", id, condition: null, labels: [], properties: [["x", encodeValue(value)]] };
}
