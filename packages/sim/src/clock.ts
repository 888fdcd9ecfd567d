import { assert, type Clock, type Timer } from "@isthmus/kernel";
import type { Lifetime, Scheduled, Scheduler } from "./scheduler.ts";

export interface SimClockOptions {
  readonly scheduler: Scheduler;
  /** Whose clock it is: timers of a life that has ended do not fire. */
  readonly lifetime: Lifetime;
  /** The wall clock's reading at virtual time zero, in milliseconds since 1970. */
  readonly startMs?: number;
  /** How far the wall clock is off, in milliseconds. */
  readonly offsetMs?: number;
  /** How fast the machine's oscillator runs: 1.001 gains a millisecond a second. */
  readonly rate?: number;
}

/** 2026-01-01T00:00:00Z: as good as any, and the same in every run. */
const START_MS = 1_767_225_600_000;
/** The least that a timer waits when a changed rate made it fire too early: rounding alone must not hold up time. */
const LEAST_WAIT_MS = 0.001;

/**
 * The clock of one life of a simulated machine. A machine's drift bends its monotonic clock, its timers and its wall
 * clock alike; a jump moves the wall clock alone. Give `offsetMs` and `rate` on to the clock of the next life, which
 * then goes on where this one stands.
 */
export class SimClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #lifetime: Lifetime;
  readonly #startMs: number;
  #offsetMs: number;
  #rate: number;
  /** The machine's own time is `#baseMs` at virtual time `#sinceMs` and runs on from there at `#rate`. */
  #baseMs = 0;
  #sinceMs = 0;

  constructor(options: SimClockOptions) {
    this.#scheduler = options.scheduler;
    this.#lifetime = options.lifetime;
    this.#startMs = options.startMs ?? START_MS;
    this.#offsetMs = options.offsetMs ?? 0;
    this.#rate = options.rate ?? 1;
    assert(this.#rate > 0, "a clock runs forward");
    this.#baseMs = options.scheduler.nowMs;
    this.#sinceMs = options.scheduler.nowMs;
  }

  /** How far the wall clock is off by now: what it was set to, its jumps, and what drift has added. */
  get offsetMs(): number {
    return this.#offsetMs + this.monotonicMs() - this.#scheduler.nowMs;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Sets the wall clock forward, or back with a negative number. Timers and the monotonic clock do not notice. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }

  /** From now on the machine's time runs so fast. Timers that wait were set by the old rate: they are only never early. */
  setRate(rate: number): void {
    assert(rate > 0, "a clock runs forward");
    this.#baseMs = this.monotonicMs();
    this.#sinceMs = this.#scheduler.nowMs;
    this.#rate = rate;
  }

  wallMs(): number {
    return Math.floor(this.#startMs + this.#offsetMs + this.monotonicMs());
  }

  monotonicMs(): number {
    return this.#baseMs + (this.#scheduler.nowMs - this.#sinceMs) * this.#rate;
  }

  after(delayMs: number, call: () => void): Timer {
    const dueMs = this.monotonicMs() + delayMs;
    const fire = (): void => {
      const restMs = dueMs - this.monotonicMs();
      if (restMs <= 0) call();
      else scheduled = this.#schedule(Math.max(restMs, LEAST_WAIT_MS), fire);
    };
    let scheduled = this.#schedule(delayMs, fire);
    return { cancel: () => scheduled.cancel() };
  }

  every(periodMs: number, call: () => void): Timer {
    assert(periodMs > 0, "a period is positive");
    let cancelled = false;
    let timer: Timer;
    const fire = (): void => {
      call();
      if (!cancelled) timer = this.after(periodMs, fire);
    };
    timer = this.after(periodMs, fire);
    return {
      cancel() {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  soon(call: () => void): void {
    this.#scheduler.schedule(0, call, this.#lifetime);
  }

  #schedule(delayMs: number, call: () => void): Scheduled {
    return this.#scheduler.schedule(delayMs / this.#rate, call, this.#lifetime);
  }
}
