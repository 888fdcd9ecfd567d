import type { Random } from "@isthmus/kernel";

/**
 * What kind of world a schedule plays in. Each schedule draws its own, and is one-sided on purpose: a world in which
 * everything goes wrong a little seldom reaches a place that needs one thing to go wrong a lot.
 */
export interface RaftProfile {
  readonly nodes: 3 | 5;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /** 0 is one entry in each append. */
  readonly maxSizePerMsg: number;
  readonly maxInflightMsgs: number;
  /** Of a message, when it is its turn. */
  readonly lossRate: number;
  /** Of a message: it is delivered, and stays on its way too. */
  readonly repeatRate: number;
  /** Any message may be next; else those of one pair of nodes keep their order. */
  readonly reorders: boolean;
  /** How likely a node is to hand out what is to be done right after it has heard something, and not later. */
  readonly promptness: number;
  /** How likely a disk is to finish a write when it is its turn, in the order of the nodes. */
  readonly disks: readonly number[];
  /** How likely each kind of turn is, against the others. */
  readonly weights: Readonly<Record<Turn, number>>;
}

export const TURNS = [
  "ready",
  "disk",
  "own",
  "carry",
  "tick",
  "propose",
  "read",
  "campaign",
  "crash",
  "start",
  "cut",
  "heal",
] as const;
export type Turn = (typeof TURNS)[number];

/** The profile of one schedule, with what is given in place of what would be drawn. */
export function drawProfile(random: Random, given: Partial<RaftProfile> = {}): RaftProfile {
  const one = <T>(of: readonly [T, ...T[]]): T => of[random.below(of.length)] ?? of[0];
  const nodes = given.nodes ?? one([3, 3, 5]);
  const disks = Array.from({ length: nodes }, () => one([1, 1, 0.3, 0.1, 0.03]));
  const drawn: RaftProfile = {
    nodes,
    preVote: random.below(2) === 0,
    checkQuorum: random.below(2) === 0,
    maxSizePerMsg: one([0, 0, Number.POSITIVE_INFINITY]),
    maxInflightMsgs: one([1, 2, 256]),
    lossRate: one([0, 0.05, 0.2]),
    repeatRate: one([0, 0.05]),
    reorders: random.below(2) === 0,
    promptness: one([1, 1, 0.3]),
    disks,
    weights: {
      ready: 6,
      disk: 16,
      own: 16,
      carry: 30,
      tick: one([4, 8, 12]),
      propose: one([1, 3, 8]),
      read: one([0, 2]),
      campaign: one([0, 0.3, 1, 3]),
      crash: one([0, 0.1, 0.4]),
      start: 1,
      cut: one([0, 0.1, 0.4]),
      heal: one([0.2, 0.6]),
    },
  };
  return { ...drawn, ...given };
}
