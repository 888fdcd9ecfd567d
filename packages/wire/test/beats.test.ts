import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, fromHex, type GroupId, hex } from "@isthmus/kernel";
import { BEATS_PER_FRAME, type Beat, decodeBeats, encodeBeats } from "@isthmus/wire";

const group = (name: string): GroupId => name as GroupId;

const beats: Beat[] = [
  { kind: "heartbeat", group: group("main/0"), term: 3, commit: 300, context: undefined },
  { kind: "answer", group: group("_control"), term: 7, commit: 0, context: Buffer.of(1, 2) },
  { kind: "rest", group: group("db0001/0"), term: 1, commit: 12, context: undefined },
];

/** As docs/formats/frames.md describes them. */
const GOLDEN = "00066d61696e2f3003ac02" + "05085f636f6e74726f6c0700020102" + "0208646230303031" + "2f30010c";

test("beats are written as they always were, and read back", () => {
  equal(hex(encodeBeats(beats)), GOLDEN);
  deepEqual(decodeBeats(fromHex(GOLDEN)), beats);
  deepEqual(decodeBeats(new Uint8Array()), []);
});

test("a beat that is cut short, of no known kind, or one too many is refused", () => {
  for (let length = 1; length < 11; length++)
    throws(() => decodeBeats(fromHex(GOLDEN).subarray(0, length)), DecodeError, `${length} bytes`);
  throws(() => decodeBeats(Uint8Array.of(3, 0, 1, 1)), DecodeError);
  throws(() => decodeBeats(Uint8Array.of(8, 0, 1, 1)), DecodeError);
  const [beat] = beats;
  const many = Array.from({ length: BEATS_PER_FRAME + 1 }, () => beat as Beat);
  equal(decodeBeats(encodeBeats(many.slice(1))).length, BEATS_PER_FRAME);
  throws(() => decodeBeats(encodeBeats(many)), DecodeError);
});
