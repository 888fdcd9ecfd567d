import { assert, ByteReader, DecodeError } from "@isthmus/kernel";
import type { Entry, HardState } from "@isthmus/raft";
import { PREFIX_BYTES } from "./format.ts";
import type { OutcomeRecord } from "./types.ts";

/** Kinds of records. 0 is never used: zeros are what an unwritten segment holds. */
export const KIND = {
  declaration: 1,
  entries: 2,
  hardState: 3,
  conf: 4,
  outcome: 5,
  compaction: 6,
  standing: 7,
} as const;

/** Where a group's log stood before a segment began: what makes a segment readable without those before it. */
export interface Standing {
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly lastOutcomeSequence: number;
  readonly lastOutcomeIndex: number;
}

const ENTRY_TYPES = ["EntryNormal", "EntryConfChange", "EntryConfChangeV2"] as const;
/** Set in an entry's first byte when it has data, which may be empty. */
const HAS_DATA = 0x10;
/** A buffer that one large batch grew beyond this is not kept for the next. */
const KEEP_BYTES = 4 * 1024 * 1024;
const VARINT_MAX_BYTES = 8;
/** A kind and as many numbers as any record has. */
const FIXED_MAX_BYTES = 1 + 5 * VARINT_MAX_BYTES;

/**
 * A batch while it fills. One buffer is used again and again, and the prefix is left free at its front, so that a
 * record is copied once on its way to the disk.
 */
export class BatchBuffer {
  #bytes: Buffer = Buffer.allocUnsafe(64 * 1024);
  #length = PREFIX_BYTES;
  #count = 0;

  /** Without the prefix. */
  get recordBytes(): number {
    return this.#length - PREFIX_BYTES;
  }

  /** Bytes with the prefix: the offset in the batch of what comes next. */
  get length(): number {
    return this.#length;
  }

  get count(): number {
    return this.#count;
  }

  /** The whole batch, prefix included, without a copy. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    if (this.#bytes.length > KEEP_BYTES) this.#bytes = Buffer.allocUnsafe(64 * 1024);
    this.#length = PREFIX_BYTES;
    this.#count = 0;
  }

  /** Puts another batch's records behind these. */
  takeOver(other: BatchBuffer): void {
    const records = other.bytes().subarray(PREFIX_BYTES);
    this.#room(records.length);
    this.#bytes.set(records, this.#length);
    this.#length += records.length;
    this.#count += other.count;
  }

  declaration(group: number, name: string): void {
    this.#head(KIND.declaration, group);
    this.#block(Buffer.from(name, "utf8"));
  }

  /** Begins a run; exactly `count` calls of `entry` follow. */
  entries(group: number, first: number, count: number): void {
    this.#head(KIND.entries, group);
    this.#varint(first);
    this.#varint(count);
  }

  /** Returns how many bytes the entry has in the batch. */
  entry(entry: Entry): number {
    const from = this.#length;
    const type = ENTRY_TYPES.indexOf(entry.type);
    assert(type >= 0, "an entry has a known type");
    this.#room(FIXED_MAX_BYTES);
    this.#bytes[this.#length++] = entry.data === undefined ? type : type | HAS_DATA;
    this.#varint(entry.term);
    if (entry.data !== undefined) this.#block(entry.data);
    return this.#length - from;
  }

  hardState(group: number, state: HardState): void {
    this.#head(KIND.hardState, group);
    this.#varint(state.term);
    this.#varint(state.vote);
    this.#varint(state.commit);
  }

  conf(group: number, conf: Uint8Array): void {
    this.#head(KIND.conf, group);
    this.#block(conf);
  }

  /** Returns where in the batch the part begins that `decodeOutcome` reads. */
  outcome(group: number, outcome: OutcomeRecord): number {
    this.#head(KIND.outcome, group);
    const from = this.#length;
    this.#varint(outcome.index);
    this.#varint(outcome.sequence);
    this.#block(outcome.bytes);
    return from;
  }

  compaction(group: number, index: number, term: number): void {
    this.#head(KIND.compaction, group);
    this.#varint(index);
    this.#varint(term);
  }

  standing(group: number, standing: Standing): void {
    this.#head(KIND.standing, group);
    this.#varint(standing.lastIndex);
    this.#varint(standing.lastTerm);
    this.#varint(standing.lastOutcomeSequence);
    this.#varint(standing.lastOutcomeIndex);
  }

  #head(kind: number, group: number): void {
    this.#room(FIXED_MAX_BYTES);
    this.#bytes[this.#length++] = kind;
    this.#count += 1;
    this.#varint(group);
  }

  /** Room for it was made by whoever began the record. */
  #varint(value: number): void {
    let rest = value;
    if (rest >= 0 && rest < 0x80 && Number.isInteger(rest)) {
      this.#bytes[this.#length++] = rest;
      return;
    }
    assert(Number.isSafeInteger(rest) && rest > 0, "a stored number is a non-negative safe integer");
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #block(bytes: Uint8Array): void {
    this.#room(VARINT_MAX_BYTES + bytes.length);
    this.#varint(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** What recovery hears, in the order of the log. Offsets count from the start of the batch. */
export interface RecordSink {
  declaration(group: number, name: string): void;
  entries(group: number, first: number): void;
  /** One after another, from the `first` of the run above. */
  entry(group: number, term: number, offset: number, length: number): void;
  hardState(group: number, state: HardState): void;
  conf(group: number, conf: Uint8Array): void;
  outcome(group: number, index: number, sequence: number, offset: number, length: number): void;
  compaction(group: number, index: number, term: number): void;
  standing(group: number, standing: Standing): void;
}

/** Decodes all records of a batch that verified. Throws DecodeError when they are not what a writer writes. */
export function decodeRecords(batch: Buffer, count: number, sink: RecordSink): void {
  const reader = new ByteReader(batch.subarray(PREFIX_BYTES));
  for (let number = 0; number < count; number++) decodeRecord(reader, sink);
  reader.end();
}

function decodeRecord(reader: ByteReader, sink: RecordSink): void {
  const kind = reader.u8();
  const group = reader.varint();
  switch (kind) {
    case KIND.declaration:
      sink.declaration(group, reader.text());
      break;
    case KIND.entries:
      decodeRun(reader, group, sink);
      break;
    case KIND.hardState:
      sink.hardState(group, { term: reader.varint(), vote: reader.varint(), commit: reader.varint() });
      break;
    case KIND.conf:
      // A copy: a view would keep the whole segment in memory.
      sink.conf(group, Uint8Array.from(reader.bytes()));
      break;
    case KIND.outcome: {
      const offset = PREFIX_BYTES + reader.offset;
      const index = reader.varint();
      const sequence = reader.varint();
      reader.bytes();
      sink.outcome(group, index, sequence, offset, PREFIX_BYTES + reader.offset - offset);
      break;
    }
    case KIND.compaction:
      sink.compaction(group, reader.varint(), reader.varint());
      break;
    case KIND.standing:
      sink.standing(group, {
        lastIndex: reader.varint(),
        lastTerm: reader.varint(),
        lastOutcomeSequence: reader.varint(),
        lastOutcomeIndex: reader.varint(),
      });
      break;
    default:
      throw new DecodeError(`record kind ${kind} is not known`);
  }
}

function decodeRun(reader: ByteReader, group: number, sink: RecordSink): void {
  const first = reader.varint();
  const count = reader.varint();
  sink.entries(group, first);
  for (let number = 0; number < count; number++) {
    const offset = PREFIX_BYTES + reader.offset;
    const flags = reader.u8();
    typeOf(flags);
    const term = reader.varint();
    if (flags & HAS_DATA) reader.bytes();
    sink.entry(group, term, offset, PREFIX_BYTES + reader.offset - offset);
  }
}

/** One entry, from the bytes that the index points at; its data is a view of them. */
export function decodeEntry(bytes: Uint8Array, index: number): Entry {
  const reader = new ByteReader(bytes);
  const flags = reader.u8();
  const type = typeOf(flags);
  const term = reader.varint();
  const entry: Entry = flags & HAS_DATA ? { term, index, type, data: reader.bytes() } : { term, index, type };
  reader.end();
  return entry;
}

export function decodeOutcome(bytes: Uint8Array): OutcomeRecord {
  const reader = new ByteReader(bytes);
  const outcome = { index: reader.varint(), sequence: reader.varint(), bytes: reader.bytes() };
  reader.end();
  return outcome;
}

function typeOf(flags: number): Entry["type"] {
  const type = ENTRY_TYPES[flags & ~HAS_DATA];
  if (type === undefined) throw new DecodeError(`entry type ${flags} is not known`);
  return type;
}
