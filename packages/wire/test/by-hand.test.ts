import assert from "node:assert/strict";
import { test } from "node:test";
import { VersionVector } from "@isthmus/causality";
import { type GroupId, type Origin, type Random, seededRandom } from "@isthmus/kernel";
import {
  type Batch,
  decodeForward,
  decodeForwardReply,
  encodeBatch,
  encodeBatchRecord,
  encodeDataEntry,
  encodeForward,
  encodeForwardReply,
  encodeStreamBatch,
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
