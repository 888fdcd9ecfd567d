import { assert, ByteWriter, type Key, sha256 } from "@isthmus/kernel";
import { encodeRecord, type GraphRecord } from "./record.ts";

export const DIGEST_BYTES = 16;

/**
 * A sum over all records of a hash of what stands in each: the same whatever the order in which it came about, and
 * kept up while applying. Tombstones, retry keys and derived indexes are not in it: they may differ between replicas
 * that agree (TRAPS T27).
 */
export class Digest {
  /** Four words of 32 bits, the least first. */
  readonly #words: Uint32Array;
  readonly #recent = new Map<Key, Uint32Array | null>();

  constructor(bytes?: Uint8Array) {
    assert(bytes === undefined || bytes.length === DIGEST_BYTES, "a digest has 16 bytes");
    this.#words = bytes ? wordsOf(bytes) : new Uint32Array(WORDS);
  }

  /** Takes a record's old content out of the sum and its new one in. */
  replace(key: Key, before: Encoded | null, after: Encoded | null): void {
    if (before) {
      const known = this.#recent.get(key);
      this.#add(known === undefined ? contribution(key, before) : known, -1);
    }
    const added = after ? contribution(key, after) : null;
    this.#add(added, 1);
    // Invariant: what is remembered under a key is what the sum has of it, so that it need not be hashed to go.
    this.#recent.delete(key);
    this.#recent.set(key, added);
    if (this.#recent.size <= RECENT_MAX) return;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined) this.#recent.delete(oldest);
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(DIGEST_BYTES);
    for (let at = 0; at < DIGEST_BYTES; at++)
      bytes[at] = (this.#words[at >>> 2] as number) >>> ((at & 3) * 8);
    return bytes;
  }

  // Addition modulo 2^128 in words of 32 bits, least first.
  #add(summand: Uint32Array | null, sign: 1 | -1): void {
    if (summand === null) return;
    let carry = 0;
    for (let word = 0; word < WORDS; word++) {
      const sum = (this.#words[word] as number) + sign * (summand[word] as number) + carry;
      this.#words[word] = sum;
      carry = Math.floor(sum / 2 ** 32);
    }
  }
}

const WORDS = DIGEST_BYTES / 4;
/** Records that are written again soon: their old content is then not hashed a second time. About 100 bytes each. */
const RECENT_MAX = 4096;

/** The first 16 bytes as words. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(WORDS);
  for (let at = 0; at < DIGEST_BYTES; at++)
    words[at >>> 2] = (words[at >>> 2] as number) | ((bytes[at] as number) << ((at & 3) * 8));
  return words;
}

/** A record with its canonical bytes. */
export interface Encoded {
  readonly record: GraphRecord;
  readonly bytes: Uint8Array;
}

function contribution(key: Key, { record, bytes }: Encoded): Uint32Array | null {
  let content = bytes;
  if (!record.existence.every((version) => version.present)) {
    const standing = { ...record, existence: record.existence.filter((version) => version.present) };
    if (standing.existence.length === 0 && standing.properties.size === 0) return null;
    content = encodeRecord(standing);
  }
  return wordsOf(sha256(new ByteWriter(content.length + key.length + 4).key(key).raw(content).finish()));
}
