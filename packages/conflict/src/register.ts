import type { Dot, Stamp, VersionVector } from "@isthmus/causality";

/** Who wrote, and when by the hybrid clock: what every version carries. */
export interface Write {
  readonly dot: Dot;
  readonly stamp: Stamp;
  /**
   * The same request, under one idempotency key, counts as another region's write: this one covers what it had seen,
   * but is seen itself only where nothing else stands.
   */
  readonly echo: boolean;
}

export interface Versioned {
  readonly write: Write;
}

/** What a write had seen: its batch's context, and the operations before it in its own batch. */
export function hadSeen(write: Write, context: VersionVector, earlier: Write): boolean {
  if (context.includes(earlier.dot)) return true;
  const { dot } = write;
  return (
    earlier.dot.origin === dot.origin &&
    earlier.dot.sequence === dot.sequence &&
    earlier.dot.position < dot.position
  );
}

/**
 * What stands of a register's siblings after a write: exactly the versions that it had seen go.
 *
 * Invariant: nothing else ever removes a sibling, so the result does not depend on the order of arrival of
 * concurrent writes.
 */
export function standing<T extends Versioned>(
  siblings: readonly T[],
  write: Write,
  context: VersionVector,
): readonly T[] {
  // Nearly all registers hold one version, which the next write had seen.
  const [only] = siblings;
  if (siblings.length === 1 && only !== undefined) return hadSeen(write, context, only.write) ? [] : siblings;
  return siblings.filter((sibling) => !hadSeen(write, context, sibling.write));
}
