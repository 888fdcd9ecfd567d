import { must, utf8 } from "@isthmus/kernel";
import {
  type ConfChangeSingle,
  type ConfChangeTransition,
  decodeConfChange,
  type Entry,
  LocalAppendThread,
  LocalApplyThread,
  type Message,
  RaftError,
  type Ready,
} from "@isthmus/raft";
import { Cluster, type ClusterOptions, text } from "./cluster.ts";

export interface Scene {
  /** Comment lines and blank ones before the command. */
  lead: string;
  command: string;
  expected: string;
}

/** A story is a list of scenes: comments, a command, `----`, what happens, a blank line. */
export function parseStory(story: string): Scene[] {
  const scenes: Scene[] = [];
  const lines = story.split("\n");
  let lead = "";
  for (let at = 0; at < lines.length; at++) {
    const line = must(lines[at], "a line below the length is there");
    if (line === "" || line.startsWith("#")) {
      if (at < lines.length - 1) lead += `${line}\n`;
      continue;
    }
    const expected: string[] = [];
    if (lines[at + 1] === "----") at += 1;
    while (at + 1 < lines.length && lines[at + 1] !== "")
      expected.push(must(lines[++at], "it is below the length"));
    scenes.push({ lead, command: line, expected: expected.join("\n") });
    lead = "";
  }
  return scenes;
}

export function writeStory(scenes: Scene[]): string {
  return scenes.map(({ lead, command, expected }) => `${lead}${command}\n----\n${expected}\n`).join("");
}

/** Plays the commands of one story on one cluster and tells what happens. */
export class Stage {
  #cluster: Cluster | undefined;
  #told: string[] = [];

  play(command: string): string {
    this.#told = [];
    const [verb = "", ...words] = command.split(" ");
    try {
      this.#do(verb, words);
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
      this.#told.push(error.code);
    }
    return this.#told.length === 0 ? "ok" : this.#told.join("\n");
  }

  #do(verb: string, words: string[]): void {
    if (verb === "cluster") {
      this.#cluster = new Cluster(optionsOf(words));
      return;
    }
    const cluster = must(this.#cluster, "a story begins with a cluster");
    const ids = words.filter((word) => /^\d+$/.test(word)).map(Number);
    const [first = 0, second = 0] = ids;
    const all = ids.length === 0 ? [...cluster.members.keys()] : ids;
    const deeds: Record<string, () => void> = {
      campaign: () => cluster.node(first).campaign(),
      tick: () => cluster.tick(first, second === 0 ? 1 : second),
      timeout: () => cluster.node(first).setRandomizedElectionTimeout(second),
      propose: () => {
        for (const data of words.slice(1)) cluster.node(first).propose(utf8(data));
      },
      change: () => this.#change(first, words.slice(1)),
      read: () => cluster.node(first).readIndex(utf8(must(words[1], "a read has a context"))),
      transfer: () => cluster.node(first).transferLeader(second),
      rest: () => this.#tell(...all.map((id) => `${id} ${cluster.node(id).rest() ? "rests" : "is busy"}`)),
      wake: () => cluster.node(first).wake(),
      forget: () => cluster.node(first).forgetLeader(),
      unreachable: () => cluster.node(first).reportUnreachable(second),
      snapshot: () => cluster.node(first).reportSnapshot(second, words[2] === "arrived"),
      compact: () => cluster.compact(first, second),
      restart: () => cluster.restart(first),
      ready: () => this.#ready(first),
      store: () => this.#tell(storeText(cluster.store(first))),
      apply: () => this.#tell(storeText(cluster.apply(first))),
      deliver: () => this.#deliver(words, true),
      drop: () => this.#deliver(words, false),
      settle: () => this.#settle(all),
      quietly: () => cluster.settle(all),
      status: () => this.#status(),
      progress: () => this.#progress(first),
      log: () => this.#log(first),
      applied: () => this.#tell(cluster.applied(first).join(" ") || "nothing"),
      reads: () => this.#tell(cluster.at(first).reads.join(" ") || "none"),
    };
    must(deeds[verb], `a story knows ${verb}`)();
  }

  get #on(): Cluster {
    return must(this.#cluster, "a story begins with a cluster");
  }

  #tell(...lines: string[]): void {
    this.#told.push(...lines);
  }

  /** Words: +2 a voter, ~3 a learner, -4 away; `implicit` or `explicit`, `v1`, `leave`. */
  #change(id: number, words: string[]): void {
    const changes = words.flatMap((word): ConfChangeSingle[] => {
      const nodeId = Number(word.slice(1));
      if (word.startsWith("+")) return [{ type: "ConfChangeAddNode", nodeId }];
      if (word.startsWith("~")) return [{ type: "ConfChangeAddLearnerNode", nodeId }];
      return word.startsWith("-") ? [{ type: "ConfChangeRemoveNode", nodeId }] : [];
    });
    let transition: ConfChangeTransition = "ConfChangeTransitionAuto";
    if (words.includes("implicit")) transition = "ConfChangeTransitionJointImplicit";
    if (words.includes("explicit")) transition = "ConfChangeTransitionJointExplicit";
    const node = this.#on.node(id);
    if (words.includes("v1")) node.proposeConfChange(must(changes[0], "a V1 change is one change"));
    else node.proposeConfChange({ transition, changes });
  }

  #ready(id: number): void {
    if (!this.#on.node(id).hasReady()) this.#tell(`${id} has nothing`);
    else this.#tell(...readyText(id, this.#on.ready(id)));
  }

  #settle(ids: number[]): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (const id of ids) {
        if (!this.#on.node(id).hasReady()) continue;
        this.#ready(id);
        busy = true;
      }
      for (const id of ids) {
        while (this.#on.store(id) !== undefined) busy = true;
        while (this.#on.apply(id) !== undefined) busy = true;
      }
      for (const id of ids) {
        if (this.#on.deliver((m) => m.to === id).length > 0) busy = true;
      }
    }
  }

  #deliver(words: string[], deliver: boolean): void {
    const to = words.filter((word) => /^\d+$/.test(word)).map(Number);
    const type = words.find((word) => word.startsWith("Msg"));
    const isChosen = (m: Message): boolean =>
      (to.length === 0 || to.includes(m.to)) && (type === undefined || m.type === type);
    const taken = deliver ? this.#on.deliver(isChosen) : this.#on.take(isChosen);
    this.#tell(...taken.map(messageText));
  }

  #status(): void {
    for (const { id, node } of this.#on.members.values()) {
      const { term, vote, commit, applied, lead, raftState, leadTransferee, config } = node.status();
      const { voters, outgoing, learners, learnersNext } = config;
      const joint = outgoing.length > 0 ? ` from ${outgoing.join(",")}` : "";
      const learn = learners.length > 0 ? ` learners ${learners.join(",")}` : "";
      const next = learnersNext.length > 0 ? ` then ${learnersNext.join(",")}` : "";
      const hands = leadTransferee === 0 ? "" : ` hands over to ${leadTransferee}`;
      this.#tell(
        `${id} ${raftState} term ${term} vote ${vote} lead ${lead} commit ${commit} applied ${applied}${hands}` +
          ` voters ${voters.join(",")}${joint}${learn}${next}`,
      );
    }
  }

  #progress(id: number): void {
    for (const [peer, progress] of this.#on.node(id).status().progress) {
      const { match, next, state, isLearner, paused, pendingSnapshot, recentActive, inflight, inflightFull } =
        progress;
      const words = [`${peer} ${state} match ${match} next ${next}`];
      if (isLearner) words.push("learner");
      if (paused) words.push("paused");
      if (pendingSnapshot > 0) words.push(`snapshot ${pendingSnapshot}`);
      if (!recentActive) words.push("silent");
      if (inflight > 0) words.push(`inflight ${inflight}${inflightFull ? " full" : ""}`);
      this.#tell(words.join(" "));
    }
  }

  #log(id: number): void {
    const { log } = this.#on.at(id).disk;
    if (log.lastIndex() < log.firstIndex()) {
      this.#tell(`empty behind ${log.lastIndex()}`);
      return;
    }
    const entries = log.entries(log.firstIndex(), log.lastIndex() + 1, Number.POSITIVE_INFINITY);
    this.#tell(...entries.map(entryText));
  }
}

function optionsOf(words: string[]): ClusterOptions {
  const options: ClusterOptions = { voters: [] };
  for (const word of words) {
    const [key = "", value = ""] = word.split("=");
    const ids = value.split(",").map(Number);
    switch (key) {
      case "voters":
        options.voters = ids;
        break;
      case "learners":
        options.learners = ids;
        break;
      case "strangers":
        options.strangers = ids;
        break;
      case "async":
        options.asyncStorageWrites = true;
        break;
      case "pre-vote":
        options.preVote = true;
        break;
      case "check-quorum":
        options.checkQuorum = true;
        break;
      case "lease":
        options.readOnly = "lease";
        break;
      case "step-down":
        options.stepDownOnRemoval = true;
        break;
      case "window":
        options.maxInflightMsgs = Number(value);
        break;
      case "message-bytes":
        options.maxSizePerMsg = Number(value);
        break;
      default:
        throw new Error(`a cluster knows no ${word}`);
    }
  }
  return options;
}

function readyText(id: number, ready: Ready): string[] {
  const lines = [`${id} ready${ready.mustSync ? ", to be synced" : ""}`];
  const { softState, hardState, snapshot } = ready;
  if (softState !== undefined) lines.push(`  ${softState.raftState} lead ${softState.lead}`);
  if (hardState !== undefined)
    lines.push(`  term ${hardState.term} vote ${hardState.vote} commit ${hardState.commit}`);
  for (const read of ready.readStates) lines.push(`  read ${text(read.context)} at ${read.index}`);
  if (snapshot !== undefined) lines.push(`  snapshot ${snapshot.term}/${snapshot.index}`);
  if (ready.entries.length > 0) lines.push(`  append ${ready.entries.map(entryText).join(", ")}`);
  if (ready.committedEntries.length > 0)
    lines.push(`  apply ${ready.committedEntries.map(entryText).join(", ")}`);
  for (const message of ready.messages) lines.push(`  ${messageText(message)}`);
  return lines;
}

function storeText(message: Message | undefined): string {
  return message === undefined ? "nothing to do" : messageText(message);
}

function messageText(m: Message): string {
  const words = [`${nameOf(m.from)}>${nameOf(m.to)} ${m.type}`];
  if (m.term !== 0) words.push(`term ${m.term}`);
  if (m.index !== 0 || m.logTerm !== 0) words.push(`at ${m.logTerm}/${m.index}`);
  if (m.vote !== 0) words.push(`vote ${m.vote}`);
  if (m.commit !== 0) words.push(`commit ${m.commit}`);
  if (m.reject) words.push(`refused, hint ${m.rejectHint}`);
  if (m.context !== undefined) words.push(`context ${text(m.context)}`);
  if (m.entries.length > 0) words.push(`[${m.entries.map(entryText).join(", ")}]`);
  if (m.snapshot !== undefined) words.push(`snapshot ${m.snapshot.term}/${m.snapshot.index}`);
  if (m.responses !== undefined && m.responses.length > 0)
    words.push(`then {${m.responses.map(messageText).join("; ")}}`);
  return words.join(" ");
}

function entryText(entry: Entry): string {
  const place = `${entry.term}/${entry.index}`;
  if (entry.type === "EntryNormal")
    return entry.data === undefined ? `${place} -` : `${place} ${text(entry.data)}`;
  const change = decodeConfChange(entry);
  const changes = "changes" in change ? change.changes : [change];
  const signs: Record<string, string> = {
    ConfChangeAddNode: "+",
    ConfChangeRemoveNode: "-",
    ConfChangeAddLearnerNode: "~",
  };
  const list = changes.map(({ type, nodeId }) => `${signs[type] ?? "="}${nodeId}`);
  return `${place} ${list.length === 0 ? "leave" : list.join("")}`;
}

function nameOf(id: number): string {
  if (id === LocalAppendThread) return "append";
  return id === LocalApplyThread ? "apply" : String(id);
}
