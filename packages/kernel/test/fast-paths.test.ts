import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  ByteReader,
  ByteWriter,
  DecodeError,
  equalBytes,
  keyBytes,
  keyOf,
  sha256,
  sha256Of,
  textOfKey,
} from "@isthmus/kernel";
import fc from "fast-check";

// What is fast has a second path beside the plain one: each agrees with a dumb twin, on both sides of the switch.

const MIXED = ["a", "\0", "\x7f", "\x80", "é", "ż", "漢", "\uffff", "😀"];

test("a number has the bytes of its plain form, of any size, and is read back", () => {
  const twin = (value: bigint): number[] =>
    value < 128n ? [Number(value)] : [Number(value % 128n) + 128, ...twin(value / 128n)];
  const edges = [7, 14, 21, 27, 28, 29, 31, 32, 35, 42, 49].flatMap((bits) => [2 ** bits - 1, 2 ** bits]);
  const check = (value: number): void => {
    const bytes = new ByteWriter(1).varint(value).finish();
    assert.deepEqual([...bytes], twin(BigInt(value)));
    assert.equal(new ByteReader(bytes).varint(), value);
  };
  edges.forEach(check);
  fc.assert(fc.property(fc.maxSafeNat(), check));
});

test("a number in another form than its shortest, too large or too long is refused", () => {
  const full = (count: number, byte: number): number[] => new Array<number>(count).fill(byte);
  const refused = [[0x80, 0], [...full(4, 0x80), 0], full(8, 0xff), [...full(7, 0xff), 0x7f]];
  for (const bytes of refused)
    assert.throws(() => new ByteReader(Uint8Array.from(bytes)).varint(), DecodeError);
});

test("a u32 is little-endian", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 32 - 1 }), (value) => {
      const bytes = new ByteWriter(1).u32(value).finish();
      assert.equal(Buffer.from(bytes).readUInt32LE(), value);
      assert.equal(new ByteReader(bytes).u32(), value);
    }),
  );
});

test("texts come back as they were, short or long, ASCII or not, whatever was read before", () => {
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  const text = fc.oneof(
    fc.string({ maxLength: 6, unit: fc.constantFrom("a", "b", "A", "\0", "\x7f") }),
    fc.string({ maxLength: 100, unit: fc.constantFrom(...MIXED) }),
    fc.string({ minLength: 30, maxLength: 80, unit: fc.constantFrom(...ascii) }),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), (texts) => {
      const writer = new ByteWriter(1);
      for (const each of texts) writer.text(each);
      const bytes = writer.finish();
      const plain = texts.map((each) => {
        const content = Buffer.from(each, "utf8");
        return Buffer.concat([new ByteWriter().varint(content.length).finish(), content]);
      });
      assert.ok(equalBytes(bytes, Buffer.concat(plain)));
      const reader = new ByteReader(bytes);
      assert.deepEqual(
        texts.map(() => reader.text()),
        texts,
      );
    }),
    { numRuns: 40 },
  );
});

test("a text that is not UTF-8 is refused, however short", () => {
  for (const bytes of [
    [1, 0xff],
    [2, 0x61, 0xc3],
    [3, 0xed, 0xa0, 0x80],
  ])
    assert.throws(() => new ByteReader(Uint8Array.from(bytes)).text(), DecodeError);
});

test("a key holds the UTF-8 bytes of its text, and is written as they are", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80, unit: fc.constantFrom(...MIXED) }), (text) => {
      const key = keyOf(text);
      assert.equal(textOfKey(key), text);
      const written = new ByteReader(new ByteWriter(1).key(key).finish()).bytes();
      assert.ok(equalBytes(written, keyBytes(key)) && equalBytes(written, Buffer.from(text, "utf8")));
    }),
  );
});

test("bytes are equal exactly if all of them are, at every length around the switch", () => {
  for (let length = 0; length < 140; length++) {
    const a = Uint8Array.from({ length }, (_, index) => index * 7);
    assert.ok(equalBytes(a, Buffer.from(a)));
    assert.ok(!equalBytes(a, Uint8Array.from([...a, 0])));
    for (const place of [0, length >> 1, length - 1].filter((each) => each >= 0 && each < length))
      assert.ok(!equalBytes(a, a.with(place, (a[place] as number) ^ 1)));
  }
});

test("a hash of parts is the hash of their bytes, few or many", () => {
  for (const size of [0, 1, 100, 3000, 5000]) {
    const parts = [Buffer.alloc(size, 1), Buffer.alloc(size, 2)];
    const reference = createHash("sha256").update(Buffer.concat(parts)).digest();
    assert.ok(equalBytes(sha256Of(parts), reference));
    assert.ok(equalBytes(sha256(Buffer.concat(parts)), reference));
  }
});
