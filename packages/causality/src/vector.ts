import {
  assert,
  type ByteReader,
  type ByteWriter,
  CONTROL_GROUP,
  DecodeError,
  type Origin,
} from "@isthmus/kernel";
import type { Dot } from "./dot.ts";

/** The component of a vector that counts applied control commands, beside the origins' sequence numbers. */
export const CONTROL_COMPONENT = CONTROL_GROUP as string as Origin;

/**
 * A version vector: for each origin the number up to which all of its batches are applied. Immutable. A component that
 * is not named is 0.
 */
export class VersionVector {
  static readonly EMPTY = new VersionVector([], []);
  // Two lists instead of a Map: there are as many components as regions, and a new vector for each batch.
  /** Sorted; vectors of the same origins share the list. */
  readonly #origins: readonly Origin[];
  readonly #sequences: readonly number[];

  private constructor(origins: readonly Origin[], sequences: readonly number[]) {
    this.#origins = origins;
    this.#sequences = sequences;
  }

  static of(components: Iterable<readonly [Origin, number]>): VersionVector {
    const kept = new Map<Origin, number>();
    for (const [origin, sequence] of components) {
      assertComponent(sequence);
      if (sequence > 0) kept.set(origin, sequence);
    }
    const entries = [...kept].sort(([a], [b]) => (a < b ? -1 : 1));
    return new VersionVector(
      entries.map(([origin]) => origin),
      entries.map(([, sequence]) => sequence),
    );
  }

  get(origin: Origin): number {
    const origins = this.#origins;
    for (let place = 0; place < origins.length; place++)
      if (origins[place] === origin) return this.#sequences[place] as number;
    return 0;
  }

  with(origin: Origin, sequence: number): VersionVector {
    assertComponent(sequence);
    const place = this.#origins.indexOf(origin);
    // Which components there are changes once for each region.
    if (place < 0 || sequence === 0)
      return VersionVector.of([...this.entries().filter(([other]) => other !== origin), [origin, sequence]]);
    const sequences = this.#sequences.slice();
    sequences[place] = sequence;
    return new VersionVector(this.#origins, sequences);
  }

  /** Whether the operation that a dot names lies inside this vector. */
  includes(dot: Dot): boolean {
    return dot.sequence <= this.get(dot.origin);
  }

  covers(other: VersionVector): boolean {
    const origins = other.#origins;
    for (let place = 0; place < origins.length; place++) {
      const origin = origins[place] as Origin;
      // Mostly the same origins stand at the same places.
      const own = this.#origins[place] === origin ? (this.#sequences[place] as number) : this.get(origin);
      if (own < (other.#sequences[place] as number)) return false;
    }
    return true;
  }

  equals(other: VersionVector): boolean {
    return this.covers(other) && other.covers(this);
  }

  merge(other: VersionVector): VersionVector {
    if (this.covers(other)) return this;
    const components = new Map(this.entries());
    for (const [origin, sequence] of other.entries())
      components.set(origin, Math.max(sequence, components.get(origin) ?? 0));
    return VersionVector.of(components);
  }

  /** The components by name. */
  entries(): [Origin, number][] {
    return this.#origins.map((origin, place) => [origin, this.#sequences[place] as number]);
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.entries());
  }

  toString(): string {
    let text = "";
    for (let place = 0; place < this.#origins.length; place++)
      text += `${place === 0 ? "" : " "}${this.#origins[place]}:${this.#sequences[place]}`;
    return text;
  }

  write(writer: ByteWriter): void {
    writer.varint(this.#origins.length);
    for (let place = 0; place < this.#origins.length; place++)
      writer.text(this.#origins[place] as Origin).varint(this.#sequences[place] as number);
  }

  static read(reader: ByteReader): VersionVector {
    const count = reader.varint();
    if (count > VECTOR_MAX_COMPONENTS)
      throw new DecodeError(`a vector has at most ${VECTOR_MAX_COMPONENTS} components`);
    const origins: Origin[] = [];
    const sequences: number[] = [];
    let before = "";
    for (let index = 0; index < count; index++) {
      const origin = reader.text() as Origin;
      // One vector has one byte form: hashes are taken over it.
      if (origin <= before) throw new DecodeError("a vector's components are sorted and not repeated");
      before = origin;
      const sequence = reader.varint();
      if (sequence === 0) throw new DecodeError("a vector names no empty component");
      origins.push(origin);
      sequences.push(sequence);
    }
    return new VersionVector(origins, sequences);
  }
}

function assertComponent(sequence: number): void {
  assert(Number.isSafeInteger(sequence) && sequence >= 0, "a component is a natural number");
}

const VECTOR_MAX_COMPONENTS = 1024;
