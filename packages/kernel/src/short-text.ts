/** Longer texts are seldom the same again. */
const TEXT_MAX_BYTES = 40;
/** A power of two. */
const SLOTS = 4096;

/**
 * Names come again and again: origins, ids, labels, properties. A text that was read before costs a comparison instead of
 * a call into the decoder, and is the same string as before, with the hash that a Map has already taken of it. One place
 * for each hash, where the last text stays: at most about half a megabyte, whatever is read.
 */
const texts: string[] = new Array<string>(SLOTS).fill("");

/** The text of a few ASCII bytes; undefined when they are many, or are not all ASCII. */
export function shortText(bytes: Buffer, from: number, to: number): string | undefined {
  const length = to - from;
  if (length > TEXT_MAX_BYTES) return undefined;
  let hash = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return undefined;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const known = texts[slot] as string;
  if (known.length === length && isSame(known, bytes, from)) return known;
  const text = bytes.toString("latin1", from, to);
  texts[slot] = text;
  return text;
}

function isSame(text: string, bytes: Buffer, from: number): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[from + at]) return false;
  return true;
}
