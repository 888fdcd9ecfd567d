import { ByteReader, ByteWriter, DecodeError, type GroupId, SHA256_BYTES } from "@isthmus/kernel";
import {
  decodeSnapshotHeader,
  encodeSnapshotHeader,
  type SnapshotChunk,
  type SnapshotHeader,
} from "./snapshot-file.ts";

/**
 * What two members of a group say to each other about a snapshot. The receiver asks, chunk by chunk; its source only
 * ever answers, and remembers nothing that an answer needs.
 */
export type SnapshotFrame =
  /**
   * Chunks [from, from + count) of a snapshot; with count 0 only what it is. An empty id asks for any snapshot with at
   * least this index.
   */
  | {
      readonly kind: "ask";
      readonly group: GroupId;
      readonly id: string;
      readonly from: number;
      readonly count: number;
      readonly leastIndex: number;
    }
  | { readonly kind: "offer"; readonly group: GroupId; readonly offer: SnapshotOffer }
  | { readonly kind: "chunk"; readonly group: GroupId; readonly id: string; readonly chunk: SnapshotChunk }
  /** There is no such snapshot any more, or, for an empty id, none yet. */
  | { readonly kind: "gone"; readonly group: GroupId; readonly id: string }
  /** It is installed, or given up. */
  | { readonly kind: "done"; readonly group: GroupId; readonly id: string; readonly ok: boolean };

/** A finished snapshot, as its source describes it. */
export interface SnapshotOffer {
  readonly header: SnapshotHeader;
  readonly chunks: number;
  /** Of all chunks' content. */
  readonly bytes: number;
  readonly chain: Uint8Array;
}

const KIND = { ask: 1, offer: 2, chunk: 3, gone: 4, done: 5 } as const;

export function encodeSnapshotFrame(frame: SnapshotFrame): Uint8Array {
  const writer = new ByteWriter(frame.kind === "chunk" ? frame.chunk.bytes.length + 512 : 512);
  writer.u8(KIND[frame.kind]).text(frame.group);
  switch (frame.kind) {
    case "ask":
      return writer.text(frame.id).varint(frame.from).varint(frame.count).varint(frame.leastIndex).finish();
    case "offer":
      return writer.bytes(encodeSnapshotOffer(frame.offer)).finish();
    case "chunk": {
      const { number, crc, chain, bytes } = frame.chunk;
      return writer.text(frame.id).varint(number).u32(crc).raw(chain).bytes(bytes).finish();
    }
    case "gone":
      return writer.text(frame.id).finish();
    case "done":
      return writer
        .text(frame.id)
        .u8(frame.ok ? 1 : 0)
        .finish();
  }
}

/** Throws DecodeError. A chunk's checksum is left to its receiver, who knows what to do about it. */
export function decodeSnapshotFrame(bytes: Uint8Array): SnapshotFrame {
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  const group = reader.text() as GroupId;
  const frame = readFrame(reader, kind, group);
  reader.end();
  return frame;
}

function readFrame(reader: ByteReader, kind: number, group: GroupId): SnapshotFrame {
  switch (kind) {
    case KIND.ask:
      return {
        kind: "ask",
        group,
        id: reader.text(),
        from: reader.varint(),
        count: reader.varint(),
        leastIndex: reader.varint(),
      };
    case KIND.offer:
      return { kind: "offer", group, offer: decodeSnapshotOffer(reader.bytes()) };
    case KIND.chunk: {
      const id = reader.text();
      const chunk = {
        number: reader.varint(),
        crc: reader.u32(),
        chain: reader.raw(SHA256_BYTES),
        bytes: reader.bytes(),
      };
      return { kind: "chunk", group, id, chunk };
    }
    case KIND.gone:
      return { kind: "gone", group, id: reader.text() };
    case KIND.done:
      return { kind: "done", group, id: reader.text(), ok: reader.u8() === 1 };
    default:
      throw new DecodeError(`nobody says ${kind} about a snapshot`);
  }
}

/** Also part of the marker that a receiver keeps. */
export function encodeSnapshotOffer({ header, chunks, bytes, chain }: SnapshotOffer): Uint8Array {
  return new ByteWriter(512)
    .bytes(encodeSnapshotHeader(header))
    .varint(chunks)
    .varint(bytes)
    .raw(chain)
    .finish();
}

/** Throws DecodeError. */
export function decodeSnapshotOffer(encoded: Uint8Array): SnapshotOffer {
  const reader = new ByteReader(encoded);
  const header = decodeSnapshotHeader(reader.bytes());
  const chunks = reader.varint();
  const bytes = reader.varint();
  const chain = Uint8Array.from(reader.raw(SHA256_BYTES));
  reader.end();
  return { header, chunks, bytes, chain };
}
