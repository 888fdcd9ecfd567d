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
  static readonly EMPTY = new VersionVector(new Map());
  readonly #components: ReadonlyMap<Origin, number>;

  private constructor(components: ReadonlyMap<Origin, number>) {
    this.#components = components;
  }

  static of(components: Iterable<readonly [Origin, number]>): VersionVector {
    const kept = new Map<Origin, number>();
    for (const [origin, sequence] of components) {
      assert(Number.isSafeInteger(sequence) && sequence >= 0, "a component is a natural number");
      if (sequence > 0) kept.set(origin, sequence);
    }
    return new VersionVector(kept);
  }

  get(origin: Origin): number {
    return this.#components.get(origin) ?? 0;
  }

  with(origin: Origin, sequence: number): VersionVector {
    const components = new Map(this.#components);
    components.set(origin, sequence);
    return VersionVector.of(components);
  }

  /** Whether the operation that a dot names lies inside this vector. */
  includes(dot: Dot): boolean {
    return dot.sequence <= this.get(dot.origin);
  }

  covers(other: VersionVector): boolean {
    for (const [origin, sequence] of other.#components) if (this.get(origin) < sequence) return false;
    return true;
  }

  equals(other: VersionVector): boolean {
    return this.covers(other) && other.covers(this);
  }

  merge(other: VersionVector): VersionVector {
    const components = new Map(this.#components);
    for (const [origin, sequence] of other.#components)
      components.set(origin, Math.max(sequence, components.get(origin) ?? 0));
    return new VersionVector(components);
  }

  /** The components by name. */
  entries(): [Origin, number][] {
    return [...this.#components].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.entries());
  }

  toString(): string {
    return this.entries()
      .map(([origin, sequence]) => `${origin}:${sequence}`)
      .join(" ");
  }

  write(writer: ByteWriter): void {
    const entries = this.entries();
    writer.varint(entries.length);
    for (const [origin, sequence] of entries) writer.text(origin).varint(sequence);
  }

  static read(reader: ByteReader): VersionVector {
    const count = reader.varint();
    if (count > VECTOR_MAX_COMPONENTS)
      throw new DecodeError(`a vector has at most ${VECTOR_MAX_COMPONENTS} components`);
    const components: [Origin, number][] = [];
    let before = "";
    for (let index = 0; index < count; index++) {
      const origin = reader.text() as Origin;
      // One vector has one byte form: hashes are taken over it.
      if (origin <= before) throw new DecodeError("a vector's components are sorted and not repeated");
      before = origin;
      const sequence = reader.varint();
      if (sequence === 0) throw new DecodeError("a vector names no empty component");
      components.push([origin, sequence]);
    }
    return VersionVector.of(components);
  }
}

const VECTOR_MAX_COMPONENTS = 1024;
