import type { ByteWriter } from "@isthmus/kernel";

// What is hottest is written by hand, in the very bytes that the generated code would write: a field's tag is its number
// times 8, plus 2 for what has a length, and one byte up to number 15.

/** A number; zero is what a field is that is not there. */
export function writeNumber(writer: ByteWriter, tag: number, value: number): void {
  if (value !== 0) writer.u8(tag).varint(value);
}

/** A text, or bytes; where they are empty the field is not there either. */
export function writeText(writer: ByteWriter, tag: number, text: string): void {
  if (text !== "") writer.u8(tag).text(text);
}

export function writeBlock(writer: ByteWriter, tag: number, bytes: Uint8Array): void {
  if (bytes.length > 0) writer.u8(tag).bytes(bytes);
}

/** What `writeNumber` writes, in bytes. */
export function numberBytes(value: number): number {
  return value === 0 ? 0 : 1 + varintBytes(value);
}

/** What bytes take with their tag and their length. */
export function blockBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}
