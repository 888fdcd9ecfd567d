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

  end(): void {
    this.#alive = false;
    this.#waiting = null;
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
    if (this.#waiting === null) return false;
    this.#waiting.push(call);
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
    call();
  }
}
