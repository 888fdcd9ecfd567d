import { assert, must } from "@isthmus/kernel";
import { type Batch, decodeBatchRecord, decodeDataEntry, encodeBatchRecord } from "@isthmus/wire";
import type { LoggedOutcome, LogPort } from "./log-port.ts";

/** Bytes of the origin's newest batches kept ready to ship. */
const RECENT_BYTES = 8 * 1024 * 1024;

/**
 * The batches of this region's own origin, by number: the newest in memory, all that another region may lack in the log.
 * What applying an entry
 * decided is written to the log beside it, so that the batch can be put together again from both.
 */
export class BatchLog {
  readonly #log: LogPort;
  readonly #recent = new Map<number, Batch>();
  #recentBytes = 0;
  #newest: number;
  #unwritten: LoggedOutcome[] = [];

  constructor(log: LogPort, newest: number) {
    this.#log = log;
    this.#newest = newest;
  }

  get newest(): number {
    return this.#newest;
  }

  /** Takes the batch that applying the entry at `index` made. */
  add(index: number, batch: Batch): void {
    assert(batch.sequence === this.#newest + 1, "own batches are numbered densely");
    this.#newest = batch.sequence;
    // After a restart entries above the checkpoint are applied again; their outcomes may be in the log already.
    if (batch.sequence > this.#log.lastOutcomeSequence)
      this.#unwritten.push({ index, sequence: batch.sequence, bytes: encodeBatchRecord(batch) });
    this.#recent.set(batch.sequence, batch);
    this.#recentBytes += sizeOf(batch);
    if (this.#recentBytes <= RECENT_BYTES) return;
    for (const [sequence, old] of this.#recent) {
      if (this.#recentBytes <= RECENT_BYTES || sequence === batch.sequence) break;
      this.#recent.delete(sequence);
      this.#recentBytes -= sizeOf(old);
    }
  }

  /** Outcomes that the log has not been given yet: they ride along with whatever it is given next. */
  takeUnwritten(): readonly LoggedOutcome[] {
    const outcomes = this.#unwritten;
    this.#unwritten = [];
    return outcomes;
  }

  get hasUnwritten(): boolean {
    return this.#unwritten.length > 0;
  }

  /** What was decided about the batch with this number; undefined when its entry is compacted. */
  outcome(sequence: number): LoggedOutcome | undefined {
    return this.#log.outcome(sequence) ?? this.#unwritten.find((other) => other.sequence === sequence);
  }

  /** The batch with this number, which was made; undefined when it is compacted: all other regions had it then. */
  get(sequence: number): Batch | undefined {
    assert(sequence >= 1 && sequence <= this.#newest, "a batch that was made");
    const recent = this.#recent.get(sequence);
    if (recent) return recent;
    const outcome = this.outcome(sequence);
    if (outcome === undefined) return undefined;
    const entry = must(this.#log.entries(outcome.index, outcome.index + 1, 0)[0]?.data, "its entry, too");
    const local = decodeDataEntry(entry);
    assert(local.kind === "local", "own batches are made of local entries");
    return decodeBatchRecord(outcome.bytes, local.requests);
  }
}

function sizeOf(batch: Batch): number {
  return batch.requests.length + batch.outcome.length + 256;
}
