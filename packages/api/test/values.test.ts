import assert from "node:assert/strict";
import { test } from "node:test";
import { valueFromJson, valueToJson } from "@isthmus/kernel";
import fc from "fast-check";
import { start } from "./harness.ts";

const TYPED = {
  null: null,
  yes: true,
  float: -0.1,
  big: 1.7976931348623157e308,
  text: "ü ☃ \u0000 𝄞",
  int: { $int: "-9007199254740993" },
  edge: { $int: "9223372036854775807" },
  bytes: { $bytes: "AAECAw==" },
  none: { $bytes: "" },
  time: { $time: "2026-11-22T10:00:00.000Z" },
  vector: { $vector: [0.1, -2, 3.5e-10] },
  list: [1, [null, { $int: "1" }], {}],
  object: { a: 1, b: { $time: "1969-12-31T23:59:59.999Z" }, c: {} },
};

test("typed values come back as they were written", async (t) => {
  const { call } = await start(t);
  await call("PUT /v1/main/nodes/a", { body: { properties: TYPED } });
  assert.deepEqual((await call("GET /v1/main/nodes/a")).json.properties, TYPED);
});

const key = fc
  .string({ unit: "binary", minLength: 1, maxLength: 12 })
  .filter((text) => !text.startsWith("$"));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary" }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((integer) => ({ $int: String(integer) })),
    fc.uint8Array().map((bytes) => ({ $bytes: Buffer.from(bytes).toString("base64") })),
    fc.date({ noInvalidDate: true }).map((date) => ({ $time: date.toISOString() })),
    fc.array(fc.float({ noNaN: true, noDefaultInfinity: true })).map((floats) => ({ $vector: floats })),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  ),
}));
const name = key.filter((text) => !/\p{Cc}/u.test(text) && Buffer.byteLength(text) <= 256);

test("any properties survive a write and a read, and a patch of the same onto nothing", async (t) => {
  const { call } = await start(t);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 5 }), async (properties) => {
      const meant = Object.fromEntries(
        Object.entries(properties).map(([key, json]) => [key, valueToJson(valueFromJson(json, key))]),
      );
      const put = await call("PUT /v1/main/nodes/a", { body: { properties } });
      assert.equal(put.status, 200, put.text);
      const got = await call("GET /v1/main/nodes/a");
      assert.deepEqual(sorted(got.json.properties), sorted(meant));
      const patch = await call("PATCH /v1/main/nodes/a", {
        body: { properties: JSON.parse(JSON.stringify(properties)) },
      });
      assert.equal(patch.status, 200, patch.text);
      const exported = await call("GET /v1/main/export");
      assert.equal(exported.text.endsWith("\n"), true);
    }),
    { numRuns: 100 },
  );
});

/** Without prototypes, so that only members are compared. */
function sorted(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json));
}
