import { type ByteReader, type ByteWriter, DecodeError, type Origin } from "@isthmus/kernel";

/** The name of one operation, the same everywhere: whose batch, in which epoch, its number, the place in it. */
export interface Dot {
  readonly origin: Origin;
  readonly epoch: number;
  readonly sequence: number;
  readonly position: number;
}

export function equalDots(a: Dot, b: Dot): boolean {
  return (
    a.sequence === b.sequence && a.position === b.position && a.origin === b.origin && a.epoch === b.epoch
  );
}

/** A total order without meaning, for canonical lists. */
export function compareDots(a: Dot, b: Dot): number {
  if (a.origin !== b.origin) return a.origin < b.origin ? -1 : 1;
  return a.epoch - b.epoch || a.sequence - b.sequence || a.position - b.position;
}

/** The opaque text that the surface calls `version`. */
export function formatDot(dot: Dot): string {
  return `${dot.origin}.${dot.epoch}.${dot.sequence}.${dot.position}`;
}

export function writeDot(writer: ByteWriter, dot: Dot): void {
  writer.text(dot.origin).varint(dot.epoch).varint(dot.sequence).varint(dot.position);
}

export function readDot(reader: ByteReader): Dot {
  const origin = reader.text() as Origin;
  if (origin.length === 0) throw new DecodeError("an origin has a name");
  return { origin, epoch: reader.varint(), sequence: reader.varint(), position: reader.varint() };
}
