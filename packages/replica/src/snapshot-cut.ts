import { STATE_RANGE } from "@isthmus/graph";
import { assert, crc32, type Disk, IsthmusError, type Key, type StoreView } from "@isthmus/kernel";
import {
  chained,
  chainOfHeader,
  encodeSnapshotChunk,
  encodeSnapshotFooter,
  encodeSnapshotHeader,
  SnapshotChunkWriter,
  type SnapshotHeader,
} from "@isthmus/wire";
import type { LogPort } from "./log-port.ts";

/** What a snapshot is made of, gathered in one turn. */
export interface CutPlan {
  readonly header: Omit<SnapshotHeader, "id" | "cluster" | "group">;
  /** Of the state at the header's index. Released as soon as it is written down. */
  readonly view: StoreView;
  /** The first and the last of this origin's batches whose entries the file brings; none when they cross. */
  readonly firstBatch: number;
  readonly lastBatch: number;
}

export interface CutOptions {
  readonly plan: CutPlan;
  readonly header: SnapshotHeader;
  readonly log: Pick<LogPort, "entries" | "outcome">;
  readonly disk: Disk;
  readonly path: string;
  /** What a chunk holds, unless a single record is larger. */
  readonly chunkBytes: number;
  /** Why it should not go on; null as long as it should. Asked between slices. */
  stopped(): string | null;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly kind: "state" | "log";
  readonly items: number;
}

/**
 * Writes a snapshot down while the group goes on: one slice of at most a chunk a turn, from a view that does not change,
 * so that heartbeats and writes come in between. Resolves when the file is durable under its temporary name. Rejects
 * with IsthmusError `aborted`, or as the disk and the store do; the view is released in any case.
 */
export async function cutSnapshot(options: CutOptions): Promise<void> {
  const { plan, disk, path, stopped } = options;
  try {
    const file = await disk.open(path, { create: true, durable: false });
    try {
      await file.truncate(0);
      const header = encodeSnapshotHeader(options.header);
      await file.write(0, header);
      let offset = header.length;
      let chain = chainOfHeader(header);
      const lengths: number[] = [];
      const counts = { state: 0, log: 0 };
      for (const { kind, items, bytes } of pieces(options)) {
        const why = stopped();
        if (why !== null) throw new IsthmusError("aborted", `the snapshot is not finished: ${why}`);
        chain = chained(chain, bytes);
        const chunk = encodeSnapshotChunk({ number: lengths.length, crc: crc32(bytes), chain, bytes });
        lengths.push(bytes.length);
        counts[kind] += items;
        // Waiting for the disk is what gives way to the others between two slices.
        await file.write(offset, chunk);
        offset += chunk.length;
      }
      await file.write(
        offset,
        encodeSnapshotFooter({ lengths, records: counts.state, entries: counts.log, chain }),
      );
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    plan.view.release();
  }
}

function* pieces(options: CutOptions): Generator<Piece> {
  yield* statePieces(options.plan.view, options.chunkBytes);
  // Whoever writes for long no longer holds the store's pages for it.
  options.plan.view.release();
  yield* logPieces(options);
}

/** The state in key order. Each piece begins a range of its own: no cursor outlives its turn. */
function* statePieces(view: StoreView, chunkBytes: number): Generator<Piece> {
  let from: Key | null = STATE_RANGE.from;
  while (from !== null) {
    const writer = new SnapshotChunkWriter("state", chunkBytes);
    let next: Key | null = null;
    for (const [key, value] of view.range(from, STATE_RANGE.to)) {
      if (writer.items > 0 && writer.bytes + key.length + value.length > chunkBytes) {
        next = key;
        break;
      }
      writer.record(key, value);
    }
    if (writer.items > 0) yield pieceOf(writer);
    from = next;
  }
}

/** Entries that other regions may still ask this one's leader for, each with what applying it decided. */
function* logPieces({ plan, log, chunkBytes }: CutOptions): Generator<Piece> {
  const { logFirst, index: last } = plan.header;
  let batch = plan.firstBatch;
  let index = logFirst;
  while (index <= last) {
    const writer = new SnapshotChunkWriter("log", chunkBytes);
    for (const entry of log.entries(index, last + 1, chunkBytes)) {
      const outcome = batch <= plan.lastBatch ? log.outcome(batch) : null;
      if (outcome === undefined) throw new IsthmusError("aborted", `batch ${batch} was given up meanwhile`);
      const decided = outcome?.index === entry.index ? outcome : null;
      assert(outcome === null || outcome.index >= entry.index, "batches come in the order of their entries");
      const bytes = (entry.data?.length ?? 0) + (decided?.bytes.length ?? 0);
      if (writer.items > 0 && writer.bytes + bytes > chunkBytes) break;
      writer.entry(entry);
      index = entry.index + 1;
      if (decided === null) continue;
      writer.outcome(decided);
      batch += 1;
    }
    yield pieceOf(writer);
  }
}

function pieceOf(writer: SnapshotChunkWriter): Piece {
  const { kind, items } = writer;
  return { kind, items, bytes: writer.finish() };
}
