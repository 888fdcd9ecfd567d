import {
  compareDots,
  type Dot,
  equalDots,
  formatDot,
  readDot,
  readStamp,
  writeDot,
  writeStamp,
} from "@isthmus/causality";
import type { Versioned, Write } from "@isthmus/conflict";
import { ByteReader, ByteWriter, DecodeError, must } from "@isthmus/kernel";

/** A node or an edge as the state keeps it: an existence register, and a register for each property. */
export interface GraphRecord {
  readonly existence: readonly Existence[];
  readonly properties: ReadonlyMap<string, readonly PropertyVersion[]>;
}

/** One version of a record's existence. A deleted one keeps what it deleted, for views that bring it back. */
export interface Existence extends Versioned {
  readonly present: boolean;
  readonly labels: readonly string[];
  readonly ends: EdgeEnds | null;
}

export interface EdgeEnds {
  readonly type: string;
  readonly from: string;
  readonly to: string;
}

export interface PropertyVersion extends Versioned {
  /** Canonical bytes of the value (kernel's encodeValue). */
  readonly value: Uint8Array;
}

export const EMPTY_RECORD: GraphRecord = { existence: [], properties: new Map() };

/**
 * The record's version on the surface. Every write of a record writes its existence, so the dots that stand there name
 * the record's state: it changes with any change.
 */
export function recordVersion(record: GraphRecord): string {
  const dots = record.existence.map((existence) => existence.write.dot);
  return [...dots].sort(compareDots).map(formatDot).join("+");
}

/** How large a record may become by one region's writes; a write beyond it is refused as `too_large`. */
export const RECORD_MAX_BYTES = 4 * 1024 * 1024;

/** About what a record takes: its values, and what its names and versions add. */
export function recordBytes(record: GraphRecord): number {
  let bytes = 64 * record.existence.length;
  for (const [name, versions] of record.properties)
    for (const { value } of versions) bytes += name.length + value.length + 16;
  return bytes;
}

// ---- bytes: one canonical form for one content, in every region (docs/formats/state.md) ----

const FORMAT = 1;

/** What several versions of a record share, a write, stands once in front and is referred to by its place there. */
export function encodeRecord(record: GraphRecord): Uint8Array {
  const writes = distinctWrites(record);
  const writer = new ByteWriter(160);
  writer.u8(FORMAT).varint(writes.length);
  for (const write of writes) {
    writeDot(writer, write.dot);
    writeStamp(writer, write.stamp);
    writer.u8(write.echo ? 1 : 0);
  }
  const existence = inDotOrder(record.existence);
  writer.varint(existence.length);
  for (const version of existence) {
    writer.varint(placeOf(version.write, writes)).u8((version.present ? 1 : 0) | (version.ends ? 2 : 0));
    writer.varint(version.labels.length);
    for (const label of version.labels) writer.text(label);
    if (version.ends) writer.text(version.ends.type).text(version.ends.from).text(version.ends.to);
  }
  const names = [...record.properties.keys()].sort();
  writer.varint(names.length);
  for (const name of names) {
    const versions = inDotOrder(must(record.properties.get(name), "a listed property is there"));
    writer.text(name).varint(versions.length);
    for (const version of versions) writer.varint(placeOf(version.write, writes)).bytes(version.value);
  }
  return writer.finish();
}

export function decodeRecord(bytes: Uint8Array): GraphRecord {
  const reader = new ByteReader(bytes);
  const writes = readWrites(reader);
  const existence = readExistence(reader, writes);
  const properties = new Map<string, readonly PropertyVersion[]>();
  const count = reader.varint();
  for (let index = 0; index < count; index++) {
    const name = reader.text();
    const versions: PropertyVersion[] = [];
    for (let left = reader.varint(); left > 0; left--)
      versions.push({ write: readPlace(reader, writes), value: reader.bytes() });
    properties.set(name, versions);
  }
  reader.end();
  return { existence, properties };
}

/** The existence register alone, from the bytes of a whole record. */
export function decodeExistence(bytes: Uint8Array): readonly Existence[] {
  const reader = new ByteReader(bytes);
  return readExistence(reader, readWrites(reader));
}

function readWrites(reader: ByteReader): Write[] {
  const format = reader.u8();
  if (format !== FORMAT) throw new DecodeError(`no record has the format ${format}`);
  const writes: Write[] = [];
  for (let left = reader.varint(); left > 0; left--)
    writes.push({ dot: readDot(reader), stamp: readStamp(reader), echo: reader.u8() === 1 });
  return writes;
}

function readExistence(reader: ByteReader, writes: readonly Write[]): Existence[] {
  const existence: Existence[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const write = readPlace(reader, writes);
    const flags = reader.u8();
    const labels: string[] = [];
    for (let more = reader.varint(); more > 0; more--) labels.push(reader.text());
    const ends = flags & 2 ? { type: reader.text(), from: reader.text(), to: reader.text() } : null;
    existence.push({ write, present: (flags & 1) === 1, labels, ends });
  }
  return existence;
}

function readPlace(reader: ByteReader, writes: readonly Write[]): Write {
  return must(writes[reader.varint()], "a version refers to a write in front");
}

function placeOf(write: Write, writes: readonly Write[]): number {
  // Nearly all records were last written whole by one operation.
  if (writes.length === 1) return 0;
  return writes.findIndex((other) => equalDots(other.dot, write.dot));
}

function distinctWrites(record: GraphRecord): Write[] {
  const writes: Write[] = [];
  const add = (write: Write) => {
    if (!writes.some((other) => other === write || equalDots(other.dot, write.dot))) writes.push(write);
  };
  for (const version of record.existence) add(version.write);
  for (const versions of record.properties.values()) for (const version of versions) add(version.write);
  return writes.length < 2 ? writes : writes.sort((a, b) => compareDots(a.dot, b.dot));
}

function inDotOrder<T extends Versioned>(versions: readonly T[]): readonly T[] {
  return versions.length < 2 ? versions : [...versions].sort((a, b) => compareDots(a.write.dot, b.write.dot));
}

/** The record with the versions of one operation marked as an echo of another region's write. */
export function withEcho(record: GraphRecord, dot: Dot): GraphRecord {
  const marked = <T extends Versioned>(version: T): T =>
    equalDots(version.write.dot, dot) ? { ...version, write: { ...version.write, echo: true } } : version;
  const properties = new Map<string, readonly PropertyVersion[]>();
  for (const [name, versions] of record.properties) properties.set(name, versions.map(marked));
  return { existence: record.existence.map(marked), properties };
}
