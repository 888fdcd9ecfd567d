import { assert, type Random } from "@isthmus/kernel";
import { BACKOFF_FIRST_MS, BACKOFF_LAST_MS } from "./limits.ts";

/** How long to wait before the next attempt: doubling, bounded, and spread so that nodes do not return in step. */
export class Backoff {
  readonly #random: Random;
  #waitMs = BACKOFF_FIRST_MS;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Between half and the whole of the current wait, in milliseconds; the next one is twice as long. */
  nextMs(): number {
    const waitMs = this.#waitMs * (0.5 + this.#random.next() / 2);
    this.#waitMs = Math.min(BACKOFF_LAST_MS, this.#waitMs * 2);
    assert(waitMs > 0, "nobody retries without waiting");
    return waitMs;
  }

  /**
   * A connection has ended. Only one that lasted counts as a success: a peer that greets and then breaks off, again
   * and again, is met ever more slowly. One that was refused is not better the next moment.
   */
  ended(upMs: number, refused: boolean): void {
    if (upMs >= BACKOFF_LAST_MS) this.#waitMs = BACKOFF_FIRST_MS;
    if (refused) this.#waitMs = BACKOFF_LAST_MS;
  }
}
