import { assert } from "./assert.ts";

/** A queue with a bound. What does not fit is refused to whoever brought it, never dropped behind its back. */
export class Inbox<T> {
  readonly limit: number;
  #items: T[] = [];
  #head = 0;

  constructor(limit: number) {
    assert(Number.isSafeInteger(limit) && limit > 0, "an inbox has a positive limit");
    this.limit = limit;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** False when full: the caller says so to its own caller. */
  offer(item: T): boolean {
    if (this.size >= this.limit) return false;
    this.#items.push(item);
    return true;
  }

  take(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined as T;
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Everything that waits, in order. */
  drain(): T[] {
    const all = this.#head === 0 ? this.#items : this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return all;
  }
}
