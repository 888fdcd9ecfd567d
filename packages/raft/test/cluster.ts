import { assert, must, utf8 } from "@isthmus/kernel";
import {
  type ConfState,
  decodeConfChange,
  type Entry,
  type HardState,
  LocalAppendThread,
  LocalApplyThread,
  MemoryStorage,
  type Message,
  type RaftConfig,
  RaftError,
  type RaftStorage,
  RawNode,
  type Ready,
  type Snapshot,
} from "@isthmus/raft";

/**
 * One node's disk: a log, and the applied state with its configuration. What is in it survives a crash; what waits in
 * the queues of a Member does not.
 */
export class Disk implements RaftStorage {
  readonly log = new MemoryStorage();
  hard: HardState = { term: 0, vote: 0, commit: 0 };
  conf: ConfState;
  applied = 0;
  appliedTerm = 0;
  data: string[] = [];
  canSnapshot = true;

  constructor(conf: ConfState) {
    this.conf = conf;
  }

  /** What is applied is committed, also where the crash took the hard state that said so. */
  initialState(): { hard: HardState; conf: ConfState } {
    return { hard: { ...this.hard, commit: Math.max(this.hard.commit, this.applied) }, conf: this.conf };
  }
  entries(lo: number, hi: number, maxBytes: number): Entry[] {
    return this.log.entries(lo, hi, maxBytes);
  }
  term(index: number): number {
    return this.log.term(index);
  }
  firstIndex(): number {
    return this.log.firstIndex();
  }
  lastIndex(): number {
    return this.log.lastIndex();
  }
  snapshot(): Snapshot {
    if (!this.canSnapshot) throw new RaftError("ErrSnapshotTemporarilyUnavailable", "not now");
    return {
      index: this.applied,
      term: this.appliedTerm,
      conf: this.conf,
      data: utf8(JSON.stringify(this.data)),
    };
  }

  write(hard: HardState | undefined, entries: Entry[], snapshot: Snapshot | undefined): void {
    if (hard !== undefined) this.hard = hard;
    if (snapshot === undefined) {
      this.log.append(entries);
      return;
    }
    assert(entries.length === 0, "a Ready brings a snapshot or entries, never both");
    this.log.applySnapshot(snapshot);
    this.conf = snapshot.conf;
    this.applied = snapshot.index;
    this.appliedTerm = snapshot.term;
    this.data = JSON.parse(text(snapshot.data)) as string[];
  }
}

export interface Member {
  id: number;
  config: RaftConfig;
  disk: Disk;
  node: RawNode;
  appendWork: Message[];
  applyWork: Message[];
  reads: string[];
}

export interface ClusterOptions extends Partial<Omit<RaftConfig, "id" | "storage">> {
  voters: number[];
  learners?: number[];
  /** Members that start without a configuration, to be added later. */
  strangers?: number[];
  /** What one member has otherwise than the rest. */
  only?: { [id: number]: Partial<RaftConfig> };
}

/** Several nodes, a pool of messages on their way, and nothing that happens by itself. */
export class Cluster {
  readonly members = new Map<number, Member>();
  network: Message[] = [];
  /** Called with each entry as a member applies it. */
  onApply: (id: number, entry: Entry) => void = () => {};
  /** Whether a snapshot's arrival is reported to its sender, as whoever carries it must, or the story does so itself. */
  reportsSnapshots = false;
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { voters, learners = [], strangers = [] } = options;
    const conf: ConfState = { voters, outgoing: [], learners, learnersNext: [], autoLeave: false };
    for (const id of [...voters, ...learners]) {
      const disk = new Disk(conf);
      // Everybody begins behind a snapshot with the configuration: whoever joins later must be sent one to know it.
      disk.write(undefined, [], { index: 1, term: 1, conf, data: utf8("[]") });
      this.#start(id, disk);
    }
    for (const id of strangers)
      this.#start(
        id,
        new Disk({ voters: [], outgoing: [], learners: [], learnersNext: [], autoLeave: false }),
      );
  }

  at(id: number): Member {
    return must(this.members.get(id), `there is a node ${id}`);
  }

  node(id: number): RawNode {
    return this.at(id).node;
  }

  leader(): number | undefined {
    let best: { id: number; term: number } | undefined;
    for (const { id, node } of this.members.values()) {
      const { raftState, term } = node.status();
      if (raftState === "StateLeader" && term > (best?.term ?? 0)) best = { id, term };
    }
    return best?.id;
  }

  /** Everything a member does with one Ready, but for what it leaves to its storage threads. */
  ready(id: number): Ready {
    const member = this.at(id);
    // Whatever raft hands out is shared: neither it nor anybody else may change it afterwards.
    const ready = frozen(member.node.ready());
    for (const { context, index } of ready.readStates) member.reads.push(`${text(context)}@${index}`);
    const isAsync = member.config.asyncStorageWrites === true;
    if (!isAsync) {
      member.disk.write(ready.hardState, ready.entries, ready.snapshot);
      this.#apply(member, ready.committedEntries);
    }
    for (const message of ready.messages) {
      if (message.to === LocalAppendThread) member.appendWork.push(message);
      else if (message.to === LocalApplyThread) member.applyWork.push(message);
      else this.network.push(message);
    }
    if (!isAsync) member.node.advance();
    return ready;
  }

  /** The append thread does one message: disk first, then the responses. */
  store(id: number): Message | undefined {
    const member = this.at(id);
    const work = member.appendWork.shift();
    if (work === undefined) return undefined;
    const { term, vote, commit } = work;
    const hasHard = term !== 0 || vote !== 0 || commit !== 0;
    member.disk.write(hasHard ? { term, vote, commit } : undefined, work.entries, work.snapshot);
    this.network.push(...(work.responses ?? []));
    return work;
  }

  /** The apply thread does one message. */
  apply(id: number): Message | undefined {
    const member = this.at(id);
    const work = member.applyWork.shift();
    if (work === undefined) return undefined;
    this.#apply(member, work.entries);
    this.network.push(...(work.responses ?? []));
    return work;
  }

  /** Gives one message to whom it is for; a refused one is gone. */
  hand(message: Message): void {
    const member = this.members.get(message.to);
    if (member === undefined) return;
    try {
      member.node.step(message);
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
    }
    if (this.reportsSnapshots && message.type === "MsgSnap")
      this.node(message.from).reportSnapshot(message.to, true);
  }

  /** Takes out of the network what `choose` picks. */
  take(choose: (message: Message) => boolean): Message[] {
    const taken = this.network.filter(choose);
    this.network = this.network.filter((message) => !choose(message));
    return taken;
  }

  deliver(choose: (message: Message) => boolean = () => true): Message[] {
    const taken = this.take(choose);
    for (const message of taken) this.hand(message);
    return taken;
  }

  /** Works until nothing is left to do among `ids`; what is for others stays in the network. */
  settle(ids: number[] = [...this.members.keys()]): void {
    for (let round = 0; round < 1000; round++) {
      let busy = false;
      for (const id of ids) {
        const member = this.at(id);
        if (member.node.hasReady()) {
          this.ready(id);
          busy = true;
        }
        while (this.store(id) !== undefined) busy = true;
        while (this.apply(id) !== undefined) busy = true;
      }
      if (this.deliver((message) => ids.includes(message.to)).length > 0) busy = true;
      if (!busy) return;
    }
    assert(false, "a cluster that is left alone comes to rest");
  }

  /** Makes `id` leader and lets everybody know. */
  elect(id: number, ids?: number[]): void {
    this.node(id).campaign();
    this.settle(ids);
    assert(this.node(id).status().raftState === "StateLeader", "who campaigns among peers that hear it wins");
  }

  tick(id: number, ticks = 1): void {
    for (let done = 0; done < ticks; done++) this.node(id).tick();
  }

  /** Dies and comes back with what was on its disk. Its network messages live on: they have left already. */
  restart(id: number): void {
    const { disk } = this.at(id);
    this.network = this.network.filter((m) => m.to !== id || (m.from !== id && m.from < LocalApplyThread));
    this.#start(id, disk);
  }

  compact(id: number, index: number): void {
    this.at(id).disk.log.compact(index);
  }

  /** The data of what a member has applied. */
  applied(id: number): string[] {
    return this.at(id).disk.data;
  }

  #start(id: number, disk: Disk): void {
    const { voters: _voters, learners: _learners, strangers: _strangers, only = {}, ...rest } = this.#options;
    const config: RaftConfig = {
      id,
      electionTick: 10,
      heartbeatTick: 1,
      maxSizePerMsg: Number.POSITIVE_INFINITY,
      maxInflightMsgs: 256,
      random: () => 0,
      ...rest,
      ...only[id],
      storage: disk,
      applied: disk.applied,
    };
    const node = new RawNode(config);
    this.members.set(id, { id, config, disk, node, appendWork: [], applyWork: [], reads: [] });
  }

  #apply(member: Member, entries: Entry[]): void {
    for (const entry of entries) {
      assert(entry.index === member.disk.applied + 1, "entries are applied in order, each once");
      this.onApply(member.id, entry);
      if (entry.type !== "EntryNormal")
        member.disk.conf = member.node.applyConfChange(decodeConfChange(entry));
      else if (entry.data !== undefined) member.disk.data.push(text(entry.data));
      member.disk.applied = entry.index;
      member.disk.appliedTerm = entry.term;
    }
  }
}

/** Freezes a value with all in it, but for bytes, which cannot be. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  // What is frozen was frozen with all in it, here or as raft's own list of nothing.
  if (Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

export function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : Buffer.from(bytes).toString("utf8");
}

/** A message with nothing in it but what is given. */
export function message(fields: Partial<Message> & Pick<Message, "type" | "to" | "from">): Message {
  return {
    term: 0,
    logTerm: 0,
    index: 0,
    commit: 0,
    vote: 0,
    entries: [],
    reject: false,
    rejectHint: 0,
    ...fields,
  };
}

export function entry(term: number, index: number, data?: string): Entry {
  const type = "EntryNormal";
  return data === undefined ? { term, index, type } : { term, index, type, data: utf8(data) };
}
