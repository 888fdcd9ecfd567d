import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 as reference } from "node:zlib";
import { ByteReader, ByteWriter, crc32 } from "@isthmus/kernel";

test("what is written is read back, to the last byte", () => {
  const bytes = new ByteWriter(1)
    .u8(7)
    .varint(300)
    .varint(Number.MAX_SAFE_INTEGER)
    .f64(-0.5)
    .text("zażółć")
    .i64(-5n)
    .finish();
  const reader = new ByteReader(bytes);
  assert.equal(reader.u8(), 7);
  assert.equal(reader.varint(), 300);
  assert.equal(reader.varint(), Number.MAX_SAFE_INTEGER);
  assert.equal(reader.f64(), -0.5);
  assert.equal(reader.text(), "zażółć");
  assert.equal(reader.i64(), -5n);
  reader.end();
});

test("both checksum paths agree with the reference at every length around the switch", () => {
  for (let length = 0; length < 420; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 0xff);
    assert.equal(crc32(bytes), reference(bytes));
    assert.equal(crc32(bytes, 12345), reference(bytes, 12345));
  }
});
