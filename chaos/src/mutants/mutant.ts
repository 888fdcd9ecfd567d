import type { GivenProfile } from "../raft-world-profile.ts";
import type { WorkloadShape } from "../workload.ts";
import type { Storm } from "./storm.ts";

/** One change to one compiled file of a package. `find` must stand there exactly once. */
export interface Edit {
  readonly package: string;
  /** Relative to the package's `dist`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Where to look: a focus makes a rare moment frequent, and is part of the finding. */
export type Hunt = WorldHunt | RaftHunt;

/** In whole worlds: nodes, links, clients. */
export interface WorldHunt {
  /** `1x3`: regions by nodes. */
  readonly shape: string;
  /** Virtual seconds of clients and faults in each run. */
  readonly seconds: number;
  readonly workload?: Partial<WorkloadShape>;
  /** Null: no faults at all. */
  readonly storm: Storm | null;
}

/** In worlds of the consensus core alone, over queues that stand for disks and network (raft-world.ts). */
export interface RaftHunt {
  readonly world: "raft";
  /** Of each schedule, before it is healed. */
  readonly turns: number;
  readonly profile?: GivenProfile;
}

/** A change that breaks nothing and makes a rare moment frequent. It stands in the control runs too. */
export interface Lens {
  readonly story: string;
  readonly edits: readonly Edit[];
}

/** A bug as data. Production code knows nothing of it: it is written into a module's source while that is loaded. */
export interface Mutant {
  readonly name: string;
  /** Where the trap is told. */
  readonly trap: string;
  /** One sentence: what the planted bug does. */
  readonly story: string;
  readonly edits: readonly Edit[];
  readonly lens?: Lens;
  readonly hunt: Hunt;
}

/** A trap that no world can show yet. */
export interface NotYet {
  readonly trap: string;
  readonly why: string;
  /** The issue with which it can be planted. */
  readonly from: number;
}
