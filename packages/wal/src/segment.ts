import { assert, type Disk, type DiskFile, must } from "@isthmus/kernel";
import { damaged } from "./errors.ts";
import {
  batchAt,
  encodeHeader,
  HEADER_BYTES,
  PREFIX_BYTES,
  type SegmentHeader,
  segmentName,
} from "./format.ts";
import type { Place } from "./series.ts";

/** Ends the name of a segment that is being prepared; recovery removes what is left of one. */
export const PREPARING = ".new";
/** Zeros go out in pieces of this size, each synced, so that preparing never holds the disk from a commit for long. */
const ZERO_PIECE_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(ZERO_PIECE_BYTES);

/** An open segment, and where its batches begin. */
export class Segment {
  readonly header: SegmentHeader;
  readonly path: string;
  readonly file: DiskFile;
  #starts = new Uint32Array(64);
  #batches = 0;
  #end = HEADER_BYTES;

  constructor(header: SegmentHeader, path: string, file: DiskFile) {
    this.header = header;
    this.path = path;
    this.file = file;
  }

  get sequence(): number {
    return this.header.sequence;
  }

  /** Where the next batch goes. */
  get end(): number {
    return this.#end;
  }

  fits(batchBytes: number): boolean {
    return this.#end + batchBytes <= this.header.bytes;
  }

  /** Takes the place of the next batch; returns where it begins. */
  take(batchBytes: number): number {
    assert(batchBytes >= PREFIX_BYTES && this.fits(batchBytes), "a batch fits its segment");
    const start = this.#end;
    if (this.#batches === this.#starts.length) {
      const grown = new Uint32Array(this.#batches * 2);
      grown.set(this.#starts);
      this.#starts = grown;
    }
    this.#starts[this.#batches++] = start;
    this.#end = start + batchBytes;
    return start;
  }

  /** Start and length of the batch that covers an offset. */
  batchAround(offset: number): { start: number; length: number } {
    let low = 0;
    let high = this.#batches;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    const start = this.#starts[low] as number;
    const end = low + 1 < this.#batches ? (this.#starts[low + 1] as number) : this.#end;
    assert(this.#batches > 0 && start <= offset && offset < end, "a batch covers what the index points at");
    return { start, length: end - start };
  }
}

/** All segments by sequence number, and reading from them: a batch is verified whole before anything of it is used. */
export class Segments {
  readonly #all = new Map<number, Segment>();
  /** The batch that was verified last: neighbours are read one after another. */
  #last: { segment: number; start: number; bytes: Buffer } | null = null;

  get size(): number {
    return this.#all.size;
  }

  add(segment: Segment): void {
    assert(!this.#all.has(segment.sequence), "a sequence number is used once");
    this.#all.set(segment.sequence, segment);
  }

  get oldest(): number {
    return Math.min(...this.#all.keys());
  }

  /** The oldest segment of the newest ones that have at most `bytes` together, the newest written one at least. */
  firstWithin(bytes: number): number {
    let left = bytes;
    let first = 0;
    for (const [sequence, segment] of [...this.#all].sort(([a], [b]) => b - a)) {
      if (segment.end === HEADER_BYTES) continue;
      left -= segment.header.bytes;
      if (left < 0 && first > 0) break;
      first = sequence;
    }
    return first;
  }

  /**
   * Removes the file of the oldest, which nobody needs any more, and closes it; durably, so that no crash leaves a gap.
   * Invariant: it is the oldest until its name is known to be gone, or the next one would go from behind it.
   */
  async retire(disk: Disk, directory: string, sequence: number): Promise<void> {
    assert(sequence === this.oldest && this.size > 1, "segments go from the old end");
    const segment = must(this.#all.get(sequence), "a known segment");
    await disk.remove(segment.path);
    await disk.syncDirectory(directory);
    this.#all.delete(sequence);
    if (this.#last?.segment === sequence) this.#last = null;
    await segment.file.close();
  }

  /** Closes one that was prepared and will not be written. */
  async drop(segment: Segment): Promise<void> {
    assert(segment.end === HEADER_BYTES, "only a blank segment is dropped");
    this.#all.delete(segment.sequence);
    await segment.file.close();
  }

  /** In this turn. Throws `wal_damaged` when the batch no longer verifies, `disk_failed` when it cannot be read. */
  read(place: Place): Uint8Array {
    const segment = must(this.#all.get(place.segment), "the index points at known segments");
    const { start, length } = segment.batchAround(place.offset);
    if (this.#last?.segment !== place.segment || this.#last.start !== start) {
      const read = segment.file.readNow(start, length);
      const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
      if (bytes.length !== length || batchAt(bytes, 0, segment.header, start)?.length !== length) {
        throw damaged(segment.path, start, "a batch that was good no longer verifies");
      }
      this.#last = { segment: place.segment, start, bytes };
    }
    const from = place.offset - start;
    return this.#last.bytes.subarray(from, from + place.length);
  }

  async close(): Promise<void> {
    for (const segment of this.#all.values()) await segment.file.close();
    this.#all.clear();
  }
}

/**
 * Makes a segment of zeros, durable with its name, and opens it for appending.
 * Order: content before name, so that whatever is called `.wal` is whole, whenever the power goes.
 */
export async function prepareSegment(disk: Disk, directory: string, header: SegmentHeader): Promise<Segment> {
  const path = `${directory}/${segmentName(header.sequence)}`;
  const temporary = `${path}${PREPARING}`;
  const file = await disk.open(temporary, { create: true, durable: false });
  try {
    await file.truncate(0);
    await file.write(0, encodeHeader(header));
    await fillZeros(file, HEADER_BYTES, header.bytes);
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  await disk.syncDirectory(directory);
  return new Segment(header, path, await disk.open(path, { create: false, durable: true }));
}

/** Durable when it resolves, with all that was written to the file before. */
export async function fillZeros(file: DiskFile, from: number, to: number): Promise<void> {
  assert(from <= to, "zeros fill a range");
  for (let at = from; at < to; at += ZERO_PIECE_BYTES) {
    await file.write(at, ZEROS.subarray(0, Math.min(ZERO_PIECE_BYTES, to - at)));
    await file.sync();
  }
  if (from === to) await file.sync();
}

export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZERO_PIECE_BYTES) {
    const piece = bytes.subarray(at, at + ZERO_PIECE_BYTES);
    if (ZEROS.compare(piece, 0, piece.length, 0, piece.length) !== 0) return false;
  }
  return true;
}
