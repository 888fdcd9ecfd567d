import { assert } from "@isthmus/kernel";

/**
 * The window of MsgApp messages under way to one peer: the last index of each, oldest first, in a ring that grows up to
 * the limit. An acknowledgement of an index frees all messages up to it.
 */
export class Inflights {
  readonly limit: number;
  readonly limitBytes: number;
  #start = 0;
  #count = 0;
  #totalBytes = 0;
  readonly #lastIndexes: number[] = [];
  readonly #bytes: number[] = [];

  constructor(limit: number, limitBytes: number) {
    assert(limit > 0 && limitBytes > 0, "a window lets something through");
    this.limit = limit;
    this.limitBytes = limitBytes;
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.limit || this.#totalBytes >= this.limitBytes;
  }

  /** Notes a message whose last entry is `lastIndex`. Asserts that there is room. */
  add(lastIndex: number, bytes: number): void {
    assert(!this.full, "a message is sent only while the window has room");
    // The ring grows only while it has never wrapped: afterwards every place up to the limit exists.
    const place = (this.#start + this.#count) % this.limit;
    this.#lastIndexes[place] = lastIndex;
    this.#bytes[place] = bytes;
    this.#count += 1;
    this.#totalBytes += bytes;
    assert(this.#count <= this.limit, "a window holds no more messages than it may");
  }

  /** Frees every message whose last entry is at or below `index`. */
  freeUpTo(index: number): void {
    while (this.#count > 0 && (this.#lastIndexes[this.#start] as number) <= index) {
      this.#totalBytes -= this.#bytes[this.#start] as number;
      this.#start = (this.#start + 1) % this.limit;
      this.#count -= 1;
    }
    if (this.#count === 0) this.#start = 0;
    assert(this.#count > 0 || this.#totalBytes === 0, "an empty window holds no bytes");
  }

  reset(): void {
    this.#start = 0;
    this.#count = 0;
    this.#totalBytes = 0;
  }
}
