import { assert, must, type Random, seededRandom, utf8 } from "@isthmus/kernel";
import { decodeConfChange, type Entry, LocalApplyThread, type Message, RaftError } from "@isthmus/raft";
import { Violation } from "./evidence.ts";
import { confOfVoters, drawChange, isMember } from "./raft-world-conf.ts";
import { isAppend, RaftJudge } from "./raft-world-judge.ts";
import { RaftNetwork } from "./raft-world-network.ts";
import { type RaftLife, RaftWorldNode } from "./raft-world-node.ts";
import { drawProfile, type GivenProfile, type RaftProfile, TURNS, type Turn } from "./raft-world-profile.ts";

export interface RaftWorldOptions {
  readonly seed: string;
  /** How many turns are taken before all is healed and must come to rest. */
  readonly turns: number;
  /** In place of what the seed would draw. */
  readonly profile?: GivenProfile;
  /** Told each turn that did something. */
  readonly read?: (line: string) => void;
}

export interface RaftWorldReport {
  readonly failure: { readonly error: unknown } | null;
  readonly turns: number;
  readonly leaders: number;
  readonly committed: number;
  readonly reads: number;
  /** How often a node put a change of members in force. */
  readonly changes: number;
  /** How often one was made, sent or taken. */
  readonly snapshots: number;
}

const ELECTION_TICKS = 10;
const HEARTBEAT_TICKS = 2;
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
  readonly #network: RaftNetwork;

  constructor({ seed, profile, read }: RaftWorldOptions) {
    this.#random = seededRandom(`${seed} raft`);
    // Members draw from a source of their own: in a world in which they stay, seeds do not move for their sake.
    this.#profile = drawProfile(this.#random, seededRandom(`${seed} raft members`), profile);
    this.#network = new RaftNetwork(this.#random, this.#profile);
    this.#read = read;
    const { nodes, strangers, weights } = this.#profile;
    const { preVote, checkQuorum, maxSizePerMsg, maxInflightMsgs, stepDownOnRemoval } = this.#profile;
    const voters = Array.from({ length: nodes }, (_, at) => at + 1);
    const config = {
      electionTick: ELECTION_TICKS,
      heartbeatTick: HEARTBEAT_TICKS,
      asyncStorageWrites: true,
      random: (n: number) => this.#random.below(n),
      ...{ preVote, checkQuorum, maxSizePerMsg, maxInflightMsgs, stepDownOnRemoval },
    };
    // Every log goes on from the founders' configuration, a stranger's too: nothing in it says what that was.
    const ids = Array.from({ length: nodes + strangers }, (_, at) => at + 1);
    this.#nodes = ids.map((id) => new RaftWorldNode(id, voters, config));
    this.judge = new RaftJudge(this.#nodes, confOfVoters(voters));
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

  /** With nothing lost any more somebody leads, and what is proposed is applied by all members. */
  heal(): void {
    this.#network.heal();
    for (const node of this.#nodes) if (node.life === null) node.start(this.judge.committed);
    for (let round = 0; round < HEALED_ROUNDS; round++) {
      this.#settle();
      if (round % 50 === 49) for (const node of this.#nodes) this.#stopIfOut(node);
      const leader = this.#leader();
      if (round % 10 === 9 && leader) this.#propose(leader);
      this.#settle();
      const last = this.judge.lastCommitted;
      const done = last?.index ?? 0;
      const isLate = last?.data !== undefined && Buffer.from(last.data).toString() === `p${this.turns}`;
      const members = this.#nodes.filter(({ id }) => isMember(this.judge.lastConf, id));
      if (isLate && members.every(({ life }) => life?.applied === done)) return;
      for (const { life } of this.#nodes) life?.raw.tick();
    }
    throw new Violation(
      "liveness",
      `${HEALED_ROUNDS} ticks after all was healed not all have the last entry`,
    );
  }

  /**
   * A leader that is out takes no proposals, and keeps the others from an election: its application stops it, but not before
   * the others have had time to hear from it that it is out.
   */
  #stopIfOut(node: RaftWorldNode): void {
    const { raw, writes } = must(node.life, "all live");
    if (raw.raftState !== "StateLeader" || isMember(raw.status().config, node.id)) return;
    this.#tell(`${node.id} leads, is no member, and begins anew`);
    node.crash(writes.length);
    node.start(this.judge.committed);
  }

  /** Who was removed may lead in an old term and never hear of it. */
  #leader(): RaftWorldNode | undefined {
    const leaders = this.#nodes.filter(({ life }) => life?.raw.raftState === "StateLeader");
    return leaders.toSorted((a, b) => (b.life?.raw.term ?? 0) - (a.life?.raw.term ?? 0))[0];
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
        case "apply":
          return life !== null && life.applying.length > 0;
        case "change":
          return life?.raw.raftState === "StateLeader";
        case "start":
          return life === null;
        case "carry":
          return !this.#network.isEmpty;
        case "heal":
          return this.#network.isCut;
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
      case "cut": {
        const island = this.#nodes.filter(() => this.#random.below(2) === 0).map((each) => each.id);
        this.#network.cut(island);
        this.#tell(`only [${island}] hear each other`);
        break;
      }
      case "heal":
        this.#network.heal();
        break;
      case "start":
        this.#tell(`${id} starts`);
        node.start(this.judge.committed);
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
      case "apply":
        this.#apply(node, life);
        break;
      case "change":
        this.#change(node, life);
        break;
      case "transfer":
        life.raw.transferLeader(1 + this.#random.below(this.#nodes.length));
        break;
      case "compact": {
        this.#checkpoint(node, life);
        const room = node.disk.snapshot().index + 1 - node.disk.firstIndex();
        if (room > 0) node.disk.compact(node.disk.firstIndex() + this.#random.below(room));
        break;
      }
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
    const { raw, writes, log } = life;
    if (!raw.hasReady()) return;
    const { messages, readStates } = raw.ready();
    const append = messages.find(isAppend);
    const entries = append?.entries ?? [];
    const first = entries[0];
    if (first !== undefined) log.splice(first.index - 1, log.length, ...entries);
    if (append?.snapshot !== undefined) {
      this.judge.snapped(node.id, append.snapshot);
      log.splice(0, log.length, ...this.judge.committed.slice(0, append.snapshot.index));
    }
    this.judge.handedOut(node, life, entries);
    for (const state of readStates) this.judge.answered(node, state);
    for (const message of messages)
      if (message === append) writes.push(message);
      else if (message.to === LocalApplyThread) {
        life.applying.push(message);
        if (!this.#profile.appliesLate) this.#apply(node, life);
      } else this.#send(node, message);
    this.#tell(`${node.id} in term ${raw.term} hands out ${messages.map(({ type }) => type)}`);
  }

  #apply(node: RaftWorldNode, life: RaftLife): void {
    const message = life.applying.shift();
    if (message === undefined) return;
    for (const entry of message.entries) {
      this.judge.applies(node, life, [entry]);
      if (entry.type !== "EntryNormal") this.#putInForce(node, life, entry);
    }
    life.own.push(...(message.responses ?? []));
  }

  #putInForce(node: RaftWorldNode, life: RaftLife, entry: Entry): void {
    try {
      life.conf = life.raw.applyConfChange(decodeConfChange(entry));
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
      throw new Violation("configuration agreement", `${node.id} at ${entry.index}: ${error.message}`);
    }
    this.#tell(
      `${node.id} puts [${life.conf.voters}] from [${life.conf.outgoing}] in force at ${entry.index}`,
    );
    this.judge.changed(node, life);
    this.judge.counted(node);
    // A new member can take no snapshot that does not know it: one with the log compacted has to be newer.
    if (node.disk.firstIndex() > 1) this.#checkpoint(node, life);
  }

  /** Only a leader is asked: nobody else knows whether the change fits. */
  #change({ id }: RaftWorldNode, { raw }: RaftLife): void {
    const change = drawChange(this.#random, raw.status().config, this.#nodes.length);
    this.#tell(`${id} proposes ${JSON.stringify(change)}`);
    quietly(() => raw.proposeConfChange(change));
  }

  #checkpoint({ id, disk }: RaftWorldNode, { applied: index, conf, log }: RaftLife): void {
    if (index <= disk.snapshot().index) return;
    const snapshot = { index, term: must(log[index - 1], "what is applied").term, conf };
    this.judge.snapped(id, snapshot);
    this.#tell(`${id} has a checkpoint at ${index}`);
    disk.checkpoint(snapshot);
  }

  #finishWrite(node: RaftWorldNode, life: RaftLife): void {
    const { writes, own } = life;
    const write = writes.shift();
    if (write === undefined) return;
    node.disk.write(write);
    if (write.snapshot !== undefined) {
      life.applied = write.snapshot.index;
      life.conf = write.snapshot.conf;
    }
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
    // Who has been removed meanwhile does not hear its own acknowledgement either.
    quietly(() => life.raw.step(message));
    this.judge.moved(node);
    this.judge.counted(node);
    if (this.#random.next() < this.#profile.promptness) this.#hand(node, life);
  }

  #send(node: RaftWorldNode, message: Message): void {
    this.judge.leaves(node, message);
    const lost = this.#network.send(message);
    if (lost !== undefined) this.#report(lost, false);
  }

  #carry(): void {
    const { message, isLost } = this.#network.next();
    if (isLost) {
      this.#report(message, false);
      return;
    }
    this.#deliver(message);
    const node = must(this.#nodes[message.to - 1], "whom a message is for");
    if (node.life !== null && this.#random.next() < this.#profile.promptness) this.#hand(node, node.life);
  }

  #deliver(message: Message): void {
    const node = must(this.#nodes[message.to - 1], "whom a message is for");
    const { type, from, to, term, index, logTerm, commit, entries, reject } = message;
    this.#report(message, node.life !== null);
    if (node.life === null) return;
    this.#tell(
      `${to} hears from ${from} ${type} of term ${term} at ${index}/${logTerm} ${reject ? "no " : ""}commit ${commit}, ${entries.length} entries`,
    );
    // What was applied behind a snapshot's back would change the configuration that the snapshot brings.
    if (type === "MsgSnap") while (node.life.applying.length > 0) this.#apply(node, node.life);
    // A proposal that is handed on may come where nobody leads any more, and an answer where its sender is no member.
    quietly(() => node.life?.raw.step(message));
    this.judge.moved(node);
    this.judge.counted(node);
  }

  /** Whoever sends a snapshot is told what became of it: until then it sends that peer nothing. */
  #report({ type, from, to }: Message, isDelivered: boolean): void {
    if (type === "MsgSnap") this.#nodes[from - 1]?.life?.raw.reportSnapshot(to, isDelivered);
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
        for (; life.applying.length > 0; isBusy = true) this.#apply(node, life);
        for (; life.own.length > 0; isBusy = true) this.#hearOwn(node, life);
        this.judge.moved(node);
      }
      const messages = this.#network.takeAll();
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
    const isHarmless =
      error instanceof RaftError &&
      (error.code === "ErrProposalDropped" || error.code === "ErrStepPeerNotFound");
    if (!isHarmless) throw error;
  }
}
