import { ByteReader, ByteWriter, DecodeError, SHA256_BYTES } from "@isthmus/kernel";
import {
  chainOfHeader,
  decodeSnapshotOffer,
  encodeSnapshotHeader,
  encodeSnapshotOffer,
  type SnapshotOffer,
} from "@isthmus/wire";

/**
 * How far a snapshot is in the store: written in one transaction with the chunks that it counts. As long as it stands
 * the store holds no state, and the group neither votes nor acknowledges.
 */
export interface InstallMarker {
  readonly offer: SnapshotOffer;
  /** The number of the node that it comes from. */
  readonly source: number;
  /** Chunks before this one are in the store, or in the log. */
  readonly next: number;
  /** The chain behind the last of them. */
  readonly chain: Uint8Array;
}

const FORMAT = 1;

export function firstMarker(offer: SnapshotOffer, source: number): InstallMarker {
  return { offer, source, next: 0, chain: chainOfHeader(encodeSnapshotHeader(offer.header)) };
}

export function encodeMarker(marker: InstallMarker): Uint8Array {
  return new ByteWriter(1024)
    .u8(FORMAT)
    .varint(marker.source)
    .varint(marker.next)
    .raw(marker.chain)
    .bytes(encodeSnapshotOffer(marker.offer))
    .finish();
}

/** Throws DecodeError. */
export function decodeMarker(bytes: Uint8Array): InstallMarker {
  const reader = new ByteReader(bytes);
  const format = reader.u8();
  if (format !== FORMAT) throw new DecodeError(`no marker has the format ${format}`);
  const source = reader.varint();
  const next = reader.varint();
  const chain = Uint8Array.from(reader.raw(SHA256_BYTES));
  const offer = decodeSnapshotOffer(reader.bytes());
  reader.end();
  return { source, next, chain, offer };
}
