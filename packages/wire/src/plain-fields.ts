import type { ByteReader } from "@isthmus/kernel";

// The hottest messages, read by hand from the bytes that nodes of today write (decodePlain): each field once, or in a list,
// with a tag of one byte. A field that is not there has its empty value.

const NOTHING = new Uint8Array();
const U32_LIMIT = 2 ** 32;

export interface BatchFields {
  group: string;
  origin: string;
  epoch: number;
  sequence: number;
  stamp: Uint8Array;
  context: Uint8Array;
  previousHash: Uint8Array;
  requests: Uint8Array;
  outcome: Uint8Array;
  hash: Uint8Array;
}

export const BATCH = {
  group: 10,
  origin: 18,
  epoch: 24,
  sequence: 32,
  stamp: 42,
  context: 50,
  previousHash: 58,
  requests: 66,
  outcome: 74,
  hash: 82,
} as const;

export function readBatchFields(reader: ByteReader): BatchFields | null {
  const fields: BatchFields = {
    group: "",
    origin: "",
    epoch: 0,
    sequence: 0,
    stamp: NOTHING,
    context: NOTHING,
    previousHash: NOTHING,
    requests: NOTHING,
    outcome: NOTHING,
    hash: NOTHING,
  };
  while (reader.remaining > 0) {
    switch (reader.u8()) {
      case BATCH.group:
        fields.group = reader.text();
        break;
      case BATCH.origin:
        fields.origin = reader.text();
        break;
      case BATCH.epoch:
        fields.epoch = reader.varint();
        break;
      case BATCH.sequence:
        fields.sequence = reader.varint();
        break;
      case BATCH.stamp:
        fields.stamp = reader.bytes();
        break;
      case BATCH.context:
        fields.context = reader.bytes();
        break;
      case BATCH.previousHash:
        fields.previousHash = reader.bytes();
        break;
      case BATCH.requests:
        fields.requests = reader.bytes();
        break;
      case BATCH.outcome:
        fields.outcome = reader.bytes();
        break;
      case BATCH.hash:
        fields.hash = reader.bytes();
        break;
      default:
        return null;
    }
  }
  return fields;
}

export interface LocalFields {
  epoch: number;
  wallMs: number;
  requests: Uint8Array;
}

export const LOCAL = { epoch: 8, wallMs: 16, requests: 26 } as const;

export function readLocalFields(reader: ByteReader): LocalFields | null {
  const fields: LocalFields = { epoch: 0, wallMs: 0, requests: NOTHING };
  while (reader.remaining > 0) {
    switch (reader.u8()) {
      case LOCAL.epoch:
        fields.epoch = reader.varint();
        break;
      case LOCAL.wallMs:
        fields.wallMs = reader.varint();
        break;
      case LOCAL.requests:
        fields.requests = reader.bytes();
        break;
      default:
        return null;
    }
  }
  return fields;
}

export interface ForwardFields {
  group: string;
  requests: Uint8Array[];
  term: number;
  nonce: number;
  number: number;
  again: boolean;
}

export const FORWARD = { group: 10, request: 18, term: 24, nonce: 32, number: 40, again: 48 } as const;

export function readForwardFields(reader: ByteReader): ForwardFields | null {
  const fields: ForwardFields = { group: "", requests: [], term: 0, nonce: 0, number: 0, again: false };
  while (reader.remaining > 0) {
    switch (reader.u8()) {
      case FORWARD.group:
        fields.group = reader.text();
        break;
      case FORWARD.request:
        fields.requests.push(reader.bytes());
        break;
      case FORWARD.term:
        fields.term = reader.varint();
        break;
      case FORWARD.nonce:
        fields.nonce = reader.varint();
        break;
      case FORWARD.number:
        fields.number = reader.varint();
        break;
      case FORWARD.again:
        fields.again = reader.varint() !== 0;
        break;
      default:
        return null;
    }
  }
  return fields.nonce < U32_LIMIT ? fields : null;
}

export interface ForwardReplyFields {
  group: string;
  ids: Uint8Array[];
  code: string;
  term: number;
  taken: number;
  refused: number;
}

export const FORWARD_REPLY = { group: 10, id: 18, code: 26, term: 32, taken: 40, refused: 48 } as const;

export function readForwardReplyFields(reader: ByteReader): ForwardReplyFields | null {
  const fields: ForwardReplyFields = { group: "", ids: [], code: "", term: 0, taken: 0, refused: 0 };
  while (reader.remaining > 0) {
    switch (reader.u8()) {
      case FORWARD_REPLY.group:
        fields.group = reader.text();
        break;
      case FORWARD_REPLY.id:
        fields.ids.push(reader.bytes());
        break;
      case FORWARD_REPLY.code:
        fields.code = reader.text();
        break;
      case FORWARD_REPLY.term:
        fields.term = reader.varint();
        break;
      case FORWARD_REPLY.taken:
        fields.taken = reader.varint();
        break;
      case FORWARD_REPLY.refused:
        fields.refused = reader.varint();
        break;
      default:
        return null;
    }
  }
  return fields;
}
