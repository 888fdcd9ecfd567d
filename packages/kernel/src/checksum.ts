import { createHash, hash as oneShot } from "node:crypto";
import { crc32 as nativeCrc32 } from "node:zlib";

/** Below this size a table in JavaScript beats the call into zlib (measured: FACTS §2). */
const NATIVE_FROM_BYTES = 200;

const table = new Uint32Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** CRC-32 (IEEE 802.3). `seed` continues an earlier checksum or salts it. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  if (bytes.length >= NATIVE_FROM_BYTES) return nativeCrc32(bytes, seed);
  let crc = ~seed;
  for (let at = 0; at < bytes.length; at++)
    crc = (table[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

export const SHA256_BYTES = 32;

export function sha256(bytes: Uint8Array): Uint8Array {
  // As a text and back: a hash that comes as a buffer has memory of its own, which takes twice as long as the hash.
  return Buffer.from(oneShot("sha256", bytes, "binary"), "latin1");
}

/** Up to here one copy costs less than a hash that is made step by step. */
const JOINED_MAX_BYTES = 4096;

export function sha256Of(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size <= JOINED_MAX_BYTES) return sha256(Buffer.concat(parts, size));
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
