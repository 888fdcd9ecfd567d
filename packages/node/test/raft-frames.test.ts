import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@isthmus/raft";
import { raftFrames } from "../dist/raft-frames.js";

function message(index: number, bytes: number): Message {
  const entries = [{ term: 1, index, type: "EntryNormal" as const, data: new Uint8Array(bytes) }];
  return {
    type: "MsgApp",
    to: 2,
    from: 1,
    term: 1,
    logTerm: 1,
    index: index - 1,
    commit: 0,
    vote: 0,
    entries,
    reject: false,
    rejectHint: 0,
  };
}

test("a whole window of messages to a follower that was away is cut into frames that the link takes, in order", () => {
  const messages = Array.from({ length: 24 }, (_, index) => message(index + 1, 900_000));
  const frames = raftFrames(messages);
  assert.deepEqual(frames.flat(), messages);
  for (const frame of frames)
    assert.ok(frame.reduce((sum, each) => sum + (each.entries[0]?.data?.length ?? 0), 0) <= 1024 * 1024);
});

test("small messages share a frame, and one that is large goes alone", () => {
  const messages = [message(1, 10), message(2, 10), message(3, 3_000_000), message(4, 10)];
  assert.deepEqual(
    raftFrames(messages).map((frame) => frame.length),
    [2, 1, 1],
  );
});
