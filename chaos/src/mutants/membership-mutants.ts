import type { Edit, Mutant, RaftHunt } from "./mutant.ts";

/** Planted where members change, leadership is handed over, and a snapshot stands for a part of the log. */

const inRaft = (file: string, find: string, replace: string): Edit => ({
  package: "@isthmus/raft",
  file,
  find,
  replace,
});

const inNode = (find: string, replace: string): Edit => ({
  package: "@isthmus/node",
  file: "node-core.js",
  find,
  replace,
});

const changing = (more: RaftHunt["profile"] = {}): RaftHunt => ({
  world: "raft",
  turns: 1500,
  profile: { members: "changing", ...more },
});

export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  {
    name: "R6",
    trap: "RAFT.md R6",
    story: "a new leader forgets that its log may hold a change that is not applied yet, and admits another",
    edits: [inRaft("core.js", "this.pendingConfIndex = this.log.lastIndex;", "this.pendingConfIndex = 0;")],
    hunt: changing(),
  },
  {
    name: "R7",
    trap: "RAFT.md R7",
    story: "a change of members that is truncated out of the log is in force all the same",
    edits: [
      inRaft(
        "follower.js",
        'import { restoreConfiguration } from "./membership.js";',
        `import { applyConfChange, restoreConfiguration } from "./membership.js";
import { asV2, decodeConfChange, isConfChange } from "./conf-change.js";
import { RaftError } from "./errors.js";
function keepInForce(core, entries) {
    for (const entry of entries) {
        if (!isConfChange(entry.type) || core.log.matches(entry.index, entry.term)) continue;
        try { applyConfChange(core, asV2(decodeConfChange(entry))); }
        catch (error) { if (!(error instanceof RaftError)) throw error; }
    }
}`,
      ),
      inRaft(
        "follower.js",
        "    const lastNew = log.maybeAppend(message.index, message.logTerm, message.entries, message.commit);",
        `    const had = log.entriesFrom(Math.max(message.index + 1, log.firstIndex), Number.POSITIVE_INFINITY) ?? [];
    const lastNew = log.maybeAppend(message.index, message.logTerm, message.entries, message.commit);
    keepInForce(core, had);`,
      ),
    ],
    hunt: changing(),
  },
  {
    name: "R8",
    trap: "RAFT.md R8",
    story: "a leader admits a change of members while another one is under way",
    edits: [inRaft("proposal.js", "if (core.pendingConfIndex > core.log.applied)", "if (false)")],
    hunt: changing(),
  },
  {
    name: "R9",
    trap: "RAFT.md R9",
    story: "in a joint configuration the new half commits alone, though it takes both to elect",
    edits: [
      inRaft(
        "progress-tracker.js",
        "return outgoing.length === 0 ? incoming : Math.min(incoming, majorityOf(outgoing, this.#matchOf));",
        "return incoming;",
      ),
    ],
    hunt: changing(),
  },
  {
    name: "R10",
    trap: "RAFT.md R10",
    story: "a leader that was removed counts itself",
    edits: [
      inRaft(
        "replication.js",
        'import { blank } from "./message.js";',
        `import { blank } from "./message.js";
import { majorityOf } from "./quorum.js";
function countedWithSelf({ id: self, log, tracker }) {
    if (tracker.peer(self) !== undefined) return tracker.committed();
    return majorityOf([...tracker.conf.voters, self], (id) => tracker.peer(id)?.match ?? log.lastIndex);
}`,
      ),
      inRaft("replication.js", "core.tracker.committed()", "countedWithSelf(core)"),
    ],
    hunt: changing({ stepDownOnRemoval: false }),
  },
  {
    name: "R16",
    trap: "RAFT.md R16",
    story: "a snapshot replaces the log, and the configuration stays what it was",
    edits: [inRaft("follower.js", "restoreConfiguration(core, snapshot.conf);", "")],
    hunt: changing(),
  },
  {
    name: "R17",
    trap: "RAFT.md R17",
    story: "a voter that lost its disk, and with it its promises, goes on under its old name",
    edits: [
      inNode("known === hex(this.#dataId)", "known !== null"),
      inNode("known === hex(dataId)", "known !== null"),
    ],
    hunt: {
      shape: "1x3",
      seconds: 15,
      workload: { clients: 6, thinkMs: 60, timeoutMs: 1000, keyedRate: 0.5 },
      storm: { strokes: ["lose_disk", "alone", "kill"], everyMs: 1500, forMs: 3000 },
    },
  },
  {
    name: "R18",
    trap: "RAFT.md R18",
    story: "a leader waits for ever for the one to whom it hands over",
    edits: [inRaft("step.js", "core.leadTransferee = NO_NODE;", "")],
    hunt: changing(),
  },
  {
    name: "R19",
    trap: "RAFT.md R19",
    story: "learners count as if they were voters when a leader commits",
    edits: [
      inRaft(
        "progress-tracker.js",
        "majorityOf(voters, this.#matchOf);",
        "majorityOf([...voters, ...this.#conf.learners], this.#matchOf);",
      ),
    ],
    hunt: changing(),
  },
];
