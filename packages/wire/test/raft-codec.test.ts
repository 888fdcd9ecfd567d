import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupId } from "@isthmus/kernel";
import type { Message } from "@isthmus/raft";
import { decodeRaftPacket, encodeRaftPacket } from "@isthmus/wire";

const empty = {
  to: 2,
  from: 1,
  term: 0,
  logTerm: 0,
  index: 0,
  commit: 0,
  vote: 0,
  entries: [],
  reject: false,
  rejectHint: 0,
} satisfies Omit<Message, "type">;

test("a message of zeros comes back as it was: absent numbers are plain zeros", () => {
  const messages: Message[] = [{ ...empty, type: "MsgPreVote" }];
  assert.deepEqual(decodeRaftPacket(encodeRaftPacket("main/0" as GroupId, messages)).messages, messages);
});

test("entries keep the difference between empty and absent data", () => {
  const messages: Message[] = [
    {
      ...empty,
      type: "MsgApp",
      term: 7,
      context: new Uint8Array([1, 2]),
      entries: [
        { term: 7, index: 1, type: "EntryNormal" },
        { term: 7, index: 2, type: "EntryConfChangeV2", data: Buffer.from([1, 2, 3]) },
        { term: 7, index: 3, type: "EntryNormal", data: Buffer.alloc(0) },
      ],
    },
  ];
  const decoded = decodeRaftPacket(encodeRaftPacket("main/0" as GroupId, messages)).messages;
  assert.deepEqual(
    decoded[0]?.entries.map((entry) => entry.data?.length),
    [undefined, 3, 0],
  );
});
