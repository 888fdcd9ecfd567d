import { readStamp, STAMP_ZERO, type Stamp, VersionVector, writeStamp } from "@isthmus/causality";
import { ByteReader, ByteWriter, DecodeError, type Origin, SHA256_BYTES } from "@isthmus/kernel";
import { DIGEST_BYTES } from "./digest.ts";

/** What the state knows of itself: written with each checkpoint, in its transaction. */
export interface Meta {
  /** The last log entry that is in this state. */
  readonly appliedIndex: number;
  readonly appliedTerm: number;
  readonly epoch: number;
  readonly vector: VersionVector;
  /** The greatest stamp of any batch in this state. */
  readonly stamp: Stamp;
  /** The hash of each origin's last batch. */
  readonly heads: ReadonlyMap<Origin, Uint8Array>;
  /** The context of each origin's last batch: what that region is known to have seen. */
  readonly contexts: ReadonlyMap<Origin, VersionVector>;
  /** Each origin's keys that are remembered: from the first to before the next. */
  readonly retryCounts: ReadonlyMap<Origin, { readonly first: number; readonly next: number }>;
  readonly digest: Uint8Array;
}

/** The epoch of a database that was never failed over. */
export const FIRST_EPOCH = 1;

export const EMPTY_META: Meta = {
  appliedIndex: 0,
  appliedTerm: 0,
  epoch: FIRST_EPOCH,
  vector: VersionVector.EMPTY,
  stamp: STAMP_ZERO,
  heads: new Map(),
  contexts: new Map(),
  retryCounts: new Map(),
  digest: new Uint8Array(DIGEST_BYTES),
};

const FORMAT = 1;

export function encodeMeta(meta: Meta): Uint8Array {
  const writer = new ByteWriter(256);
  writer.u8(FORMAT).varint(meta.appliedIndex).varint(meta.appliedTerm).varint(meta.epoch);
  meta.vector.write(writer);
  writeStamp(writer, meta.stamp);
  writer.varint(meta.heads.size);
  for (const [origin, hash] of byName(meta.heads)) writer.text(origin).raw(hash);
  writer.varint(meta.contexts.size);
  for (const [origin, context] of byName(meta.contexts)) context.write(writer.text(origin));
  writer.varint(meta.retryCounts.size);
  for (const [origin, { first, next }] of byName(meta.retryCounts))
    writer.text(origin).varint(first).varint(next);
  return writer.raw(meta.digest).finish();
}

export function decodeMeta(bytes: Uint8Array): Meta {
  const reader = new ByteReader(bytes);
  const format = reader.u8();
  if (format !== FORMAT) throw new DecodeError(`no state has the format ${format}`);
  const meta = {
    appliedIndex: reader.varint(),
    appliedTerm: reader.varint(),
    epoch: reader.varint(),
    vector: VersionVector.read(reader),
    stamp: readStamp(reader),
    heads: new Map(
      Array.from(
        { length: reader.varint() },
        () => [reader.text() as Origin, reader.raw(SHA256_BYTES)] as const,
      ),
    ),
    contexts: new Map(
      Array.from(
        { length: reader.varint() },
        () => [reader.text() as Origin, VersionVector.read(reader)] as const,
      ),
    ),
    retryCounts: new Map(
      Array.from(
        { length: reader.varint() },
        () => [reader.text() as Origin, { first: reader.varint(), next: reader.varint() }] as const,
      ),
    ),
    digest: reader.raw(DIGEST_BYTES),
  };
  reader.end();
  return meta;
}

function byName<T>(map: ReadonlyMap<Origin, T>): [Origin, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
