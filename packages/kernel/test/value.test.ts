import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeValue, encodeValue, Instant, type Value, valueFromJson, valueToJson } from "@isthmus/kernel";
import fc from "fast-check";

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
  fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: -8.64e15, max: 8.64e15 }).map((ms) => new Instant(ms)),
  fc
    .float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 8 })
    .map((floats) => floats.map((float) => (float === 0 ? 0 : float))),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => !key.startsWith("$")),
      tie("value"),
      { maxKeys: 4, noNullPrototype: false },
    ),
  ),
}));

test("a value has one form in bytes, and comes back exactly", () => {
  fc.assert(
    fc.property(value, (original) => {
      const bytes = encodeValue(original);
      assert.deepEqual(encodeValue(decodeValue(bytes)), bytes);
    }),
    { numRuns: 1000 },
  );
});

test("a value goes through JSON text and comes back exactly: typed ones too", () => {
  fc.assert(
    fc.property(value, (original) => {
      const text = JSON.stringify(valueToJson(original));
      assert.deepEqual(encodeValue(valueFromJson(JSON.parse(text), "value")), encodeValue(original));
    }),
    { numRuns: 1000 },
  );
});

test("what a person wrote of a vector comes back as written", () => {
  const written = { $vector: [0.1, 0.2, -3.25, 1e-30, 1e-45, 16777216] };
  assert.deepEqual(valueToJson(valueFromJson(written, "v")), written);
});

test("what is no value is refused with its place", () => {
  const deep = JSON.parse(`${"[".repeat(70)}${"]".repeat(70)}`);
  const wrong: [unknown, RegExp][] = [
    [{ $int: "1.5" }, /\$int/],
    [{ $int: "9223372036854775808" }, /\$int/],
    [{ $int: "-0" }, /\$int/],
    [{ $int: 5 }, /\$int/],
    [{ $bytes: "AA" }, /\$bytes/],
    [{ $bytes: "A===" }, /\$bytes/],
    [{ $time: "2026-02-30T00:00:00Z" }, /\$time/],
    [{ $time: "2026-01-01" }, /\$time/],
    [{ $time: "2026-01-01T00:00:00.1234Z" }, /\$time/],
    [{ $vector: [1e39] }, /\$vector/],
    [{ $vector: ["1"] }, /\$vector/],
    [{ $other: 1 }, /no type/],
    [{ $int: "1", more: 2 }, /begins with \$/],
    [{ inner: ["\ud800"] }, /where\.inner\[0\]/],
    [deep, /deeper/],
  ];
  for (const [json, message] of wrong)
    assert.throws(
      () => valueFromJson(json, "where"),
      (error: Error) => message.test(error.message),
      JSON.stringify(json),
    );
});

test("damaged bytes are refused, never misread as a crash", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decodeValue(bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "invalid", String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
