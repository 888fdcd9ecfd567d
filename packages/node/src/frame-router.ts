import { CONTROL_GROUP, DecodeError, type GroupId, must, type NodeId, type Registry } from "@isthmus/kernel";
import { decodeConfChange, type Message } from "@isthmus/raft";
import type { Relay } from "@isthmus/relay";
import type { ControlReplica, DataReplica } from "@isthmus/replica";
import {
  decodeAcknowledge,
  decodeAnnounce,
  decodeBeats,
  decodeForward,
  decodeForwardReply,
  decodeRaftPacket,
  decodeSnapshotFrame,
  decodeStreamBatch,
  decodeStreamEnd,
  decodeSubscribe,
  decodeTakeLeadership,
  FRAME,
} from "@isthmus/wire";
import type { ClusterReports } from "./cluster-reports.ts";
import { messageOf } from "./gathered-beats.ts";

export interface FrameRouterOptions {
  /** This node's number inside Raft. */
  readonly number: number;
  /** As of now: both change as nodes come and go. */
  readonly numbers: ReadonlyMap<NodeId, number>;
  /** The nodes of this node's region. */
  readonly region: ReadonlySet<NodeId>;
  readonly groups: ReadonlyMap<GroupId, { readonly replica: DataReplica; readonly relay: Relay }>;
  readonly control: ControlReplica;
  readonly reports: ClusterReports;
  readonly registry: Registry;
  /** Something has come for a data group: it is to be seen to in this turn. */
  wake(group: GroupId): void;
}

type Take = (peer: NodeId, payload: Uint8Array, nowMs: number) => void;

/** Brings a frame to whom it concerns, if its sender may send it: the one place where bytes of peers are decoded. */
export class FrameRouter {
  readonly #options: FrameRouterOptions;
  readonly #takers: ReadonlyMap<number, Take>;

  constructor(options: FrameRouterOptions) {
    this.#options = options;
    this.#takers = new Map<number, Take>([
      [FRAME.raft, (peer, payload) => this.#takeRaft(peer, payload)],
      [FRAME.beats, (peer, payload) => this.#takeBeats(peer, payload)],
      [FRAME.forward, (peer, payload) => this.#takeForward(peer, payload)],
      [FRAME.forwardReply, (peer, payload) => this.#takeForwardReply(peer, payload)],
      [FRAME.announce, (peer, payload, nowMs) => this.#takeAnnounce(peer, payload, nowMs)],
      [FRAME.subscribe, (peer, payload) => this.#takeSubscribe(peer, payload)],
      [FRAME.batch, (peer, payload, nowMs) => this.#takeBatch(peer, payload, nowMs)],
      [FRAME.acknowledge, (peer, payload) => this.#takeAcknowledge(peer, payload)],
      [FRAME.streamEnd, (peer, payload, nowMs) => this.#takeStreamEnd(peer, payload, nowMs)],
      [FRAME.reportRequest, (peer, payload) => options.reports.answer(peer, payload)],
      [FRAME.report, (peer, payload) => options.reports.take(peer, payload)],
      [FRAME.snapshot, (peer, payload) => this.#takeSnapshot(peer, payload)],
      [FRAME.takeLeadership, (_, payload) => this.#takeLeadership(payload)],
    ]);
  }

  /** A frame that cannot be read is counted and dropped: it changes nothing, and its sender's next one may be sound. */
  take(peer: NodeId, kind: number, payload: Uint8Array, nowMs: number): void {
    const take = this.#takers.get(kind);
    if (!take) {
      this.#options.registry.refuse("frame", "unknown_kind");
      return;
    }
    try {
      take(peer, payload, nowMs);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#options.registry.refuse("frame", "malformed");
    }
  }

  #takeRaft(peer: NodeId, payload: Uint8Array): void {
    const { number, numbers, control, registry } = this.#options;
    const { group, messages } = decodeRaftPacket(payload);
    const replica = group === CONTROL_GROUP ? control : this.#ofMember(peer, group)?.replica;
    if (!replica) return;
    const sender = must(numbers.get(peer), "a linked peer is a known node");
    for (const message of messages) {
      if (message.from !== sender || message.to !== number) registry.refuse("frame", "foreign_message");
      // Only a leader changes members, and the control group's log is kept whole: nobody has these to send.
      else if ((message.snapshot && group === CONTROL_GROUP) || !hasSoundChanges(message))
        registry.refuse("frame", "unexpected_message");
      else replica.step(message);
    }
  }

  /** Signs of life of many groups: each is taken or refused by itself. */
  #takeBeats(peer: NodeId, payload: Uint8Array): void {
    const { number, numbers, control, registry } = this.#options;
    const sender = must(numbers.get(peer), "a linked peer is a known node");
    for (const beat of decodeBeats(payload)) {
      const isControl = beat.group === CONTROL_GROUP;
      if (isControl && beat.kind === "rest") registry.refuse("frame", "unexpected_message");
      else if (isControl) control.step(messageOf(beat, sender, number));
      else {
        const replica = this.#ofMember(peer, beat.group)?.replica;
        if (beat.kind === "rest") replica?.takeRest(sender, beat);
        else replica?.step(messageOf(beat, sender, number));
      }
    }
  }

  #takeSnapshot(peer: NodeId, payload: Uint8Array): void {
    const frame = decodeSnapshotFrame(payload);
    const sender = must(this.#options.numbers.get(peer), "a linked peer is a known node");
    this.#ofMember(peer, frame.group)?.replica.takeSnapshotFrame(sender, frame);
  }

  /** From any node: whoever is asked by a client passes it on to whom it concerns. */
  #takeLeadership(payload: Uint8Array): void {
    const group = decodeTakeLeadership(payload);
    const replica = group === CONTROL_GROUP ? this.#options.control : this.#group(group)?.replica;
    if (replica?.takeLeadership() === false) this.#options.registry.refuse("frame", "cannot_lead");
  }

  #takeForward(peer: NodeId, payload: Uint8Array): void {
    const forward = decodeForward(payload);
    const sender = must(this.#options.numbers.get(peer), "a linked peer is a known node");
    this.#ofMember(peer, forward.group)?.replica.takeForward(sender, forward);
  }

  #takeForwardReply(peer: NodeId, payload: Uint8Array): void {
    const reply = decodeForwardReply(payload);
    this.#ofMember(peer, reply.group)?.replica.takeForwardReply(reply);
  }

  #takeAnnounce(peer: NodeId, payload: Uint8Array, nowMs: number): void {
    const announce = decodeAnnounce(payload);
    this.#group(announce.group)?.relay.takeAnnounce(peer, announce, nowMs);
  }

  #takeSubscribe(peer: NodeId, payload: Uint8Array): void {
    const subscribe = decodeSubscribe(payload);
    this.#group(subscribe.group)?.relay.takeSubscribe(peer, subscribe);
  }

  #takeBatch(peer: NodeId, payload: Uint8Array, nowMs: number): void {
    const frame = decodeStreamBatch(payload);
    this.#group(frame.batch.group)?.relay.takeBatch(peer, frame, payload.length, nowMs);
  }

  #takeAcknowledge(peer: NodeId, payload: Uint8Array): void {
    const acknowledge = decodeAcknowledge(payload);
    this.#group(acknowledge.group)?.relay.takeAcknowledge(peer, acknowledge);
  }

  #takeStreamEnd(peer: NodeId, payload: Uint8Array, nowMs: number): void {
    const end = decodeStreamEnd(payload);
    this.#group(end.group)?.relay.takeStreamEnd(peer, end, nowMs);
  }

  #group(group: GroupId) {
    const known = this.#options.groups.get(group);
    if (!known) this.#options.registry.refuse("frame", "unknown_group");
    else this.#options.wake(group);
    return known;
  }

  /** A group's own traffic is taken from its own members only. */
  #ofMember(peer: NodeId, group: GroupId) {
    if (this.#options.region.has(peer)) return this.#group(group);
    this.#options.registry.refuse("frame", "foreign_region");
    return undefined;
  }
}

/**
 * A change of members is decoded before it can come into the log: what cannot be read would have to be refused when it is
 * committed, by all at once. Throws DecodeError.
 */
function hasSoundChanges({ type, entries }: Message): boolean {
  const changes = entries.filter((entry) => entry.type !== "EntryNormal");
  for (const change of changes) decodeConfChange(change);
  return changes.length === 0 || type === "MsgApp";
}
