import { compareDots, compareStamps } from "@isthmus/causality";
import { must } from "@isthmus/kernel";
import type { Versioned } from "./register.ts";

/** Greatest stamp, then region, then dot: total, so that every region chooses the same of the same siblings. */
export function lastWriteWins<T extends Versioned>(siblings: readonly T[]): T | undefined {
  let winner: T | undefined;
  for (const sibling of counted(siblings)) {
    if (winner === undefined || laterThan(sibling, winner)) winner = sibling;
  }
  return winner;
}

/** Echoes count only among themselves: a retry must not undo what came after the write that it repeats. */
function counted<T extends Versioned>(siblings: readonly T[]): readonly T[] {
  if (siblings.length < 2) return siblings;
  const own = siblings.filter((sibling) => !sibling.write.echo);
  return own.length > 0 ? own : siblings;
}

function laterThan(a: Versioned, b: Versioned): boolean {
  const byStamp = compareStamps(a.write.stamp, b.write.stamp);
  return byStamp !== 0 ? byStamp > 0 : compareDots(a.write.dot, b.write.dot) > 0;
}

/** How a delete and a concurrent update are seen. */
export type DeletePolicy = "update_wins" | "delete_wins" | "last_write_wins";

/** The existence that readers see among concurrent ones: by policy first, then by last write. */
export function chooseExistence<T extends Versioned & { readonly present: boolean }>(
  siblings: readonly T[],
  policy: DeletePolicy,
): T | undefined {
  if (siblings.length < 2 || policy === "last_write_wins") return lastWriteWins(siblings);
  const among = counted(siblings);
  const preferred = among.filter((sibling) => sibling.present === (policy === "update_wins"));
  return must(lastWriteWins(preferred.length > 0 ? preferred : among), "one of several siblings wins");
}
