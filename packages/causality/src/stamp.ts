import { assert, type ByteReader, type ByteWriter } from "@isthmus/kernel";

/**
 * A reading of a hybrid logical clock (Kulkarni et al. 2014): near the wall clock, and greater than every stamp that
 * its writer had seen.
 */
export interface Stamp {
  readonly wallMs: number;
  readonly logical: number;
}

export const STAMP_ZERO: Stamp = { wallMs: 0, logical: 0 };

export function compareStamps(a: Stamp, b: Stamp): number {
  return a.wallMs - b.wallMs || a.logical - b.logical;
}

export function maxStamp(a: Stamp, b: Stamp): Stamp {
  return compareStamps(a, b) >= 0 ? a : b;
}

/** The least stamp that is greater than `seen` and not before the wall clock's reading. */
export function nextStamp(seen: Stamp, wallMs: number): Stamp {
  assert(Number.isSafeInteger(wallMs) && wallMs >= 0, "a clock reading is a whole number of milliseconds");
  if (wallMs > seen.wallMs) return { wallMs, logical: 0 };
  return { wallMs: seen.wallMs, logical: seen.logical + 1 };
}

export function writeStamp(writer: ByteWriter, stamp: Stamp): void {
  writer.varint(stamp.wallMs).varint(stamp.logical);
}

export function readStamp(reader: ByteReader): Stamp {
  return { wallMs: reader.varint(), logical: reader.varint() };
}
