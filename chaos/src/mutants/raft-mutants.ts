import type { Edit, Lens, Mutant, RaftHunt } from "./mutant.ts";

/** Planted in consensus: the traps that copies of Raft fell into. */

const inRaft = (file: string, find: string, replace: string): Edit => ({
  package: "@isthmus/raft",
  file,
  find,
  replace,
});
const inDriver = (find: string, replace: string): Edit => ({
  package: "@isthmus/replica",
  file: "raft-driver.js",
  find,
  replace,
});

const oneAtATime: Lens = {
  story: "appends carry one entry each",
  edits: [inDriver("const MESSAGE_MAX_BYTES = 1024 * 1024;", "const MESSAGE_MAX_BYTES = 0;")],
};

/** Links keep order, so in these worlds nothing comes late or twice by itself; Raft has to bear both all the same. */
const heardTwice: Lens = {
  story: "appends carry one entry each; now and then an append or a refusal is heard once more, a tick later",
  edits: [
    ...oneAtATime.edits,
    inDriver(
      "        this.#raw.tick();",
      `        this.#raw.tick();
        if (this.heard) this.#raw.step(this.heard);
        this.heard = undefined;`,
    ),
    inDriver(
      "            this.#raw.step(message);",
      `            if (message.type === "MsgApp" || (message.type === "MsgAppResp" && message.reject))
                this.heard ??= message;
            this.#raw.step(message);`,
    ),
  ],
};

const busy = { clients: 6, thinkMs: 60, timeoutMs: 1000, keyedRate: 0.5 };

const CORE_ALONE: RaftHunt = { world: "raft", turns: 1500, profile: { members: "fixed" } };

export const RAFT_MUTANTS: readonly Mutant[] = [
  {
    name: "R1",
    trap: "RAFT.md R1",
    story: "a leader commits an entry of an older term by counting copies",
    edits: [inRaft("raft-log.js", "!this.matches(index, term)", "this.term(index) === undefined")],
    hunt: CORE_ALONE,
  },
  {
    name: "R2",
    trap: "RAFT.md R2",
    story: "a vote is sent before term and vote are on disk",
    edits: [
      inRaft(
        "core.js",
        `            case "MsgPreVoteResp":
                assert(message.term !== 0, "a vote message names its term");
                this.afterAppend.push(message);`,
        `            case "MsgPreVoteResp":
                (message.to === this.id ? this.afterAppend : this.messages).push(message);`,
      ),
    ],
    hunt: {
      shape: "1x3",
      seconds: 20,
      workload: { ...busy, clients: 2 },
      storm: { strokes: ["power"], everyMs: 500, forMs: 150, slowDisks: 300, favourite: "star" },
    },
  },
  {
    name: "R3",
    trap: "RAFT.md R3",
    story: "an append is acknowledged before its fsync",
    edits: [
      inDriver(
        "this.#appending.push([...responses]);",
        `const isEarly = ({ to, type }) => to !== this.number && type === "MsgAppResp";
        for (const response of responses.filter(isEarly)) this.#send(response);
        this.#appending.push(responses.filter((response) => !isEarly(response)));`,
      ),
    ],
    hunt: {
      shape: "1x3",
      seconds: 10,
      workload: busy,
      storm: { strokes: ["slow_disk", "power_all"], everyMs: 700, forMs: 800 },
    },
  },
  {
    name: "R4",
    trap: "RAFT.md R4",
    story: "every append truncates the log behind it, also without a conflict",
    edits: [
      inRaft(
        "raft-log.js",
        "entries.findIndex((entry) => !this.matches(entry.index, entry.term));",
        "entries.findIndex((entry) => entry.index > this.committed);",
      ),
    ],
    lens: heardTwice,
    hunt: {
      shape: "1x3",
      seconds: 12,
      workload: { ...busy, clients: 4 },
      storm: { strokes: ["stop"], everyMs: 3000, forMs: 500, slowDisks: 500 },
    },
  },
  {
    name: "R5",
    trap: "RAFT.md R5",
    story: "a follower takes the leader's commit index, though its own log may end differently",
    edits: [
      inRaft("replication.js", "Math.min(progress.match, core.log.committed)", "core.log.committed"),
      inRaft(
        "follower.js",
        "core.log.commitTo(message.commit)",
        "core.log.commitTo(Math.min(message.commit, core.log.lastIndex))",
      ),
    ],
    hunt: {
      shape: "1x3",
      seconds: 15,
      workload: busy,
      storm: { strokes: ["alone", "break"], everyMs: 1500, forMs: 2000 },
    },
  },
  {
    name: "R11",
    trap: "RAFT.md R11",
    story: "a new leader answers reads before it has committed an entry of its term",
    edits: [
      inRaft("reading.js", "if (!core.hasCommittedInTerm)", "if (false)"),
      inRaft("reading.js", "assert(core.hasCommittedInTerm,", "assert(true,"),
    ],
    hunt: CORE_ALONE,
  },
  {
    name: "R12",
    trap: "RAFT.md R12",
    story: "a leader answers reads under a lease that its silence has outlived",
    edits: [inDriver("checkQuorum: true,", 'checkQuorum: true, readOnly: "lease",')],
    hunt: {
      shape: "1x3",
      seconds: 15,
      workload: { ...busy, clients: 9, thinkMs: 40, readRate: 0.6, timeoutMs: 5000 },
      storm: { strokes: ["alone"], everyMs: 3000, forMs: 2000 },
    },
  },
  {
    name: "R13",
    trap: "RAFT.md R13",
    story: "with pre-vote on, nobody tells a leader of an older term that there is a newer one",
    edits: [inRaft("step.js", "(checkQuorum || preVote)", "false")],
    lens: {
      story: "settings are mixed: one node of three stands without asking first",
      edits: [inDriver("preVote: true,", "preVote: options.number % 3 !== 0,")],
    },
    hunt: {
      shape: "1x3",
      seconds: 15,
      workload: { ...busy, clients: 2 },
      storm: { strokes: ["alone"], everyMs: 2000, forMs: 2000 },
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
    hunt: CORE_ALONE,
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
    hunt: CORE_ALONE,
  },
  {
    name: "R20",
    trap: "RAFT.md R20",
    story: "a refusal moves `next` back to where the peer is known to match, or below",
    edits: [
      inRaft("progress.js", "if (rejected <= this.match)", "if (false)"),
      inRaft(
        "progress.js",
        "this.next = this.match + 1;\n        }\n        else",
        "this.next = Math.min(rejected, matchHint + 1);\n        }\n        else",
      ),
      inRaft(
        "progress.js",
        "Math.max(Math.min(rejected, matchHint + 1), this.match + 1)",
        "Math.min(rejected, matchHint + 1)",
      ),
    ],
    lens: heardTwice,
    hunt: {
      shape: "1x3",
      seconds: 12,
      workload: busy,
      storm: { strokes: ["kill", "break"], everyMs: 1000, forMs: 600 },
    },
  },
  {
    name: "R21",
    trap: "RAFT.md R21",
    story: "the window of appends under way is not emptied when a peer is probed anew",
    edits: [inRaft("progress.js", "this.inflights.reset();", "")],
    lens: {
      story: "two appends are under way to a peer at most",
      edits: [inDriver("const INFLIGHT_MESSAGES = 256;", "const INFLIGHT_MESSAGES = 2;")],
    },
    hunt: {
      shape: "1x3",
      seconds: 8,
      workload: { ...busy, clients: 4 },
      storm: { strokes: ["break", "kill", "alone"], everyMs: 800, forMs: 500 },
    },
  },
];
