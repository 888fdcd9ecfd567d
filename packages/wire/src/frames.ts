import {
  ByteReader,
  ByteWriter,
  DecodeError,
  fromUtf8,
  type GroupId,
  type Origin,
  SHA256_BYTES,
  utf8,
} from "@isthmus/kernel";
import { type Batch, batchFromEnvelope, checkedBatch, decodeBatch, encodeBatch } from "./batch.ts";
import { decodePlain, decodeWith, encodeWith, natural, proto } from "./envelope.ts";
import { writeNumber, writeText } from "./fields.ts";
import { FORWARD, FORWARD_REPLY, readForwardFields, readForwardReplyFields } from "./plain-fields.ts";

/** What a frame between two nodes carries: the link looks at the kind, whoever it is for at the payload. */
export const FRAME = {
  raft: 1,
  forward: 2,
  forwardReply: 3,
  announce: 4,
  subscribe: 5,
  batch: 6,
  acknowledge: 7,
  streamEnd: 8,
  reportRequest: 9,
  report: 10,
  snapshot: 11,
  beats: 12,
  takeLeadership: 20,
} as const;

/** Writes handed to the leader of a group. */
export interface Forward {
  readonly group: GroupId;
  /** The term in which they may be proposed, and in no later one: so their sender can tell when they are lost. */
  readonly term: number;
  /** The sender's life, and the dense number of this hand-over within it, to this leader, in this term. */
  readonly nonce: number;
  readonly number: number;
  /** It was sent before, and whether it arrived is not known. */
  readonly again: boolean;
  readonly requests: readonly Uint8Array[];
}

/**
 * Up to which number the leader has taken what was handed over, and of which requests it knows that they were not and
 * will not be applied, and why.
 */
export interface ForwardReply {
  readonly group: GroupId;
  /** The term in which they were handed over: an answer that comes late must not undo a later attempt. */
  readonly term: number;
  readonly taken: number;
  /** The hand-over whose requests these are, if it was not taken because its receiver does not lead; else 0. */
  readonly refused: number;
  readonly ids: readonly Uint8Array[];
  readonly code: string;
}

/** A leader tells the other regions' nodes how far its origin's batches go. */
export interface Announce {
  readonly group: GroupId;
  readonly origin: Origin;
  readonly term: number;
  readonly sequence: number;
  readonly hash: Uint8Array;
}

/** The receiver asks for an origin's batches after a number, whose hash it names, and says how much it can take. */
export interface Subscribe {
  readonly group: GroupId;
  readonly origin: Origin;
  /** The receiver's number for this attempt; frames of an earlier one are recognised by it. */
  readonly stream: number;
  readonly after: number;
  readonly hash: Uint8Array;
  readonly creditBytes: number;
}

export interface StreamBatch {
  readonly stream: number;
  readonly batch: Batch;
}

/** Batches up to a number are committed in the receiving group; `creditBytes` may be sent on top of earlier credit. */
export interface Acknowledge {
  readonly group: GroupId;
  readonly origin: Origin;
  readonly stream: number;
  readonly sequence: number;
  readonly hash: Uint8Array;
  readonly creditBytes: number;
}

/** Either side ends a stream and says why. */
export interface StreamEnd {
  readonly group: GroupId;
  readonly origin: Origin;
  readonly stream: number;
  readonly reason: string;
}

// Forwards and their answers are in every write's way that does not come to the leader itself: by hand, in the bytes of
// the generated code.

export function encodeForward(forward: Forward): Uint8Array {
  const { group, requests } = forward;
  const writer = new ByteWriter(requests.reduce((sum, { length }) => sum + length + 6, group.length + 48));
  writeText(writer, FORWARD.group, group);
  for (const request of requests) writer.u8(FORWARD.request).bytes(request);
  writeNumber(writer, FORWARD.term, forward.term);
  writeNumber(writer, FORWARD.nonce, forward.nonce);
  writeNumber(writer, FORWARD.number, forward.number);
  if (forward.again) writer.u8(FORWARD.again).u8(1);
  return writer.finish();
}

export function decodeForward(bytes: Uint8Array): Forward {
  const raw = decodePlain(readForwardFields, proto.Forward, bytes, "a forward");
  return {
    group: raw.group as GroupId,
    term: natural(raw.term, "a term"),
    nonce: raw.nonce,
    number: natural(raw.number, "a number"),
    again: raw.again,
    requests: raw.requests,
  };
}

export function encodeForwardReply(reply: ForwardReply): Uint8Array {
  const { group, ids, code } = reply;
  const writer = new ByteWriter(group.length + ids.length * 24 + 48);
  writeText(writer, FORWARD_REPLY.group, group);
  for (const id of ids) writer.u8(FORWARD_REPLY.id).bytes(id);
  writeText(writer, FORWARD_REPLY.code, code);
  writeNumber(writer, FORWARD_REPLY.term, reply.term);
  writeNumber(writer, FORWARD_REPLY.taken, reply.taken);
  writeNumber(writer, FORWARD_REPLY.refused, reply.refused);
  return writer.finish();
}

export function decodeForwardReply(bytes: Uint8Array): ForwardReply {
  const raw = decodePlain(readForwardReplyFields, proto.ForwardReply, bytes, "a forward's reply");
  return {
    group: raw.group as GroupId,
    term: natural(raw.term, "a term"),
    taken: natural(raw.taken, "a number"),
    refused: natural(raw.refused, "a number"),
    ids: raw.ids,
    code: raw.code,
  };
}

export function encodeAnnounce(announce: Announce): Uint8Array {
  return encodeWith(proto.Announce, announce);
}

export function decodeAnnounce(bytes: Uint8Array): Announce {
  const raw = decodeWith(proto.Announce, bytes, "an announcement");
  return {
    group: raw.group as GroupId,
    origin: raw.origin as Origin,
    term: natural(raw.term, "a term"),
    sequence: natural(raw.sequence, "a number"),
    hash: hashOf(raw.hash),
  };
}

export function encodeSubscribe(subscribe: Subscribe): Uint8Array {
  return encodeWith(proto.Subscribe, subscribe);
}

export function decodeSubscribe(bytes: Uint8Array): Subscribe {
  const raw = decodeWith(proto.Subscribe, bytes, "a subscription");
  return {
    ...streamOf(raw),
    after: natural(raw.after, "a number"),
    hash: hashOf(raw.hash),
    creditBytes: natural(raw.creditBytes, "a credit"),
  };
}

/** The bytes of batches that were sent: each region is sent the same ones. */
const sent = new WeakMap<Batch, Uint8Array>();

export function encodeStreamBatch({ stream, batch }: StreamBatch): Uint8Array {
  let bytes = sent.get(batch);
  if (bytes === undefined) {
    bytes = encodeBatch(batch);
    sent.set(batch, bytes);
  }
  // As the generated code writes it: the stream (field 1), then the batch (field 2) with its length.
  const writer = new ByteWriter(bytes.length + 24);
  writeNumber(writer, STREAM_TAG, stream);
  return writer.u8(BATCH_TAG).bytes(bytes).finish();
}

const STREAM_TAG = 8;
const BATCH_TAG = 18;

/** Also checks the batch's hash: a batch that is not whole goes no further. */
export function decodeStreamBatch(bytes: Uint8Array): StreamBatch {
  const plain = plainStreamBatch(bytes);
  if (plain !== null) return { stream: plain.stream, batch: decodeBatch(plain.batch) };
  const raw = decodeWith(proto.StreamBatch, bytes, "a batch");
  return { stream: natural(raw.stream, "a stream"), batch: checkedBatch(batchFromEnvelope(raw.batch)) };
}

/** The parts of what `encodeStreamBatch` writes; null for anything else, which is for the generated code to read. */
function plainStreamBatch(bytes: Uint8Array): { stream: number; batch: Uint8Array } | null {
  const reader = new ByteReader(bytes);
  try {
    if (reader.u8() !== STREAM_TAG) return null;
    const stream = reader.varint();
    if (reader.u8() !== BATCH_TAG) return null;
    const batch = reader.bytes();
    return reader.remaining === 0 ? { stream, batch } : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

export function encodeAcknowledge(acknowledge: Acknowledge): Uint8Array {
  return encodeWith(proto.Acknowledge, acknowledge);
}

export function decodeAcknowledge(bytes: Uint8Array): Acknowledge {
  const raw = decodeWith(proto.Acknowledge, bytes, "an acknowledgement");
  return {
    ...streamOf(raw),
    sequence: natural(raw.sequence, "a number"),
    hash: hashOf(raw.hash),
    creditBytes: natural(raw.creditBytes, "a credit"),
  };
}

export function encodeStreamEnd(end: StreamEnd): Uint8Array {
  return encodeWith(proto.StreamEnd, end);
}

export function decodeStreamEnd(bytes: Uint8Array): StreamEnd {
  const raw = decodeWith(proto.StreamEnd, bytes, "a stream's end");
  return { ...streamOf(raw), reason: raw.reason };
}

/** Asks a node what it knows of itself; the number comes back with the answer. */
export function encodeReportRequest(number: number): Uint8Array {
  return encodeWith(proto.ReportRequest, { number });
}

export function decodeReportRequest(bytes: Uint8Array): number {
  return natural(decodeWith(proto.ReportRequest, bytes, "a report request").number, "a number");
}

export function encodeReport(number: number, report: unknown): Uint8Array {
  return encodeWith(proto.Report, { number, json: utf8(JSON.stringify(report)) });
}

/** `report` is what the other node said: to be checked by who reads it. */
export function decodeReport(bytes: Uint8Array): { number: number; report: unknown } {
  const raw = decodeWith(proto.Report, bytes, "a report");
  try {
    return { number: natural(raw.number, "a number"), report: JSON.parse(fromUtf8(raw.json)) };
  } catch (error) {
    if (error instanceof SyntaxError) throw new DecodeError("a report is not JSON");
    throw error;
  }
}

/** Asks the receiver to see to it that it leads a group of its own; whether it does shows in the group. */
export function encodeTakeLeadership(group: GroupId): Uint8Array {
  return encodeWith(proto.TakeLeadership, { group });
}

export function decodeTakeLeadership(bytes: Uint8Array): GroupId {
  return decodeWith(proto.TakeLeadership, bytes, "a call to lead").group as GroupId;
}

function streamOf(raw: { group: string; origin: string; stream: number }) {
  return {
    group: raw.group as GroupId,
    origin: raw.origin as Origin,
    stream: natural(raw.stream, "a stream"),
  };
}

function hashOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== SHA256_BYTES) throw new DecodeError("a hash has 32 bytes");
  return bytes;
}
