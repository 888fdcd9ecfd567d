import assert from "node:assert/strict";
import { test } from "node:test";
import { checkedContent, cursorFromText } from "@isthmus/graph";
import { encodeValue } from "@isthmus/kernel";
import {
  type Batch,
  encodeOutcomes,
  encodeRequest,
  encodeRequests,
  hashBatch,
  type Operation,
} from "@isthmus/wire";
import fc from "fast-check";
import { exchange, patch, put, Region } from "./support/region.ts";

const MIB = 1024 * 1024;
const status = (results: ReturnType<Region["write"]>) =>
  results.map((result) => (result.status === "refused" ? result.code : result.status));

test("what a batch must ship of the state is bounded: requests beyond it are refused, and change nothing", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  us.write({ operations: [put("a", { big: { text: "x".repeat(MIB) } })] });
  const merge: Operation = {
    op: "patch_node",
    id: "a",
    condition: null,
    labelsAdded: [],
    labelsRemoved: [],
    properties: { set: [], merge: [["big", encodeValue({ n: 1 })]], unset: [] },
  };
  const results = us.write({ operations: [merge] }, { operations: [merge] }, { operations: [put("b")] });
  assert.deepEqual(status(results), ["applied", "too_large", "applied"]);
  assert.ok((us.batches.at(-1)?.outcome.length ?? 0) <= 2 * MIB);
  exchange(us, eu);
  assert.equal(us.digest, eu.digest);
});

test("a record grows to a bound, and not beyond by any number of patches", () => {
  const us = new Region("us");
  const text = "x".repeat(1.5 * MIB);
  assert.deepEqual(status(us.write({ operations: [put("a", { p: text })] })), ["applied"]);
  assert.deepEqual(status(us.write({ operations: [patch("a", { q: text })] })), ["applied"]);
  const { digest } = us;
  assert.deepEqual(status(us.write({ operations: [patch("a", { r: text })] })), ["too_large"]);
  assert.equal(us.digest, digest);
});

test("T15: a key that is used again after it was forgotten in one region makes no echo in another", () => {
  const us = new Region("us", 1);
  const eu = new Region("eu", 1);
  us.write({ operations: [put("r", { x: "first" })], key: "K" });
  exchange(us, eu);
  us.write({ operations: [put("s")], key: "K2" });
  exchange(us, eu);
  // EU knows that everybody whom it can ask has seen K, and may have forgotten it; US still waits for EU's word.
  eu.write({ operations: [put("r", { x: "first" })], key: "K" });
  exchange(us, eu);
  assert.equal(String(us.machine.vector), String(eu.machine.vector));
  assert.equal(us.digest, eu.digest);
});

test("a cursor that no answer gave is refused before it reaches the state", () => {
  assert.throws(() => cursorFromText("x".repeat(6_000)), { code: "invalid" });
});

/** A batch as a hostile region would sign it: whole, chained, and with whatever content it likes. */
function forged(content: {
  requests: Uint8Array;
  outcome: Uint8Array;
  wallMs?: number;
  logical?: number;
}): Batch {
  const honest = new Region("us");
  honest.write({ operations: [put("a", { p: 1 })] });
  const [batch] = honest.batches;
  assert.ok(batch);
  const stamp = { wallMs: content.wallMs ?? 1, logical: content.logical ?? 0 };
  const head = { ...batch, stamp };
  const { requests, outcome } = content;
  return { ...head, requests, outcome, hash: hashBatch(head, requests, outcome) };
}

const applied = (count: number) =>
  encodeOutcomes([
    {
      status: "applied",
      dependents: Array.from({ length: count }, () => ({ labels: [], merged: [], edges: [], ends: null })),
    },
  ]);
const requestOf = (operations: Operation[], retry: { key: string; bodyHash: Uint8Array } | null = null) =>
  encodeRequest({ id: { node: 1, nonce: 1, counter: 1 }, retry, operations });

test("a batch whose content would stop a replica, or a reader, is refused before it is proposed", () => {
  const raw = (name: string, value: Uint8Array): Operation =>
    ({ ...put("a"), properties: [[name, value]] }) as Operation;
  const key = { key: "k", bodyHash: new Uint8Array(16) };
  const twice = [requestOf([put("a")], key), requestOf([put("a")], key)];
  const both = encodeOutcomes(
    [1, 2].map(() => ({
      status: "applied",
      dependents: [{ labels: [], merged: [], edges: [], ends: null }],
    })),
  );
  const cascade = (edge: string) =>
    encodeOutcomes([
      { status: "applied", dependents: [{ labels: [], merged: [], edges: [edge], ends: null }] },
    ]);
  const wrong: [string, Batch][] = [
    [
      "a value that is none",
      forged({
        requests: encodeRequests([requestOf([raw("p", new Uint8Array([99]))])]),
        outcome: applied(1),
      }),
    ],
    [
      "a name without letters",
      forged({ requests: encodeRequests([requestOf([raw("", encodeValue(1))])]), outcome: applied(1) }),
    ],
    ["one key twice", forged({ requests: encodeRequests(twice), outcome: both })],
    [
      "a key too long",
      forged({
        requests: encodeRequests([requestOf([put("a")], { ...key, key: "k".repeat(5_000) })]),
        outcome: applied(1),
      }),
    ],
    [
      "a stamp beyond all clocks",
      forged({
        requests: encodeRequests([requestOf([put("a")])]),
        outcome: applied(1),
        wallMs: Number.MAX_SAFE_INTEGER,
      }),
    ],
    [
      "an edge's id too long",
      forged({ requests: encodeRequests([requestOf([put("a")])]), outcome: cascade("e".repeat(5_000)) }),
    ],
    [
      "an edge's id with a zero",
      forged({ requests: encodeRequests([requestOf([put("a")])]), outcome: cascade("a\0b") }),
    ],
  ];
  for (const [what, batch] of wrong) assert.throws(() => checkedContent(batch), { code: "invalid" }, what);
});

test("whatever content is let through, applying it and reading it throws nothing", () => {
  const honest = new Region("us");
  honest.write({ operations: [put("a", { p: { q: [1, "x"] } }, ["L"]), put("b")], key: "key" });
  honest.write({
    operations: [{ op: "put_edge", id: "e", condition: null, type: "T", from: "a", to: "b", properties: [] }],
  });
  honest.write({ operations: [{ op: "delete_node", id: "a", condition: null }] });
  const mutation = fc.record({
    batch: fc.nat(2),
    field: fc.constantFrom("requests", "outcome"),
    at: fc.nat(200),
    byte: fc.nat(255),
  });
  let through = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 2 }), (mutations) => {
      const eu = new Region("eu");
      for (const [index, original] of honest.batches.entries()) {
        const fields = {
          requests: Uint8Array.from(original.requests),
          outcome: Uint8Array.from(original.outcome),
        };
        for (const { batch, field, at, byte } of mutations) {
          const bytes = fields[field as "requests" | "outcome"];
          if (batch === index && bytes.length > 0) bytes[at % bytes.length] = byte;
        }
        const head = { ...original, previousHash: eu.machine.headOf(original.origin) };
        const batch = { ...head, ...fields, hash: hashBatch(head, fields.requests, fields.outcome) };
        try {
          checkedContent(batch);
        } catch (error) {
          assert.equal((error as { code?: string }).code, "invalid", String(error));
          return;
        }
        through += 1;
        eu.receive(batch);
      }
      eu.reader.page(null, 100);
      eu.write({ operations: [put("c")], key: "own" });
    }),
    { numRuns: 3000 },
  );
  assert.ok(through > 1000, `only ${through} mutated batches were let through`);
});
