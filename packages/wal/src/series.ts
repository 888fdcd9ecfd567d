import { assert } from "@isthmus/kernel";

/** Segment number of what has no place yet: its offset counts inside the batch that fills. */
const QUEUED = 0;
const FIRST_SLOTS = 64;

export interface Place {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

interface Evictable {
  /** Forgets the oldest cached items up to `upTo` until `bytes` are free. True when nothing up to it is left. */
  evict(upTo: number, bytes: number): boolean;
}

/** How many bytes of recent items all series keep together; the oldest go first, but never undurable ones. */
export class CacheBudget {
  readonly #limitBytes: number;
  #usedBytes = 0;
  readonly #runs: { series: Evictable; upTo: number }[] = [];
  #head = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  grow(bytes: number): void {
    this.#usedBytes += bytes;
  }

  shrink(bytes: number): void {
    this.#usedBytes -= bytes;
    assert(this.#usedBytes >= 0, "no byte leaves the cache twice");
  }

  /** Items up to `upTo` of a series were just added. */
  added(series: Evictable, upTo: number): void {
    const newest = this.#runs.length > this.#head ? this.#runs.at(-1) : undefined;
    if (newest?.series === series) newest.upTo = upTo;
    else this.#runs.push({ series, upTo });
  }

  evict(): void {
    while (this.#usedBytes > this.#limitBytes && this.#head < this.#runs.length) {
      const run = this.#runs[this.#head] as { series: Evictable; upTo: number };
      if (!run.series.evict(run.upTo, this.#usedBytes - this.#limitBytes)) return;
      this.#head += 1;
    }
    if (this.#head < 1024 || this.#head * 2 < this.#runs.length) return;
    this.#runs.splice(0, this.#head);
    this.#head = 0;
  }
}

/**
 * Items numbered without gaps (entries by index, outcomes by sequence): where each lies on disk and one number of
 * its own, 20 bytes an item in typed arrays, and the newest items themselves.
 *
 * Invariant: cached items are a suffix of the series, and every item that is not durable is cached.
 */
export class Series<T> implements Evictable {
  readonly #budget: CacheBudget;
  #first = 1;
  #last = 0;
  /** Slot of `#first`. */
  #head = 0;
  #segments = new Uint32Array(FIRST_SLOTS);
  #offsets = new Uint32Array(FIRST_SLOTS);
  #lengths = new Uint32Array(FIRST_SLOTS);
  #notes = new Float64Array(FIRST_SLOTS);
  /** Items from here on lie in the batch that fills. */
  #queuedFrom = 1;
  #durableTo = 0;
  #cache: (T | undefined)[] = [];
  #cacheHead = 0;

  constructor(budget: CacheBudget) {
    this.#budget = budget;
  }

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  get empty(): boolean {
    return this.#last < this.#first;
  }

  /** An item of the batch that fills; `offset` counts inside it. */
  queue(offset: number, length: number, note: number, item: T): void {
    this.#push(QUEUED, offset, length, note);
    this.#cache.push(item);
    this.#budget.grow(length);
    this.#budget.added(this, this.#last);
  }

  /** An item found on disk. */
  found(place: Place, note: number): void {
    assert(this.#cached === 0, "recovery comes before everything else");
    this.#push(place.segment, place.offset, place.length, note);
    this.#queuedFrom = this.#last + 1;
    this.#durableTo = this.#last;
  }

  /** The batch got its place: `base` is where it begins in its segment. */
  settle(segment: number, base: number): void {
    assert(segment !== QUEUED, "a batch lies in a segment");
    for (let number = this.#queuedFrom; number <= this.#last; number++) {
      const slot = this.#slot(number);
      assert(this.#segments[slot] === QUEUED, "an item is placed once");
      this.#segments[slot] = segment;
      this.#offsets[slot] = (this.#offsets[slot] as number) + base;
    }
    this.#queuedFrom = this.#last + 1;
  }

  /** The batch that was placed last is on disk, and all before it. */
  durable(): void {
    this.#durableTo = Math.max(this.#durableTo, Math.min(this.#last, this.#queuedFrom - 1));
  }

  /** Forgets `number` and everything after it. */
  truncateFrom(number: number): void {
    assert(number >= this.#first && number <= this.#last + 1, "only what is there is truncated");
    while (this.#last >= number) {
      if (this.#cached > 0) {
        this.#cache.pop();
        this.#budget.shrink(this.#lengths[this.#slot(this.#last)] as number);
      }
      this.#last -= 1;
    }
    this.#queuedFrom = Math.min(this.#queuedFrom, this.#last + 1);
    this.#durableTo = Math.min(this.#durableTo, this.#last);
  }

  /** Forgets everything up to `number`, which is at most the last. */
  dropTo(number: number): void {
    assert(number <= this.#last, "only what is there is dropped");
    if (number < this.#first) return;
    if (this.#cachedFrom <= number) this.#uncache(number);
    this.#head += number + 1 - this.#first;
    this.#first = number + 1;
    this.#queuedFrom = Math.max(this.#queuedFrom, this.#first);
    if (this.#head > FIRST_SLOTS && this.#head * 2 > this.#segments.length) this.#resize();
  }

  /** Forgets everything; the next item is `last + 1`. */
  restart(last: number): void {
    this.truncateFrom(this.#first);
    this.#first = last + 1;
    this.#last = last;
    this.#head = 0;
    this.#queuedFrom = last + 1;
    this.#durableTo = last;
  }

  note(number: number): number {
    return this.#notes[this.#slot(number)] as number;
  }

  lengthOf(number: number): number {
    return this.#lengths[this.#slot(number)] as number;
  }

  /** The segment of the first item; null when there is none, or it has no place yet. */
  get firstSegment(): number | null {
    if (this.empty) return null;
    const segment = this.#segments[this.#head] as number;
    return segment === QUEUED ? null : segment;
  }

  /** The first of the newest items that have at most `bytes` together and lie in `segment` or behind it. */
  firstWithin(bytes: number, segment: number): number {
    let left = bytes;
    let first = this.#last + 1;
    while (first > this.#first) {
      const slot = this.#slot(first - 1);
      const at = this.#segments[slot] as number;
      left -= this.#lengths[slot] as number;
      if (left < 0 || (at !== QUEUED && at < segment)) break;
      first -= 1;
    }
    return first;
  }

  cached(number: number): T | undefined {
    const from = this.#cachedFrom;
    return number < from ? undefined : this.#cache[this.#cacheHead + number - from];
  }

  place(number: number): Place {
    const slot = this.#slot(number);
    const segment = this.#segments[slot] as number;
    assert(segment !== QUEUED, "what is read from disk has been written");
    return { segment, offset: this.#offsets[slot] as number, length: this.#lengths[slot] as number };
  }

  evict(upTo: number, bytes: number): boolean {
    const end = Math.min(upTo, this.#durableTo, this.#last);
    let freed = 0;
    let to = this.#cachedFrom - 1;
    while (to < end && freed < bytes) {
      to += 1;
      freed += this.lengthOf(to);
    }
    if (to >= this.#cachedFrom) this.#uncache(to);
    return to >= Math.min(upTo, this.#last);
  }

  get #cached(): number {
    return this.#cache.length - this.#cacheHead;
  }

  get #cachedFrom(): number {
    return this.#last + 1 - this.#cached;
  }

  #uncache(to: number): void {
    for (let number = this.#cachedFrom; number <= to; number++) {
      this.#budget.shrink(this.lengthOf(number));
      this.#cache[this.#cacheHead] = undefined;
      this.#cacheHead += 1;
    }
    if (this.#cacheHead < FIRST_SLOTS || this.#cacheHead * 2 < this.#cache.length) return;
    this.#cache = this.#cache.slice(this.#cacheHead);
    this.#cacheHead = 0;
  }

  #slot(number: number): number {
    assert(number >= this.#first && number <= this.#last, "an item that is there is asked for");
    return this.#head + number - this.#first;
  }

  #push(segment: number, offset: number, length: number, note: number): void {
    if (this.#head + this.#last + 1 - this.#first === this.#segments.length) this.#resize();
    const slot = this.#head + this.#last + 1 - this.#first;
    this.#segments[slot] = segment;
    this.#offsets[slot] = offset;
    this.#lengths[slot] = length;
    this.#notes[slot] = note;
    this.#last += 1;
  }

  /** Moves the slots in use to the front of arrays twice as large as they need. */
  #resize(): void {
    const used = this.#last + 1 - this.#first;
    const slots = Math.max(FIRST_SLOTS, used * 2);
    const from = this.#head;
    const move = <A extends Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(old: A, grown: A): A => {
      grown.set(old.subarray(from, from + used));
      return grown;
    };
    this.#segments = move(this.#segments, new Uint32Array(slots));
    this.#offsets = move(this.#offsets, new Uint32Array(slots));
    this.#lengths = move(this.#lengths, new Uint32Array(slots));
    this.#notes = move(this.#notes, new Float64Array(slots));
    this.#head = 0;
  }
}
