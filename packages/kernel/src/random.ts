import { assert } from "./assert.ts";

/** Where randomness comes from: the machine's in production, a seed's in simulation and tests. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, n). */
  below(n: number): number;
}

/** The sfc32 generator: small, fast, the same everywhere. Not for secrets. */
export function seededRandom(seed: number | string): Random {
  let [a, b, c, counter] = spread(String(seed));
  const word = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 16; warmUp++) word();
  const next = (): number => (word() * 0x200000 + (word() >>> 11)) / 2 ** 53;
  return {
    next,
    below(n) {
      assert(Number.isSafeInteger(n) && n > 0, "a bound is a positive integer");
      return Math.floor(next() * n);
    },
  };
}

/** Four words from a text (FNV-1a with a different start for each), so that near seeds give far streams. */
function spread(text: string): [number, number, number, number] {
  const words = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b].map((start) => {
    let word = start;
    for (let index = 0; index < text.length; index++) {
      word = Math.imul(word ^ text.charCodeAt(index), 0x01000193);
      word ^= word >>> 13;
    }
    return word | 0;
  });
  return words as [number, number, number, number];
}
