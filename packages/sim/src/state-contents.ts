import { assert, type Key, type StoreWrite } from "@isthmus/kernel";

/** The same bound as the real store's. */
const KEY_MAX_BYTES = 1978;

/** A chunk that has grown to this is cut in two. */
const CHUNK_KEYS = 128;

/** Some neighbouring entries; never empty, never changed. */
interface Chunk {
  readonly keys: readonly Key[];
  readonly values: readonly Uint8Array[];
}

/**
 * An ordered map that never changes: a commit makes a new one, a view keeps an old one. Its entries lie in chunks, and a
 * commit makes only those anew that it touches: simulated nodes commit often, and little of much.
 */
export class StateContents {
  static readonly EMPTY = new StateContents([]);

  /** In the order of their keys. */
  readonly #chunks: readonly Chunk[];

  private constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks;
  }

  /** A copy: what a caller does to it is its own affair, as with the real store. */
  get(key: Key): Uint8Array | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)];
    if (chunk === undefined) return undefined;
    const at = placeOf(key, chunk.keys);
    return chunk.keys[at] === key ? copyOf(chunk.values[at] as Uint8Array) : undefined;
  }

  *range(from: Key, to: Key): Generator<readonly [Key, Uint8Array]> {
    for (let number = this.#chunkOf(from); number < this.#chunks.length; number++) {
      const { keys, values } = this.#chunks[number] as Chunk;
      for (let at = placeOf(from, keys); at < keys.length; at++) {
        const key = keys[at] as Key;
        if (key >= to) return;
        yield [key, copyOf(values[at] as Uint8Array)];
      }
    }
  }

  /** Asserts that keys ascend and are of 1 to 1978 bytes. Copies the values. */
  with(writes: readonly StoreWrite[]): StateContents {
    const chunks: Chunk[] = [];
    let kept = 0;
    let next = 0;
    while (next < writes.length) {
      const number = this.#chunkOf((writes[next] as StoreWrite)[0]);
      while (kept < number) chunks.push(this.#chunks[kept++] as Chunk);
      // All that falls before the next chunk changes this one.
      const limit = this.#chunks[number + 1]?.keys[0];
      const from = next;
      while (next < writes.length && (limit === undefined || (writes[next] as StoreWrite)[0] < limit)) {
        assertWrite(writes, next);
        next += 1;
      }
      pushChunks(merged(this.#chunks[number] ?? NO_ENTRIES, writes, from, next), chunks);
      kept = Math.min(number + 1, this.#chunks.length);
    }
    while (kept < this.#chunks.length) chunks.push(this.#chunks[kept++] as Chunk);
    return new StateContents(chunks);
  }

  /** Where a key is, or would be: the last chunk that does not begin behind it, or the first. */
  #chunkOf(key: Key): number {
    let low = 0;
    let high = this.#chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (((this.#chunks[middle] as Chunk).keys[0] as Key) <= key) low = middle;
      else high = middle;
    }
    return low;
  }
}

const NO_ENTRIES: Chunk = { keys: [], values: [] };

function assertWrite(writes: readonly StoreWrite[], at: number): void {
  const [key] = writes[at] as StoreWrite;
  const before = writes[at - 1]?.[0];
  assert(key.length > 0 && key.length <= KEY_MAX_BYTES, `a key has 1 to ${KEY_MAX_BYTES} bytes`);
  assert(before === undefined || before < key, "the keys of a commit ascend");
}

/** A chunk's entries with the writes from `from` up to `to`. */
function merged(chunk: Chunk, writes: readonly StoreWrite[], from: number, to: number): Chunk {
  const keys: Key[] = [];
  const values: Uint8Array[] = [];
  let at = 0;
  const keep = (end: number): void => {
    for (; at < end; at++) {
      keys.push(chunk.keys[at] as Key);
      values.push(chunk.values[at] as Uint8Array);
    }
  };
  for (let index = from; index < to; index++) {
    const [key, value] = writes[index] as StoreWrite;
    keep(placeOf(key, chunk.keys));
    if (chunk.keys[at] === key) at += 1;
    if (value === undefined) continue;
    keys.push(key);
    values.push(copyOf(value));
  }
  keep(chunk.keys.length);
  return { keys, values };
}

function pushChunks({ keys, values }: Chunk, chunks: Chunk[]): void {
  if (keys.length <= CHUNK_KEYS) {
    if (keys.length > 0) chunks.push({ keys, values });
    return;
  }
  const half = CHUNK_KEYS / 2;
  for (let at = 0; at < keys.length; at += half)
    chunks.push({ keys: keys.slice(at, at + half), values: values.slice(at, at + half) });
}

/** The place of the first key that is not less. */
function placeOf(key: Key, keys: readonly Key[]): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as Key) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From Buffer's pool where it is small: memory of its own costs several times what the copy does. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes);
}
