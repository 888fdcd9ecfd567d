import type { NotYet } from "./mutant.ts";

/** Traps whose floor is not built yet: each with the issue that brings it. */
export const NOT_YET: readonly NotYet[] = [
  { trap: "R25", why: "a damaged log stops its node", from: 6 },
  { trap: "R26", why: "epochs do not change", from: 10 },
  { trap: "R27", why: "there is no semi-synchronous mode", from: 8 },
  {
    trap: "R28",
    why: "no region's history diverges, so an unchecked position is always the right one",
    from: 7,
  },
  { trap: "R29", why: "no bound on stamps is promised", from: 9 },
  { trap: "R30", why: "tombstones are kept for ever", from: 9 },
  { trap: "T2", why: "there is no promotion", from: 10 },
  { trap: "T3", why: "there are no leases", from: 10 },
  { trap: "T4", why: "there are no leases", from: 10 },
  { trap: "T5", why: "there are no fences", from: 11 },
  { trap: "T6", why: "there are no snapshots between regions", from: 7 },
  { trap: "T7", why: "policies do not change", from: 9 },
  { trap: "T9", why: "there are no counters and sets", from: 9 },
  { trap: "T10", why: "tombstones are kept for ever", from: 9 },
  { trap: "T11", why: "no region is restored from a backup", from: 7 },
  { trap: "T12", why: "there is no semi-synchronous mode", from: 8 },
  { trap: "T13", why: "there is no semi-synchronous mode", from: 8 },
  { trap: "T14", why: "there is no semi-synchronous mode", from: 8 },
  { trap: "T18", why: "there is no switchover", from: 10 },
  { trap: "T19", why: "the control group decides nothing that a primary waits for", from: 10 },
  { trap: "T20", why: "there are no witnesses", from: 10 },
  { trap: "T22", why: "no bound on stamps is promised", from: 9 },
  { trap: "T24", why: "nothing is filtered", from: 12 },
  { trap: "T25", why: "nothing is signed, and nobody relays", from: 7 },
  { trap: "T28", why: "disks do not rot in worlds that have to come to rest", from: 6 },
  {
    trap: "T29",
    why: "planted by hand it fails the scenarios `sleeping-group-alone` and `sleeping-leader-cut-off`; whoever writes wakes its group, so seeds do not show it",
    from: 6,
  },
];
