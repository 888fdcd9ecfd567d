import type { Edit, Mutant } from "./mutant.ts";

/** Planted between the log and the state: requests on their way in, checkpoints. */

const inReplica = (file: string, find: string, replace: string): Edit => ({
  package: "@isthmus/replica",
  file,
  find,
  replace,
});
const inGraph = (file: string, find: string, replace: string): Edit => ({
  package: "@isthmus/graph",
  file,
  find,
  replace,
});

const busy = { clients: 6, thinkMs: 60, timeoutMs: 1000 };

export const REPLICA_MUTANTS: readonly Mutant[] = [
  {
    name: "R22",
    trap: "RAFT.md R22",
    story: "a command that a client repeats after a failover is carried out again",
    edits: [inGraph("machine.js", " ?? this.#retries.find(draft, retry.key)[0]", "")],
    hunt: {
      shape: "1x3",
      seconds: 8,
      workload: { ...busy, keyedRate: 0.9, timeoutMs: 300 },
      storm: { strokes: ["kill"], everyMs: 1000, forMs: 800 },
    },
  },
  {
    name: "R23",
    trap: "RAFT.md R23",
    story: "the applied index reaches the checkpoint one commit later than the data",
    edits: [
      inReplica("data-replica.js", "        machine.writeMeta();\n", ""),
      inReplica(
        "data-replica.js",
        "await state.flush(written);",
        "await state.flush(written);\n            machine.writeMeta();",
      ),
    ],
    hunt: {
      shape: "1x1",
      seconds: 10,
      workload: busy,
      storm: { strokes: ["kill", "power"], everyMs: 2000, forMs: 200 },
    },
  },
  {
    name: "T8",
    trap: "TRAPS.md T8",
    story: "batches get their numbers when they are proposed",
    edits: [
      inReplica(
        "data-replica.js",
        "wallMs: Math.max(0, Math.floor(this.#options.clock.wallMs())),",
        `wallMs: 1000 * Math.floor(this.#options.clock.wallMs() / 1000) +
                (this.proposed = Math.max(this.proposed ?? 0, this.#machine.vector.get(this.origin)) + 1) % 1000,`,
      ),
      inGraph(
        "machine.js",
        "sequence: this.#vector.get(this.origin) + 1,",
        `sequence: this.#vector.get(this.origin) + 1 +
                (wallMs - this.#vector.get(this.origin) - 1 + 1e9 * 1000) % 1000,`,
      ),
    ],
    hunt: {
      shape: "1x3",
      seconds: 8,
      workload: busy,
      storm: { strokes: ["stop", "break"], everyMs: 700, forMs: 1000 },
    },
  },
  {
    name: "T21",
    trap: "TRAPS.md T21",
    story: "what is committed is applied and checkpointed before this node's own log has it on disk",
    edits: [
      {
        package: "@isthmus/raft",
        file: "raft-log.js",
        find: "allowUnstable ? this.committed : Math.min(this.committed, this.#unstable.offset - 1)",
        replace: "this.committed",
      },
      inReplica("data-replica.js", "await state.flush(written);", "await state.flush();"),
    ],
    hunt: {
      shape: "1x3",
      seconds: 12,
      workload: { ...busy, clients: 3 },
      storm: {
        strokes: ["slow_disk", "power"],
        everyMs: 700,
        forMs: 1500,
        diskFactor: 5000,
        favourite: "yes",
      },
    },
  },
  {
    name: "T30",
    trap: "TRAPS.md T30",
    story: "a request that is handed to the leader again, without a key, is taken again",
    edits: [inReplica("hand-over.js", 'return "known";', 'return leadsInTerm === term ? "take" : "refuse";')],
    hunt: {
      shape: "1x3",
      seconds: 10,
      workload: busy,
      storm: { strokes: ["break", "delay"], everyMs: 500, forMs: 1000 },
    },
  },
  {
    name: "F1",
    trap: "decision 0001",
    story: "what a leader proposes goes on to the next leader when its own term has ended meanwhile",
    edits: [
      inReplica(
        "raft-driver.js",
        'this.#raw.raftState === "StateLeader" && this.#raw.term === term && this.propose(data)',
        "this.propose(data)",
      ),
    ],
    hunt: {
      shape: "1x3",
      seconds: 15,
      workload: { ...busy, timeoutMs: 5000 },
      storm: { strokes: ["stop"], everyMs: 800, forMs: 1500 },
    },
  },
  {
    name: "F2",
    trap: "decision 0001",
    story: "a hand-over that is lost with its socket is never sent again",
    edits: [
      inReplica(
        "hand-over.js",
        "tick - late.sentTick < AGAIN_AFTER_TICKS",
        "tick > late.sentTick - AGAIN_AFTER_TICKS",
      ),
    ],
    hunt: {
      shape: "1x3",
      seconds: 8,
      workload: { ...busy, timeoutMs: 300 },
      storm: { strokes: ["break"], everyMs: 300, forMs: 500 },
    },
  },
  {
    name: "F4",
    trap: "a follower far behind",
    story: "all that a follower lacks leaves at once, in one frame, however large",
    edits: [
      {
        package: "@isthmus/node",
        file: "raft-frames.js",
        find: "bytes + more > FRAME_BYTES",
        replace: "bytes < 0",
      },
      inReplica("raft-driver.js", "const INFLIGHT_BYTES = 64 * 1024;", "const INFLIGHT_BYTES = Infinity;"),
    ],
    lens: {
      story: "a link's frame holds 128 KiB and not 8 MiB, and what is sent at once is as much smaller",
      edits: [
        {
          package: "@isthmus/link",
          file: "limits.js",
          find: "MAX_FRAME_BYTES = 8 * 1024 * 1024",
          replace: "MAX_FRAME_BYTES = 128 * 1024",
        },
        {
          package: "@isthmus/node",
          file: "raft-frames.js",
          find: "const FRAME_BYTES = 1024 * 1024",
          replace: "const FRAME_BYTES = 16 * 1024",
        },
        inReplica("raft-driver.js", "MESSAGE_MAX_BYTES = 1024 * 1024", "MESSAGE_MAX_BYTES = 16 * 1024"),
        inReplica("raft-driver.js", "INFLIGHT_BYTES = 4 * 1024 * 1024", "INFLIGHT_BYTES = 64 * 1024"),
      ],
    },
    hunt: {
      shape: "1x3",
      seconds: 10,
      workload: { ...busy, clients: 10, padBytes: 2500 },
      storm: { strokes: ["kill", "alone"], everyMs: 1500, forMs: 2500 },
    },
  },
];
