import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupId, NodeId } from "@isthmus/kernel";
import type { Message } from "@isthmus/raft";
import { BEATS_PER_FRAME, type Beat, decodeBeats, encodeBeats } from "@isthmus/wire";
import { beatOf, GatheredBeats, messageOf } from "../dist/gathered-beats.js";

const GROUP = "main/0" as GroupId;

function message(type: Message["type"], changes: Partial<Message> = {}): Message {
  const none = { logTerm: 0, index: 0, commit: 0, vote: 0, entries: [], reject: false, rejectHint: 0 };
  return { ...none, type, from: 1, to: 2, term: 5, ...changes };
}

test("a heartbeat and its answer come out of a frame as they went in, and no other message becomes a beat", () => {
  const messages = [
    message("MsgHeartbeat", { commit: 7 }),
    message("MsgHeartbeat", { commit: 7, context: Buffer.of(1, 2, 3) }),
    message("MsgHeartbeatResp"),
    message("MsgHeartbeatResp", { context: Buffer.of(9) }),
  ];
  const beats = messages.map((each) => beatOf(GROUP, each)).filter((beat) => beat !== null);
  assert.deepEqual(
    decodeBeats(encodeBeats(beats)).map((beat) => messageOf(beat, 1, 2)),
    messages,
  );
  assert.equal(beatOf(GROUP, message("MsgApp")), null);
});

test("the beats of a turn leave in their order, by node, in frames that their reader takes", () => {
  const gathered = new GatheredBeats();
  const beat = (term: number): Beat => ({ kind: "heartbeat", group: GROUP, term, commit: 0 });
  for (let term = 1; term <= BEATS_PER_FRAME + 1; term++) gathered.add("a" as NodeId, beat(term));
  gathered.add("b" as NodeId, beat(1));
  const sent: [NodeId, number[]][] = [];
  gathered.flush((to, beats) => sent.push([to, beats.map(({ term }) => term)]));
  assert.deepEqual(
    sent.map(([to, terms]) => [to, terms.length, terms[0]]),
    [
      ["a", BEATS_PER_FRAME, 1],
      ["a", 1, BEATS_PER_FRAME + 1],
      ["b", 1, 1],
    ],
  );
  gathered.flush(() => assert.fail("nothing is left"));
});
