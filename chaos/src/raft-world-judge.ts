import { must } from "@isthmus/kernel";
import { type Entry, LocalAppendThread, type Message, type ReadState } from "@isthmus/raft";
import { Violation } from "./evidence.ts";
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
  readonly #leaders = new Map<number, number>();
  readonly #votes = new Map<string, number>();
  /** For each index and term what stands there, and the term of the entry before. */
  readonly #known = new Map<string, { readonly data: Uint8Array | undefined; readonly previous: number }>();
  readonly #asked = new Map<string, number>();
  #reads = 0;

  constructor(nodes: readonly RaftWorldNode[]) {
    this.#nodes = nodes;
  }

  /** What was met: a schedule in which nothing happens proves nothing. */
  get counts(): { readonly leaders: number; readonly committed: number; readonly reads: number } {
    return { leaders: this.#leaders.size, committed: this.#committed.length, reads: this.#reads };
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

  #hearCommit({ id }: RaftWorldNode, life: RaftLife): void {
    const { commit, term } = life.raw;
    for (let index = life.commit + 1; index <= commit; index++) {
      const entry = life.log[index - 1];
      if (entry === undefined)
        throw new Violation("committed stays", `${id} has committed ${index}, which it does not have`);
      const known = this.#committed[index - 1];
      if (known === undefined) this.#firstCommit(id, entry, term);
      else if (!isSame(known.entry, entry))
        throw new Violation(
          "committed stays",
          `${id} has committed at ${index} one of term ${entry.term}; it was one of ${known.entry.term}`,
        );
    }
    life.commit = commit;
  }

  #firstCommit(id: number, entry: Entry, term: number): void {
    const { index } = entry;
    const durable = this.#nodes.filter(({ disk }) => disk.has(index, entry.term));
    if (durable.length * 2 <= this.#nodes.length)
      throw new Violation(
        "durability",
        `${id} has committed ${index} of term ${entry.term}, and only [${durable.map((node) => node.id)}] have it on disk`,
      );
    this.#committed.push({ entry, term });
  }
}

/** What storage has to do itself, and not to hand on. */
export function isAppend({ to }: Message): boolean {
  return to === LocalAppendThread;
}

function isSame(a: Entry, b: Entry): boolean {
  return a.index === b.index && a.term === b.term && a.data === b.data;
}
