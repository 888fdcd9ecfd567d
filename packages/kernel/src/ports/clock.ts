/** Time and turns. The only place where a node learns what time it is or asks to be called later. */
export interface Clock {
  /** Milliseconds since 1970 by the wall clock: may jump, may drift. */
  wallMs(): number;
  /** Milliseconds since some fixed moment: never goes back, may stand still while a machine is suspended. */
  monotonicMs(): number;
  /** Calls once, not before `delayMs` have passed. */
  after(delayMs: number, call: () => void): Timer;
  /** Calls repeatedly, `periodMs` apart; missed calls are not made up for. */
  every(periodMs: number, call: () => void): Timer;
  /** Calls once, after the events that are already due: the end of this turn. */
  soon(call: () => void): void;
}

export interface Timer {
  cancel(): void;
}
