import { assert, must, type Random, seededRandom, utf8 } from "@isthmus/kernel";
import { LocalApplyThread, type Message, RaftError } from "@isthmus/raft";
import { Violation } from "./evidence.ts";
import { isAppend, RaftJudge } from "./raft-world-judge.ts";
import { type RaftLife, RaftWorldNode } from "./raft-world-node.ts";
import { drawProfile, type RaftProfile, TURNS, type Turn } from "./raft-world-profile.ts";

export interface RaftWorldOptions {
  readonly seed: string;
  /** How many turns are taken before all is healed and must come to rest. */
  readonly turns: number;
  /** In place of what the seed would draw. */
  readonly profile?: Partial<RaftProfile>;
  /** Told each turn that did something. */
  readonly read?: (line: string) => void;
}

export interface RaftWorldReport {
  readonly failure: { readonly error: unknown } | null;
  readonly turns: number;
  readonly leaders: number;
  readonly committed: number;
  readonly reads: number;
}

const ELECTION_TICKS = 10;
const HEARTBEAT_TICKS = 2;
/** Beyond them the oldest message is lost. */
const MESSAGES_MAX = 200;
const HEALED_ROUNDS = 300;

/**
 * The consensus core alone, over disks and a network that are nothing but queues: no clock, no links, no replica. A turn
 * is one small thing (a message arrives, a disk finishes a write, somebody's power goes), and which comes next is drawn.
 * So thousands of schedules a minute go where whole worlds seldom do. It never throws for what it finds.
 */
export function runRaftWorld(options: RaftWorldOptions): RaftWorldReport {
  const world = new RaftWorld(options);
  let failure: RaftWorldReport["failure"] = null;
  try {
    world.rage(options.turns);
    world.heal();
  } catch (error) {
    failure = { error };
  }
  return { failure, turns: world.turns, ...world.judge.counts };
}

class RaftWorld {
  turns = 0;
  readonly judge: RaftJudge;
  readonly #random: Random;
  readonly #profile: RaftProfile;
  readonly #read: ((line: string) => void) | undefined;
  readonly #nodes: readonly RaftWorldNode[];
  readonly #turnEnds: readonly number[];
  #messages: Message[] = [];
  /** Who hears only each other; all others hear only each other too. */
  #island = new Set<number>();

  constructor({ seed, profile, read }: RaftWorldOptions) {
    this.#random = seededRandom(`${seed} raft`);
    this.#profile = drawProfile(this.#random, profile);
    this.#read = read;
    const { nodes, preVote, checkQuorum, maxSizePerMsg, maxInflightMsgs, weights } = this.#profile;
    const voters = Array.from({ length: nodes }, (_, at) => at + 1);
    const config = {
      electionTick: ELECTION_TICKS,
      heartbeatTick: HEARTBEAT_TICKS,
      asyncStorageWrites: true,
      random: (n: number) => this.#random.below(n),
      ...{ preVote, checkQuorum, maxSizePerMsg, maxInflightMsgs },
    };
    this.#nodes = voters.map((id) => new RaftWorldNode(id, voters, config));
    this.judge = new RaftJudge(this.#nodes);
    assert(weights.tick > 0 && weights.start > 0, "some turn is always possible");
    let end = 0;
    this.#turnEnds = TURNS.map((turn) => (end += weights[turn]));
    for (const node of this.#nodes) node.start();
    read?.(`profile ${JSON.stringify(this.#profile)}`);
  }

  rage(turns: number): void {
    while (this.turns < turns) {
      const drawn = this.#random.next() * must(this.#turnEnds.at(-1), "there are turns");
      const turn = must(TURNS[this.#turnEnds.findIndex((end) => drawn < end)], "a turn is drawn");
      const node = this.#whose(turn);
      if (node === undefined) continue;
      this.turns += 1;
      this.#take(turn, node);
      this.judge.moved(node);
    }
  }

  /** With nothing lost any more somebody leads, and what is proposed is applied by all. */
  heal(): void {
    this.#island = new Set();
    for (const node of this.#nodes) if (node.life === null) node.start();
    for (let round = 0; round < HEALED_ROUNDS; round++) {
      this.#settle();
      const leader = this.#nodes.find(({ life }) => life?.raw.raftState === "StateLeader");
      if (round % 10 === 9 && leader) this.#propose(leader);
      this.#settle();
      const last = this.judge.lastCommitted;
      const done = last?.index ?? 0;
      const isLate = last?.data !== undefined && Buffer.from(last.data).toString() === `p${this.turns}`;
      if (isLate && this.#nodes.every(({ life }) => life?.applied === done)) return;
      for (const { life } of this.#nodes) life?.raw.tick();
    }
    throw new Violation(
      "liveness",
      `${HEALED_ROUNDS} ticks after all was healed not all have the last entry`,
    );
  }

  /** Of the nodes for which such a turn does something one; a turn for nobody would only take time. */
  #whose(turn: Turn): RaftWorldNode | undefined {
    const able = this.#nodes.filter(({ life }) => {
      switch (turn) {
        case "ready":
          return life?.raw.hasReady();
        case "disk":
          return life !== null && life.writes.length > 0;
        case "own":
          return life !== null && life.own.length > 0;
        case "start":
          return life === null;
        case "carry":
          return this.#messages.length > 0;
        case "heal":
          return this.#island.size > 0;
        case "cut":
          return true;
        default:
          return life !== null;
      }
    });
    return able[this.#random.below(Math.max(1, able.length))];
  }

  #take(turn: Turn, node: RaftWorldNode): void {
    const { life, id } = node;
    switch (turn) {
      case "carry":
        this.#carry();
        break;
      case "cut":
        this.#island = new Set(this.#nodes.filter(() => this.#random.below(2) === 0).map((each) => each.id));
        this.#tell(`only [${[...this.#island]}] hear each other`);
        break;
      case "heal":
        this.#island = new Set();
        break;
      case "start":
        this.#tell(`${id} starts`);
        node.start();
        break;
      default:
        this.#takeAlive(turn, node, must(life, "the turn is for one that lives"));
    }
  }

  #takeAlive(
    turn: Exclude<Turn, "carry" | "cut" | "heal" | "start">,
    node: RaftWorldNode,
    life: RaftLife,
  ): void {
    switch (turn) {
      case "ready":
        this.#hand(node, life);
        break;
      case "disk":
        if (this.#random.next() < must(this.#profile.disks[node.id - 1], "a disk"))
          this.#finishWrite(node, life);
        break;
      case "own":
        this.#hearOwn(node, life);
        break;
      case "tick":
        life.raw.tick();
        break;
      case "propose":
        this.#propose(node);
        break;
      case "read":
        this.judge.asks(`r${this.turns}`);
        life.raw.readIndex(utf8(`r${this.turns}`));
        break;
      case "campaign":
        life.raw.campaign();
        break;
      case "crash": {
        const kept = this.#random.below(life.writes.length + 1);
        this.#tell(`${node.id} crashes; of ${life.writes.length} writes ${kept} are on disk`);
        node.crash(kept);
        break;
      }
    }
  }

  /** The node says what is to be done. What it sends leaves at once, what it stores waits for its disk. */
  #hand(node: RaftWorldNode, life: RaftLife): void {
    const { raw, writes, own, log } = life;
    if (!raw.hasReady()) return;
    const { messages, readStates } = raw.ready();
    const append = messages.find(isAppend);
    const entries = append?.entries ?? [];
    const first = entries[0];
    if (first !== undefined) log.splice(first.index - 1, log.length, ...entries);
    this.judge.handedOut(node, life, entries);
    for (const state of readStates) this.judge.answered(node, state);
    for (const message of messages)
      if (message === append) writes.push(message);
      else if (message.to === LocalApplyThread) {
        this.judge.applies(node, life, message.entries);
        own.push(...(message.responses ?? []));
      } else this.#send(node, message);
    this.#tell(`${node.id} in term ${raw.term} hands out ${messages.map(({ type }) => type)}`);
  }

  #finishWrite(node: RaftWorldNode, { writes, own }: RaftLife): void {
    const write = writes.shift();
    if (write === undefined) return;
    node.disk.write(write);
    this.#tell(
      `${node.id} has written ${write.entries.length} entries; its disk ends at ${node.disk.lastIndex()}`,
    );
    for (const response of write.responses ?? [])
      if (response.to === node.id) {
        this.judge.leaves(node, response);
        own.push(response);
      } else this.#send(node, response);
  }

  /** Invariant: what a node's own storage says is neither lost nor reordered. */
  #hearOwn(node: RaftWorldNode, life: RaftLife): void {
    const message = life.own.shift();
    if (message === undefined) return;
    this.#tell(`${node.id} hears from itself ${message.type} ${message.index} of term ${message.term}`);
    life.raw.step(message);
    if (this.#random.next() < this.#profile.promptness) this.#hand(node, life);
  }

  #send(node: RaftWorldNode, message: Message): void {
    this.judge.leaves(node, message);
    this.#messages.push(message);
    if (this.#messages.length > MESSAGES_MAX) this.#messages.shift();
  }

  #carry(): void {
    const { lossRate, repeatRate, reorders } = this.#profile;
    if (this.#messages.length === 0) return;
    let at = this.#random.below(this.#messages.length);
    const drawn = must(this.#messages[at], "a message on its way");
    if (!reorders) at = this.#messages.findIndex(({ from, to }) => from === drawn.from && to === drawn.to);
    const message = must(this.#messages[at], "a message on its way");
    if (this.#random.next() >= repeatRate) this.#messages.splice(at, 1);
    const isCut = this.#island.has(message.from) !== this.#island.has(message.to);
    if (isCut || this.#random.next() < lossRate) return;
    this.#deliver(message);
    const node = must(this.#nodes[message.to - 1], "whom a message is for");
    if (node.life !== null && this.#random.next() < this.#profile.promptness) this.#hand(node, node.life);
  }

  #deliver(message: Message): void {
    const node = must(this.#nodes[message.to - 1], "whom a message is for");
    const { type, from, to, term, index, logTerm, commit, entries, reject } = message;
    if (node.life === null) return;
    this.#tell(
      `${to} hears from ${from} ${type} of term ${term} at ${index}/${logTerm} ${reject ? "no " : ""}commit ${commit}, ${entries.length} entries`,
    );
    // A proposal that is handed on may come where nobody leads any more.
    quietly(() => node.life?.raw.step(message));
    this.judge.moved(node);
  }

  #propose({ id, life }: RaftWorldNode): void {
    this.#tell(`${id} proposes p${this.turns}`);
    quietly(() => life?.raw.propose(utf8(`p${this.turns}`)));
  }

  /** All that is under way, until nothing is. */
  #settle(): void {
    for (let round = 0; round < 1000; round++) {
      let isBusy = false;
      for (const node of this.#nodes) {
        const life = must(node.life, "all live");
        for (; life.raw.hasReady(); isBusy = true) this.#hand(node, life);
        for (; life.writes.length > 0; isBusy = true) this.#finishWrite(node, life);
        for (; life.own.length > 0; isBusy = true) this.#hearOwn(node, life);
        this.judge.moved(node);
      }
      const messages = this.#messages;
      this.#messages = [];
      for (const message of messages) this.#deliver(message);
      if (messages.length === 0 && !isBusy) return;
    }
    assert(false, "a world that is left alone comes to rest");
  }

  #tell(line: string): void {
    this.#read?.(`${this.turns}: ${line}`);
  }
}

function quietly(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof RaftError && error.code === "ErrProposalDropped")) throw error;
  }
}
