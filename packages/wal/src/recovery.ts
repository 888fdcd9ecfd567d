import { AssertionError, DecodeError, type Disk, type GroupId, must, type NodeId } from "@isthmus/kernel";
import { damaged, WalError } from "./errors.ts";
import {
  batchAt,
  decodeHeader,
  HEADER_BYTES,
  type Mark,
  markOf,
  PREFIX_BYTES,
  recordCountOf,
  sequenceOf,
} from "./format.ts";
import { GroupState } from "./group-log.ts";
import { decodeRecords, type RecordSink, type Standing } from "./record.ts";
import { fillZeros, isZero, PREPARING, Segment, type Segments } from "./segment.ts";
import type { CacheBudget } from "./series.ts";

export interface RecoveryOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly cluster: string;
  readonly node: NodeId;
  readonly segments: Segments;
  readonly budget: CacheBudget;
}

export interface Recovered {
  readonly groups: Map<GroupId, GroupState>;
  /** The segment to append to; null in an empty directory. */
  readonly current: Segment | null;
  /** A segment that was prepared and never written. */
  readonly prepared: Segment | null;
  readonly batches: number;
  /** Whether the last records are known synced by a mark behind them. */
  readonly marked: boolean;
  readonly cut: { readonly file: string; readonly offset: number } | null;
}

/** Where reading a segment came to an end: at zeros, or at bytes that are no batch. */
interface Scan {
  readonly segment: Segment;
  readonly clean: boolean;
}

/**
 * Reads all segments in order, once. What a crash can leave (a torn tail in the last written segment, a segment that
 * was being prepared) is tidied; everything else that does not verify is refused by name.
 */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { disk, directory } = options;
  const names = await disk.list(directory);
  const log = new Replay(options);
  let before: Segment | null = null;
  let last: Scan | null = null;
  const blanks: Segment[] = [];
  let expected = 0;
  for (const name of names) {
    const sequence = sequenceOf(name);
    if (sequence === null) continue;
    const path = `${directory}/${name}`;
    if (expected > 0 && sequence !== expected) throw damaged(path, 0, "the segment before it is missing");
    expected = sequence + 1;
    const { segment, bytes } = await openSegment(options, path, sequence);
    if (last && isZero(bytes.subarray(HEADER_BYTES))) {
      blanks.push(segment);
      continue;
    }
    const [blank] = blanks;
    if (blank) throw damaged(blank.path, HEADER_BYTES, "a segment before a written one is blank");
    if (last && !last.clean) throw damaged(last.segment.path, last.segment.end, "a batch does not verify");
    before = last?.segment ?? null;
    last = log.scan(segment, bytes, before);
  }
  const cut = await tidy(options, names, last, blanks);
  let current = last?.segment ?? null;
  if (before && current?.end === HEADER_BYTES) {
    // All of it was torn. It is as good as prepared, and a first batch comes to it as to any other: by rolling over.
    blanks.unshift(current);
    current = before;
  }
  await removeSpares(options, blanks.slice(1));
  for (const group of log.groups.values()) group.markLogged();
  return {
    groups: log.groups,
    current,
    prepared: blanks[0] ?? null,
    batches: log.batches,
    marked: log.lastCount === 0,
    cut,
  };
}

async function openSegment(
  options: RecoveryOptions,
  path: string,
  sequence: number,
): Promise<{ segment: Segment; bytes: Buffer }> {
  const file = await options.disk.open(path, { create: false, durable: true });
  try {
    const read = await file.read(0, await file.size());
    const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
    const header = decodeHeader(path, bytes.subarray(0, HEADER_BYTES));
    if (header.sequence !== sequence) throw damaged(path, 0, `the header says segment ${header.sequence}`);
    if (header.bytes !== bytes.length)
      throw damaged(path, bytes.length, `not the ${header.bytes} bytes it had`);
    checkOwner("wrong_cluster", path, header.cluster, options.cluster);
    checkOwner("wrong_node", path, header.node, options.node);
    const segment = new Segment(header, path, file);
    options.segments.add(segment);
    return { segment, bytes };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function checkOwner(
  code: "wrong_cluster" | "wrong_node",
  file: string,
  found: string,
  expected: string,
): void {
  if (found === expected) return;
  const facts = { file, found, expected };
  throw new WalError(code, `${file} belongs to ${found}, not to ${expected}`, { facts });
}

/** Leaves the log as if the crash had not been: leftovers gone, the torn tail zeros, everything read durable. */
async function tidy(
  { disk, directory }: RecoveryOptions,
  names: readonly string[],
  last: Scan | null,
  blanks: readonly Segment[],
): Promise<Recovered["cut"]> {
  if (names.length === 0) return null;
  for (const name of names) if (name.endsWith(PREPARING)) await disk.remove(`${directory}/${name}`);
  // A killed process leaves names and bytes that are seen here and not yet durable: what will be relied on is synced
  // before anything is acknowledged that stands behind it.
  await disk.syncDirectory(directory);
  for (const blank of blanks) await blank.file.sync();
  if (!last) return null;
  await rewriteLast(last.segment);
  await last.segment.file.sync();
  if (last.clean) return null;
  const { path, end, file, header } = last.segment;
  await fillZeros(file, end, header.bytes);
  return { file: path, offset: end };
}

/**
 * A write whose sync failed can be read here, since the system still has it in memory, and be on no disk; a sync now
 * would not bring it there either, for the system takes its pages for clean. Only the last batch can be such a one, as
 * each is written when the one before is on disk: written again, its pages are dirty, and this write says how it went.
 */
async function rewriteLast(segment: Segment): Promise<void> {
  if (segment.end === HEADER_BYTES) return;
  const { start, length } = segment.batchAround(segment.end - 1);
  await segment.file.write(start, await segment.file.read(start, length));
}

/** One segment stands ready ahead of the log. Order: the highest goes first, durably, so that no crash leaves a gap. */
async function removeSpares(
  { disk, directory, segments }: RecoveryOptions,
  spares: readonly Segment[],
): Promise<void> {
  for (const spare of spares.toReversed()) {
    await segments.drop(spare);
    await disk.remove(spare.path);
    await disk.syncDirectory(directory);
  }
}

/** The groups as the records tell them. */
class Replay implements RecordSink {
  readonly groups = new Map<GroupId, GroupState>();
  readonly #byNumber: GroupState[] = [];
  readonly #options: RecoveryOptions;
  batches = 0;
  /** Records in the last batch; an empty one is a mark for the batch before it. */
  lastCount = 0;
  /** What the records being decoded lie in. */
  #segment = 0;
  #start = 0;
  /** The first batch of the first segment: it alone may speak of what is gone. */
  #opening = false;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  scan(segment: Segment, bytes: Buffer, before: Segment | null): Scan {
    for (;;) {
      const batch = batchAt(bytes, segment.end, segment.header);
      if (!batch) break;
      this.#checkMark(segment, batch, before);
      const start = segment.take(batch.length);
      this.#segment = segment.sequence;
      this.#start = start;
      this.#opening = before === null && start === HEADER_BYTES;
      this.#decode(segment, start, batch);
      this.batches += 1;
      this.lastCount = recordCountOf(batch);
    }
    const clean = isZero(bytes.subarray(segment.end));
    if (!clean) refuseRot(segment, bytes);
    return { segment, clean };
  }

  /** Invariant: one write is under way at a time, so each batch's mark is the place where the one before it ended. */
  #checkMark(segment: Segment, batch: Buffer, before: Segment | null): void {
    const mark: Mark = markOf(batch);
    if (segment.end > HEADER_BYTES) {
      if (mark.segment === segment.sequence && mark.offset === segment.end) return;
      throw damaged(segment.path, segment.end, "a batch does not follow the one before it");
    }
    if (!before || (mark.segment === before.sequence && mark.offset === before.end)) return;
    throw damaged(before.path, before.end, `it ends here, and was synced up to ${mark.offset}`);
  }

  #decode(segment: Segment, start: number, batch: Buffer): void {
    try {
      decodeRecords(batch, recordCountOf(batch), this);
    } catch (cause) {
      // A batch that verifies and makes no sense was written wrongly or forged: either way it is not replayed.
      if (!(cause instanceof DecodeError || cause instanceof AssertionError)) throw cause;
      throw damaged(segment.path, start, cause.message, cause);
    }
  }

  declaration(number: number, name: string): void {
    const known = this.#byNumber[number];
    if (known) {
      if (known.id !== name) throw new DecodeError(`group ${number} is ${known.id} and ${name}`);
      return;
    }
    const id = name as GroupId;
    if (number !== this.#byNumber.length || this.groups.has(id)) {
      throw new DecodeError("groups are numbered in order, once");
    }
    const group = new GroupState(id, this.#options.segments, this.#options.budget);
    group.declare(number);
    this.#byNumber.push(group);
    this.groups.set(id, group);
  }

  entries(group: number, first: number): void {
    this.#group(group).foundRun(first);
  }

  entry(group: number, term: number, offset: number, length: number): void {
    this.#group(group).foundEntry(term, this.#place(offset, length));
  }

  hardState(group: number, state: { term: number; vote: number; commit: number }): void {
    this.#group(group).setHardState(state);
  }

  conf(group: number, conf: Uint8Array): void {
    this.#group(group).setConf(conf);
  }

  outcome(group: number, index: number, sequence: number, offset: number, length: number): void {
    this.#group(group).foundOutcome(index, sequence, this.#place(offset, length));
  }

  compaction(group: number, index: number, term: number): void {
    this.#group(group).compact(index, term);
  }

  standing(number: number, standing: Standing): void {
    const group = this.#group(number);
    if (this.#opening) {
      group.beginAt(standing);
      return;
    }
    const known = group.standing();
    const agree =
      known.lastIndex === standing.lastIndex &&
      known.lastTerm === standing.lastTerm &&
      known.lastOutcomeSequence === standing.lastOutcomeSequence &&
      known.lastOutcomeIndex === standing.lastOutcomeIndex;
    if (!agree) throw new DecodeError(`the log of ${group.id} is not what the segment before held`);
  }

  #group(number: number): GroupState {
    return must(this.#byNumber[number], "a group is declared before its records");
  }

  #place(offset: number, length: number): { segment: number; offset: number; length: number } {
    return { segment: this.#segment, offset: this.#start + offset, length };
  }
}

/**
 * Bytes at the end of a segment are no batch. If any batch behind them verifies, the log was synced past them, since
 * a batch is written only when the one before is on disk: they rotted, and cutting would lose acknowledged records.
 */
function refuseRot(segment: Segment, bytes: Buffer): void {
  const sequence = Buffer.alloc(8);
  sequence.writeUInt32LE(segment.sequence);
  // The mark's first field is what to look for: checksums are computed where it stands, not at every byte.
  const first = segment.end + 1 + 8;
  for (let at = bytes.indexOf(sequence, first); at >= 0; at = bytes.indexOf(sequence, at + 1)) {
    const start = at - 8;
    if (start + PREFIX_BYTES > bytes.length) return;
    const mark = bytes.readUInt32LE(at + 8);
    if (mark <= segment.end || mark > start) continue;
    if (batchAt(bytes, start, segment.header)) {
      throw damaged(
        segment.path,
        segment.end,
        `a batch does not verify, and the log was synced up to ${mark}`,
      );
    }
  }
}
