declare const keyBrand: unique symbol;

/**
 * A byte string, held as a JavaScript string of one character (U+0000 to U+00FF) a byte: compares with `<` in byte
 * order and works as a Map key.
 */
export type Key = string & { readonly [keyBrand]: "Key" };

/** The UTF-8 bytes of a text as a key. */
export function keyOf(text: string): Key {
  return (isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1")) as Key;
}

/** The text whose UTF-8 bytes a key holds. */
export function textOfKey(key: string): string {
  return isAscii(key) ? key : Buffer.from(key, "latin1").toString("utf8");
}

/** Whether UTF-8 and latin-1 agree on a text. */
function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false;
  return true;
}

export function keyBytes(key: Key): Buffer {
  return Buffer.from(key, "latin1");
}

export function keyFromBytes(bytes: Uint8Array): Key {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1") as Key;
}

/** The least key greater than every key that begins with `prefix`. `prefix` must not be all U+00FF. */
export function prefixEnd(prefix: string): Key {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end -= 1;
  return (prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1)) as Key;
}
