import { ByteReader, ByteWriter, DecodeError, type Origin } from "@isthmus/kernel";

/**
 * Why a request was refused when its turn came. The words are the surface's codes; the place in this list is the number
 * on disk and wire: only ever add at the end.
 */
export const REFUSAL_CODES = [
  "not_found",
  "version_mismatch",
  "invalid_reference",
  "idempotency_mismatch",
  "too_large",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** What applying an operation took from the state: other regions take it from here, and never look themselves. */
export interface Dependents {
  /** Labels that a patch arrived at, or that a deleted node had. */
  readonly labels: readonly string[];
  /** Results of merges, in the order of the patch. */
  readonly merged: readonly Uint8Array[];
  /** Edges that went with a deleted node. */
  readonly edges: readonly string[];
  /** Ends and type of a patched or deleted edge. */
  readonly ends: { readonly type: string; readonly from: string; readonly to: string } | null;
}

export const NO_DEPENDENTS: Dependents = { labels: [], merged: [], edges: [], ends: null };

export type RequestOutcome =
  | { readonly status: "applied"; readonly dependents: readonly Dependents[] }
  | { readonly status: "refused"; readonly code: RefusalCode; readonly operation: number }
  /** The key was known: it counts where it was first. */
  | { readonly status: "duplicate"; readonly origin: Origin; readonly sequence: number };

const STATUS = { applied: 0, refused: 1, duplicate: 2 } as const;

export function encodeOutcomes(outcomes: readonly RequestOutcome[]): Uint8Array {
  const writer = new ByteWriter(64);
  writer.varint(outcomes.length);
  for (const outcome of outcomes) writeOutcome(writer, outcome);
  return writer.finish();
}

/** One outcome's part of what `encodeOutcomes` makes: for who must know its size before there are others. */
export function encodeOutcome(outcome: RequestOutcome): Uint8Array {
  const writer = new ByteWriter(32);
  writeOutcome(writer, outcome);
  return writer.finish();
}

/** The bytes that `encodeOutcomes` makes of the same outcomes. */
export function joinOutcomes(parts: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(parts.reduce((sum, part) => sum + part.length, 5));
  writer.varint(parts.length);
  for (const part of parts) writer.raw(part);
  return writer.finish();
}

function writeOutcome(writer: ByteWriter, outcome: RequestOutcome): void {
  writer.u8(STATUS[outcome.status]);
  switch (outcome.status) {
    case "applied":
      writer.varint(outcome.dependents.length);
      for (const dependents of outcome.dependents) writeDependents(writer, dependents);
      break;
    case "refused":
      writer.u8(REFUSAL_CODES.indexOf(outcome.code)).varint(outcome.operation);
      break;
    case "duplicate":
      writer.text(outcome.origin).varint(outcome.sequence);
      break;
  }
}

export function decodeOutcomes(bytes: Uint8Array): RequestOutcome[] {
  const reader = new ByteReader(bytes);
  const count = reader.varint();
  if (count > reader.remaining) throw new DecodeError("more outcomes than bytes");
  const outcomes: RequestOutcome[] = [];
  for (let index = 0; index < count; index++) outcomes.push(readOutcome(reader));
  reader.end();
  return outcomes;
}

function readOutcome(reader: ByteReader): RequestOutcome {
  const status = reader.u8();
  switch (status) {
    case STATUS.applied: {
      const count = reader.varint();
      if (count > reader.remaining) throw new DecodeError("more operations than bytes");
      const dependents: Dependents[] = [];
      for (let index = 0; index < count; index++) dependents.push(readDependents(reader));
      return { status: "applied", dependents };
    }
    case STATUS.refused: {
      const code = REFUSAL_CODES[reader.u8()];
      if (code === undefined) throw new DecodeError("an unknown refusal");
      return { status: "refused", code, operation: reader.varint() };
    }
    case STATUS.duplicate:
      return { status: "duplicate", origin: reader.text() as Origin, sequence: reader.varint() };
    default:
      throw new DecodeError(`no outcome has the status ${status}`);
  }
}

// One flag byte says which parts follow: most operations depend on nothing.
const HAS = { labels: 1, merged: 2, edges: 4, ends: 8 } as const;

function writeDependents(writer: ByteWriter, { labels, merged, edges, ends }: Dependents): void {
  writer.u8(
    (labels.length > 0 ? HAS.labels : 0) |
      (merged.length > 0 ? HAS.merged : 0) |
      (edges.length > 0 ? HAS.edges : 0) |
      (ends ? HAS.ends : 0),
  );
  if (labels.length > 0) writeList(writer, labels, (label) => writer.text(label));
  if (merged.length > 0) writeList(writer, merged, (value) => writer.bytes(value));
  if (edges.length > 0) writeList(writer, edges, (id) => writer.text(id));
  if (ends) writer.text(ends.type).text(ends.from).text(ends.to);
}

function readDependents(reader: ByteReader): Dependents {
  const flags = reader.u8();
  if (flags === 0) return NO_DEPENDENTS;
  return {
    labels: flags & HAS.labels ? readList(reader, () => reader.text()) : [],
    merged: flags & HAS.merged ? readList(reader, () => reader.bytes()) : [],
    edges: flags & HAS.edges ? readList(reader, () => reader.text()) : [],
    ends: flags & HAS.ends ? { type: reader.text(), from: reader.text(), to: reader.text() } : null,
  };
}

function writeList<T>(writer: ByteWriter, items: readonly T[], write: (item: T) => void): void {
  writer.varint(items.length);
  for (const item of items) write(item);
}

function readList<T>(reader: ByteReader, read: () => T): T[] {
  const count = reader.varint();
  if (count > reader.remaining) throw new DecodeError("a list is longer than its bytes");
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(read());
  return items;
}
