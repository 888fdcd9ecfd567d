import assert from "node:assert/strict";
import { test } from "node:test";
import { VersionVector } from "@isthmus/causality";
import { type GroupId, type Origin, type Random, seededRandom } from "@isthmus/kernel";
import {
  type Batch,
  decodeBatch,
  decodeDataEntry,
  decodeForward,
  decodeForwardReply,
  decodeStreamBatch,
  encodeBatch,
  encodeBatchRecord,
  encodeDataEntry,
  encodeForward,
  encodeForwardReply,
  encodeStreamBatch,
  hashBatch,
} from "@isthmus/wire";
import { isthmus as proto } from "../generated/isthmus.js";

const ROUNDS = 200;
const group = "main/0" as GroupId;

const number = (random: Random): number => Math.floor(random.next() * 2 ** random.below(54));
const bytes = (random: Random, most = 300): Buffer => Buffer.alloc(random.below(most + 1), random.below(256));
const some = <T>(random: Random, make: () => T): T[] => Array.from({ length: random.below(4) }, make);

/** The generated code reads what was written by hand, and writes the same again. */
function sameBytes(
  codec: { decode(bytes: Uint8Array): object; encode(message: object): { finish(): Uint8Array } },
  written: Uint8Array,
): void {
  assert.deepEqual(Buffer.from(codec.encode(codec.decode(written)).finish()), Buffer.from(written));
}

function batch(random: Random): Batch {
  return {
    group,
    origin: "eu" as Origin,
    epoch: number(random),
    sequence: number(random),
    stamp: { wallMs: random.below(2 ** 40), logical: random.below(100) },
    context: VersionVector.of([
      ["eu" as Origin, number(random)],
      ["us" as Origin, number(random)],
    ]),
    previousHash: Buffer.alloc(32, random.below(256)),
    requests: bytes(random),
    outcome: bytes(random),
    hash: Buffer.alloc(32, random.below(256)),
  };
}

test("batches, their records and the frames that carry them have the bytes of the generated code", () => {
  const random = seededRandom("batches");
  for (let round = 0; round < ROUNDS; round++) {
    const made = batch(random);
    sameBytes(proto.Batch, encodeBatch(made));
    sameBytes(proto.Batch, encodeBatchRecord(made));
    sameBytes(proto.StreamBatch, encodeStreamBatch({ stream: number(random), batch: made }));
  }
});

test("one batch is sent on several streams with the same bytes but for the stream's number", () => {
  const made = batch(seededRandom("one batch"));
  for (const stream of [0, 1, 300])
    assert.deepEqual(
      Buffer.from(encodeStreamBatch({ stream, batch: made })),
      Buffer.from(
        proto.StreamBatch.encode({ stream, batch: proto.Batch.decode(encodeBatch(made)) }).finish(),
      ),
    );
});

test("local entries have the bytes of the generated code behind their kind", () => {
  const random = seededRandom("entries");
  for (let round = 0; round < ROUNDS; round++) {
    const entry = { epoch: number(random), wallMs: number(random), requests: bytes(random) };
    assert.deepEqual(
      Buffer.from(encodeDataEntry({ kind: "local", ...entry }).subarray(1)),
      Buffer.from(proto.LocalEntry.encode(entry).finish()),
    );
  }
});

test("writes that are handed over, and the answers, have the bytes of the generated code and come back as they were", () => {
  const random = seededRandom("hand-overs");
  for (let round = 0; round < ROUNDS; round++) {
    const forward = {
      group,
      term: number(random),
      nonce: random.below(2 ** 32),
      number: number(random),
      again: random.below(2) === 0,
      requests: some(random, () => bytes(random)),
    };
    assert.deepEqual(
      Buffer.from(encodeForward(forward)),
      Buffer.from(proto.Forward.encode(forward).finish()),
    );
    assert.deepEqual(decodeForward(encodeForward(forward)), forward);
    const reply = {
      group,
      term: number(random),
      taken: number(random),
      refused: number(random),
      ids: some(random, () => bytes(random, 24)),
      code: random.below(2) === 0 ? "" : "no_leader",
    };
    assert.deepEqual(
      Buffer.from(encodeForwardReply(reply)),
      Buffer.from(proto.ForwardReply.encode(reply).finish()),
    );
    assert.deepEqual(decodeForwardReply(encodeForwardReply(reply)), reply);
  }
});

/** A varint of one byte in a longer form, which the generated code reads and nobody writes. */
const longOne = [0x81, 0x80, 0x00];

test("what nobody writes is read as the generated code reads it: other orders, longer numbers, unknown fields", () => {
  const random = seededRandom("odd forms");
  const id = bytes(random, 24);
  const odd = Buffer.from([
    ...[0x20, ...longOne], // term, in front
    ...[0x3a, 2, 1, 2], // a field of a later version
    ...[0x12, id.length, ...id],
    ...[0x20, 7], // term again: the last counts
    ...[0x0a, 6, ...Buffer.from(group)],
  ]);
  const reply = { group, term: 7, taken: 0, refused: 0, ids: [id], code: "" };
  assert.deepEqual(decodeForwardReply(odd), reply);
  const forward = Buffer.from([0x18, ...longOne, 0x20, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x30, 2]);
  const raw = proto.Forward.decode(forward);
  const { term, nonce, again } = decodeForward(forward);
  assert.deepEqual({ term, nonce, again }, { term: raw.term, nonce: raw.nonce, again: raw.again });
  assert.throws(() => decodeForward(Buffer.from([0x12, 200])), { code: "invalid" });
});

test("batches come back as they were, alone, in their frames and as entries, also with their fields in another order", () => {
  const random = seededRandom("batches come back");
  for (let round = 0; round < ROUNDS; round++) {
    const head = batch(random);
    const whole: Batch = { ...head, hash: hashBatch(head, head.requests, head.outcome) };
    const encoded = encodeBatch(whole);
    const stream = number(random);
    const turned = Buffer.concat([
      proto.Batch.encode({ hash: whole.hash, outcome: whole.outcome }).finish(),
      proto.Batch.encode({ ...proto.Batch.decode(encoded), hash: null, outcome: null }).finish(),
    ]);
    const readings = [
      decodeBatch(encoded),
      decodeBatch(turned),
      decodeStreamBatch(encodeStreamBatch({ stream, batch: whole })).batch,
      decodeStreamBatch(proto.StreamBatch.encode({ stream, batch: proto.Batch.decode(encoded) }).finish())
        .batch,
    ];
    const entry = decodeDataEntry(encodeDataEntry({ kind: "remote", batch: whole }));
    assert.ok(entry.kind === "remote");
    for (const reading of [...readings, entry.batch])
      assert.deepEqual(Buffer.from(encodeBatch(reading)), Buffer.from(encoded));
  }
});
