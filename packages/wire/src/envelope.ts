import { DecodeError } from "@isthmus/kernel";
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
