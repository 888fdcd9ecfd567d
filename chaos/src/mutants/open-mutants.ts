import type { Mutant } from "./mutant.ts";
import { busy, inDriver, inRaft, oneAtATime } from "./raft-mutants.ts";

/**
 * Planted and hunted, and not found so far: their hunts have to become better. They can be hunted by name; the table lists
 * them among those that wait.
 */
export const OPEN_MUTANTS: readonly Mutant[] = [
  {
    name: "R1",
    trap: "RAFT.md R1",
    story: "a leader commits an entry of an older term by counting copies",
    edits: [inRaft("raft-log.js", "!this.matches(index, term)", "this.term(index) === undefined")],
    lens: {
      story:
        "appends carry one entry each, one is under way at a time, and a new leader's first one waits for a heartbeat",
      edits: [
        ...oneAtATime.edits,
        inDriver("const INFLIGHT_MESSAGES = 256;", "const INFLIGHT_MESSAGES = 1;"),
        inRaft("election.js", "    broadcastAppend(core);", ""),
      ],
    },
    hunt: {
      shape: "1x3",
      seconds: 25,
      workload: { ...busy, clients: 2, thinkMs: 100, conditionRate: 0 },
      storm: { strokes: ["kill"], everyMs: 1200, forMs: 700, delayMs: 200, favourite: "star" },
    },
  },
  {
    name: "R11",
    trap: "RAFT.md R11",
    story: "a new leader answers reads before it has committed an entry of its term",
    edits: [inRaft("reading.js", "else if (!core.hasCommittedInTerm)", "else if (false)")],
    hunt: {
      shape: "1x3",
      seconds: 12,
      workload: { ...busy, clients: 5, readRate: 0.6, conditionRate: 0 },
      storm: { strokes: ["alone"], everyMs: 2500, forMs: 1500, delayMs: 40, slowDisks: 50 },
    },
  },
  {
    name: "R14",
    trap: "RAFT.md R14",
    story: "a leader counts its own disk's answer to an append of an earlier term",
    edits: [
      inRaft(
        "step.js",
        "const { checkQuorum, preVote } = core.config;",
        `const { checkQuorum, preVote } = core.config;
    if (type === "MsgAppResp" && from === core.id && core.isLeader) { stepLeader(core, message); return; }`,
      ),
    ],
    hunt: {
      shape: "1x3",
      seconds: 20,
      workload: busy,
      storm: { strokes: ["slow_disk", "stop", "alone"], everyMs: 400, forMs: 1500, diskFactor: 20000 },
    },
  },
  {
    name: "R15",
    trap: "RAFT.md R15",
    story: "the disk's answer to an append counts for what has overwritten that append since",
    edits: [
      inRaft("unstable.js", "this.term(index) !== term", "this.term(index) === undefined"),
      inRaft(
        "step.js",
        "const { checkQuorum, preVote } = core.config;",
        `const { checkQuorum, preVote } = core.config;
    if (type === "MsgStorageAppendResp" && message.index !== 0) core.log.stableTo(message.index, message.logTerm);`,
      ),
    ],
    hunt: {
      shape: "1x3",
      seconds: 20,
      workload: { ...busy, clients: 3 },
      storm: { strokes: ["stop"], everyMs: 1000, forMs: 1500, slowFavourite: 8000, favourite: "yes" },
    },
  },
];
