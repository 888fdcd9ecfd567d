import { assert } from "@isthmus/kernel";
import type { Lifetime, Scheduler } from "./scheduler.ts";

/**
 * One life of a simulated process, from its start to its end. In between it may be stopped, as by SIGSTOP: the world
 * goes on without it, and what happens to it meanwhile waits and comes to it in order when it is resumed.
 */
export class Life implements Lifetime {
  readonly #scheduler: Scheduler;
  #alive = true;
  #stopped = false;
  #events = 0;
  /** The last of its events that it lives to run, and what ends it instead of the next. */
  #lastEvent = Number.POSITIVE_INFINITY;
  #cut: () => void = () => {};
  /** What came while it was stopped and is not done yet; null when nothing may be held. */
  #waiting: (() => void)[] | null = null;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** How many events it has run so far: all that a node does, it does in one of them. */
  get events(): number {
    return this.#events;
  }

  end(): void {
    this.#alive = false;
    this.#waiting = null;
    this.endAfter(null);
  }

  /**
   * After exactly so many further events `cut` is called in the place of the next one, and has to end this life: what
   * the life awaited there never comes. Every await ends at an event, so that each can be the last. Null: not at all.
   */
  endAfter(events: number | null, cut: () => void = () => {}): void {
    assert(events === null || events > 0, "a life runs some events before it is cut off");
    this.#lastEvent = events === null ? Number.POSITIVE_INFINITY : this.#events + events;
    this.#cut = cut;
  }

  get isToEnd(): boolean {
    return this.#lastEvent !== Number.POSITIVE_INFINITY;
  }

  stop(): void {
    assert(this.#alive, "only who lives can be stopped");
    this.#stopped = true;
    this.#waiting ??= [];
  }

  resume(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#scheduler.schedule(0, () => this.#catchUp());
  }

  hold(call: () => void): boolean {
    if (this.#waiting === null) return this.#isCut();
    this.#waiting.push(call);
    return true;
  }

  /** Counts an event that is about to run; true when the life ended in its place. */
  #isCut(): boolean {
    if (this.#events < this.#lastEvent) {
      this.#events += 1;
      return false;
    }
    const cut = this.#cut;
    this.endAfter(null);
    cut();
    assert(!this.#alive, "a life that is cut off has ended");
    return true;
  }

  /** Invariant: until the last of what waited is done, what comes goes behind it: nothing overtakes. */
  #catchUp(): void {
    if (this.#stopped || this.#waiting === null) return;
    const call = this.#waiting.shift();
    if (call === undefined) {
      this.#waiting = null;
      return;
    }
    this.#scheduler.schedule(0, () => this.#catchUp());
    if (!this.#isCut()) call();
  }
}
