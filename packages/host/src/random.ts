import { randomFillSync } from "node:crypto";
import { assert, type Random } from "@isthmus/kernel";

/** Numbers are drawn from the system's generator so many at a time: each draw of its own would cost a call. */
const POOL_WORDS = 256;

/** The machine's own randomness: not to be foretold, not to be repeated. */
export function hostRandom(): Random {
  const pool = new Uint32Array(POOL_WORDS);
  let used = POOL_WORDS;
  const word = (): number => {
    if (used === POOL_WORDS) {
      randomFillSync(pool);
      used = 0;
    }
    return pool[used++] as number;
  };
  const next = (): number => (word() * 0x200000 + (word() >>> 11)) / 2 ** 53;
  return {
    next,
    below(n) {
      assert(Number.isSafeInteger(n) && n > 0, "a bound is a positive integer");
      return Math.floor(next() * n);
    },
  };
}
