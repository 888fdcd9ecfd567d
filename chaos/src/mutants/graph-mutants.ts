import type { Edit, Mutant } from "./mutant.ts";

/** Planted in the state machine and in what carries batches between regions. */

const inGraph = (file: string, find: string, replace: string): Edit => ({
  package: "@isthmus/graph",
  file,
  find,
  replace,
});
const inRelay = (file: string, find: string, replace: string): Edit => ({
  package: "@isthmus/relay",
  file,
  find,
  replace,
});

const busy = { clients: 6, thinkMs: 60, timeoutMs: 1000 };
const meeting = { ...busy, nodes: 2, edges: 2 };
const restingLinks = { strokes: ["rest_link"], everyMs: 800, forMs: 1500 } as const;
const smallWindow = {
  story: "a stream's window is 2 KiB",
  edits: [
    {
      package: "@isthmus/node",
      file: "node-config.js",
      find: "streamCreditBytes: 4 * 2 ** 20",
      replace: "streamCreditBytes: 2048",
    },
  ],
};

export const GRAPH_MUTANTS: readonly Mutant[] = [
  {
    name: "T1",
    trap: "TRAPS.md T1",
    story: "a region decides another region's conditions again",
    edits: [
      inGraph(
        "machine.js",
        "const { operations, retry } = request;",
        `const { operations, retry } = request;
        if (operations.some((operation) => "refusal" in decide(draft, keyOfRecord(operation), operation, this.#policy)))
            outcome = { status: "refused", code: "version_mismatch", operation: 0 };`,
      ),
    ],
    hunt: { shape: "2x1", seconds: 6, workload: { ...meeting, conditionRate: 0.5 }, storm: null },
  },
  {
    name: "T15",
    trap: "TRAPS.md T15",
    story: "one key taken in two regions counts in both",
    edits: [
      inGraph(
        "machine.js",
        "this.#makeEcho(draft, operations, earlierFirst(rival, entry) < 0 ? entry : rival);",
        "void 0;",
      ),
    ],
    hunt: {
      shape: "2x1",
      seconds: 6,
      workload: { ...meeting, keyedRate: 0.9, impatientRate: 0.4 },
      storm: null,
    },
  },
  {
    name: "T16",
    trap: "TRAPS.md T16",
    story: "a PUT removes, in each region, what that region happens to hold",
    edits: [inGraph("effect.js", "kept.set(name, left)", "void left")],
    hunt: { shape: "2x1", seconds: 6, workload: meeting, storm: null },
  },
  {
    name: "T17",
    trap: "TRAPS.md T17",
    story: "a node's delete takes along the edges that each region finds, not those that its origin saw",
    edits: [
      inGraph(
        "effect.js",
        'import { adjacencyKey, recordKey } from "./keys.js";',
        `import { adjacencyKey, adjacencyRange, edgeOfAdjacency, recordKey } from "./keys.js";
function foundEdges(draft, node) {
    const found = new Set();
    for (const direction of ["out", "in"]) {
        const { from, to } = adjacencyRange(direction, node, null);
        for (const [key] of draft.range(from, to)) found.add(edgeOfAdjacency(key));
    }
    return found;
}`,
      ),
      inGraph("effect.js", "of dependents.edges)", "of foundEdges(draft, id))"),
    ],
    hunt: { shape: "2x1", seconds: 8, workload: { ...meeting, nodes: 2, edges: 8 }, storm: null },
  },
  {
    name: "T23",
    trap: "TRAPS.md T23",
    story: "a session's token is not waited for",
    edits: [
      {
        package: "@isthmus/node",
        file: "database-service.js",
        find: "if (this.#replica.machine.vector.covers(vector))",
        replace: "if (this.#replica.machine.vector.covers(vector) || true)",
      },
    ],
    hunt: {
      shape: "1x3",
      seconds: 8,
      workload: { ...busy, readRate: 0.6 },
      storm: { strokes: ["slow_disk", "delay"], everyMs: 500, forMs: 1000 },
    },
  },
  {
    name: "T26",
    trap: "TRAPS.md T26",
    story: "batches that wait for another origin's hold the credit of all streams",
    edits: [
      inRelay(
        "relay.js",
        "incoming.take(batch, bytes)",
        `(incoming.first === undefined && [...this.#incoming.values()].some((other) => other !== incoming && !other.isIdle && other.first !== undefined)
                ? "credit_exceeded" : incoming.take(batch, bytes))`,
      ),
    ],
    lens: smallWindow,
    hunt: { shape: "3x1", seconds: 10, workload: busy, storm: restingLinks },
  },
  {
    name: "T27",
    trap: "TRAPS.md T27",
    story: "the digest counts at which place of its log a region took a batch",
    edits: [
      inGraph(
        "machine.js",
        "        draft.commit(this.#digest);",
        `        this.#digest.replace(\`received \${batch.origin} \${batch.sequence}\`, null, {
            record: { existence: [], properties: new Map([["at", []]]) },
            bytes: new TextEncoder().encode(String(this.appliedIndex)),
        });
        draft.commit(this.#digest);`,
      ),
    ],
    hunt: { shape: "2x1", seconds: 6, workload: busy, storm: null },
  },
  {
    name: "F3",
    trap: "decision 0002",
    story: "of a key that two regions took, the later one's versions are taken away",
    edits: [
      inGraph(
        "record.js",
        "versions.map(marked)",
        "versions.filter((version) => !equalDots(version.write.dot, dot))",
      ),
      inGraph(
        "record.js",
        "record.existence.map(marked)",
        "record.existence.filter((version) => !equalDots(version.write.dot, dot))",
      ),
    ],
    hunt: {
      shape: "2x1",
      seconds: 8,
      workload: { ...meeting, nodes: 2, edges: 2, keyedRate: 0.9, impatientRate: 0.4 },
      storm: null,
    },
  },
];
