import { GRAPH_MUTANTS } from "./graph-mutants.ts";
import { MEMBERSHIP_MUTANTS } from "./membership-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { RAFT_MUTANTS } from "./raft-mutants.ts";
import { REPLICA_MUTANTS } from "./replica-mutants.ts";
import { SNAPSHOT_MUTANTS } from "./snapshot-mutants.ts";

/** Every bug that is planted, R and T by number, then those that worlds have found in this project's own code. */
export const MUTANTS: readonly Mutant[] = [
  ...RAFT_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...REPLICA_MUTANTS,
  ...GRAPH_MUTANTS,
  ...SNAPSHOT_MUTANTS,
].toSorted((a, b) => rank(a.name) - rank(b.name));

function rank(name: string): number {
  return "RTF".indexOf(name.charAt(0)) * 1000 + Number.parseInt(name.slice(1), 10);
}
