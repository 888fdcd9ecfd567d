import type { Edit, Mutant } from "./mutant.ts";

/** Planted where logs are compacted and snapshots take the place of what is gone. */

const inReplica = (file: string, find: string, replace: string): Edit => ({
  package: "@isthmus/replica",
  file,
  find,
  replace,
});

export const SNAPSHOT_MUTANTS: readonly Mutant[] = [
  {
    name: "R24",
    trap: "RAFT.md R24",
    story: "what is in the checkpoint is compacted, whether or not other regions have seen it",
    edits: [inReplica("compaction.js", "if (unseenIndex !== null)", "if (false)")],
    hunt: {
      shape: "2x1",
      seconds: 12,
      workload: { clients: 6, thinkMs: 60, timeoutMs: 1000 },
      storm: { strokes: ["alone", "kill", "rest_link"], everyMs: 1500, forMs: 3000 },
    },
  },
  {
    name: "F5",
    trap: "decision 0005",
    story: "a write whose result went by in a snapshot counts as lost, and is sent again",
    edits: [inReplica("data-replica.js", "this.#queue.resultsMissed();", "")],
    hunt: {
      shape: "1x3",
      seconds: 20,
      workload: { clients: 10, thinkMs: 30, timeoutMs: 20_000, readRate: 0.1, keyedRate: 0, padBytes: 500 },
      storm: { strokes: ["deaf", "stop", "kill"], everyMs: 2500, forMs: 4000 },
    },
  },
];
