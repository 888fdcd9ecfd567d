import { assert, must } from "@isthmus/kernel";

/** What a register may hold: the number of the write that stands in it, or ABSENT. */
export type RegisterState = number;
export const ABSENT: RegisterState = -1;

/** One operation, as far as the search cares: what the state must be, and what it becomes. */
export interface Step {
  readonly call: number;
  /** Infinity: the outcome is unknown. It may be placed anywhere behind its call, or left out. */
  readonly ret: number;
  readonly needs: Need;
  /** Undefined: it changes nothing. */
  readonly becomes: RegisterState | undefined;
}

export type Need =
  | { readonly kind: "any" }
  | { readonly kind: "is"; readonly state: RegisterState }
  | { readonly kind: "is_not"; readonly state: RegisterState };

export type Linearization =
  | { readonly kind: "found"; readonly configurations: number }
  /** No order exists. `stuck` is the step before whose return every order of the earlier ones ends. */
  | { readonly kind: "none"; readonly stuck: Step; readonly configurations: number }
  | { readonly kind: "gave_up"; readonly configurations: number };

export interface SearchOptions {
  /** Any of these may be the state at first. */
  readonly initial: readonly RegisterState[];
  /** Distinct configurations to look at before giving up: what bounds time and memory. */
  readonly configurationsMax: number;
}

/** A point of the search: which steps have been placed, and the state after them. */
interface Configuration {
  /** All known steps before this one, by call, are placed. */
  readonly base: number;
  /** The known steps placed from `base` on, ascending. */
  readonly ahead: readonly number[];
  /** The unknown steps placed, ascending. */
  readonly taken: readonly number[];
  readonly state: RegisterState;
  /** The state before the unknown step that was placed last, if it was the last of all. */
  readonly before: RegisterState | null;
}

/**
 * Looks for an order of all known steps, and any of the unknown ones, in which each finds the state that it needs and no
 * step stands before one that had returned when it was called (Wing and Gong's search, with Lowe's memory of the
 * configurations already met).
 *
 * An unknown step is placed only directly before one that could not stand without it: in an order with as few unknown
 * steps as possible each has such a successor, once it is moved as far back as it goes, and nothing ever forbids the
 * move since it has no return. So unknown steps cost only where they explain something.
 */
export function linearize(steps: readonly Step[], options: SearchOptions): Linearization {
  return new Search(steps, options).run();
}

class Search {
  readonly #known: readonly Step[];
  readonly #unknown: readonly Step[];
  readonly #options: SearchOptions;
  readonly #met = new Set<string>();
  readonly #stack: Configuration[] = [];
  #stuck: Step | null = null;

  constructor(steps: readonly Step[], options: SearchOptions) {
    const byCall = [...steps].sort((a, b) => a.call - b.call);
    this.#known = byCall.filter(({ ret }) => ret !== Number.POSITIVE_INFINITY);
    this.#unknown = byCall.filter(({ ret }) => ret === Number.POSITIVE_INFINITY);
    this.#options = options;
  }

  run(): Linearization {
    for (const state of this.#options.initial)
      this.#visit({ base: 0, ahead: [], taken: [], state, before: null });
    for (let next = this.#stack.pop(); next !== undefined; next = this.#stack.pop()) {
      const configurations = this.#met.size;
      if (next.base === this.#known.length) return { kind: "found", configurations };
      if (configurations > this.#options.configurationsMax) return { kind: "gave_up", configurations };
      this.#expand(next);
    }
    return {
      kind: "none",
      stuck: must(this.#stuck, "what cannot be ordered has steps"),
      configurations: this.#met.size,
    };
  }

  /** Invariant: a step may be next only if none of those still to be placed had returned when it was called. */
  #expand(at: Configuration): void {
    let due: Step | null = null;
    const candidates: number[] = [];
    for (let index = at.base; index < this.#known.length; index++) {
      const step = must(this.#known[index], "an index of the known steps");
      if (due !== null && step.call > due.ret) break;
      if (at.ahead.includes(index)) continue;
      candidates.push(index);
      if (due === null || step.ret < due.ret) due = step;
    }
    assert(due !== null, "a step is left to be placed");
    if (this.#stuck === null || due.ret > this.#stuck.ret) this.#stuck = due;
    for (const [index, step] of this.#unknown.entries()) {
      if (step.call > due.ret) break;
      if (!at.taken.includes(index) && mayStand(step, at))
        this.#visit({
          ...at,
          taken: inserted(at.taken, index),
          state: step.becomes ?? at.state,
          before: at.state,
        });
    }
    // Pushed last and popped first: known steps before unknown ones, early returns before late ones.
    const byReturn = candidates.map((index) => ({ index, step: must(this.#known[index], "a candidate") }));
    byReturn.sort((a, b) => b.step.ret - a.step.ret);
    for (const { index, step } of byReturn) if (mayStand(step, at)) this.#visit(this.#place(at, index, step));
  }

  #place(at: Configuration, index: number, step: Step): Configuration {
    let base = at.base;
    let ahead = inserted(at.ahead, index);
    while (ahead[0] === base) {
      ahead = ahead.slice(1);
      base += 1;
    }
    return { base, ahead, taken: at.taken, state: step.becomes ?? at.state, before: null };
  }

  #visit(next: Configuration): void {
    const { base, ahead, taken, state, before } = next;
    const name = `${base} ${ahead} ${taken} ${state} ${before}`;
    if (this.#met.has(name)) return;
    this.#met.add(name);
    this.#stack.push(next);
  }
}

function mayStand({ needs }: Step, { state, before }: Configuration): boolean {
  return meets(needs, state) && (before === null || !meets(needs, before));
}

function meets(needs: Need, state: RegisterState): boolean {
  switch (needs.kind) {
    case "any":
      return true;
    case "is":
      return state === needs.state;
    case "is_not":
      return state !== needs.state;
  }
}

function inserted(numbers: readonly number[], number: number): readonly number[] {
  const place = numbers.findIndex((each) => each > number);
  return place === -1 ? [...numbers, number] : numbers.toSpliced(place, 0, number);
}
