import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { crc32, type GroupId, hex, type Key, keyOf, utf8 } from "@isthmus/kernel";
import {
  chained,
  chainOfHeader,
  decodeSnapshotChunk,
  decodeSnapshotContent,
  decodeSnapshotFooter,
  decodeSnapshotFrame,
  decodeSnapshotHeader,
  encodeSnapshotChunk,
  encodeSnapshotFooter,
  encodeSnapshotFrame,
  encodeSnapshotHeader,
  SNAPSHOT_CHUNK_HEAD_BYTES,
  SNAPSHOT_TAIL_BYTES,
  SnapshotChunkWriter,
  type SnapshotFrame,
  type SnapshotHeader,
  snapshotFooterBytes,
  snapshotHeaderBytes,
} from "@isthmus/wire";

/** ISTHMUS_GOLDEN=write makes the file anew: only together with a new format version. */
const WRITE = process.env.ISTHMUS_GOLDEN === "write";
const GOLDEN = new URL("golden/snapshot-1.hex", import.meta.url);
const GROUP = "main/0" as GroupId;

const HEADER: SnapshotHeader = {
  cluster: "earth",
  group: GROUP,
  id: "300-7-00c0ffee",
  index: 300,
  term: 7,
  conf: utf8("conf"),
  logFirst: 299,
  logTerm: 6,
};

function contents(): Uint8Array[] {
  const state = new SnapshotChunkWriter("state", 100);
  state.record(keyOf("m"), utf8("meta"));
  state.record("n\u00ff" as Key, new Uint8Array());
  const log = new SnapshotChunkWriter("log", 100);
  log.entry({ index: 299, term: 6, type: "EntryNormal", data: utf8("entry") });
  log.outcome({ index: 299, sequence: 41, bytes: utf8("applied") });
  log.entry({ index: 300, term: 7, type: "EntryConfChangeV2" });
  return [state.finish(), log.finish()];
}

function file(): Uint8Array {
  const header = encodeSnapshotHeader(HEADER);
  let chain = chainOfHeader(header);
  const parts: Uint8Array[] = [header];
  const lengths: number[] = [];
  for (const [number, bytes] of contents().entries()) {
    chain = chained(chain, bytes);
    lengths.push(bytes.length);
    parts.push(encodeSnapshotChunk({ number, crc: crc32(bytes), chain, bytes }));
  }
  parts.push(encodeSnapshotFooter({ lengths, records: 2, entries: 2, chain }));
  return Buffer.concat(parts);
}

describe("a snapshot file", () => {
  test("is, byte for byte, what the golden file of its format version says", async () => {
    const text = `${(hex(file()).match(/.{1,64}/g) ?? []).join("\n")}\n`;
    if (WRITE) await writeFile(GOLDEN, text);
    assert.equal(text, await readFile(GOLDEN, "utf8"));
  });

  test("is read back from its two ends and chunk by chunk", () => {
    const bytes = file();
    const headerBytes = snapshotHeaderBytes(bytes);
    const header = decodeSnapshotHeader(bytes.subarray(0, headerBytes));
    assert.deepEqual(
      { ...header, conf: Buffer.from(header.conf) },
      { ...HEADER, conf: Buffer.from(HEADER.conf) },
    );
    const tail = bytes.subarray(bytes.length - SNAPSHOT_TAIL_BYTES);
    const footer = decodeSnapshotFooter(bytes.subarray(-(snapshotFooterBytes(tail) + SNAPSHOT_TAIL_BYTES)));
    assert.deepEqual([footer.records, footer.entries, footer.lengths.length], [2, 2, 2]);
    let at = headerBytes;
    const read = footer.lengths.map((length) => {
      const end = at + SNAPSHOT_CHUNK_HEAD_BYTES + length;
      const chunk = decodeSnapshotChunk(bytes.subarray(at, end));
      at = end;
      return decodeSnapshotContent(chunk.bytes);
    });
    const [state, log] = read;
    assert.ok(state?.kind === "state" && log?.kind === "log");
    assert.deepEqual(
      state.records.map(([key, value]) => [key, Buffer.from(value).toString()]),
      [
        ["m", "meta"],
        ["n\u00ff", ""],
      ],
    );
    assert.deepEqual(
      log.items.map((item) => (item.kind === "entry" ? item.entry.index : -item.sequence)),
      [299, -41, 300],
    );
  });

  test("with any bit turned over is refused by one of its checksums, or breaks the chain", () => {
    const sound = file();
    const headerBytes = snapshotHeaderBytes(sound);
    for (let at = 0; at < sound.length; at++) {
      const bytes = Uint8Array.from(sound);
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
      assert.equal(isSound(bytes, headerBytes), false, `byte ${at}`);
    }
    assert.equal(isSound(sound, headerBytes), true);
  });
});

/** Everything that a shelf and a receiver look at. */
function isSound(bytes: Uint8Array, headerBytes: number): boolean {
  try {
    if (snapshotHeaderBytes(bytes) !== headerBytes) return false;
    decodeSnapshotHeader(bytes.subarray(0, headerBytes));
    const footerBytes = snapshotFooterBytes(bytes.subarray(bytes.length - SNAPSHOT_TAIL_BYTES));
    const footer = decodeSnapshotFooter(bytes.subarray(bytes.length - SNAPSHOT_TAIL_BYTES - footerBytes));
    let chain = chainOfHeader(bytes.subarray(0, headerBytes));
    let at = headerBytes;
    for (const [number, length] of footer.lengths.entries()) {
      const chunk = decodeSnapshotChunk(bytes.subarray(at, at + SNAPSHOT_CHUNK_HEAD_BYTES + length));
      chain = chained(chain, chunk.bytes);
      if (chunk.number !== number || !Buffer.from(chain).equals(chunk.chain)) return false;
      at += SNAPSHOT_CHUNK_HEAD_BYTES + length;
    }
    return Buffer.from(chain).equals(footer.chain);
  } catch {
    return false;
  }
}

describe("what is said about snapshots", () => {
  const chunk = { number: 3, crc: 7, chain: new Uint8Array(32).fill(9), bytes: utf8("content") };
  const frames: SnapshotFrame[] = [
    { kind: "ask", group: GROUP, id: "", from: 0, count: 0, leastIndex: 12 },
    { kind: "ask", group: GROUP, id: HEADER.id, from: 7, count: 4, leastIndex: 0 },
    { kind: "offer", group: GROUP, offer: { header: HEADER, chunks: 2, bytes: 70, chain: chunk.chain } },
    { kind: "chunk", group: GROUP, id: HEADER.id, chunk },
    { kind: "gone", group: GROUP, id: HEADER.id },
    { kind: "done", group: GROUP, id: HEADER.id, ok: true },
    { kind: "done", group: GROUP, id: HEADER.id, ok: false },
  ];

  test("comes back as it was said, and is refused when it is cut off or longer", () => {
    for (const frame of frames) {
      const bytes = encodeSnapshotFrame(frame);
      assert.deepEqual(plain(decodeSnapshotFrame(bytes)), plain(frame));
      for (let length = 0; length < bytes.length; length++)
        assert.throws(() => decodeSnapshotFrame(bytes.subarray(0, length)), { code: "invalid" });
      assert.throws(() => decodeSnapshotFrame(Buffer.concat([bytes, Buffer.from([0])])), { code: "invalid" });
    }
  });
});

/** Bytes as text: views and arrays compare alike. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) => {
      if (each instanceof Uint8Array) return hex(each);
      // A Buffer has turned itself into this already.
      const { type, data } = (each ?? {}) as { type?: unknown; data?: unknown };
      return type === "Buffer" && Array.isArray(data) ? hex(Uint8Array.from(data as number[])) : each;
    }),
  );
}
