import { must } from "@isthmus/kernel";
import {
  type ConfState,
  decodeConfChange,
  type Entry,
  LocalAppendThread,
  type Message,
  type ReadState,
  type Snapshot,
} from "@isthmus/raft";
import { Violation } from "./evidence.ts";
import { confText, isQuorum, nextConf } from "./raft-world-conf.ts";
import type { RaftLife, RaftWorldNode } from "./raft-world-node.ts";

interface Committed {
  readonly entry: Entry;
  /** The first term in which a node was that knew of it: not earlier than the one that committed. */
  readonly term: number;
}

/** What Raft promises, checked after every turn for the node whose turn it was. Throws Violation. */
export class RaftJudge {
  readonly #nodes: readonly RaftWorldNode[];
  /** For each index, from 1. */
  readonly #committed: Committed[] = [];
  /** The configuration that is in force where so many entries are applied. */
  readonly #confs: ConfState[];
  readonly #leaders = new Map<number, number>();
  readonly #votes = new Map<string, number>();
  /** For each index and term what stands there, and the term of the entry before. */
  readonly #known = new Map<string, { readonly data: Uint8Array | undefined; readonly previous: number }>();
  readonly #asked = new Map<string, number>();
  #reads = 0;
  #changes = 0;
  #snapshots = 0;

  /** `conf` is the one that all begins with. */
  constructor(nodes: readonly RaftWorldNode[], conf: ConfState) {
    this.#nodes = nodes;
    this.#confs = [conf];
  }

  /** What was met: a schedule in which nothing happens proves nothing. */
  get counts() {
    const [changes, snapshots, reads] = [this.#changes, this.#snapshots, this.#reads];
    return { leaders: this.#leaders.size, committed: this.#committed.length, reads, changes, snapshots };
  }

  get committed(): readonly Entry[] {
    return this.#committed.map(({ entry }) => entry);
  }

  /** The configuration as of all that is committed. */
  get lastConf(): ConfState {
    return must(this.#confs.at(-1), "there is a configuration");
  }

  get lastCommitted(): Entry | undefined {
    return this.#committed.at(-1)?.entry;
  }

  /** A node after a turn in which it may have changed. */
  moved({ id, life }: RaftWorldNode): void {
    if (life?.raw.raftState !== "StateLeader") return;
    const { term } = life.raw;
    const known = this.#leaders.get(term);
    if (known !== undefined && known !== id)
      throw new Violation("one leader a term", `${known} and ${id} lead in term ${term}`);
    if (known !== undefined) return;
    this.#leaders.set(term, id);
    const conf = this.#inForce(id, life);
    if (!isQuorum(conf, (voter) => this.#votes.get(`${term} ${voter}`) === id))
      throw new Violation(
        "majorities",
        `${id} leads in term ${term} without the votes that ${confText(conf)} asks for`,
      );
  }

  /** A node has heard something: what a leader has counted by then, it has counted in the configuration of this moment. */
  counted(node: RaftWorldNode): void {
    if (node.life?.raw.raftState === "StateLeader") this.#hearCommit(node, node.life);
  }

  /** A node has handed out what is to be done; its log in `life` has the new entries already. */
  handedOut(node: RaftWorldNode, life: RaftLife, entries: readonly Entry[]): void {
    for (const entry of entries) this.#matchLog(node, life, entry);
    if (life.raw.raftState === "StateLeader") {
      this.#completeLeader(node, life);
      this.#countsOwn(node, life);
    }
    this.#hearCommit(node, life);
  }

  /** A node is given entries to apply. */
  applies({ id, disk }: RaftWorldNode, life: RaftLife, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { index, term } = entry;
      if (index !== life.applied + 1)
        throw new Violation("applied prefixes", `${id} applies ${index} after ${life.applied}`);
      life.applied = index;
      const known = this.#committed[index - 1]?.entry;
      if (known === undefined || !isSame(known, entry))
        throw new Violation(
          "applied prefixes",
          `${id} applies at ${index} one of term ${term}, and committed is one of ${known?.term ?? "none"}`,
        );
      if (!disk.has(index, term))
        throw new Violation("durability", `${id} is given ${index} of term ${term}, which its disk has not`);
    }
  }

  /** A node has put a change in force. */
  changed({ id }: RaftWorldNode, life: RaftLife): void {
    this.#changes += 1;
    this.#inForce(id, life);
  }

  /** A snapshot is made, sent or taken: it stands for all entries up to it, and brings the configuration of that place. */
  snapped(id: number, { index, term, conf }: Snapshot): void {
    this.#snapshots += 1;
    const entry = this.#committed[index - 1]?.entry;
    if (entry?.term !== term)
      throw new Violation("snapshots", `${id} has one of ${index} in term ${term}; it is ${entry?.term}`);
    this.#agree(id, conf, index);
  }

  /** A message leaves a node. What says that something is on disk must be true of the disk. */
  leaves(node: RaftWorldNode, message: Message): void {
    const { disk, id } = node;
    const { type, term, to, index, reject } = message;
    if (reject) return;
    if (type === "MsgVoteResp") {
      const { hard } = disk;
      if (hard.term < term || (hard.term === term && hard.vote !== to))
        throw new Violation(
          "durability",
          `${id} gives ${to} its vote in term ${term}; its disk has term ${hard.term} and a vote for ${hard.vote}`,
        );
      const name = `${term} ${id}`;
      const before = this.#votes.get(name) ?? to;
      if (before !== to)
        throw new Violation("one vote a term", `${id} votes for ${before} and ${to} in ${term}`);
      this.#votes.set(name, to);
    } else if (type === "MsgAppResp" && disk.hard.term === term && disk.lastIndex() < index)
      // In a later term the entry may be overwritten by now; in its own the log only grows.
      throw new Violation(
        "durability",
        `${id} acknowledges ${index} in term ${term}; its disk ends at ${disk.lastIndex()}`,
      );
  }

  asks(context: string): void {
    const commits = this.#nodes.map(({ life }) => life?.raw.commit ?? 0);
    this.#asked.set(context, Math.max(this.#committed.length, ...commits));
  }

  answered({ id }: RaftWorldNode, { index, context }: ReadState): void {
    const name = Buffer.from(context).toString();
    const due = must(this.#asked.get(name), "an answer is to a question");
    this.#reads += 1;
    if (index < due)
      throw new Violation(
        "leader reads",
        `${id} may read from ${index} on; ${due} was committed when it asked`,
      );
  }

  /** By induction, two logs with an entry of one index and term are the same up to there. */
  #matchLog({ id }: RaftWorldNode, { log }: RaftLife, { index, term, data }: Entry): void {
    const previous = log[index - 2]?.term ?? 0;
    const name = `${index} ${term}`;
    const known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, { data, previous });
    else if (known.previous !== previous || known.data !== data)
      throw new Violation(
        "log matching",
        `${id} has at ${index} an entry of term ${term} behind one of ${previous}; elsewhere it is another, behind one of ${known.previous}`,
      );
  }

  #completeLeader({ id }: RaftWorldNode, { log, raw, commit }: RaftLife): void {
    for (let index = commit + 1; index <= this.#committed.length; index++) {
      const { entry, term } = must(this.#committed[index - 1], "a committed entry");
      if (term < raw.term && log[index - 1]?.term !== entry.term)
        throw new Violation(
          "committed stays",
          `${id} leads in term ${raw.term} without ${index} of term ${entry.term}, committed in ${term} at the latest`,
        );
    }
  }

  /** A leader counts its own copy of what it has appended in its term only as far as its disk has it. */
  #countsOwn({ id, disk }: RaftWorldNode, { log, raw }: RaftLife): void {
    const counted = raw.status().progress.get(id)?.match ?? 0;
    // What it took over from earlier terms is no more than a place to begin: none of it is committed by counting.
    const isTakenOver = counted === 0 || (log[counted - 1]?.term ?? raw.term) < raw.term;
    if (!isTakenOver && !disk.has(counted, raw.term))
      throw new Violation(
        "durability",
        `${id} counts its own ${counted} in term ${raw.term}; its disk ends at ${disk.lastIndex()}`,
      );
  }

  #inForce(id: number, { raw, applied }: RaftLife): ConfState {
    return this.#agree(id, raw.status().config, applied);
  }

  #agree(id: number, conf: ConfState, index: number): ConfState {
    const due = must(this.#confs[index], "what is applied was committed");
    if (confText(conf) !== confText(due))
      throw new Violation(
        "configuration agreement",
        `${id} has ${confText(conf)} in force at ${index}; it is ${confText(due)}`,
      );
    return due;
  }

  #hearCommit({ id }: RaftWorldNode, life: RaftLife): void {
    const { commit } = life.raw;
    for (let index = life.commit + 1; index <= commit; index++) {
      const entry = life.log[index - 1];
      if (entry === undefined)
        throw new Violation("committed stays", `${id} has committed ${index}, which it does not have`);
      const known = this.#committed[index - 1];
      if (known === undefined) this.#firstCommit(id, life, entry);
      else if (!isSame(known.entry, entry))
        throw new Violation(
          "committed stays",
          `${id} has committed at ${index} one of term ${entry.term}; it was one of ${known.entry.term}`,
        );
    }
    life.commit = commit;
  }

  /** Invariant: only a leader is first to know, and it counts in the configuration that it has in force. */
  #firstCommit(id: number, { raw: { term }, applied }: RaftLife, entry: Entry): void {
    const { index } = entry;
    const conf = must(this.#confs[applied], "what is applied was committed");
    const durable = this.#nodes.filter(({ disk }) => disk.has(index, entry.term)).map((node) => node.id);
    if (!isQuorum(conf, (voter) => durable.includes(voter)))
      throw new Violation(
        "durability",
        `${id} has committed ${index} of term ${entry.term}, and only [${durable}] have it on disk, in ${confText(conf)}`,
      );
    this.#committed.push({ entry, term });
    const next = entry.type === "EntryNormal" ? undefined : nextConf(this.lastConf, decodeConfChange(entry));
    this.#confs.push(next ?? this.lastConf);
  }
}

/** What storage has to do itself, and not to hand on. */
export function isAppend({ to }: Message): boolean {
  return to === LocalAppendThread;
}

function isSame(a: Entry, b: Entry): boolean {
  return a.index === b.index && a.term === b.term && a.data === b.data;
}
