import { readStamp, type Stamp, VersionVector, writeStamp } from "@isthmus/causality";
import {
  ByteReader,
  ByteWriter,
  DecodeError,
  equalBytes,
  type GroupId,
  type Origin,
  SHA256_BYTES,
  sha256,
} from "@isthmus/kernel";
import { decodePlain, natural, present, proto } from "./envelope.ts";
import { writeBlock, writeNumber, writeText } from "./fields.ts";
import { readBatchFields, BATCH as TAG } from "./plain-fields.ts";

/** What an applied local entry became: the unit that ships to other regions. Its bytes are the same everywhere. */
export interface Batch extends BatchHead {
  /** The requests as their nodes encoded them. */
  readonly requests: Uint8Array;
  /** What applying them in the origin decided. */
  readonly outcome: Uint8Array;
  readonly hash: Uint8Array;
}

export interface BatchHead {
  readonly group: GroupId;
  readonly origin: Origin;
  readonly epoch: number;
  /** Dense for each origin, from 1. */
  readonly sequence: number;
  readonly stamp: Stamp;
  /** The group's vector before this batch. */
  readonly context: VersionVector;
  /** The hash of the origin's batch before this one; zeros for the first. */
  readonly previousHash: Uint8Array;
}

const NO_REQUESTS = new Uint8Array();
export const HASH_ZERO: Uint8Array = new Uint8Array(SHA256_BYTES);

/**
 * The chain: a batch's hash covers all that its head says, the one before it, and digests of what it carries. (Digests, so
 * that a batch whose content is withheld can still be verified.)
 */
export function hashBatch(head: BatchHead, requests: Uint8Array, outcome: Uint8Array): Uint8Array {
  const writer = new ByteWriter(256);
  writer.u8(1).text(head.group).text(head.origin).varint(head.epoch).varint(head.sequence);
  writeStamp(writer, head.stamp);
  head.context.write(writer);
  writer.raw(head.previousHash);
  return sha256(writer.raw(sha256(requests)).raw(outcomeDigest(outcome)).finish());
}

/** Most outcomes are a few bytes that say that all was applied: the same ones as of the batch before. */
let lastOutcome: { readonly bytes: Uint8Array; readonly digest: Uint8Array } | null = null;
const REMEMBERED_MAX_BYTES = 64;

function outcomeDigest(outcome: Uint8Array): Uint8Array {
  if (outcome.length > REMEMBERED_MAX_BYTES) return sha256(outcome);
  if (lastOutcome === null || !equalBytes(lastOutcome.bytes, outcome))
    lastOutcome = { bytes: Uint8Array.from(outcome), digest: sha256(outcome) };
  return lastOutcome.digest;
}

export function batchFromEnvelope(envelope: proto.Batch.$Properties | null | undefined): Batch {
  const raw = present(envelope, "a batch");
  const stampReader = new ByteReader(present(raw.stamp, "a batch's stamp"));
  const stamp = readStamp(stampReader);
  stampReader.end();
  const contextReader = new ByteReader(present(raw.context, "a batch's context"));
  const context = VersionVector.read(contextReader);
  contextReader.end();
  return {
    group: (raw.group ?? "") as GroupId,
    origin: (raw.origin ?? "") as Origin,
    epoch: natural(raw.epoch, "a batch's epoch"),
    sequence: natural(raw.sequence, "a batch's number"),
    stamp,
    context,
    previousHash: hashField(raw.previousHash),
    requests: raw.requests ?? new Uint8Array(),
    outcome: raw.outcome ?? new Uint8Array(),
    hash: hashField(raw.hash),
  };
}

function hashField(bytes: Uint8Array | null | undefined): Uint8Array {
  if (bytes?.length !== SHA256_BYTES) throw new DecodeError("a hash has 32 bytes");
  return bytes;
}

/** Every batch goes to the log and to each other region: written by hand, in the bytes of the generated code. */
export function encodeBatch(batch: Batch): Uint8Array {
  return written(batch, batch.requests);
}

function written(batch: Batch, requests: Uint8Array): Uint8Array {
  const stamp = new ByteWriter(12);
  writeStamp(stamp, batch.stamp);
  const context = new ByteWriter(64);
  batch.context.write(context);
  const writer = new ByteWriter(HEAD_BYTES + requests.length + batch.outcome.length);
  writeText(writer, TAG.group, batch.group);
  writeText(writer, TAG.origin, batch.origin);
  writeNumber(writer, TAG.epoch, batch.epoch);
  writeNumber(writer, TAG.sequence, batch.sequence);
  writeBlock(writer, TAG.stamp, stamp.finish());
  writeBlock(writer, TAG.context, context.finish());
  writeBlock(writer, TAG.previousHash, batch.previousHash);
  writeBlock(writer, TAG.requests, requests);
  writeBlock(writer, TAG.outcome, batch.outcome);
  writeBlock(writer, TAG.hash, batch.hash);
  return writer.finish();
}

/** About what a batch takes beside its requests and its outcome; the writer grows where it is more. */
const HEAD_BYTES = 256;

/** A batch whose hash nobody has checked. */
export function readBatch(bytes: Uint8Array, what: string): Batch {
  return batchFromEnvelope(decodePlain(readBatchFields, proto.Batch, bytes, what));
}

/** Decodes and checks the hash. What comes back is whole; whether it is the origin's word is not asked here. */
export function decodeBatch(bytes: Uint8Array): Batch {
  return checkedBatch(readBatch(bytes, "a batch"));
}

export function checkedBatch(batch: Batch): Batch {
  if (!equalBytes(hashBatch(batch, batch.requests, batch.outcome), batch.hash))
    throw new DecodeError("a batch's hash does not match its content");
  return batch;
}

/** What the log keeps beside a local entry: its batch without the requests, which the entry has. */
export function encodeBatchRecord(batch: Batch): Uint8Array {
  return written(batch, NO_REQUESTS);
}

/** The batch again, from both. Its hash is checked: a mix-up must not ship. */
export function decodeBatchRecord(bytes: Uint8Array, requests: Uint8Array): Batch {
  return checkedBatch({ ...readBatch(bytes, "a batch record"), requests });
}
