import { CONTROL_COMPONENT } from "@isthmus/causality";
import { type ControlState, isLinkPaused } from "@isthmus/control";
import { type Applied, checkedContent } from "@isthmus/graph";
import {
  DecodeError,
  type NodeId,
  type Origin,
  originOf,
  type RegionId,
  type Registry,
} from "@isthmus/kernel";
import {
  type Acknowledge,
  type Announce,
  type Batch,
  encodeAcknowledge,
  encodeAnnounce,
  encodeDataEntry,
  encodeStreamEnd,
  encodeSubscribe,
  FRAME,
  type StreamBatch,
  type StreamEnd,
  type Subscribe,
} from "@isthmus/wire";
import { Incoming } from "./incoming.ts";
import { Outgoing } from "./outgoing.ts";
import type { RelayedGroup, RelayPeers, RelayRegion } from "./ports.ts";

export interface RelayOptions {
  readonly group: RelayedGroup;
  readonly region: RegionId;
  /** The other regions and their nodes, as of now. */
  regions(): readonly RelayRegion[];
  readonly peers: RelayPeers;
  readonly registry: Registry;
  readonly streamCreditBytes: number;
  control(): ControlState;
}

/** What is known here of the stream from one other region. */
export interface InboundStatus {
  readonly from: RegionId;
  readonly state: "live" | "catching_up" | "paused" | "down";
  /** The origin's position as last told less what is applied here; null when that news is old. */
  readonly lagOps: number | null;
  /** The node that leads there, as last told. */
  readonly leader: NodeId | null;
}

const ANNOUNCE_EVERY_MS = 1000;
/** News of an origin's position older than this is no news. */
export const NEWS_MAX_AGE_MS = 3000;
/** A subscription that is refused, or ends, is tried again after so long. */
const RESUBSCRIBE_AFTER_MS = 500;
/** A stream that brings nothing for so long, though there is more, is given up. */
const STALLED_AFTER_MS = 5000;
/** Behind by more batches than this a stream is said to be catching up. */
const LIVE_WITHIN_OPS = 1000;

/**
 * A data group's traffic with the other regions. Its leader announces how far its own batches go, serves them to the
 * other regions' leaders, and asks those for theirs; what comes is verified and proposed to its own group, each batch
 * after everything in its context. Cursors are the state's own vector: there is nothing else to keep or to lose.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #group: RelayedGroup;
  readonly #peers: RelayPeers;
  readonly #registry: Registry;
  readonly #outgoing: Outgoing;
  readonly #incoming = new Map<Origin, Incoming>();
  readonly #heard = new Map<Origin, Announce & { readonly node: NodeId; readonly atMs: number }>();
  readonly #askAgainMs = new Map<Origin, number>();
  /** Since when a stream brings nothing though its origin has told of more. */
  readonly #stalledMs = new Map<Origin, number>();
  /** How far each component is proposed in this term, where that is beyond what is applied. */
  readonly #proposed = new Map<Origin, number>();
  #announcedMs = Number.NEGATIVE_INFINITY;
  #led = false;
  #streams = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#group = options.group;
    this.#peers = options.peers;
    this.#registry = options.registry;
    this.#outgoing = new Outgoing(options.group, options.peers, options.registry);
  }

  /** Called at each tick and whenever something may have changed. */
  run(nowMs: number): void {
    const { leads } = this.#group;
    if (leads !== this.#led) this.#leadership(leads);
    if (!leads) return;
    this.#takeUpControl();
    if (nowMs - this.#announcedMs >= ANNOUNCE_EVERY_MS) this.#announce(nowMs);
    for (const { region } of this.#options.regions()) this.#subscribe(region, nowMs);
    this.#watch(nowMs);
    this.#propose();
    this.#acknowledge(nowMs);
    this.#restPaused();
    this.#outgoing.pump();
  }

  applied(applied: Applied): void {
    // A batch that was verified and proposed in order can only be skipped when another term's log came between: what is
    // under way is asked for again, from what is applied.
    if (applied.kind === "skipped" && applied.why !== "repeated" && applied.why !== "stale_position")
      this.#restart();
  }

  peerDown(peer: NodeId): void {
    this.#outgoing.end(peer);
    for (const [origin, incoming] of this.#incoming)
      if (incoming.peer === peer) this.#incoming.delete(origin);
    for (const [origin, heard] of this.#heard) if (heard.node === peer) this.#heard.delete(origin);
  }

  // ---- frames ----

  takeAnnounce(peer: NodeId, announce: Announce, nowMs: number): void {
    if (!this.#isFrom(peer, announce.origin)) {
      this.#registry.refuse("relay", "foreign_announcement");
      return;
    }
    const known = this.#heard.get(announce.origin);
    // A deposed leader may speak on for a while.
    if (known && known.term > announce.term && nowMs - known.atMs <= NEWS_MAX_AGE_MS) return;
    this.#heard.set(announce.origin, { ...announce, node: peer, atMs: nowMs });
    // A new leader, or the old one elected anew, serves only streams that were asked of it in its term.
    if (!known || known.node !== peer || known.term !== announce.term) this.#incoming.delete(announce.origin);
  }

  takeSubscribe(peer: NodeId, subscribe: Subscribe): void {
    const to = this.#regionOf(peer);
    const refusal =
      to !== null && this.#isPaused(this.#options.region, to)
        ? "paused"
        : this.#outgoing.begin(peer, subscribe);
    if (refusal === null) {
      this.#outgoing.pump();
      return;
    }
    this.#registry.refuse("relay", refusal);
    const { group, origin, stream } = subscribe;
    this.#peers.send(peer, FRAME.streamEnd, encodeStreamEnd({ group, origin, stream, reason: refusal }));
  }

  takeBatch(peer: NodeId, { stream, batch }: StreamBatch, bytes: number, nowMs: number): void {
    const incoming = this.#incoming.get(batch.origin);
    // Frames of a stream that was given up may still be under way.
    if (!incoming || incoming.peer !== peer || incoming.stream !== stream) return;
    const fault = batch.group === this.#group.group ? incoming.take(batch, bytes) : "foreign_batch";
    if (fault ?? this.#contentFault(batch)) {
      this.#giveUp(incoming, fault ?? "malformed", nowMs);
      return;
    }
    const heard = this.#heard.get(batch.origin);
    if (heard && heard.sequence < batch.sequence)
      this.#heard.set(batch.origin, { ...heard, sequence: batch.sequence, hash: batch.hash, atMs: nowMs });
    this.#propose();
  }

  takeAcknowledge(peer: NodeId, acknowledge: Acknowledge): void {
    this.#outgoing.acknowledge(peer, acknowledge);
    this.#outgoing.pump();
  }

  takeStreamEnd(peer: NodeId, end: StreamEnd, nowMs: number): void {
    if (end.origin === this.#group.origin) {
      this.#outgoing.end(peer, end.stream);
      return;
    }
    const incoming = this.#incoming.get(end.origin);
    if (!incoming || incoming.peer !== peer || incoming.stream !== end.stream) return;
    this.#registry.counter("isthmus.relay.stream_ends", { reason: knownReason(end.reason) }).add();
    this.#incoming.delete(end.origin);
    this.#askAgainMs.set(end.origin, nowMs + RESUBSCRIBE_AFTER_MS);
  }

  // ---- what the state of the links is, as seen here ----

  status(nowMs: number): InboundStatus[] {
    return this.#options.regions().map(({ region }) => {
      const origin = originOf(region);
      const heard = this.#heard.get(origin);
      const fresh = heard !== undefined && nowMs - heard.atMs <= NEWS_MAX_AGE_MS;
      const lagOps = fresh ? Math.max(0, heard.sequence - this.#group.vector.get(origin)) : null;
      const leader = heard?.node ?? null;
      if (this.#isPaused(region, this.#options.region))
        return { from: region, state: "paused", lagOps, leader };
      const flows = fresh && (this.#incoming.has(origin) || !this.#group.leads);
      if (!flows || lagOps === null) return { from: region, state: "down", lagOps, leader };
      return { from: region, state: lagOps > LIVE_WITHIN_OPS ? "catching_up" : "live", lagOps, leader };
    });
  }

  // ---- leadership ----

  #leadership(leads: boolean): void {
    this.#led = leads;
    this.#restart();
    this.#outgoing.endAll();
    this.#announcedMs = Number.NEGATIVE_INFINITY;
  }

  #restart(): void {
    this.#incoming.clear();
    this.#proposed.clear();
    this.#askAgainMs.clear();
    this.#stalledMs.clear();
  }

  #takeUpControl(): void {
    const { position } = this.#options.control();
    if (position <= this.#known(CONTROL_COMPONENT)) return;
    if (this.#group.proposeAsLeader(encodeDataEntry({ kind: "position", position })))
      this.#proposed.set(CONTROL_COMPONENT, position);
  }

  #announce(nowMs: number): void {
    this.#announcedMs = nowMs;
    const { group, origin, term, newestBatch } = this.#group;
    const payload = encodeAnnounce({
      group,
      origin,
      term,
      sequence: newestBatch,
      hash: this.#group.headOf(origin),
    });
    for (const { nodes } of this.#options.regions())
      for (const node of nodes) if (this.#peers.isUp(node)) this.#peers.send(node, FRAME.announce, payload);
  }

  /** A link that is paused rests on both sides: nothing more is sent, whatever was asked for before. */
  #restPaused(): void {
    if (this.#options.control().pausedLinks.length === 0) return;
    for (const { region, nodes } of this.#options.regions())
      if (this.#isPaused(this.#options.region, region)) for (const node of nodes) this.#outgoing.end(node);
  }

  // ---- incoming ----

  #subscribe(region: RegionId, nowMs: number): void {
    const origin = originOf(region);
    const incoming = this.#incoming.get(origin);
    if (this.#isPaused(region, this.#options.region)) {
      if (incoming) this.#giveUp(incoming, "paused", nowMs);
      return;
    }
    const heard = this.#heard.get(origin);
    if (incoming || !heard || !this.#peers.isUp(heard.node)) return;
    if (nowMs < (this.#askAgainMs.get(origin) ?? 0)) return;
    this.#streams += 1;
    const stream = this.#streams;
    const windowBytes = this.#options.streamCreditBytes;
    // What an earlier stream proposed in this term and is not applied yet is asked for once more: as a batch that the
    // vector has it will be a no-op, and gives its credit back like any other.
    const after = this.#group.vector.get(origin);
    const head = this.#group.headOf(origin);
    const subscribe = {
      group: this.#group.group,
      origin,
      stream,
      after,
      hash: head,
      creditBytes: windowBytes,
    };
    if (!this.#peers.send(heard.node, FRAME.subscribe, encodeSubscribe(subscribe))) return;
    this.#proposed.delete(origin);
    this.#incoming.set(origin, new Incoming({ origin, peer: heard.node, stream, windowBytes, after, head }));
  }

  /** Gives back the credit of what is applied; a stream on which nothing comes though there is more is asked for anew. */
  #watch(nowMs: number): void {
    for (const [origin, incoming] of this.#incoming) {
      const applied = this.#group.vector.get(origin);
      incoming.reached(applied, this.#group.headOf(origin));
      const behind = (this.#heard.get(origin)?.sequence ?? 0) > applied;
      if (!behind || !incoming.isIdle) this.#stalledMs.delete(origin);
      else if (nowMs - (this.#stalledMs.get(origin) ?? nowMs) >= STALLED_AFTER_MS) {
        this.#stalledMs.delete(origin);
        this.#giveUp(incoming, "stalled", nowMs);
      } else if (!this.#stalledMs.has(origin)) this.#stalledMs.set(origin, nowMs);
    }
  }

  /** Proposes what has all of its context before it in the log. */
  #propose(): void {
    if (!this.#group.leads || this.#group.isCongested) return;
    for (let progress = true; progress; ) {
      progress = false;
      for (const incoming of this.#incoming.values()) {
        const batch = incoming.first;
        if (!batch || !this.#hasContextOf(batch)) continue;
        if (!this.#group.proposeAsLeader(encodeDataEntry({ kind: "remote", batch }))) return;
        incoming.firstIsProposed();
        this.#proposed.set(batch.origin, batch.sequence);
        progress = true;
      }
    }
  }

  #hasContextOf(batch: Batch): boolean {
    return batch.context.entries().every(([origin, sequence]) => sequence <= this.#known(origin));
  }

  #known(origin: Origin): number {
    return Math.max(this.#group.vector.get(origin), this.#proposed.get(origin) ?? 0);
  }

  #acknowledge(nowMs: number): void {
    for (const incoming of this.#incoming.values()) {
      const acknowledgement = incoming.takeAcknowledgement(nowMs);
      if (!acknowledgement) continue;
      const { group } = this.#group;
      const { origin, stream } = incoming;
      this.#peers.send(
        incoming.peer,
        FRAME.acknowledge,
        encodeAcknowledge({ group, origin, stream, ...acknowledgement }),
      );
    }
  }

  #giveUp(incoming: Incoming, reason: string, nowMs: number): void {
    if (reason !== "paused") this.#registry.refuse("relay", reason);
    const { origin, stream, peer } = incoming;
    this.#incoming.delete(origin);
    this.#askAgainMs.set(origin, nowMs + RESUBSCRIBE_AFTER_MS);
    this.#peers.send(
      peer,
      FRAME.streamEnd,
      encodeStreamEnd({ group: this.#group.group, origin, stream, reason }),
    );
  }

  #contentFault(batch: Batch): boolean {
    try {
      checkedContent(batch);
      return false;
    } catch (error) {
      if (error instanceof DecodeError) return true;
      throw error;
    }
  }

  /** It is asked in every turn, and mostly nothing is paused. */
  #isPaused(from: RegionId, to: RegionId): boolean {
    const control = this.#options.control();
    return control.pausedLinks.length > 0 && isLinkPaused(control, from, to);
  }

  #isFrom(peer: NodeId, origin: Origin): boolean {
    const region = this.#regionOf(peer);
    return region !== null && originOf(region) === origin;
  }

  #regionOf(peer: NodeId): RegionId | null {
    return this.#options.regions().find(({ nodes }) => nodes.includes(peer))?.region ?? null;
  }
}

const REASONS = new Set([
  "not_leader",
  "unknown_origin",
  "ahead_of_origin",
  "compacted",
  "diverged",
  "paused",
  "foreign_batch",
  "gap",
  "broken_chain",
  "credit_exceeded",
  "malformed",
  "stalled",
]);

/** Reasons come from outside and become labels: bounded. */
function knownReason(reason: string): string {
  return REASONS.has(reason) ? reason : "other";
}
