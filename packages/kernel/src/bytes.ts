import { assert } from "./assert.ts";
import { DecodeError } from "./errors.ts";
import type { Key } from "./key.ts";
import { shortText } from "./short-text.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  // Small ones come from Buffer's pool: an ArrayBuffer of its own costs several times what the encoding does.
  return Buffer.from(text, "utf8");
}

/** Throws DecodeError on bytes that are not UTF-8: a replacement character would change what was written. */
export function fromUtf8(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString("utf8");
  // Buffer is several times faster than a strict decoder, but replaces what it cannot read: only then ask the strict one.
  if (!text.includes("\ufffd")) return text;
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new DecodeError(`not valid UTF-8 (${(cause as Error).message})`);
  }
}

/** Up to this size a loop beats the call into the runtime: hashes, most of all. */
const LOOP_MAX_BYTES = 64;

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  if (a.length > LOOP_MAX_BYTES) return Buffer.compare(a, b) === 0;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

export function hex(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("hex");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function fromHex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new DecodeError("not lower-case hexadecimal");
  return Buffer.from(text, "hex");
}

const LOW_RANGE = 2 ** 28;

/** Appends values to one growing buffer. Little-endian; lengths and small numbers are LEB128 varints. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  #room(bytes: number): number {
    const at = this.#length;
    const needed = at + bytes;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = needed;
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#buffer[at] = value;
    return this;
  }

  u32(value: number): this {
    assert(value >= 0 && value < 2 ** 32 && Number.isInteger(value), "a u32 has 32 bits");
    const at = this.#room(4);
    this.#buffer[at] = value;
    this.#buffer[at + 1] = value >>> 8;
    this.#buffer[at + 2] = value >>> 16;
    this.#buffer[at + 3] = value >>> 24;
    return this;
  }

  f64(value: number): this {
    const at = this.#room(8);
    this.#buffer.writeDoubleLE(value, at);
    return this;
  }

  i64(value: bigint): this {
    const at = this.#room(8);
    this.#buffer.writeBigInt64LE(value, at);
    return this;
  }

  varint(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, "a varint is a non-negative safe integer");
    let rest = value;
    if (rest >= LOW_RANGE) {
      // The low 28 bits as an integer, then the rest as one: what JavaScript divides as fractions takes 20 times as long.
      const high = Math.floor(value / LOW_RANGE);
      const low = value - high * LOW_RANGE;
      const at = this.#room(4);
      this.#buffer[at] = low | 0x80;
      this.#buffer[at + 1] = (low >>> 7) | 0x80;
      this.#buffer[at + 2] = (low >>> 14) | 0x80;
      this.#buffer[at + 3] = (low >>> 21) | 0x80;
      rest = high;
    }
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.u8(rest);
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  text(text: string): this {
    if (text.length <= LOOP_MAX_BYTES && this.#ascii(text)) return this;
    const size = Buffer.byteLength(text, "utf8");
    this.varint(size);
    const at = this.#room(size);
    this.#buffer.write(text, at, size, "utf8");
    return this;
  }

  /** A key's bytes with their length. */
  key(key: Key): this {
    this.varint(key.length);
    const at = this.#room(key.length);
    this.#buffer.write(key, at, key.length, "latin1");
    return this;
  }

  /** Most texts are short and ASCII: their length is known, and a loop writes them. Leaves nothing if this one is not. */
  #ascii(text: string): boolean {
    const { length } = text;
    const at = this.#room(length + 1);
    this.#buffer[at] = length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) {
        this.#length = at;
        return false;
      }
      this.#buffer[at + 1 + index] = code;
    }
    return true;
  }

  /** The bytes written so far, without a copy: the writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reads what ByteWriter wrote. Every read is bounds-checked and throws DecodeError; views are not copied. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = asBuffer(bytes);
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#buffer.length - this.#at;
  }

  #take(bytes: number): number {
    if (bytes > this.#buffer.length - this.#at) throw new DecodeError("ends too early");
    const at = this.#at;
    this.#at = at + bytes;
    return at;
  }

  u8(): number {
    return this.#buffer[this.#take(1)] as number;
  }

  u32(): number {
    const at = this.#take(4);
    const buffer = this.#buffer;
    const low =
      (buffer[at] as number) | ((buffer[at + 1] as number) << 8) | ((buffer[at + 2] as number) << 16);
    return low + (buffer[at + 3] as number) * 2 ** 24;
  }

  f64(): number {
    return this.#buffer.readDoubleLE(this.#take(8));
  }

  i64(): bigint {
    return this.#buffer.readBigInt64LE(this.#take(8));
  }

  varint(): number {
    const at = this.#at;
    if (at < this.#buffer.length) {
      const only = this.#buffer[at] as number;
      if (only < 0x80) {
        this.#at = at + 1;
        return only;
      }
    }
    // 28 bits and 28 bits, both as integers.
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      low |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      checkShortest(byte, shift > 0);
      return low;
    }
    let high = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      high |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      const value = high * LOW_RANGE + low;
      if (!Number.isSafeInteger(value)) throw new DecodeError("a number is too large");
      checkShortest(byte, true);
      return value;
    }
    throw new DecodeError("a number is too long");
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  bytes(): Uint8Array {
    return this.raw(this.varint());
  }

  text(): string {
    const length = this.varint();
    const at = this.#take(length);
    return shortText(this.#buffer, at, at + length) ?? fromUtf8(this.#buffer.subarray(at, at + length));
  }

  /** Asserts that nothing is left: trailing bytes are as wrong as missing ones. */
  end(): void {
    if (this.remaining !== 0) throw new DecodeError(`${this.remaining} bytes too many`);
  }
}

function checkShortest(last: number, isBehindOthers: boolean): void {
  if (last === 0 && isBehindOthers) throw new DecodeError("a number is not in its shortest form");
}
