import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import type { Wal } from "@isthmus/wal";
import { entry, GROUP, nothing, OTHER, run, segmentPath, World } from "./world.ts";

/** ISTHMUS_GOLDEN=write makes the files anew: only together with a new format version. */
const WRITE = process.env.ISTHMUS_GOLDEN === "write";
const SEGMENT_BYTES = 5120;
const SEGMENTS = [1, 2] as const;

function goldenFile(sequence: number): URL {
  return new URL(`golden/format-1-segment-${sequence}.hex`, import.meta.url);
}

/** Every kind of record, two groups, a roll-over, a mark. */
async function write(world: World): Promise<void> {
  const wal = await world.open({ segmentBytes: SEGMENT_BYTES });
  const commit = async (): Promise<void> => world.run(() => wal.sync());
  wal.append(OTHER, { hardState: { term: 2, vote: 3, commit: 0 }, conf: Buffer.from("conf") }, nothing);
  wal.append(GROUP, { entries: run(1, 3) }, nothing);
  await commit();
  const unlike = [
    { term: 300, index: 3, type: "EntryConfChange" as const, data: new Uint8Array(0) },
    { term: 300, index: 4, type: "EntryConfChangeV2" as const },
  ];
  wal.append(GROUP, { entries: unlike, hardState: { term: 300, vote: 0, commit: 2 } }, nothing);
  wal.append(GROUP, { outcomes: [{ index: 1, sequence: 70_000, bytes: Buffer.from("applied") }] }, nothing);
  await commit();
  wal.append(GROUP, { compact: { index: 1, term: 1 } }, nothing);
  await commit();
  wal.append(GROUP, { entries: [entry(5, 300, Buffer.alloc(850, 0xab))] }, nothing);
  await world.run(() => wal.close());
}

function check(wal: Wal): void {
  assert.deepEqual(wal.group(OTHER).hardState, { term: 2, vote: 3, commit: 0 });
  assert.equal(Buffer.from(wal.group(OTHER).conf ?? []).toString(), "conf");
  const log = wal.group(GROUP);
  assert.deepEqual([log.firstIndex, log.lastIndex, log.firstIndexTerm], [2, 5, 1]);
  assert.deepEqual(log.hardState, { term: 300, vote: 0, commit: 2 });
  assert.deepEqual([log.firstOutcomeSequence, log.lastOutcomeSequence, log.lastOutcomeIndex], [0, 70_000, 1]);
  const entries = log.entries(2, 6, 1e6);
  assert.deepEqual(
    entries.map(({ type, term, data }) => [type, term, data?.length ?? null]),
    [
      ["EntryNormal", 1, 7],
      ["EntryConfChange", 300, 0],
      ["EntryConfChangeV2", 300, null],
      ["EntryNormal", 300, 850],
    ],
  );
}

/** Lines of 32 bytes after their offset; lines of zeros are left out. */
function toHex(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const line = bytes.subarray(at, at + 32);
    if (line.some((byte) => byte !== 0)) lines.push(`${String(at).padStart(6, "0")} ${line.toString("hex")}`);
  }
  return `${lines.join("\n")}\n`;
}

function fromHex(text: string): Buffer {
  const bytes = Buffer.alloc(SEGMENT_BYTES);
  for (const line of text.trim().split("\n")) {
    const [at = "", hex = ""] = line.split(" ");
    bytes.set(Buffer.from(hex, "hex"), Number(at));
  }
  return bytes;
}

describe("format 1", () => {
  test("is written byte for byte as ever", async () => {
    const world = new World("golden");
    await write(world);
    for (const sequence of SEGMENTS) {
      const text = toHex(await world.bytesOf(segmentPath(sequence)));
      if (WRITE) await writeFile(goldenFile(sequence), text);
      else assert.equal(text, await readFile(goldenFile(sequence), "utf8"));
    }
  });

  test("is read as ever", async () => {
    const world = new World("golden reader");
    for (const sequence of SEGMENTS) {
      const bytes = fromHex(await readFile(goldenFile(sequence), "utf8"));
      await world.run(() => world.disk.replace(segmentPath(sequence), bytes));
    }
    const wal = await world.open({ segmentBytes: SEGMENT_BYTES });
    assert.deepEqual(wal.recovery, { segments: 2, batches: 5, cut: null });
    check(wal);
  });
});
