import { assert, type Clock, type Timer } from "@isthmus/kernel";

/** Node's timers take at most this and fire at once for more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clocks and the process's event loop. Timers keep the process alive until they are cancelled. */
export function hostClock(): Clock {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    after,
    every(periodMs, call) {
      assert(periodMs > 0 && periodMs <= LONGEST_TIMER_MS, "a period is positive and fits a timer");
      const handle = setInterval(call, periodMs);
      return { cancel: () => clearInterval(handle) };
    },
    soon(call) {
      setImmediate(call);
    },
  };
}

/** Node counts whole milliseconds from a rounded start and may fire up to one early: then it waits for the rest. */
function after(delayMs: number, call: () => void): Timer {
  assert(delayMs >= 0, "a timer lies in the future");
  const dueMs = performance.now() + delayMs;
  let handle = setTimeout(fire, Math.min(delayMs, LONGEST_TIMER_MS));
  function fire(): void {
    const restMs = dueMs - performance.now();
    if (restMs <= 0) call();
    else handle = setTimeout(fire, Math.min(restMs, LONGEST_TIMER_MS));
  }
  return { cancel: () => clearTimeout(handle) };
}
