import { assert, ByteWriter, type Key, keyBytes, sha256 } from "@isthmus/kernel";
import { encodeRecord, type GraphRecord } from "./record.ts";

export const DIGEST_BYTES = 16;

/**
 * A sum over all records of a hash of what stands in each: the same whatever the order in which it came about, and
 * kept up while applying. Tombstones, retry keys and derived indexes are not in it: they may differ between replicas
 * that agree (TRAPS T27).
 */
export class Digest {
  readonly #words: Uint32Array;

  constructor(bytes?: Uint8Array) {
    assert(bytes === undefined || bytes.length === DIGEST_BYTES, "a digest has 16 bytes");
    this.#words = new Uint32Array(4);
    if (bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, DIGEST_BYTES);
      for (let word = 0; word < 4; word++) this.#words[word] = view.getUint32(word * 4, true);
    }
  }

  /** Takes a record's old content out of the sum and its new one in. */
  replace(key: Key, before: Encoded | null, after: Encoded | null): void {
    if (before) this.#add(contribution(key, before), -1);
    if (after) this.#add(contribution(key, after), 1);
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(DIGEST_BYTES);
    const view = new DataView(bytes.buffer);
    this.#words.forEach((word, index) => {
      view.setUint32(index * 4, word, true);
    });
    return bytes;
  }

  // Addition modulo 2^128 in words of 32 bits, least first.
  #add(hash: Uint8Array | null, sign: 1 | -1): void {
    if (hash === null) return;
    const view = new DataView(hash.buffer, hash.byteOffset, DIGEST_BYTES);
    let carry = 0;
    for (let word = 0; word < 4; word++) {
      const sum = (this.#words[word] as number) + sign * view.getUint32(word * 4, true) + carry;
      this.#words[word] = sum;
      carry = Math.floor(sum / 2 ** 32);
    }
  }
}

/** A record with its canonical bytes. */
export interface Encoded {
  readonly record: GraphRecord;
  readonly bytes: Uint8Array;
}

function contribution(key: Key, { record, bytes }: Encoded): Uint8Array | null {
  let content = bytes;
  if (!record.existence.every((version) => version.present)) {
    const standing = { ...record, existence: record.existence.filter((version) => version.present) };
    if (standing.existence.length === 0 && standing.properties.size === 0) return null;
    content = encodeRecord(standing);
  }
  return sha256(new ByteWriter(content.length + key.length + 4).bytes(keyBytes(key)).raw(content).finish());
}
