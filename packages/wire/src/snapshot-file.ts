import {
  assert,
  ByteReader,
  ByteWriter,
  crc32,
  DecodeError,
  equalBytes,
  type GroupId,
  type Key,
  keyBytes,
  keyFromBytes,
  SHA256_BYTES,
  sha256,
  sha256Of,
} from "@isthmus/kernel";
import type { Entry } from "@isthmus/raft";

/** The bytes of a snapshot file, as docs/formats/snapshot.md tells them: a header, chunks, a footer, a tail. */
const FORMAT_VERSION = 1;
const HEADER_MAGIC = Buffer.from("ISTHSNP\n", "latin1");
const TAIL_MAGIC = Buffer.from("ISTHEND\n", "latin1");
/** Magic, u32 version, u32 length of the fields. */
export const SNAPSHOT_PREFIX_BYTES = 16;
/** u32 number, u32 length, u32 crc, 32 bytes of chain. */
export const SNAPSHOT_CHUNK_HEAD_BYTES = 12 + SHA256_BYTES;
/** u32 length of the footer, u32 crc of it, magic. */
export const SNAPSHOT_TAIL_BYTES = 16;
/** What the fields of a header may have: a configuration of some thousand members fits. */
const HEADER_FIELDS_MAX_BYTES = 1024 * 1024;

/** What is known of a snapshot before its content is. */
export interface SnapshotHeader {
  readonly cluster: string;
  readonly group: GroupId;
  /** Names this very file: of two that were cut at one index each has its own. */
  readonly id: string;
  /** The last entry that is in the state, and its term. */
  readonly index: number;
  readonly term: number;
  /** The group's configuration as of `index`, as the log keeps it. */
  readonly conf: Uint8Array;
  /** The first entry that the file brings for the log; `index + 1` when it brings none. */
  readonly logFirst: number;
  /** Term of the entry before that. */
  readonly logTerm: number;
}

/** What is known of it once it is whole. */
export interface SnapshotFooter {
  /** Bytes of each chunk's content. */
  readonly lengths: readonly number[];
  /** Records of the state, and entries of the log. */
  readonly records: number;
  readonly entries: number;
  /** The chain behind the last chunk: it stands for the header and everything in between. */
  readonly chain: Uint8Array;
}

/** One piece of the content, whole by itself. */
export interface SnapshotChunk {
  /** Dense, from 0. */
  readonly number: number;
  readonly crc: number;
  /** The chain with this chunk in it. */
  readonly chain: Uint8Array;
  readonly bytes: Uint8Array;
}

export type SnapshotContent =
  | { readonly kind: "state"; readonly records: readonly (readonly [Key, Uint8Array])[] }
  | { readonly kind: "log"; readonly items: readonly SnapshotLogItem[] };

export type SnapshotLogItem =
  | { readonly kind: "entry"; readonly entry: Entry }
  | {
      readonly kind: "outcome";
      readonly index: number;
      readonly sequence: number;
      readonly bytes: Uint8Array;
    };

export function encodeSnapshotHeader(header: SnapshotHeader): Uint8Array {
  assert(header.logFirst >= 1 && header.logFirst <= header.index + 1, "the log's part ends with the state");
  const fields = new ByteWriter(512)
    .text(header.cluster)
    .text(header.group)
    .text(header.id)
    .varint(header.index)
    .varint(header.term)
    .bytes(header.conf)
    .varint(header.logFirst)
    .varint(header.logTerm)
    .finish();
  assert(fields.length <= HEADER_FIELDS_MAX_BYTES, "a header is small");
  const front = new ByteWriter(SNAPSHOT_PREFIX_BYTES + fields.length + 4)
    .raw(HEADER_MAGIC)
    .u32(FORMAT_VERSION)
    .u32(fields.length)
    .raw(fields);
  const bytes = front.finish();
  return new ByteWriter(bytes.length + 4).raw(bytes).u32(crc32(bytes)).finish();
}

/** Bytes of the whole header, told from its first SNAPSHOT_PREFIX_BYTES. Throws DecodeError. */
export function snapshotHeaderBytes(prefix: Uint8Array): number {
  const reader = new ByteReader(prefix);
  if (!equalBytes(reader.raw(HEADER_MAGIC.length), HEADER_MAGIC)) throw new DecodeError("not a snapshot");
  const version = reader.u32();
  if (version !== FORMAT_VERSION) throw new DecodeError(`no snapshot has the format ${version}`);
  const length = reader.u32();
  if (length > HEADER_FIELDS_MAX_BYTES) throw new DecodeError("a snapshot's header is small");
  return SNAPSHOT_PREFIX_BYTES + length + 4;
}

/** Throws DecodeError, also when the checksum does not match. */
export function decodeSnapshotHeader(bytes: Uint8Array): SnapshotHeader {
  const length = snapshotHeaderBytes(bytes);
  if (bytes.length !== length) throw new DecodeError("a snapshot's header is cut off");
  if (new ByteReader(bytes.subarray(length - 4)).u32() !== crc32(bytes.subarray(0, length - 4)))
    throw new DecodeError("a snapshot's header does not match its checksum");
  const reader = new ByteReader(bytes.subarray(SNAPSHOT_PREFIX_BYTES, length - 4));
  const header: SnapshotHeader = {
    cluster: reader.text(),
    group: reader.text() as GroupId,
    id: reader.text(),
    index: reader.varint(),
    term: reader.varint(),
    conf: Uint8Array.from(reader.bytes()),
    logFirst: reader.varint(),
    logTerm: reader.varint(),
  };
  reader.end();
  if (header.logFirst < 1 || header.logFirst > header.index + 1)
    throw new DecodeError("a snapshot's log ends with its state");
  return header;
}

/** What the chain begins with: no chunk of another file fits behind it. */
export function chainOfHeader(header: Uint8Array): Uint8Array {
  return sha256(header);
}

export function chained(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  return sha256Of([before, bytes]);
}

export function encodeSnapshotChunk(chunk: SnapshotChunk): Uint8Array {
  assert(chunk.chain.length === SHA256_BYTES, "a chain is a hash");
  return new ByteWriter(SNAPSHOT_CHUNK_HEAD_BYTES + chunk.bytes.length)
    .u32(chunk.number)
    .u32(chunk.bytes.length)
    .u32(chunk.crc)
    .raw(chunk.chain)
    .raw(chunk.bytes)
    .finish();
}

/** One chunk with its head. Throws DecodeError when it is not whole. */
export function decodeSnapshotChunk(bytes: Uint8Array): SnapshotChunk {
  const reader = new ByteReader(bytes);
  const number = reader.u32();
  const length = reader.u32();
  const crc = reader.u32();
  const chunk = { number, crc, chain: reader.raw(SHA256_BYTES), bytes: reader.raw(length) };
  reader.end();
  if (crc32(chunk.bytes) !== crc) throw new DecodeError("a chunk does not match its checksum");
  return chunk;
}

/** The end of the file: footer and tail. */
export function encodeSnapshotFooter(footer: SnapshotFooter): Uint8Array {
  const writer = new ByteWriter(64 + footer.lengths.length * 4);
  writer.varint(footer.lengths.length).varint(footer.records).varint(footer.entries).raw(footer.chain);
  for (const length of footer.lengths) writer.varint(length);
  const bytes = writer.finish();
  return new ByteWriter(bytes.length + SNAPSHOT_TAIL_BYTES)
    .raw(bytes)
    .u32(bytes.length)
    .u32(crc32(bytes))
    .raw(TAIL_MAGIC)
    .finish();
}

/** How many bytes before the tail the footer begins. Throws DecodeError where no file ends like this. */
export function snapshotFooterBytes(tail: Uint8Array): number {
  const reader = new ByteReader(tail);
  const length = reader.u32();
  reader.u32();
  if (!equalBytes(reader.raw(TAIL_MAGIC.length), TAIL_MAGIC)) throw new DecodeError("a snapshot is cut off");
  return length;
}

/** From footer and tail together. Throws DecodeError. */
export function decodeSnapshotFooter(bytes: Uint8Array): SnapshotFooter {
  const length = bytes.length - SNAPSHOT_TAIL_BYTES;
  if (length < 0 || snapshotFooterBytes(bytes.subarray(length)) !== length)
    throw new DecodeError("a snapshot's footer is cut off");
  const crc = new ByteReader(bytes.subarray(length + 4)).u32();
  if (crc32(bytes.subarray(0, length)) !== crc)
    throw new DecodeError("a snapshot's footer does not match its checksum");
  const reader = new ByteReader(bytes.subarray(0, length));
  const chunks = reader.varint();
  if (chunks > reader.remaining) throw new DecodeError("a snapshot's footer names more chunks than it holds");
  const records = reader.varint();
  const entries = reader.varint();
  const chain = Uint8Array.from(reader.raw(SHA256_BYTES));
  const lengths = Array.from({ length: chunks }, () => reader.varint());
  reader.end();
  return { lengths, records, entries, chain };
}

const CONTENT = { state: 1, log: 2 } as const;
const ITEM = { entry: 1, outcome: 2 } as const;
const ENTRY_TYPES: readonly Entry["type"][] = ["EntryNormal", "EntryConfChange", "EntryConfChangeV2"];

/** Gathers what one chunk holds. */
export class SnapshotChunkWriter {
  readonly #writer: ByteWriter;
  readonly kind: SnapshotContent["kind"];
  #items = 0;

  constructor(kind: SnapshotContent["kind"], expectedBytes: number) {
    this.kind = kind;
    this.#writer = new ByteWriter(expectedBytes + 64).u8(CONTENT[kind]);
  }

  get bytes(): number {
    return this.#writer.length;
  }

  get items(): number {
    return this.#items;
  }

  record(key: Key, value: Uint8Array): void {
    assert(this.kind === "state", "records are the state's");
    this.#items += 1;
    this.#writer.bytes(keyBytes(key)).bytes(value);
  }

  entry(entry: Entry): void {
    assert(this.kind === "log", "entries are the log's");
    const type = ENTRY_TYPES.indexOf(entry.type);
    assert(type >= 0, "an entry has a known type");
    this.#items += 1;
    const writer = this.#writer.u8(ITEM.entry).varint(entry.index).varint(entry.term).u8(type);
    if (entry.data === undefined) writer.u8(0);
    else writer.u8(1).bytes(entry.data);
  }

  outcome(outcome: { index: number; sequence: number; bytes: Uint8Array }): void {
    assert(this.kind === "log", "outcomes are the log's");
    this.#writer.u8(ITEM.outcome).varint(outcome.index).varint(outcome.sequence).bytes(outcome.bytes);
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}

/** What a chunk's bytes hold; values are views of them. Throws DecodeError. */
export function decodeSnapshotContent(bytes: Uint8Array): SnapshotContent {
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  if (kind === CONTENT.state) {
    const records: (readonly [Key, Uint8Array])[] = [];
    while (reader.remaining > 0) records.push([keyFromBytes(reader.bytes()), reader.bytes()]);
    return { kind: "state", records };
  }
  if (kind !== CONTENT.log) throw new DecodeError(`no chunk has the kind ${kind}`);
  const items: SnapshotLogItem[] = [];
  while (reader.remaining > 0) items.push(readLogItem(reader));
  return { kind: "log", items };
}

function readLogItem(reader: ByteReader): SnapshotLogItem {
  const kind = reader.u8();
  if (kind === ITEM.outcome)
    return { kind: "outcome", index: reader.varint(), sequence: reader.varint(), bytes: reader.bytes() };
  if (kind !== ITEM.entry) throw new DecodeError(`no part of a log has the kind ${kind}`);
  const index = reader.varint();
  const term = reader.varint();
  const type = ENTRY_TYPES[reader.u8()];
  if (type === undefined) throw new DecodeError("no entry has this type");
  const entry: Entry =
    reader.u8() === 0 ? { index, term, type } : { index, term, type, data: reader.bytes() };
  return { kind: "entry", entry };
}
