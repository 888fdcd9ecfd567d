import { assert, type Key, type StoreWrite } from "@isthmus/kernel";

/** The same bound as the real store's. */
const KEY_MAX_BYTES = 1978;

/**
 * An ordered map that never changes: a commit makes a new one, a view keeps an old one. Linear in its size for each
 * commit, which a simulation's sizes bear, and too plain to be wrong in the ways of the real one.
 */
export class StateContents {
  static readonly EMPTY = new StateContents([], []);

  readonly #keys: readonly Key[];
  readonly #values: readonly Uint8Array[];

  private constructor(keys: readonly Key[], values: readonly Uint8Array[]) {
    this.#keys = keys;
    this.#values = values;
  }

  /** A copy: what a caller does to it is its own affair, as with the real store. */
  get(key: Key): Uint8Array | undefined {
    const at = this.#from(key);
    return this.#keys[at] === key ? copyOf(this.#values[at] as Uint8Array) : undefined;
  }

  *range(from: Key, to: Key): Generator<readonly [Key, Uint8Array]> {
    for (let at = this.#from(from); at < this.#keys.length; at++) {
      const key = this.#keys[at] as Key;
      if (key >= to) return;
      yield [key, copyOf(this.#values[at] as Uint8Array)];
    }
  }

  /** Asserts that keys ascend and are of 1 to 1978 bytes. Copies the values. */
  with(writes: readonly StoreWrite[]): StateContents {
    const keys: Key[] = [];
    const values: Uint8Array[] = [];
    let at = 0;
    let before: Key | undefined;
    const keep = (end: number): void => {
      for (; at < end; at++) {
        keys.push(this.#keys[at] as Key);
        values.push(this.#values[at] as Uint8Array);
      }
    };
    for (const [key, value] of writes) {
      assert(key.length > 0 && key.length <= KEY_MAX_BYTES, `a key has 1 to ${KEY_MAX_BYTES} bytes`);
      assert(before === undefined || before < key, "the keys of a commit ascend");
      before = key;
      keep(this.#from(key));
      if (this.#keys[at] === key) at += 1;
      if (value === undefined) continue;
      keys.push(key);
      values.push(copyOf(value));
    }
    keep(this.#keys.length);
    return new StateContents(keys, values);
  }

  /** The place of the first key that is not less. */
  #from(key: Key): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as Key) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** From Buffer's pool where it is small: memory of its own costs several times what the copy does. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes);
}
