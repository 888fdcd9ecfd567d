import type { Random } from "@isthmus/kernel";

/**
 * What kind of world a schedule plays in. Each schedule draws its own, and is one-sided on purpose: a world in which
 * everything goes wrong a little seldom reaches a place that needs one thing to go wrong a lot.
 */
export interface RaftProfile {
  /** Who votes at first. */
  readonly nodes: number;
  /** Nodes that nobody knows yet: without any, and with no turns for it, members stay who they are. */
  readonly strangers: number;
  /** A leader that is no voter any more steps down as soon as it has applied that. */
  readonly stepDownOnRemoval: boolean;
  /** What is committed waits for a turn of its own until it is applied; else it is applied as it is handed out. */
  readonly appliesLate: boolean;
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
  "apply",
  "change",
  "transfer",
  "compact",
] as const;
export type Turn = (typeof TURNS)[number];

export interface GivenProfile extends Omit<Partial<RaftProfile>, "weights"> {
  readonly weights?: Partial<Record<Turn, number>>;
  /** Whether members change, logs are compacted and leadership is handed over; three schedules of four have it so. */
  readonly members?: "changing" | "fixed";
}

/** The profile of one schedule, with what is given in place of what would be drawn. */
export function drawProfile(
  random: Random,
  memberRandom: Random,
  { members = memberRandom.below(4) > 0 ? "changing" : "fixed", weights, ...given }: GivenProfile = {},
): RaftProfile {
  const drawn = drawFixed(random, given.nodes);
  const more = members === "changing" ? drawChanging(memberRandom, given.nodes) : undefined;
  return { ...drawn, ...more, ...given, weights: { ...drawn.weights, ...more?.weights, ...weights } };
}

/** What a world draws in which members come and go: it may be of any size, and more nodes are there than take part. */
function drawChanging(random: Random, givenNodes: number | undefined) {
  const one = <T>(of: readonly [T, ...T[]]): T => of[random.below(of.length)] ?? of[0];
  const nodes = givenNodes ?? one([1, 2, 3, 3, 4, 5]);
  const strangers = one([1, 2, 2]);
  return {
    nodes,
    strangers,
    disks: Array.from({ length: nodes + strangers }, () => one([1, 1, 0.3, 0.1, 0.03])),
    stepDownOnRemoval: random.below(2) === 0,
    appliesLate: random.below(2) === 0,
    weights: {
      apply: one([16, 4, 1]),
      change: one([0.3, 1, 3]),
      transfer: one([0, 0.3, 1]),
      compact: one([0, 0.3, 1]),
    },
  };
}

function drawFixed(random: Random, givenNodes: number | undefined): RaftProfile {
  const one = <T>(of: readonly [T, ...T[]]): T => of[random.below(of.length)] ?? of[0];
  const nodes = givenNodes ?? one([3, 3, 5]);
  const disks = Array.from({ length: nodes }, () => one([1, 1, 0.3, 0.1, 0.03]));
  return {
    nodes,
    strangers: 0,
    stepDownOnRemoval: true,
    appliesLate: false,
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
      apply: 0,
      change: 0,
      transfer: 0,
      compact: 0,
    },
  };
}
