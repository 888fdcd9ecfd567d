import { assert } from "@isthmus/kernel";
import {
  type ConfState,
  decodeConfChange,
  type Entry,
  type HardState,
  MemoryStorage,
  type Message,
  type Progress,
  type RaftConfig,
  RawNode,
  type Ready,
} from "@isthmus/raft";
import { entry, message } from "./cluster.ts";

export interface LoneOptions extends Partial<RaftConfig> {
  voters?: number[];
  learners?: number[];
  /** The terms of the entries 1, 2, 3 that are in its log. */
  terms?: number[];
  hard?: HardState;
}

/** One node of a cluster whose other members the test plays. */
export class Lone {
  readonly storage = new MemoryStorage();
  readonly node: RawNode;
  readonly id: number;
  /** Every entry applied, in order. */
  readonly applied: Entry[] = [];

  constructor(options: LoneOptions = {}) {
    const { voters = [1, 2, 3], learners = [], terms = [], hard, ...config } = options;
    this.id = config.id ?? 1;
    this.storage.applySnapshot({ index: 0, term: 0, conf: conf(voters, { learners }) });
    this.storage.append(terms.map((term, at) => entry(term, at + 1, `${term}/${at + 1}`)));
    if (hard !== undefined) this.storage.setHardState(hard);
    this.node = new RawNode({
      id: this.id,
      electionTick: 10,
      heartbeatTick: 1,
      storage: this.storage,
      maxSizePerMsg: Number.POSITIVE_INFINITY,
      maxInflightMsgs: 256,
      random: () => 0,
      ...config,
    });
  }

  /** Steps a message from 2, or from whom it says. */
  hear(fields: Partial<Message> & Pick<Message, "type">): void {
    this.node.step(message({ from: 2, to: this.id, ...fields }));
  }

  /** Does all that is to be done and gives what was sent. */
  work(): Message[] {
    const sent: Message[] = [];
    for (let round = 0; this.node.hasReady(); round++) {
      assert(round < 100, "a lone node comes to rest");
      sent.push(...this.ready().messages);
    }
    return sent;
  }

  ready(): Ready {
    const ready = this.node.ready();
    if (ready.hardState !== undefined) this.storage.setHardState(ready.hardState);
    if (ready.snapshot !== undefined) this.storage.applySnapshot(ready.snapshot);
    this.storage.append(ready.entries);
    for (const entry of ready.committedEntries) {
      this.applied.push(entry);
      if (entry.type !== "EntryNormal") this.node.applyConfChange(decodeConfChange(entry));
    }
    this.node.advance();
    return ready;
  }

  /** Makes it leader of the next term with the votes of `from`; what it sends meanwhile is lost. */
  lead(from: number[] = [2]): void {
    this.node.campaign();
    this.work();
    const { term } = this.node.status();
    for (const id of from) this.hear({ type: "MsgVoteResp", from: id, term });
    this.work();
    assert(this.state === "StateLeader", "with these votes it leads");
  }

  /** An acknowledgement by `from` up to `index`, in the present term. */
  acknowledge(from: number, index: number): void {
    this.hear({ type: "MsgAppResp", from, index, term: this.term });
  }

  get state(): string {
    return this.node.status().raftState;
  }

  get term(): number {
    return this.node.status().term;
  }

  get commit(): number {
    return this.node.status().commit;
  }

  progress(id: number): Progress {
    const known = this.node.status().progress.get(id);
    assert(known !== undefined, "who is asked about is a member");
    return known;
  }

  /** The terms of the log on disk from its first entry on. */
  terms(): number[] {
    const terms: number[] = [];
    for (let at = this.storage.firstIndex(); at <= this.storage.lastIndex(); at++)
      terms.push(this.storage.term(at));
    return terms;
  }
}

export function conf(voters: number[], rest: Partial<ConfState> = {}): ConfState {
  return { voters, outgoing: [], learners: [], learnersNext: [], autoLeave: false, ...rest };
}
