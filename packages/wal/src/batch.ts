import { assert, must } from "@isthmus/kernel";
import { PREFIX_BYTES } from "./format.ts";
import type { GroupState } from "./group-log.ts";
import { BatchBuffer } from "./record.ts";
import type { GroupRecords } from "./types.ts";

/** What is written in one piece, and who waits for it. */
export interface Batch {
  readonly buffer: BatchBuffer;
  /** Groups with records in it. */
  readonly touched: GroupState[];
  /** In the order of the appends. A batch without records but with answers is a mark. */
  readonly answers: Answer[];
  /** A group gave up entries in it. */
  compacts: boolean;
  /** Once it is durable no group needs a segment before this one; 0 where nobody has looked. */
  needed: number;
}

export interface Answer {
  readonly durable: () => void;
  readonly failed?: (error: unknown) => void;
}

export function newBatch(): Batch {
  return { buffer: new BatchBuffer(), touched: [], answers: [], compacts: false, needed: 0 };
}

/** A new batch in the buffer of one that is on disk. */
export function reuse(batch: Batch): Batch {
  batch.buffer.clear();
  return { buffer: batch.buffer, touched: [], answers: [], compacts: false, needed: 0 };
}

/** Changes the group in memory and writes the same to the batch: the one order in which both happen. */
export function encodeRecords(group: GroupState, records: GroupRecords, batch: Batch): void {
  const { buffer } = batch;
  const number = must(group.number, "a group is declared before its records");
  const { compact, entries, hardState, conf, outcomes } = records;
  if (compact && group.compact(compact.index, compact.term)) {
    buffer.compaction(number, compact.index, compact.term);
    batch.compacts = true;
  }
  const first = entries?.[0];
  if (entries && first) {
    group.beginRun(first.index);
    buffer.entries(number, first.index, entries.length);
    for (const entry of entries) {
      const offset = buffer.length;
      group.queueEntry(entry, offset, buffer.entry(entry));
    }
  }
  if (hardState) {
    group.setHardState(hardState);
    buffer.hardState(number, hardState);
  }
  if (conf) {
    group.setConf(conf);
    buffer.conf(number, conf);
  }
  if (!outcomes) return;
  for (const outcome of outcomes) {
    const offset = buffer.outcome(number, outcome);
    group.queueOutcome(outcome, offset, buffer.length - offset);
  }
}

/**
 * The batch as the first of a new segment: before its own records it repeats what the log said of each group until
 * now. `shift` is by how much its records moved.
 */
export function rollOver(
  groups: Iterable<GroupState>,
  records: BatchBuffer,
): { rolled: BatchBuffer; shift: number } {
  const rolled = new BatchBuffer();
  const declared = [...groups].filter(({ logged }) => logged !== null);
  // Order: recovery numbers groups as it meets them.
  declared.sort((a, b) => must(a.number, "it is declared") - must(b.number, "it is declared"));
  for (const { number, id, logged } of declared) {
    assert(number !== null && logged !== null, "only declared groups are repeated");
    rolled.declaration(number, id);
    rolled.compaction(number, logged.compaction.index, logged.compaction.term);
    rolled.standing(number, logged.standing);
    rolled.hardState(number, logged.hardState);
    if (logged.conf) rolled.conf(number, logged.conf);
  }
  const shift = rolled.length - PREFIX_BYTES;
  rolled.takeOver(records);
  return { rolled, shift };
}
