import { assert } from "@isthmus/kernel";

/** Whose event it is: an event of a life that has ended is skipped, as if it had never been. */
export interface Lifetime {
  readonly alive: boolean;
  /** Takes what cannot be done while the process is stopped, for later and in order. False: it can be done now. */
  hold?(call: () => void): boolean;
}

export interface Scheduled {
  cancel(): void;
}

class Event implements Scheduled {
  readonly at: number;
  readonly order: number;
  readonly lifetime: Lifetime;
  call: (() => void) | null;

  constructor(at: number, order: number, call: () => void, lifetime: Lifetime) {
    this.at = at;
    this.order = order;
    this.lifetime = lifetime;
    this.call = call;
  }

  cancel(): void {
    this.call = null;
  }
}

const FOREVER: Lifetime = { alive: true };
const TURNS_AT_ONCE = 64;

/**
 * Virtual time and the order of everything. Events run by time, and at one time in the order in which they were
 * scheduled; nothing else decides. After each event all promises that it settled are followed to their end before
 * the next one runs, so that `await` costs no virtual time and its order is fixed.
 */
export class Scheduler {
  #nowMs = 0;
  #order = 0;
  #steps = 0;
  readonly #heap: Event[] = [];
  /**
   * What was scheduled without delay, in order: half of all events, which need no sorting.
   * Invariant: all of it is due at `#nowMs`, for time does not pass before it is run.
   */
  #due: Event[] = [];
  #dueFrom = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events run so far. */
  get steps(): number {
    return this.#steps;
  }

  get waiting(): number {
    return this.#heap.length + this.#due.length - this.#dueFrom;
  }

  schedule(delayMs: number, call: () => void, lifetime: Lifetime = FOREVER): Scheduled {
    assert(delayMs >= 0 && Number.isFinite(delayMs), "an event lies in the future");
    const event = new Event(this.#nowMs + delayMs, this.#order++, call, lifetime);
    if (event.at === this.#nowMs) this.#due.push(event);
    else this.#push(event);
    return event;
  }

  /** Runs all events up to and including `untilMs`, then sets the time to it. */
  async runUntil(untilMs: number): Promise<void> {
    await this.#run(() => this.#isNextWithin(untilMs));
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Runs events until `done()` holds, for at most `limitMs` of virtual time. Tells whether it does. */
  async runUntilTrue(done: () => boolean, limitMs: number): Promise<boolean> {
    const end = this.#nowMs + limitMs;
    let isDone = false;
    await this.#run(() => {
      isDone = done();
      return !isDone && this.#isNextWithin(end);
    });
    return isDone;
  }

  /**
   * Each event has an immediate of its own: all promises are followed to their end between two of them. They are asked
   * for in portions, since a turn of the real event loop costs more than most events.
   */
  #run(more: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let over = false;
      const turn = (): void => {
        if (over) return;
        try {
          if (more()) {
            this.#step();
            return;
          }
          over = true;
          resolve();
        } catch (error) {
          over = true;
          reject(error);
        }
      };
      const portion = (): void => {
        if (over) return;
        for (let count = 0; count < TURNS_AT_ONCE; count++) setImmediate(turn);
        setImmediate(portion);
      };
      portion();
    });
  }

  #step(): void {
    const event = this.#next();
    this.#nowMs = event.at;
    const { call } = event;
    if (call === null || !event.lifetime.alive) return;
    event.call = null;
    if (event.lifetime.hold?.(call)) return;
    this.#steps += 1;
    call();
  }

  #isNextWithin(endMs: number): boolean {
    if (this.#dueFrom < this.#due.length) return this.#nowMs <= endMs;
    const next = this.#heap[0];
    return next !== undefined && next.at <= endMs;
  }

  /** What is due and what the heap has for the same moment take turns by their order. */
  #next(): Event {
    const due = this.#due[this.#dueFrom];
    const first = this.#heap[0];
    if (due === undefined || (first !== undefined && before(first, due))) return this.#pop();
    this.#dueFrom += 1;
    if (this.#dueFrom === this.#due.length) {
      this.#due = [];
      this.#dueFrom = 0;
    }
    return due;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    assert(top !== undefined && last !== undefined, "there is an event to run");
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!before(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
