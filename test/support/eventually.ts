import { setTimeout as pause } from "node:timers/promises";

export interface Patience {
  /** Gives up after so long. */
  readonly withinMs: number;
  readonly everyMs?: number;
}

/**
 * Asks again until `probe` answers other than undefined, and returns that. What it throws counts as "not yet"; the last
 * of it is told when time is up.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  { withinMs, everyMs = 50 }: Patience,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last: unknown = "it never answered";
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
      last = "not yet so";
    } catch (error) {
      if (error instanceof Broken) throw error;
      last = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`not within ${withinMs} ms: ${what} (${last instanceof Error ? last.message : last})`);
    await pause(everyMs);
  }
}

/** Thrown by a probe: what it saw can never become right, so waiting ends. */
export class Broken extends Error {}

/** Settles as `promise` does, or rejects after `withinMs`. */
export async function within<T>(withinMs: number, what: string, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = pause(withinMs, undefined, { signal: over.signal }).then(
    () => Promise.reject(new Error(`not within ${withinMs} ms: ${what}`)),
    // Called off: the promise was in time, nobody looks at this one any more.
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}

/** Runs `task` over all items, at most `width` at a time; results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
