import { assert, type Counter, type GroupId, must, type Registry } from "@isthmus/kernel";
import { type Batch, encodeRecords, newBatch, reuse, rollOver } from "./batch.ts";
import { WalError } from "./errors.ts";
import { HEADER_BYTES, type Mark, PREFIX_BYTES, SEGMENT_MAX_BYTES, sealBatch } from "./format.ts";
import { GroupState } from "./group-log.ts";
import { type Recovered, recover } from "./recovery.ts";
import { prepareSegment, type Segment, Segments } from "./segment.ts";
import { CacheBudget } from "./series.ts";
import type { GroupLog, GroupRecords, Wal, WalOptions, WalRecovery } from "./types.ts";

const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024;
const DEFAULT_CACHE_BYTES = 32 * 1024 * 1024;
/**
 * An idle group is written anew, so that it does not hold the segments of busy ones, if that fills so little of one; or
 * more, in proportion, when more segments have come since: what is written anew is never much beside what is written.
 */
const CARRY_MAX_SHARE = 1 / 32;
/** So many segments may lie between an idle group's records and the newest one before they are written anew. */
const CARRY_AFTER_SEGMENTS = 4;

/**
 * Opens the log of a directory, or begins one. Recovers: afterwards everything that the groups show is durable.
 * Throws IsthmusError `wal_damaged`, `wrong_cluster`, `wrong_node`, `newer_format`, and the disk's.
 */
export async function openWal(options: WalOptions): Promise<Wal> {
  const segments = new Segments();
  const budget = new CacheBudget(options.cacheBytes ?? DEFAULT_CACHE_BYTES);
  try {
    const recovered = await recover({ ...options, segments, budget });
    const log = new Log(options, segments, budget, recovered);
    await log.begin();
    return log;
  } catch (error) {
    await segments.close();
    throw error;
  }
}

class Log implements Wal {
  readonly groups: Map<GroupId, GroupState>;
  readonly recovery: WalRecovery;
  readonly #options: WalOptions;
  readonly #segments: Segments;
  readonly #budget: CacheBudget;
  readonly #segmentBytes: number;
  readonly #counters: Counters;
  #current: Segment | null;
  /** The next segment, ready or being made ready; null after a failure, until it is needed. */
  #next: Promise<Segment | null>;
  #declared: number;
  #filling: Batch = newBatch();
  #spare: Batch = newBatch();
  #writing: Batch | null = null;
  #scheduled = false;
  /** Nothing on disk says that the last records were synced. */
  #unmarked: boolean;
  #failure: { readonly error: unknown } | null = null;
  /** Segments under removal; resolves when that has ended, well or not. */
  #retiring: Promise<void> | null = null;
  /** A removal failed: which names the disk still has is not known, and no further one goes in this life. */
  #keepsAll = false;
  #closed = false;

  constructor(options: WalOptions, segments: Segments, budget: CacheBudget, recovered: Recovered) {
    this.#options = options;
    this.#segments = segments;
    this.#budget = budget;
    this.#segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
    assert(this.#segmentBytes > HEADER_BYTES + PREFIX_BYTES, "a segment has room for batches");
    assert(this.#segmentBytes <= SEGMENT_MAX_BYTES, "a segment stays within 31 bits");
    this.groups = recovered.groups;
    this.#current = recovered.current;
    this.#next = Promise.resolve(recovered.prepared);
    this.#declared = recovered.groups.size;
    this.#unmarked = !recovered.marked;
    this.recovery = { segments: segments.size, batches: recovered.batches, cut: recovered.cut };
    this.#counters = countersOf(options.registry);
    options.registry.gauge("isthmus.wal.queued_bytes", {}, () => this.queuedBytes);
  }

  get busy(): boolean {
    return this.#writing !== null;
  }

  get queuedBytes(): number {
    return this.#filling.buffer.recordBytes + (this.#writing?.buffer.recordBytes ?? 0);
  }

  /** Makes the first segment where there is none; the one after it is prepared beside the work. */
  async begin(): Promise<void> {
    this.#current ??= await this.#prepare(1, this.#segmentBytes);
    if (!(await this.#next)) this.#prepareNext();
  }

  group(id: GroupId): GroupLog {
    return this.#group(id);
  }

  append(id: GroupId, records: GroupRecords, onDurable: () => void): void {
    assert(!this.#closed, "nothing is appended to a closed log");
    // The process is about to end; whoever waits for an answer learns it from onFailed.
    if (this.#failure) return;
    const group = this.#group(id);
    const { buffer, touched, answers } = this.#filling;
    if (group.number === null) {
      buffer.declaration(this.#declared, id);
      group.declare(this.#declared);
      this.#declared += 1;
    }
    if (!group.touched) touched.push(group);
    group.touched = true;
    encodeRecords(group, records, this.#filling);
    answers.push({ durable: onDurable });
    this.#schedule();
  }

  sync(): Promise<void> {
    return new Promise((settle, reject) => {
      const batch = this.#filling.answers.length > 0 ? this.#filling : this.#writing;
      if (this.#failure) reject(this.#failure.error);
      else if (batch) batch.answers.push({ durable: settle, failed: reject });
      else settle();
    });
  }

  mark(): void {
    if (this.#failure || !this.#unmarked) return;
    if (this.busy || this.#filling.answers.length > 0) return;
    this.#filling.answers.push({ durable: () => {} });
    this.#schedule();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.sync();
      this.mark();
      await this.sync();
    } catch (error) {
      // The failure itself went to onFailed; what is left to do is to let go of the files.
      assert(this.#failure, `only a failed log cannot be synced (${String(error)})`);
    }
    this.#failure ??= { error: new WalError("wal_closed", "the write-ahead log is closed") };
    await this.#next;
    await this.#retiring;
    await this.#segments.close();
  }

  #group(id: GroupId): GroupState {
    const known = this.groups.get(id);
    if (known) return known;
    const group = new GroupState(id, this.#segments, this.#budget);
    this.groups.set(id, group);
    return group;
  }

  #schedule(): void {
    if (this.#scheduled || this.busy) return;
    this.#scheduled = true;
    this.#options.soon(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Everything queued becomes one batch, which gets its place now, so that its records can be found there later. */
  #flush(): void {
    if (this.busy || this.#failure || this.#filling.answers.length === 0) return;
    const batch = this.#filling;
    this.#filling = this.#spare;
    this.#writing = batch;
    const current = must(this.#current, "an open log has a segment");
    const mark = { segment: current.sequence, offset: current.end };
    if (current.fits(batch.buffer.length)) {
      for (const group of batch.touched) group.settle(current.sequence, current.end);
      if (batch.compacts) batch.needed = this.#needed(current.sequence);
      this.#write(batch, current, batch.buffer.bytes(), batch.buffer.count, mark);
    } else {
      this.#roll(batch, current.sequence + 1, mark).catch((error: unknown) => this.#fail(error));
    }
  }

  /** The first batch of a segment repeats what is known of each group, so that the segments before can go one day. */
  async #roll(batch: Batch, sequence: number, mark: Mark): Promise<void> {
    const { rolled, shift } = rollOver(this.groups.values(), batch.buffer);
    for (const group of batch.touched) group.settle(sequence, HEADER_BYTES + shift);
    // In this turn: what is queued from now on is not in this batch.
    batch.needed = this.#needed(sequence);
    const needed = HEADER_BYTES + rolled.length;
    let segment = await this.#next;
    if (segment && needed > segment.header.bytes) {
      await this.#segments.drop(segment);
      segment = null;
    }
    segment ??= await this.#prepare(sequence, Math.max(needed, this.#segmentBytes));
    assert(segment.sequence === sequence, "segments follow one another");
    this.#current = segment;
    this.#prepareNext();
    this.#write(batch, segment, rolled.bytes(), rolled.count, mark);
  }

  #write(batch: Batch, segment: Segment, bytes: Buffer, count: number, mark: Mark): void {
    const start = segment.take(bytes.length);
    sealBatch(bytes, segment.header, start, mark, count);
    const began = this.#options.monotonicMs?.() ?? 0;
    segment.file.write(start, bytes).then(
      () => {
        this.#counters.bytes.add(bytes.length);
        this.#counters.commits.add();
        this.#counters.records.add(count);
        this.#counters.syncSeconds.add(((this.#options.monotonicMs?.() ?? 0) - began) / 1000);
        this.#unmarked = batch.buffer.count > 0;
        this.#written(batch);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** Order: the next batch is on its way before anybody hears of this one, so that the disk does not wait for them. */
  #written(batch: Batch): void {
    if (this.#failure) return;
    for (const group of batch.touched) group.durable();
    this.#budget.evict();
    const { answers, needed } = batch;
    this.#spare = reuse(batch);
    this.#writing = null;
    try {
      if (needed > 0) this.#retire(needed);
    } catch (error) {
      // What would be carried on cannot be read any more.
      this.#fail(error);
    }
    this.#flush();
    try {
      for (const { durable } of answers) durable();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The oldest segment with something that a group still has, as of the batch that was just placed. */
  #needed(current: number): number {
    let needed = current;
    for (const group of this.groups.values()) needed = Math.min(needed, group.firstSegment ?? current);
    return needed;
  }

  /**
   * Removes segments that no group needs. Invariant: only when the batch that gave up what they hold is durable, and a
   * segment behind them has been begun, whose first batch says of each group what they said.
   */
  #retire(needed: number): void {
    if (this.#retiring !== null || this.#keepsAll || this.#failure || this.#closed) return;
    const current = must(this.#current, "an open log has a segment").sequence;
    assert(needed <= current, "the segment that is written is needed");
    for (const group of this.groups.values()) this.#carry(group, current - (group.firstSegment ?? current));
    if (needed > this.#segments.oldest)
      this.#retiring = this.#remove(needed).finally(() => {
        this.#retiring = null;
      });
  }

  async #remove(before: number): Promise<void> {
    const { disk, directory, registry } = this.#options;
    try {
      while (this.#segments.oldest < before) {
        await this.#segments.retire(disk, directory, this.#segments.oldest);
        registry.counter("isthmus.wal.segments_removed").add();
      }
    } catch {
      // Not a failure of the log: what is left over is found at the next start, where it is read and removed again.
      this.#keepsAll = true;
      registry.refuse("wal", "remove_segment");
    }
  }

  /** Writes an idle group's few records once more, word for word, so that they lie in the newest segment. */
  #carry(group: GroupState, behind: number): void {
    // What is more than a batch should hold is carried another time.
    if (behind < CARRY_AFTER_SEGMENTS || this.#filling.buffer.recordBytes >= this.#segmentBytes) return;
    const share = Math.min(1, (CARRY_MAX_SHARE * behind) / CARRY_AFTER_SEGMENTS);
    const records = group.touched ? null : group.fewRecords(this.#segmentBytes * share);
    if (records === null) return;
    // Order: read first, forgotten then, and queued in the same turn, so that nobody sees the log without them.
    group.beginAnew();
    this.append(group.id, records, () => {});
  }

  /** What the disk holds is no longer known. Nothing is written or acknowledged from here on. */
  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    for (const batch of [this.#writing, this.#filling]) {
      for (const { failed } of batch?.answers ?? []) failed?.(error);
    }
    this.#options.onFailed(error);
  }

  #prepareNext(): void {
    const sequence = must(this.#current, "an open log has a segment").sequence + 1;
    this.#next = this.#prepare(sequence, this.#segmentBytes).catch(() => {
      // Not a failure yet: nothing in it counts, and it is tried again when it is needed.
      this.#options.registry.refuse("wal", "prepare_segment");
      return null;
    });
  }

  async #prepare(sequence: number, bytes: number): Promise<Segment> {
    const { disk, directory, cluster, node, random } = this.#options;
    const salt = random.below(0x1_0000_0000);
    const segment = await prepareSegment(disk, directory, { sequence, salt, bytes, cluster, node });
    this.#segments.add(segment);
    return segment;
  }
}

interface Counters {
  readonly bytes: Counter;
  readonly commits: Counter;
  readonly records: Counter;
  readonly syncSeconds: Counter;
}

function countersOf(registry: Registry): Counters {
  return {
    bytes: registry.counter("isthmus.wal.bytes"),
    commits: registry.counter("isthmus.wal.commits"),
    records: registry.counter("isthmus.wal.records"),
    syncSeconds: registry.counter("isthmus.wal.sync_seconds"),
  };
}
