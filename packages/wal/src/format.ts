import { assert, ByteReader, ByteWriter, crc32, DecodeError } from "@isthmus/kernel";
import { damaged, WalError } from "./errors.ts";

/**
 * The bytes of a segment, as docs/formats/wal.md tells them: a header block, then batches, then zeros.
 */
export const FORMAT_VERSION = 1;
export const HEADER_BYTES = 4096;
/** u32 length, u32 crc. */
export const FRAME_BYTES = 8;
/** Frame, then the mark (u64 segment, u32 offset) and the u32 number of records. */
export const PREFIX_BYTES = 24;
/** Offsets inside a segment are u32, and a batch is read in one piece. */
export const SEGMENT_MAX_BYTES = 0x7fff_ffff;

const MAGIC = Buffer.from("ISTHWAL\n", "latin1");
const HEADER_CRC_AT = HEADER_BYTES - 4;
/** Written anew for each batch, and read in the same turn. */
const FRAME_SEED = Buffer.alloc(16);

export interface SegmentHeader {
  /** Dense, from 1. */
  readonly sequence: number;
  /** Drawn anew whenever a file is prepared: bytes of another generation do not verify. */
  readonly salt: number;
  /** The whole file. */
  readonly bytes: number;
  readonly cluster: string;
  readonly node: string;
}

/** Where the log is known to be synced up to. */
export interface Mark {
  readonly segment: number;
  readonly offset: number;
}

export function segmentName(sequence: number): string {
  return `${String(sequence).padStart(20, "0")}.wal`;
}

/** The sequence number in a segment's name, or null for another name. */
export function sequenceOf(name: string): number | null {
  if (!/^\d{20}\.wal$/.test(name)) return null;
  const sequence = Number(name.slice(0, 20));
  return Number.isSafeInteger(sequence) ? sequence : null;
}

export function encodeHeader(header: SegmentHeader): Buffer {
  assert(header.sequence > 0 && header.sequence <= 0xffff_ffff, "a segment has a 32-bit sequence number");
  assert(header.bytes > HEADER_BYTES && header.bytes <= SEGMENT_MAX_BYTES, "a segment has room for batches");
  const block = Buffer.alloc(HEADER_BYTES);
  const fields = new ByteWriter()
    .raw(MAGIC)
    .u32(FORMAT_VERSION)
    .u32(header.salt)
    .i64(BigInt(header.sequence))
    .i64(BigInt(header.bytes))
    .u32(0) // flags, reserved: recycled, sealed with a footer
    .u32(0) // offset of the footer, reserved
    .text(header.cluster)
    .text(header.node)
    .finish();
  assert(fields.length <= HEADER_CRC_AT, "the names of cluster and node fit the header");
  block.set(fields);
  block.writeUInt32LE(crc32(block.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT);
  return block;
}

/** The checksum stands at the same place in every version, so that rot is not taken for a newer format. */
export function decodeHeader(file: string, block: Uint8Array): SegmentHeader {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  if (bytes.length !== HEADER_BYTES) throw damaged(file, 0, "the header is cut off");
  if (bytes.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0) throw damaged(file, 0, "not a segment");
  if (crc32(bytes.subarray(0, HEADER_CRC_AT)) !== bytes.readUInt32LE(HEADER_CRC_AT)) {
    throw damaged(file, 0, "the header's checksum does not match");
  }
  const reader = new ByteReader(bytes);
  reader.raw(MAGIC.length);
  const found = reader.u32();
  if (found > FORMAT_VERSION) {
    const message = `${file} has format ${found}, this program knows ${FORMAT_VERSION}`;
    throw new WalError("newer_format", message, { facts: { file, found, known: FORMAT_VERSION } });
  }
  const salt = reader.u32();
  const sequence = Number(reader.i64());
  const size = Number(reader.i64());
  reader.u32();
  reader.u32();
  return { sequence, salt, bytes: size, cluster: reader.text(), node: reader.text() };
}

/** What a batch's checksum starts from: its generation, its place and its length. */
function frameSeed(header: SegmentHeader, offset: number, length: number): number {
  FRAME_SEED.writeUInt32LE(header.salt, 0);
  FRAME_SEED.writeUInt32LE(header.sequence, 4);
  FRAME_SEED.writeUInt32LE(offset, 8);
  FRAME_SEED.writeUInt32LE(length, 12);
  return crc32(FRAME_SEED);
}

/** Completes a batch in place: its first PREFIX_BYTES become frame, mark and count; the records stand behind. */
export function sealBatch(
  batch: Buffer,
  header: SegmentHeader,
  offset: number,
  mark: Mark,
  count: number,
): void {
  assert(batch.length >= PREFIX_BYTES, "a batch has room for its prefix");
  assert(offset + batch.length <= header.bytes, "a batch lies inside its segment");
  const length = batch.length - FRAME_BYTES;
  batch.writeUInt32LE(length, 0);
  batch.writeUInt32LE(mark.segment, 8);
  batch.writeUInt32LE(0, 12);
  batch.writeUInt32LE(mark.offset, 16);
  batch.writeUInt32LE(count, 20);
  batch.writeUInt32LE(crc32(batch.subarray(FRAME_BYTES), frameSeed(header, offset, length)), 4);
}

/** The whole batch that begins at `at` in `bytes`, which begin at `base` of the segment; null if none verifies. */
export function batchAt(bytes: Buffer, at: number, header: SegmentHeader, base = 0): Buffer | null {
  if (at + PREFIX_BYTES > bytes.length) return null;
  const length = bytes.readUInt32LE(at);
  if (length < PREFIX_BYTES - FRAME_BYTES || length > bytes.length - at - FRAME_BYTES) return null;
  const batch = bytes.subarray(at, at + FRAME_BYTES + length);
  const crc = crc32(batch.subarray(FRAME_BYTES), frameSeed(header, base + at, length));
  return crc === batch.readUInt32LE(4) ? batch : null;
}

export function markOf(batch: Buffer): Mark {
  if (batch.readUInt32LE(12) !== 0) throw new DecodeError("a mark names a segment beyond 32 bits");
  return { segment: batch.readUInt32LE(8), offset: batch.readUInt32LE(16) };
}

export function recordCountOf(batch: Buffer): number {
  return batch.readUInt32LE(20);
}
