import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Random, seededRandom, utf8 } from "@isthmus/kernel";
import { type ConfChangeV2, type Entry, type Message, RaftError } from "@isthmus/raft";
import { Cluster, type ClusterOptions, text } from "./cluster.ts";

const SEEDS = Number(process.env.ISTHMUS_SEEDS ?? 12);
const FROM_SEED = Number(process.env.ISTHMUS_FROM_SEED ?? 1);
const STEPS = 1500;

/** What Raft promises, checked as it goes and not only at the end. */
class Judge {
  readonly #cluster: Cluster;
  readonly #leaders = new Map<number, number>();
  readonly #committed = new Map<number, string>();
  readonly #terms = new Map<number, number>();
  readonly #asked = new Map<string, number>();
  highest = 0;
  elections = 0;
  rests = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.onApply = (id, entry) => this.#hear(id, entry);
  }

  /** A committed entry stays, and is the same wherever it is applied. */
  #hear(id: number, entry: Entry): void {
    const known = this.#committed.get(entry.index);
    if (known === undefined) this.#committed.set(entry.index, describe(entry));
    else equal(describe(entry), known, `${id} applies at ${entry.index} what the others applied`);
    this.highest = Math.max(this.highest, entry.index);
  }

  watch(): void {
    for (const { id, node } of this.#cluster.members.values()) {
      const { term, raftState, commit, applied } = node.status();
      ok(term >= (this.#terms.get(id) ?? 0), "a node's term never falls, not even by a crash");
      ok(applied <= commit, "what is applied is committed");
      // Only what is on disk counts for a node that may crash; a term becomes durable before anybody hears of it.
      this.#terms.set(id, Math.max(this.#cluster.at(id).disk.hard.term, this.#terms.get(id) ?? 0));
      if (raftState !== "StateLeader") continue;
      const known = this.#leaders.get(term);
      if (known === undefined) this.elections += 1;
      equal(known ?? id, id, `term ${term} has one leader`);
      this.#leaders.set(term, id);
    }
  }

  /** Two logs that have an entry of one index and term agree up to there. */
  matchLogs(): void {
    const members = [...this.#cluster.members.values()];
    for (const [at, a] of members.entries()) {
      for (const b of members.slice(at + 1)) {
        const last = Math.min(a.disk.lastIndex(), b.disk.lastIndex());
        const first = Math.max(a.disk.firstIndex(), b.disk.firstIndex());
        let same = false;
        for (let index = last; index >= first; index--) {
          if (!same && a.disk.term(index) !== b.disk.term(index)) continue;
          same = true;
          deepEqual(a.disk.entries(index, index + 1, 0), b.disk.entries(index, index + 1, 0));
        }
      }
    }
  }

  asks(context: string): void {
    this.#asked.set(context, this.highest);
  }

  /** A read sees all that anybody had applied when it was asked for. */
  answered(read: string): void {
    const [context = "", index = ""] = read.split("@");
    ok(Number(index) >= (this.#asked.get(context) ?? 0), `the read ${context} is not stale`);
  }
}

/** Drops, repeats, reorders, lets nodes crash with what they have not synced, and changes who is a member. */
function rage(cluster: Cluster, judge: Judge, random: Random): void {
  const ids = [...cluster.members.keys()];
  const anyone = (): number => ids[random.below(ids.length)] as number;
  for (let step = 0; step < STEPS; step++) {
    const id = anyone();
    const dice = random.below(100);
    if (dice < 30) work(cluster, id, random);
    else if (dice < 66) carry(cluster, random);
    else if (dice < 82) cluster.tick(id);
    else if (dice < 92) quietly(() => cluster.node(id).propose(utf8(`p${step}`)));
    else if (dice < 95) ask(cluster, judge, id, `${id}:${step}`);
    else if (dice < 97) quietly(() => cluster.node(id).proposeConfChange(someChange(ids, random)));
    else if (dice < 98) {
      cluster.restart(id);
      // An answer to a read lives in memory only: who asked before the crash asks again.
      cluster.at(id).reads = [];
    } else if (dice < 99) compact(cluster, id);
    else cluster.node(id).transferLeader(anyone());
    if (step % 500 === 499) lull(cluster, judge);
    judge.watch();
    if (step % 100 === 0) judge.matchLogs();
    for (const read of cluster.at(id).reads.splice(0)) judge.answered(read);
  }
}

/** All comes to rest for once, whoever may; what happens next wakes them one by one. */
function lull(cluster: Cluster, judge: Judge): void {
  cluster.settle();
  cluster.tick(cluster.leader() ?? 1);
  cluster.settle();
  for (const { node } of cluster.members.values()) if (node.rest()) judge.rests += 1;
}

function work(cluster: Cluster, id: number, random: Random): void {
  const which = random.below(4);
  if (which < 2 && cluster.node(id).hasReady()) cluster.ready(id);
  else if (which === 2) cluster.store(id);
  else cluster.apply(id);
}

/** Any message may be next, but what a storage thread says stays in order. */
function carry(cluster: Cluster, random: Random): void {
  if (cluster.network.length === 0) return;
  const at = random.below(cluster.network.length);
  const chosen = cluster.network[at] as Message;
  if (isOwn(chosen)) {
    const first = cluster.network.findIndex((m) => isOwn(m) && m.to === chosen.to);
    cluster.hand(cluster.network.splice(first, 1)[0] as Message);
    return;
  }
  const fate = random.below(20);
  if (fate !== 0) cluster.network.splice(at, 1);
  const isLost = fate === 1;
  if (!isLost) cluster.hand(chosen);
  // Whoever carries a snapshot says how it went, or the leader would wait for ever.
  else if (chosen.type === "MsgSnap") cluster.node(chosen.from).reportSnapshot(chosen.to, false);
  else cluster.node(chosen.from).reportUnreachable(chosen.to);
}

function isOwn(message: Message): boolean {
  return message.from === message.to || message.from > 1000;
}

function ask(cluster: Cluster, judge: Judge, id: number, context: string): void {
  judge.asks(context);
  cluster.node(id).readIndex(utf8(context));
}

function compact(cluster: Cluster, id: number): void {
  const { disk } = cluster.at(id);
  const index = Math.min(disk.applied, disk.lastIndex());
  if (index >= disk.firstIndex()) cluster.compact(id, index);
}

function someChange(ids: number[], random: Random): ConfChangeV2 {
  const types = [
    "ConfChangeAddNode",
    "ConfChangeAddNode",
    "ConfChangeAddLearnerNode",
    "ConfChangeRemoveNode",
  ] as const;
  const count = random.below(3);
  const transition = random.below(3) === 0 ? "ConfChangeTransitionJointExplicit" : "ConfChangeTransitionAuto";
  if (count === 0) return { transition: "ConfChangeTransitionAuto", changes: [] };
  const changes = Array.from({ length: count }, () => ({
    type: types[random.below(types.length)] as (typeof types)[number],
    // The first two stay voters, so that no change leaves nobody.
    nodeId: ids[2 + random.below(ids.length - 2)] as number,
  }));
  return { transition, changes };
}

function quietly(propose: () => void): void {
  try {
    propose();
  } catch (error) {
    if (!(error instanceof RaftError && error.code === "ErrProposalDropped")) throw error;
  }
}

/** After the network has healed, somebody leads and what is proposed is applied by all members. */
function heal(cluster: Cluster, judge: Judge): void {
  const ids = [...cluster.members.keys()];
  // Nobody but the driver wakes a follower whose leader died while both rested.
  for (const id of ids) cluster.node(id).wake();
  cluster.settle();
  for (let round = 0; round < 400; round++) {
    for (const id of ids) cluster.tick(id);
    cluster.settle();
    judge.watch();
    const leader = cluster.leader();
    if (leader === undefined || round % 40 !== 39) continue;
    quietly(() => cluster.node(leader).propose(utf8("after")));
    cluster.settle();
    const { config, commit } = cluster.node(leader).status();
    const members = [...config.voters, ...config.outgoing, ...config.learners];
    if (
      members.every(
        (id) => cluster.applied(id).at(-1) === "after" && cluster.node(id).status().commit === commit,
      )
    )
      return;
  }
  ok(false, "a healed cluster makes progress");
}

function describe(entry: Entry): string {
  return `${entry.term} ${entry.type} ${text(entry.data)}`;
}

const worlds: { name: string; options: Partial<ClusterOptions> }[] = [
  { name: "synchronous", options: {} },
  { name: "synchronous with pre-vote and check-quorum", options: { preVote: true, checkQuorum: true } },
  { name: "asynchronous", options: { asyncStorageWrites: true } },
  {
    name: "asynchronous with pre-vote, check-quorum and small limits",
    options: {
      asyncStorageWrites: true,
      preVote: true,
      checkQuorum: true,
      maxInflightMsgs: 2,
      maxSizePerMsg: 0,
      maxCommittedSizePerReady: 30,
      only: { 2: { priority: -1 }, 3: { priority: -2 } },
    },
  },
];

for (const { name, options } of worlds) {
  test(`one leader a term, logs match, committed entries stay: a bad network, ${name}`, () => {
    let elections = 0;
    let rests = 0;
    for (let seed = FROM_SEED; seed <= SEEDS; seed++) {
      const random = seededRandom(`network ${name} ${seed}`);
      try {
        const cluster = new Cluster({
          voters: [1, 2, 3],
          learners: [4],
          strangers: [5],
          // A removed leader would go on for ever, and refuse all proposals.
          stepDownOnRemoval: true,
          random: (n) => random.below(n),
          ...options,
        });
        cluster.reportsSnapshots = true;
        const judge = new Judge(cluster);
        rage(cluster, judge, random);
        judge.matchLogs();
        heal(cluster, judge);
        judge.matchLogs();
        elections += judge.elections;
        rests += judge.rests;
      } catch (error) {
        throw new Error(`seed ${seed} of the network ${name}`, { cause: error });
      }
    }
    ok(rests > 0 || SEEDS - FROM_SEED < 10, "over some seeds somebody rested");
    ok(elections > SEEDS - FROM_SEED, "the network was bad enough to need elections");
  });
}
