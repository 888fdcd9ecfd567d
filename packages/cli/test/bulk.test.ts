import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { type Asked, fakeNode, problem, type Reply } from "./support/fake-node.ts";
import { isthmus, temporaryDirectory } from "./support/run-command.ts";

const NODES = 2_300;
const EDGES = 900;

function graphLines(): string[] {
  const nodes = Array.from({ length: NODES }, (_, n) =>
    JSON.stringify({ kind: "node", id: `n${n}`, labels: ["N"], properties: { n } }),
  );
  const edges = Array.from({ length: EDGES }, (_, n) =>
    JSON.stringify({
      kind: "edge",
      id: `e${n}`,
      type: "NEXT",
      from: `n${n}`,
      to: `n${n + 1}`,
      properties: {},
    }),
  );
  return [...nodes, ...edges];
}

interface Operation {
  readonly op: string;
  readonly id: string;
  readonly from?: string;
  readonly to?: string;
}

/** What a cluster makes of batches: each key counts once, an edge needs its nodes. */
class FakeGraph {
  readonly records = new Map<string, Operation>();
  readonly #byKey = new Map<string, string>();
  batches = 0;

  take({ headers, body }: Asked): Reply {
    const key = String(headers["idempotency-key"]);
    const text = JSON.stringify(body);
    const before = this.#byKey.get(key);
    if (before !== undefined && before !== text) return problem(422, "idempotency_mismatch", "another body");
    if (before === undefined) {
      this.#byKey.set(key, text);
      this.batches += 1;
      for (const operation of (body as { operations: Operation[] }).operations) {
        for (const end of [operation.from, operation.to])
          if (end !== undefined && !this.records.has(end))
            return problem(422, "invalid_reference", `no node ${end}`);
        this.records.set(operation.id, operation);
      }
    }
    return { body: { results: [], receipt: "r" } };
  }
}

function summaryOf(out: string): Record<string, number> {
  return JSON.parse(out) as Record<string, number>;
}

test("a file is imported whole, edges after the nodes they need, and the count is told", async (t) => {
  const graph = new FakeGraph();
  const node = await fakeNode(t, (asked) => graph.take(asked));
  const file = path.join(await temporaryDirectory(t), "graph with spaces.jsonl");
  await writeFile(file, `${graphLines().join("\n")}\n\n`);
  const { status, out } = await isthmus(["import", file, "-o", "json", "--endpoint", node.endpoint]);
  assert.equal(status, 0);
  assert.equal(graph.records.size, NODES + EDGES);
  const { lines, records, resumed, seconds, rate, memory_bytes } = summaryOf(out);
  assert.deepEqual([lines, records, resumed], [NODES + EDGES + 1, NODES + EDGES, 0]);
  assert.ok([seconds, rate, memory_bytes].every((value) => typeof value === "number" && value >= 0));
  assert.ok(!existsSync(`${file}.isthmus-import`), "nothing is left to go on with");
  const sizes = node.asked.map(({ body }) => (body as { operations: unknown[] }).operations.length);
  assert.ok(Math.max(...sizes) <= 500);
  assert.equal(node.asked[0]?.path, "/v1/main/batch");
});

test("an import that broke off goes on after what was acknowledged, and a batch sent twice counts once", async (t) => {
  const graph = new FakeGraph();
  let broken = true;
  const node = await fakeNode(t, (asked) => {
    // The third batch is applied, but its answer is not one that can be waited out.
    const reply = graph.take(asked);
    return broken && graph.batches >= 3 ? problem(500, "internal", "the node broke") : reply;
  });
  const file = path.join(await temporaryDirectory(t), "g.jsonl");
  await writeFile(file, graphLines().join("\n"));
  const args = ["import", file, "-o", "json", "--endpoint", node.endpoint];
  const first = await isthmus(args);
  assert.equal(first.status, 1);
  assert.match(first.err, /g\.jsonl: lines \d+-\d+: POST \/v1\/main\/batch: the node broke \(internal\)\n$/);
  const state = JSON.parse(await readFile(`${file}.isthmus-import`, "utf8")) as { records: number };
  assert.ok(state.records > 0 && state.records <= 1_000 && state.records % 500 === 0);

  broken = false;
  const second = await isthmus(args);
  assert.equal(second.status, 0);
  assert.match(second.err, new RegExp(`^going on after line ${state.records} `));
  assert.deepEqual(
    [summaryOf(second.out).records, summaryOf(second.out).resumed],
    [NODES + EDGES, state.records],
  );
  assert.equal(graph.records.size, NODES + EDGES);
  assert.equal(graph.batches, Math.ceil((NODES + EDGES) / 500), "each batch counted once");
});

test("a file that was imported is written again when it is imported again", async (t) => {
  const graph = new FakeGraph();
  const node = await fakeNode(t, (asked) => graph.take(asked));
  const file = path.join(await temporaryDirectory(t), "g.jsonl");
  await writeFile(file, graphLines().slice(0, 10).join("\n"));
  for (let round = 0; round < 2; round++) await isthmus(["import", file, "--endpoint", node.endpoint]);
  assert.equal(graph.batches, 2);
});

test("a file that changed before where it broke off is not gone on with, but can be begun anew", async (t) => {
  const graph = new FakeGraph();
  let broken = true;
  const node = await fakeNode(t, (asked) =>
    broken && graph.batches >= 2 ? problem(500, "internal", "no") : graph.take(asked),
  );
  const file = path.join(await temporaryDirectory(t), "g.jsonl");
  const lines = graphLines();
  await writeFile(file, lines.join("\n"));
  const args = ["import", file, "--endpoint", node.endpoint];
  assert.equal((await isthmus(args)).status, 1);
  broken = false;
  await writeFile(file, lines.join("\n").replace('"n0"', '"m0"'));
  const changed = await isthmus(args);
  assert.equal(changed.status, 2);
  assert.match(changed.err, /has changed in the part that was imported already; begin anew with --restart/);
  const other = await isthmus([...args, "--db", "other"]);
  assert.equal(other.status, 2);
  await writeFile(file, lines.join("\n"));
  assert.equal((await isthmus([...args, "--restart"])).status, 0);
  assert.equal(graph.records.size, NODES + EDGES);
});

test("a node that is busy or between leaders is asked again, under the same key", async (t) => {
  const graph = new FakeGraph();
  let refusals = 3;
  const node = await fakeNode(t, (asked) => {
    refusals -= 1;
    return refusals >= 0 ? problem(503, "no_leader", "electing", { "retry-after": "0" }) : graph.take(asked);
  });
  const file = path.join(await temporaryDirectory(t), "g.jsonl");
  await writeFile(file, graphLines().slice(0, 20).join("\n"));
  assert.equal((await isthmus(["import", file, "--endpoint", node.endpoint])).status, 0);
  assert.equal(new Set(node.asked.map(({ headers }) => headers["idempotency-key"])).size, 1);
  assert.equal(graph.records.size, 20);
});

test("of two lines with one id the later one wins, however many batches are under way", async (t) => {
  const graph = new FakeGraph();
  let under = 0;
  let most = 0;
  const node = await fakeNode(t, async (asked) => {
    under += 1;
    most = Math.max(most, under);
    // Later requests overtake: every answer waits for whatever else is under way by then.
    await new Promise((resolve) => setImmediate(resolve));
    under -= 1;
    return graph.take(asked);
  });
  const file = path.join(await temporaryDirectory(t), "g.jsonl");
  const nodes = Array.from({ length: 3_000 }, (_, n) =>
    JSON.stringify({ kind: "node", id: `n${n % 1_000}`, properties: { n } }),
  );
  await writeFile(file, nodes.join("\n"));
  assert.equal((await isthmus(["import", file, "--endpoint", node.endpoint])).status, 0);
  assert.ok(most <= 4);
  for (let n = 0; n < 1_000; n++) {
    const record = graph.records.get(`n${n}`) as unknown as { properties: { n: number } };
    assert.equal(record.properties.n, 2_000 + n);
  }
});

const BAD_LINES: readonly (readonly [string, RegExp])[] = [
  ["{", /not JSON/],
  ["7", /not a JSON object/],
  ['{"kind":"vertex","id":"a"}', /"kind" is neither "node" nor "edge"/],
  ['{"kind":"node"}', /"id" is missing/],
  ['{"kind":"node","id":"a","label":"X"}', /"label" is no field of a node/],
  ['{"kind":"edge","id":"e","type":"T","from":"a"}', /an edge needs "type", "from" and "to"/],
];

for (const [line, expected] of BAD_LINES)
  test(`a line that is no record stops the import where it stands: ${line}`, async (t) => {
    const graph = new FakeGraph();
    const node = await fakeNode(t, (asked) => graph.take(asked));
    const file = path.join(await temporaryDirectory(t), "g.jsonl");
    const good = graphLines().slice(0, 3);
    await writeFile(file, [...good, line, ...good].join("\n"));
    const args = ["import", file, "--endpoint", node.endpoint];
    const { status, err } = await isthmus(args);
    assert.equal(status, 1);
    assert.match(err, /g\.jsonl:4: /);
    assert.match(err, expected);
    assert.equal(graph.records.size, 3, "what stood before it is written");
    await writeFile(file, good.join("\n"));
    assert.equal((await isthmus(args)).status, 2, "the part that was imported ended in a line's end");
    await writeFile(file, [...good, '{"kind":"node","id":"last"}'].join("\n"));
    assert.equal((await isthmus(args)).status, 0);
    assert.ok(graph.records.has("last"));
  });

test("stdin is imported too; edges without an id get FROM:TYPE:TO", async (t) => {
  const graph = new FakeGraph();
  const node = await fakeNode(t, (asked) => graph.take(asked));
  const input =
    '{"kind":"node","id":"a"}\n{"kind":"node","id":"b"}\n{"kind":"edge","type":"T","from":"a","to":"b"}\n';
  const { status } = await isthmus(["import", "-", "--endpoint", node.endpoint], { input });
  assert.equal(status, 0);
  assert.deepEqual([...graph.records.keys()], ["a", "b", "a:T:b"]);
});

const PAGES = ['{"kind":"node","id":"a"}\n{"kind":"node","id":"ä"}\n', '{"kind":"node","id":"c"}\n', ""];

async function exportingNode(t: Parameters<typeof fakeNode>[0], failAt = -1): Promise<{ endpoint: string }> {
  return fakeNode(t, ({ path: asked }) => {
    const page = Number(new URL(asked, "http://node").searchParams.get("after") ?? 0);
    if (page === failAt) return problem(500, "internal", "broken");
    const headers = page + 1 < PAGES.length ? { "isthmus-cursor": String(page + 1) } : {};
    return { headers, body: PAGES[page] };
  });
}

test("an export is the node's pages byte by byte, to stdout with nothing else on it", async (t) => {
  const { endpoint } = await exportingNode(t);
  const { status, out, err } = await isthmus(["export", "--endpoint", endpoint]);
  assert.deepEqual([status, out], [0, PAGES.join("")]);
  assert.match(err, /^exported 3 records \(\d+ bytes\) in /);
});

test("an export to a file appears when it is whole, and not at all when it broke", async (t) => {
  const cwd = await temporaryDirectory(t);
  const good = await exportingNode(t);
  const { out } = await isthmus(["export", "--out", "all.jsonl", "-o", "json", "--endpoint", good.endpoint], {
    cwd,
  });
  assert.equal(summaryOf(out).records, 3);
  assert.equal(await readFile(path.join(cwd, "all.jsonl"), "utf8"), PAGES.join(""));
  const bad = await exportingNode(t, 1);
  const failed = await isthmus(["export", "--out", "part.jsonl", "--endpoint", bad.endpoint], { cwd });
  assert.equal(failed.status, 1);
  assert.ok(!existsSync(path.join(cwd, "part.jsonl")) && !existsSync(path.join(cwd, "part.jsonl.partial")));
});
