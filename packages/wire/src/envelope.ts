import { ByteReader, DecodeError } from "@isthmus/kernel";
// Keep this one first.
import "./plain-numbers.ts";
import { isthmus } from "../generated/isthmus.js";

export { isthmus as proto };

interface Codec<Properties, Message> {
  encode(message: Properties): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

export function encodeWith<P, M>(codec: Codec<P, M>, message: P): Uint8Array {
  return codec.encode(message).finish();
}

/** Throws DecodeError for whatever protobufjs finds wrong. */
export function decodeWith<P, M>(codec: Codec<P, M>, bytes: Uint8Array, what: string): M {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw new DecodeError(`${what}: ${(cause as Error).message}`);
  }
}

/**
 * The same where it is hot: `read` does it by hand, and gives null or throws DecodeError for all that no node of today
 * writes. Then the generated code decides what it means.
 */
export function decodePlain<T, P>(
  read: (reader: ByteReader) => T | null,
  codec: Codec<P, T>,
  bytes: Uint8Array,
  what: string,
): T {
  try {
    const plain = read(new ByteReader(bytes));
    if (plain !== null) return plain;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return decodeWith(codec, bytes, what);
}

/** A number from outside that must be a natural one. */
export function natural(value: number | null | undefined, what: string): number {
  const number = value ?? 0;
  if (!Number.isSafeInteger(number) || number < 0) throw new DecodeError(`${what} is out of range`);
  return number;
}

export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new DecodeError(`${what} is missing`);
  return value;
}
