/** A broken invariant. What the node would do next is not known, so whoever owns the process ends it. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Stays on in production. `what` says what holds, not what failed. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(`does not hold: ${what}`);
}

/** The value, asserted to be there: for lookups whose key is known to exist. */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new AssertionError(`does not hold: ${what}`);
  return value;
}

/** Marks the end of an exhaustive switch. */
export function unreachable(value: never, what: string): never {
  throw new AssertionError(`not reachable: ${what}: ${String(value)}`);
}
