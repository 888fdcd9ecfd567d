import { INSTALL_KEY } from "@isthmus/graph";
import {
  assert,
  crc32,
  DecodeError,
  equalBytes,
  type GroupId,
  IsthmusError,
  type Registry,
  type StateStore,
  type StoreWrite,
} from "@isthmus/kernel";
import {
  chained,
  decodeConfState,
  decodeSnapshotContent,
  type SnapshotChunk,
  type SnapshotContent,
  type SnapshotFrame,
  type SnapshotLogItem,
  type SnapshotOffer,
} from "@isthmus/wire";
import type { AppendToLog, LogPort } from "./log-port.ts";
import { missingRecords } from "./snapshot-log.ts";
import { encodeMarker, firstMarker, type InstallMarker } from "./snapshot-marker.ts";

/** Where a snapshot may be had, as a leader's message said. */
export interface SnapshotHint {
  readonly source: number;
  readonly id: string;
}

export interface SnapshotInstallOptions {
  readonly group: GroupId;
  readonly cluster: string;
  /** This node's number: its own shelf is asked first where nobody is named. */
  readonly self: number;
  readonly log: LogPort;
  readonly append: AppendToLog;
  readonly registry: Registry;
  /** What goes into the store in one transaction, about. */
  readonly transactionBytes: number;
  /** The group's store, as it is now: after a wipe it is another one. */
  store(): StateStore;
  /** Empties the store, durably. */
  wipe(): Promise<void>;
  /** The other members, to be asked in turn where nobody is named. */
  peers(): readonly number[];
  /** False when the peer cannot be reached now. What goes to this node itself is answered later, never at once. */
  send(to: number, frame: SnapshotFrame): boolean;
  /** What still uses the old state: nothing is wiped, and nothing opened anew, before it has ended. */
  readonly before: Promise<unknown>;
  /** What an earlier life had begun. */
  readonly marker: InstallMarker | null;
  readonly hint: SnapshotHint | null;
  /** What is in the store is a state, only an old one: it may be gone back to as long as nothing is wiped. */
  readonly isStateWhole: boolean;
  /** Told once: with the snapshot that is now the state, or null when the state from before still is. */
  onEnded(installed: SnapshotOffer | null): void;
  /** Also with `state_lost`: there is nobody who could have a snapshot, and none here. */
  onFatal(error: unknown): void;
}

/** Chunks that are asked for and have not come. */
const WINDOW_CHUNKS = 4;
const ASK_AGAIN_TICKS = 10;
/** A source that says nothing for so long is no longer waited for. */
export const SOURCE_PATIENCE_TICKS = 300;
/** One that says nothing for so long is left if another snapshot is offered, and others are asked for one. */
const SOURCE_DOUBT_TICKS = 50;

type Phase =
  /** Looks for a source: the one that was named, else one member after the other. */
  | { readonly kind: "asking"; readonly hint: SnapshotHint | null; ticks: number }
  /** The old state goes; from here on there is none. */
  | { readonly kind: "wiping"; readonly offer: SnapshotOffer; readonly source: number }
  | Receiving
  /** Back to the old state, as soon as nothing of its earlier life is under way. */
  | { readonly kind: "returning" }
  | { readonly kind: "ended" };

interface Receiving {
  readonly kind: "receiving";
  readonly offer: SnapshotOffer;
  readonly source: number;
  /** Chunks before this one are durable. */
  stored: number;
  /** Chunks before this one are here. */
  received: number;
  /** Chunks before this one are asked for. */
  asked: number;
  /** The chain behind the last one received. */
  chain: Uint8Array;
  readonly waiting: { chunk: SnapshotChunk; content: SnapshotContent }[];
  waitingBytes: number;
  quietTicks: number;
}

/**
 * Fetches a snapshot and makes it the group's state. The steps, each durable before the next: the old state is wiped;
 * a marker says what is coming; chunks go into the store with the marker that counts them; the log's part goes into the
 * log, which gives up what the snapshot stands for; hard state and configuration; the marker goes.
 *
 * Invariant: a crash between any two of them is finished at the next start, from the marker alone; and while it stands
 * there is no vote and no acknowledgement, since state and log may not belong together.
 */
export class SnapshotInstall {
  readonly #options: SnapshotInstallOptions;
  #phase: Phase;
  #turn = 0;
  /** The peer that was asked last for whatever it has; null when nobody is. */
  #asked: number | null = null;
  #isStateWhole: boolean;
  #storing = false;
  /** Ends when nothing is under way any more; never rejects. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: SnapshotInstallOptions) {
    this.#options = options;
    this.#isStateWhole = options.isStateWhole;
    const { marker, hint } = options;
    this.#phase = marker ? receiving(marker) : { kind: "asking", hint, ticks: 0 };
    if (marker) this.#isStateWhole = false;
  }

  /** Chunks that are durable and chunks in all; null before a snapshot is chosen. */
  get progress(): { readonly stored: number; readonly chunks: number } | null {
    if (this.#phase.kind !== "receiving") return null;
    return { stored: this.#phase.stored, chunks: this.#phase.offer.chunks };
  }

  /** Asks at once. What an earlier life left finished, but for the last steps, is ended without asking anybody. */
  begin(): void {
    if (this.#phase.kind === "asking") this.#askWhat(this.#phase);
    else if (this.#phase.kind === "receiving") this.#advance(this.#phase);
  }

  tick(): void {
    const phase = this.#phase;
    if (phase.kind === "asking") this.#tickAsking(phase);
    else if (phase.kind === "receiving") this.#tickReceiving(phase);
  }

  /** A leader says where a snapshot is. One that is being fetched and still comes is kept to. */
  takeHint(hint: SnapshotHint): void {
    const phase = this.#phase;
    if (phase.kind === "asking" && phase.hint === null) this.#ask(hint);
    else if (phase.kind === "receiving" && this.#isInDoubt(phase)) this.#giveUp(phase, hint);
  }

  /** The connection to a peer has broken: a state that is still whole does not wait for it. */
  lost(peer: number): void {
    const phase = this.#phase;
    if (phase.kind === "asking" && phase.hint?.source === peer) this.#withoutSource();
  }

  take(from: number, frame: SnapshotFrame): void {
    const phase = this.#phase;
    if (frame.kind === "offer") this.#takeOffer(phase, from, frame.offer);
    else if (frame.kind === "chunk" && phase.kind === "receiving") this.#takeChunk(phase, from, frame);
    else if (frame.kind === "gone") this.#takeGone(phase, from, frame.id);
  }

  /** Ends without a result; what is durable is gone on with in the next life. */
  async close(): Promise<void> {
    this.#phase = { kind: "ended" };
    await this.#work;
  }

  // ---- finding a source ----

  #ask(hint: SnapshotHint | null): void {
    const phase = { kind: "asking", hint, ticks: 0 } as const;
    this.#phase = phase;
    this.#askWhat(phase);
  }

  /** False when the one that was named cannot be asked. */
  #askWhat({ hint }: { readonly hint: SnapshotHint | null }): boolean {
    const { group, self } = this.#options;
    if (hint !== null) {
      const ask = { kind: "ask", group, id: hint.id, from: 0, count: 0, leastIndex: 0 } as const;
      return this.#options.send(hint.source, ask);
    }
    this.#askAnybody([self, ...this.#options.peers()]);
    return true;
  }

  /** One after the other, at each call the next. */
  #askAnybody(candidates: readonly number[]): void {
    const { group, log } = this.#options;
    const peer = candidates[this.#turn % Math.max(1, candidates.length)];
    this.#turn += 1;
    this.#asked = peer ?? null;
    // State and log must meet: what the log has given up the state has to have.
    const leastIndex = log.firstIndex - 1;
    if (peer !== undefined)
      this.#options.send(peer, { kind: "ask", group, from: 0, count: 0, id: "", leastIndex });
  }

  #tickAsking(phase: Extract<Phase, { kind: "asking" }>): void {
    phase.ticks += 1;
    if (phase.hint && phase.ticks >= SOURCE_PATIENCE_TICKS) this.#withoutSource();
    // Its connection may have broken before it was named.
    else if (phase.ticks % ASK_AGAIN_TICKS === 0 && !this.#askWhat(phase)) this.#withoutSource();
  }

  /** Back to the old state where there is one; else anybody's snapshot will do. */
  #withoutSource(): void {
    this.#options.registry.counter("isthmus.snapshot.given_up", { group: this.#options.group }).add();
    if (this.#isStateWhole) this.#goBack();
    else this.#ask(null);
  }

  /**
   * Invariant: whoever takes up store and log again finds nothing under way: neither a flush that would put the store
   * ahead of what was read from it, nor a record that the log shows and the disk does not have.
   */
  #goBack(): void {
    this.#phase = { kind: "returning" };
    this.#do(async () => {
      await this.#options.before;
      // Appends end in order, so this one ends behind all of the stopped driver's.
      if (this.#phase.kind === "returning")
        await new Promise<void>((resolve) => this.#options.append({}, resolve));
      if (this.#phase.kind === "returning") this.#end(null);
    });
  }

  #takeOffer(phase: Phase, from: number, offer: SnapshotOffer): void {
    const { group, registry } = this.#options;
    if (!this.#isAskedFor(phase, from, offer.header.id)) {
      registry.refuse("snapshot", "unasked_offer");
      return;
    }
    if (!this.#isFit(offer)) {
      registry.refuse("snapshot", "unfit_offer");
      return;
    }
    if (phase.kind === "receiving") {
      registry.counter("isthmus.snapshot.given_up", { group }).add();
      this.#options.send(phase.source, { kind: "done", group, id: phase.offer.header.id, ok: false });
    }
    this.#asked = null;
    this.#phase = { kind: "wiping", offer, source: from };
    this.#do(() => this.#wipe(offer, from));
  }

  /** Of the named one, or of whoever was asked last; while one is being fetched, only once its source is in doubt. */
  #isAskedFor(phase: Phase, from: number, id: string): boolean {
    if (phase.kind === "asking" && phase.hint) return phase.hint.source === from && phase.hint.id === id;
    return from === this.#asked && (phase.kind === "asking" || this.#isInDoubt(phase));
  }

  #isInDoubt(phase: Phase): boolean {
    return phase.kind === "receiving" && phase.quietTicks >= SOURCE_DOUBT_TICKS && !this.#storing;
  }

  /** Invariant: what could not be finished is not begun, since what is begun costs the state from before. */
  #isFit({ header, chunks }: SnapshotOffer): boolean {
    const { group, cluster, log } = this.#options;
    if (chunks === 0 || header.group !== group || header.cluster !== cluster) return false;
    if (header.index < log.firstIndex - 1) return false;
    try {
      decodeConfState(header.conf);
      return true;
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
  }

  async #wipe(offer: SnapshotOffer, source: number): Promise<void> {
    await this.#options.before;
    if (this.#phase.kind !== "wiping") return;
    this.#isStateWhole = false;
    // Order: an empty store without a marker is no state of a log that is compacted, so a crash here leaves nothing
    // that could be taken for one.
    await this.#options.wipe();
    const marker = firstMarker(offer, source);
    await this.#options.store().commit([[INSTALL_KEY, encodeMarker(marker)]]);
    if (this.#phase.kind !== "wiping") return;
    this.#phase = receiving(marker);
    this.#advance(this.#phase);
  }

  // ---- fetching ----

  #tickReceiving(phase: Receiving): void {
    if (this.#storing) return;
    phase.quietTicks += 1;
    if (phase.quietTicks >= SOURCE_PATIENCE_TICKS) this.#giveUp(phase, null);
    else if (phase.quietTicks % ASK_AGAIN_TICKS === 0) {
      phase.asked = phase.received;
      this.#advance(phase);
      // What is here of it is kept until another one is offered: its source may come back.
      if (this.#isInDoubt(phase))
        this.#askAnybody(this.#options.peers().filter((peer) => peer !== phase.source));
    }
  }

  #giveUp(phase: Receiving, hint: SnapshotHint | null): void {
    const { group, registry } = this.#options;
    registry.counter("isthmus.snapshot.given_up", { group }).add();
    this.#options.send(phase.source, { kind: "done", group, id: phase.offer.header.id, ok: false });
    this.#ask(hint);
  }

  #takeGone(phase: Phase, from: number, id: string): void {
    if (phase.kind === "asking" && phase.hint?.source === from && phase.hint.id === id) this.#withoutSource();
    else if (
      phase.kind === "asking" &&
      phase.hint === null &&
      from === this.#options.self &&
      from === this.#asked
    )
      this.#notHere(phase);
    else if (phase.kind === "receiving" && phase.source === from && phase.offer.header.id === id)
      // What waits is whole: it is stored, and only then given up with the rest.
      this.#giveUp(phase, null);
  }

  /** This node's own shelf has nothing: the next one is asked, if there is anybody. */
  #notHere(phase: Extract<Phase, { kind: "asking" }>): void {
    const { group } = this.#options;
    if (this.#options.peers().length > 0) {
      this.#askWhat(phase);
      return;
    }
    this.#phase = { kind: "ended" };
    this.#options.onFatal(
      new IsthmusError(
        "state_lost",
        `the state of ${group} is lost: its log begins behind it, and there is neither a snapshot here nor another member to ask`,
        { facts: { group } },
      ),
    );
  }

  #takeChunk(phase: Receiving, from: number, { id, chunk }: { id: string; chunk: SnapshotChunk }): void {
    const { group, registry } = this.#options;
    if (from !== phase.source || id !== phase.offer.header.id) return;
    const { length } = chunk.bytes;
    registry.counter("isthmus.snapshot.received_bytes", { group }).add(length);
    if (chunk.number !== phase.received) {
      if (chunk.number < phase.received)
        registry.counter("isthmus.snapshot.received_again_bytes", { group }).add(length);
      return;
    }
    const content = this.#verified(phase, chunk);
    if (content === null) {
      registry.refuse("snapshot", "damaged_chunk");
      return;
    }
    phase.quietTicks = 0;
    phase.received += 1;
    phase.asked = Math.max(phase.asked, phase.received);
    phase.chain = chunk.chain;
    phase.waiting.push({ chunk, content });
    phase.waitingBytes += length;
    this.#advance(phase);
  }

  /** Invariant: nothing reaches store or log that does not follow, hash upon hash, from the snapshot's header. */
  #verified(phase: Receiving, chunk: SnapshotChunk): SnapshotContent | null {
    if (crc32(chunk.bytes) !== chunk.crc) return null;
    if (!equalBytes(chained(phase.chain, chunk.bytes), chunk.chain)) return null;
    const isLast = phase.received + 1 === phase.offer.chunks;
    if (isLast && !equalBytes(chunk.chain, phase.offer.chain)) return null;
    try {
      return decodeSnapshotContent(chunk.bytes);
    } catch (error) {
      if (error instanceof DecodeError) return null;
      throw error;
    }
  }

  /** Asks for more within the window, and stores what is worth a transaction. */
  #advance(phase: Receiving): void {
    const { group, transactionBytes } = this.#options;
    const { chunks, header } = phase.offer;
    const room = phase.received + WINDOW_CHUNKS - phase.asked;
    const isFull = phase.waitingBytes >= 2 * transactionBytes;
    // Half a window at a time: an ask for each chunk would be a frame for each chunk.
    if (!isFull && phase.asked < chunks && (room >= WINDOW_CHUNKS / 2 || phase.asked === phase.received)) {
      const count = Math.min(room, chunks - phase.asked);
      const ask = { kind: "ask", group, id: header.id, from: phase.asked, count, leastIndex: 0 } as const;
      if (count > 0 && this.#options.send(phase.source, ask)) phase.asked += count;
    }
    if (this.#storing) return;
    const isComplete = phase.received === chunks;
    if (phase.waitingBytes < transactionBytes && !isComplete) return;
    this.#storing = true;
    this.#do(() => this.#store(phase));
  }

  // ---- storing ----

  async #store(phase: Receiving): Promise<void> {
    try {
      while (phase.waiting.length > 0 && this.#phase === phase) await this.#storeSome(phase);
      if (this.#phase === phase && phase.stored === phase.offer.chunks) await this.#finish(phase);
    } finally {
      this.#storing = false;
    }
    if (this.#phase === phase) this.#advance(phase);
  }

  /** One transaction: chunks of one kind, and the marker that counts them. */
  async #storeSome(phase: Receiving): Promise<void> {
    const { transactionBytes } = this.#options;
    const kind = phase.waiting[0]?.content.kind;
    const records: (readonly [StoreWrite[0], Uint8Array])[] = [];
    const items: SnapshotLogItem[] = [];
    let bytes = 0;
    let count = 0;
    let { chain } = phase;
    for (const { chunk, content } of phase.waiting) {
      if (content.kind !== kind || (count > 0 && bytes >= transactionBytes)) break;
      if (content.kind === "state") for (const record of content.records) records.push(record);
      else items.push(...content.items);
      bytes += chunk.bytes.length;
      chain = chunk.chain;
      count += 1;
    }
    assert(count > 0, "something waits");
    const next = phase.stored + count;
    const marker = encodeMarker({ offer: phase.offer, source: phase.source, next, chain });
    // Order: the log's part is durable before the marker counts it; done twice, it changes nothing.
    if (items.length > 0) await this.#log(phase.offer, items);
    await this.#options.store().commit([[INSTALL_KEY, marker], ...records]);
    phase.waiting.splice(0, count);
    phase.waitingBytes -= bytes;
    phase.stored = next;
  }

  #log({ header }: SnapshotOffer, items: readonly SnapshotLogItem[]): Promise<void> {
    const records = missingRecords(this.#options.log, header, items);
    return new Promise((resolve) => this.#options.append(records, resolve));
  }

  /** All is here. What remains is to let the log begin where the state ends, and to say so. */
  async #finish({ offer, source }: Receiving): Promise<void> {
    const { group, log, append, registry } = this.#options;
    const { header } = offer;
    const { term, vote, commit } = log.hardState;
    const hardState = {
      term: Math.max(term, header.term),
      // A vote belongs to its term.
      vote: term >= header.term ? vote : 0,
      commit: Math.max(commit, header.index),
    };
    const compact = { index: header.logFirst - 1, term: header.logTerm };
    // Appends end in order: behind this one nothing of the driver from before is under way, as when it is gone back.
    await new Promise<void>((resolve) => append({ compact, hardState, conf: header.conf }, resolve));
    assert(log.firstIndex - 1 <= header.index && log.lastIndex >= header.index, "state and log meet");
    await this.#options.store().commit([[INSTALL_KEY, undefined]]);
    registry.counter("isthmus.snapshot.installs", { group }).add();
    this.#options.send(source, { kind: "done", group, id: header.id, ok: true });
    this.#end(offer);
  }

  #end(installed: SnapshotOffer | null): void {
    if (this.#phase.kind === "ended") return;
    this.#phase = { kind: "ended" };
    this.#options.onEnded(installed);
  }

  #do(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => this.#options.onFatal(error));
  }
}

function receiving({ offer, source, next, chain }: InstallMarker): Receiving {
  return {
    kind: "receiving",
    offer,
    source,
    stored: next,
    received: next,
    asked: next,
    chain,
    waiting: [],
    waitingBytes: 0,
    quietTicks: 0,
  };
}
