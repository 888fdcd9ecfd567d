import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, type GroupId, type Random, seededRandom } from "@isthmus/kernel";
import type { Entry, Message } from "@isthmus/raft";
import { decodeRaftPacket, encodeRaftPacket } from "@isthmus/wire";
import { isthmus as proto } from "../generated/isthmus.js";

const TYPES = [
  "MsgProp",
  "MsgApp",
  "MsgAppResp",
  "MsgVote",
  "MsgVoteResp",
  "MsgSnap",
  "MsgHeartbeat",
] as const;
const ENTRY_TYPES = ["EntryNormal", "EntryConfChange", "EntryConfChangeV2"] as const;

/** Drawn from a seed: numbers of all lengths, bytes, and everything that may be absent. */
function drawnMessages(random: Random): Message[] {
  const number = (): number => Math.floor(random.next() * 2 ** random.below(54));
  const bytes = (): Buffer => Buffer.alloc(random.below(300), random.below(256));
  const maybe = <T extends object>(fields: T): T | object => (random.below(3) === 0 ? fields : {});
  const entry = (): Entry => ({
    term: number(),
    index: number(),
    type: ENTRY_TYPES[random.below(3)] ?? "EntryNormal",
    ...maybe({ data: bytes() }),
  });
  const conf = { voters: [1, 2], outgoing: [], learners: [3], learnersNext: [], autoLeave: true };
  const message = (): Message => ({
    type: TYPES[random.below(TYPES.length)] ?? "MsgApp",
    to: number(),
    from: number(),
    term: number(),
    logTerm: number(),
    index: number(),
    commit: number(),
    vote: number(),
    entries: Array.from({ length: random.below(4) }, entry),
    reject: random.below(2) === 0,
    rejectHint: number(),
    ...maybe({ snapshot: { index: number(), term: number(), conf, data: bytes() } }),
    ...maybe({ context: bytes() }),
  });
  return Array.from({ length: random.below(4) }, message);
}

function generated(group: string, messages: readonly Message[]): Uint8Array {
  return proto.RaftPacket.encode({
    group,
    messages: messages.map((each) => ({
      ...each,
      type: TYPES.indexOf(each.type as (typeof TYPES)[number]),
      entries: each.entries.map((one) => ({ ...one, type: ENTRY_TYPES.indexOf(one.type) })),
    })),
  }).finish();
}

test("a packet is written in the very bytes of the generated code, and reads back as it was", () => {
  const random = seededRandom("packets");
  for (const name of ["", "main/0", "größer/0", "x".repeat(200)])
    for (let round = 0; round < 100; round++) {
      const messages = drawnMessages(random);
      const written = encodeRaftPacket(name as GroupId, messages);
      assert.deepEqual(Buffer.from(written), Buffer.from(generated(name, messages)));
      assert.deepEqual(decodeRaftPacket(written), { group: name, messages });
    }
});

test("a packet with fields that are not known yet is read without them", () => {
  const plain = encodeRaftPacket("main/0" as GroupId, []);
  const later = Buffer.concat([plain, Buffer.from([15 * 8, 1])]);
  assert.deepEqual(decodeRaftPacket(later), { group: "main/0", messages: [] });
});

test("bytes that were cut or changed give a packet or a DecodeError, and nothing else", () => {
  const random = seededRandom("broken packets");
  for (let round = 0; round < 500; round++) {
    const written = Buffer.from(encodeRaftPacket("main/0" as GroupId, drawnMessages(random)));
    const broken = written.subarray(0, random.below(written.length + 1));
    if (broken.length > 0) broken[random.below(broken.length)] = random.below(256);
    try {
      decodeRaftPacket(broken);
    } catch (error) {
      assert.ok(error instanceof DecodeError);
    }
  }
});
