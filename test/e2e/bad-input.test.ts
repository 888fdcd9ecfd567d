import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { crc32 } from "node:zlib";
import { type Cluster, MAIN, replicasOf, vectorText } from "../support/cluster.ts";
import { Command, type Finished, isthmus } from "../support/command.ts";
import { inParallel } from "../support/eventually.ts";
import { type Call, nodePath, type Written } from "../support/http.ts";
import { freePortBase } from "../support/ports.ts";
import { processesNaming } from "../support/processes.ts";
import { Standalone } from "../support/standalone.ts";

interface Row extends Call {
  readonly what: string;
  /** A PUT where nothing is said. */
  readonly method?: string;
  readonly path: string;
  readonly status: number;
  readonly code: string;
  /** What the problem names as wrong; a pattern, since messages name places inside. */
  readonly field?: string;
}

const BATCH = { method: "POST", path: "/v1/main/batch" };
const INVALID = { status: 400, code: "invalid" };
const BODY_LIMIT_BYTES = 4 * 2 ** 20;
const LEVELS = 100_000;

const lists = "[".repeat(LEVELS) + "]".repeat(LEVELS);
const objects = `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`;

/** A node with one property of this value, which no program of ours would write. */
function withValue(value: string): Call & { path: string } {
  return { path: nodePath("bad"), raw: `{"labels":[],"properties":{"p":${value}}}` };
}

const malformed: readonly Row[] = [
  { what: "an empty body", path: nodePath("bad"), raw: "", ...INVALID, field: "body" },
  { what: "a body that breaks off", path: nodePath("bad"), raw: '{"labels":[', ...INVALID, field: "body" },
  { what: "two documents", path: nodePath("bad"), raw: "{} {}", ...INVALID, field: "body" },
  { what: "a comma too many", path: nodePath("bad"), raw: '{"labels":[],}', ...INVALID, field: "body" },
  {
    what: "bytes that are no UTF-8",
    path: nodePath("bad"),
    raw: Buffer.from([0x22, 0xff, 0x22]),
    ...INVALID,
  },
  { what: "a batch that breaks off", ...BATCH, raw: '{"operations":[{"op"', ...INVALID, field: "body" },
  {
    what: "another content type",
    path: nodePath("bad"),
    raw: "a=1",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    status: 415,
    code: "invalid",
  },
];

const unknownFields: readonly Row[] = [
  { what: "an unknown field", path: nodePath("bad"), body: { lables: [] }, ...INVALID, field: "lables" },
  {
    what: "an unknown field of an edge",
    path: "/v1/main/edges/e",
    body: { type: "T", from: "a", to: "b", weight: 1 },
    ...INVALID,
    field: "weight",
  },
  {
    what: "an unknown field deep in a batch",
    ...BATCH,
    body: {
      operations: [
        { op: "put_node", id: "one" },
        { op: "put_node", id: "two", ifmatch: "v" },
      ],
    },
    ...INVALID,
    field: "operations[1].ifmatch",
  },
  {
    what: "an unknown parameter",
    method: "GET",
    path: `${nodePath("kept")}?raed=local`,
    ...INVALID,
    field: "raed",
  },
  {
    what: "a parameter of another kind",
    method: "GET",
    path: `${nodePath("kept")}?read=near`,
    ...INVALID,
    field: "read",
  },
  {
    what: "a body where none belongs",
    method: "GET",
    path: nodePath("kept"),
    raw: "{}",
    ...INVALID,
    field: "body",
  },
];

const tooMuch: readonly Row[] = [
  {
    what: "a body over the limit, by its declared length",
    ...withValue(JSON.stringify("x".repeat(BODY_LIMIT_BYTES))),
    status: 413,
    code: "too_large",
  },
  {
    what: "a body over the limit, in chunks of no declared length",
    ...withValue(JSON.stringify("x".repeat(BODY_LIMIT_BYTES))),
    headers: { "transfer-encoding": "chunked" },
    status: 413,
    code: "too_large",
  },
  {
    what: "a batch of 1,001 operations",
    ...BATCH,
    body: { operations: Array.from({ length: 1_001 }, (_, n) => ({ op: "put_node", id: `n${n}` })) },
    ...INVALID,
    field: "operations",
  },
  { what: "100,000 nested lists", ...withValue(lists), ...INVALID, field: "body" },
  { what: "100,000 nested objects", ...withValue(objects), ...INVALID, field: "body" },
  { what: "100,000 lists that nobody closes", ...withValue("[".repeat(LEVELS)), ...INVALID, field: "body" },
  { what: "a number 65 lists deep", ...withValue(`${"[".repeat(65)}1${"]".repeat(65)}`), ...INVALID },
];

const wrongTypes: readonly Row[] = [
  { what: "a list as the body", path: nodePath("bad"), body: [], ...INVALID, field: "body" },
  {
    what: "labels that are a text",
    path: nodePath("bad"),
    body: { labels: "A" },
    ...INVALID,
    field: "labels",
  },
  {
    what: "a label that is a number",
    path: nodePath("bad"),
    body: { labels: ["A", 1] },
    ...INVALID,
    field: "labels[1]",
  },
  {
    what: "properties that are a list",
    path: nodePath("bad"),
    body: { properties: [] },
    ...INVALID,
    field: "properties",
  },
  { what: "an edge without ends", path: "/v1/main/edges/e", body: { type: "T" }, ...INVALID, field: "from" },
  {
    what: "an operation that is a text",
    ...BATCH,
    body: { operations: ["put"] },
    ...INVALID,
    field: "operations[0]",
  },
  {
    what: "an unknown operation",
    ...BATCH,
    body: { operations: [{ op: "put" }] },
    ...INVALID,
    field: "operations[0].op",
  },
  { what: "an empty batch", ...BATCH, body: { operations: [] }, ...INVALID, field: "operations" },
  { what: "a number beyond 64 bits", ...withValue("1e999"), ...INVALID, field: "properties.p" },
  { what: "half a surrogate pair", ...withValue('"\\ud800"'), ...INVALID, field: "properties.p" },
  { what: "a $int that is a number", ...withValue('{"$int":5}'), ...INVALID, field: "properties.p" },
  {
    what: "a $int beyond 64 bits",
    ...withValue('{"$int":"9223372036854775808"}'),
    ...INVALID,
    field: "properties.p",
  },
  { what: "$bytes that are no base64", ...withValue('{"$bytes":"a-b"}'), ...INVALID, field: "properties.p" },
  {
    what: "a $time that does not exist",
    ...withValue('{"$time":"2026-02-30T00:00:00.000Z"}'),
    ...INVALID,
    field: "properties.p",
  },
  { what: "a $vector beyond 32 bits", ...withValue('{"$vector":[1e39]}'), ...INVALID, field: "properties.p" },
  { what: "an unknown typed value", ...withValue('[{"$date":"x"}]'), ...INVALID, field: "properties.p" },
  {
    what: "a condition without quotes",
    path: nodePath("kept"),
    body: {},
    headers: { "if-match": "v" },
    ...INVALID,
    field: "If-Match",
  },
  {
    what: "an idempotency key of 257 characters",
    path: nodePath("bad"),
    body: {},
    headers: { "idempotency-key": "k".repeat(257) },
    ...INVALID,
    field: "Idempotency-Key",
  },
  {
    what: "a read token that nobody gave out",
    method: "GET",
    path: `${nodePath("kept")}?read=session`,
    headers: { "isthmus-session": "AAAA" },
    ...INVALID,
    field: "Isthmus-Session",
  },
];

const names: readonly Row[] = [
  ...["a\u0000b", "a\nb", "a\u001fb", "a\u007fb", "a\u0085b"].map((id) => ({
    what: `an id with the control character ${JSON.stringify(id.slice(1, -1))}`,
    path: nodePath(id),
    body: {},
    ...INVALID,
  })),
  { what: "an id of 257 bytes", path: nodePath(`${"ü".repeat(128)}x`), body: {}, ...INVALID },
  { what: "an id that is no UTF-8", path: "/v1/main/nodes/%ff", body: {}, ...INVALID },
  {
    what: "a control character in a batch's id",
    ...BATCH,
    body: { operations: [{ op: "put_node", id: "a\u0001" }] },
    ...INVALID,
    field: "operations[0].id",
  },
  {
    what: "a control character in a label",
    path: nodePath("bad"),
    body: { labels: ["a\tb"] },
    ...INVALID,
    field: "labels[0]",
  },
  {
    what: "a control character in a property's name",
    path: nodePath("bad"),
    body: { properties: { "a\u0007": 1 } },
    ...INVALID,
    field: "properties",
  },
  {
    what: "a control character in an edge's end",
    path: "/v1/main/edges/e",
    body: { type: "T", from: "a\r", to: "b" },
    ...INVALID,
    field: "from",
  },
];

const unknown: readonly Row[] = [
  { what: "a read in an unknown database", method: "GET", path: "/v1/mian/nodes/kept" },
  { what: "a write in an unknown database", path: "/v1/mian/nodes/kept", body: {} },
  {
    what: "a batch in an unknown database",
    method: "POST",
    path: "/v1/mian/batch",
    body: { operations: [{ op: "put_node", id: "n" }] },
  },
  { what: "an export of an unknown database", method: "GET", path: "/v1/mian/export" },
  { what: "a database of a name of a JavaScript object", method: "GET", path: "/v1/__proto__/nodes/kept" },
  { what: "a path that nobody serves", method: "GET", path: "/v1/main/noodles/kept" },
].map((row) => ({ ...row, status: 404, code: "not_found" }));

const WRONG_TOPOLOGY = [
  "version: 1",
  "cluster: Acme",
  "databases:",
  "  - { name: main, policy: multi_writers }",
  "regions:",
  "  - id: home",
  "    prority: 3",
  "    nodes:",
  '      - { id: home-1, api: "htp://127.0.0.1:7411", cluster: "ws://127.0.0.1:7511", data: one }',
  '      - { id: home-1, api: "http://10.0.0.1:7412", cluster: "ws://127.0.0.1:7511", data: two }',
  "limits: { inflght: 3, body: 4MB }",
  "",
].join("\n");

/** Of WRONG_TOPOLOGY, in its order: where, what stands there, what is said of it. */
const topologyFaults: readonly [place: string, path: string, allowed: RegExp][] = [
  ["2:10", 'cluster: "Acme"', /allowed: a name of lower-case letters/],
  [
    "4:27",
    'databases[0].policy: "multi_writers"',
    /allowed: multi_writer; did you mean multi_writer\?/,
  ],
  ["7:5", "regions[0].prority:", /allowed: id, priority, nodes; did you mean priority\?/],
  ["9:28", 'regions[0].nodes[0].api: "htp:', /allowed: http:\/\/HOST:PORT/],
  ["10:15", 'regions[0].nodes[1].id: "home-1"', /names the same node a second time/],
  ["10:28", 'regions[0].nodes[1].api: "http:', /not loopback.*allowed: 127\.0\.0\.1/],
  ["10:61", 'regions[0].nodes[1].cluster: "ws:', /names the same address a second time/],
  ["11:11", "limits.inflght:", /allowed: body, inflight, request_timeout; did you mean inflight\?/],
  ["11:29", 'limits.body: "4MB"', /allowed: a size such as 4MiB/],
];

describe("a request that is wrong", () => {
  let root: string;
  let node: Standalone;
  let first: Written;
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
    node = await Standalone.start(root, "data", (await freePortBase()) + 11);
    first = await node.client.putNode("kept", { value: 1 });
  });
  after(async () => {
    await node?.close();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  for (const [group, rows] of Object.entries({
    malformed,
    unknownFields,
    tooMuch,
    wrongTypes,
    names,
    unknown,
  }))
    describe(group, () => {
      for (const { what, method = "PUT", path: at, status, code, field, ...call } of rows)
        it(`${what}: ${status} ${code}, and nothing has changed`, async () => {
          const before = await contents(node);
          const answer = await node.client.call(method, at, call);
          assertProblem(answer.json, { status, code });
          assert.deepEqual(
            [answer.status, answer.headers["content-type"]],
            [status, "application/problem+json"],
            answer.text,
          );
          if (field !== undefined)
            assert.equal((answer.json as { field: unknown }).field, field, answer.text);
          if (group === "unknown" && !what.startsWith("a path"))
            assert.equal((answer.json as { kind: unknown }).kind, "database");
          assert.equal(await contents(node), before);
        });
    });

  it("the commands tell of it in one line with the code, exit status 1", async () => {
    const before = await contents(node);
    const endpoint = ["--endpoint", node.api];
    assertRefused(await isthmus([...endpoint, "--db", "mian", "get", "kept"], { cwd: root }), "not_found");
    assertRefused(await isthmus([...endpoint, "put", "a\nb"], { cwd: root }), "invalid");
    assert.equal(await contents(node), before);
  });

  it("the server took no harm: it is the same process, serves, and ends in order", async () => {
    assert(node.server.running);
    assert.equal((await node.client.read(nodePath("kept")))?.version, first.version);
    assert.deepEqual(await node.end("SIGTERM"), { status: 0, signal: null });
    assert.equal(node.server.stderr, "");
  });
});

describe("a topology file that is wrong", { concurrency: true }, () => {
  let root: string;
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it("is refused whole: each fault with its place, what is allowed and the nearest name, exit status 2", async () => {
    const file = path.join(root, "wrong.yaml");
    writeFileSync(file, WRONG_TOPOLOGY);
    const before = readdirSync(root);
    const { status, stdout, stderr } = await isthmus(["serve", "--config", file, "--node", "home-1"], { cwd: root });
    assert.deepEqual([status, stdout], [2, ""], stderr);
    const [head, ...faults] = stderr.trimEnd().split("\n");
    assert.equal(head, `isthmus: ${file} is not taken: 9 faults (invalid_topology)`);
    assert.equal(faults.length, topologyFaults.length, stderr);
    for (const [index, [place, start, rest]] of topologyFaults.entries()) {
      const fault = faults[index] ?? "";
      assert(
        fault.startsWith(`  ${file}:${place} ${start}`),
        `${fault} is to begin with ${place} ${start}`,
      );
      assert.match(fault, rest);
    }
    assert.deepEqual(readdirSync(root), before, "nothing was made");
    assert.deepEqual(processesNaming(root), []);
  });

  it("is told with its place where it is no YAML", async () => {
    const file = path.join(root, "broken.yaml");
    writeFileSync(file, "version: 1\ncluster: [acme\n");
    const { status, stderr } = await isthmus(["serve", "--config", file, "--node", "home-1"], { cwd: root });
    assert.equal(status, 2);
    assert.match(stderr, /is not taken: 1 fault \(invalid_topology\)\n +\S+broken\.yaml:[0-9]+:[0-9]+ .*\n$/);
  });

  it("a node that the file does not name is told the nearest one that it does", async () => {
    const file = topology(root, { cluster: "acme", base: await freePortBase() });
    const finished = await isthmus(["serve", "--config", file, "--node", "hone-1"], { cwd: root });
    assertRefused(finished, "unknown_node", 2);
    assert.match(finished.stderr, /hone-1; there are home-1, home-2; did you mean home-1\?/);
  });

  it("wrong flags and commands are one line, exit status 2", async () => {
    const wrong = [["serve"], ["sevre"], ["serve", "--dta", "x"], ["serve", "--data", "x", "--listen", "y"]];
    await inParallel(wrong, 2, async (args) => {
      const { status, stdout, stderr } = await isthmus(args, { cwd: root });
      assert.deepEqual([status, stdout], [2, ""], stderr);
      assert.match(stderr, /^isthmus: /);
    });
    assert.equal(existsSync(path.join(root, "x")), false);
  });
});

describe("a data directory that is not this node's", () => {
  let root: string;
  let base: number;
  /** Of home-1 of the cluster acme, closed in order. */
  let data: string;
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
    base = await freePortBase();
    data = path.join(root, "home-1");
    const server = new Command(
      ["serve", "--config", topology(root, { cluster: "acme", base }), "--node", "home-1"],
      {
        cwd: root,
      },
    );
    await server.says(/^ready: /m, 30_000);
    server.child.kill("SIGTERM");
    assert.deepEqual(await server.ended, { status: 0, signal: null });
  });
  after(() => {
    assert.deepEqual(processesNaming(root), []);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  it("of another cluster: wrong_cluster, and not a byte of it has changed", async () => {
    const file = topology(root, { cluster: "acne", base });
    await assertUntouched(data, ["--config", file, "--node", "home-1"], "wrong_cluster");
    await assertUntouched(data, ["--listen", `127.0.0.1:${base + 13}`], "wrong_cluster");
  });

  it("of another node: wrong_node, and not a byte of it has changed", async () => {
    const file = topology(root, { cluster: "acme", base });
    await assertUntouched(data, ["--config", file, "--node", "home-2"], "wrong_node");
  });

  it("of a newer format: newer_format, and not a byte of it has changed", async () => {
    const newer = path.join(root, "newer");
    cpSync(data, newer, { recursive: true });
    rewriteHeader(newer, (header) => {
      header.writeUInt32LE(2, 8);
      header.writeUInt32LE(crc32(header.subarray(0, 4092)), 4092);
    });
    const file = topology(root, { cluster: "acme", base });
    await assertUntouched(newer, ["--config", file, "--node", "home-1"], "newer_format");
  });

  it("of a log whose header has rotted: wal_damaged, and not a byte of it has changed", async () => {
    const rotten = path.join(root, "rotten");
    cpSync(data, rotten, { recursive: true });
    rewriteHeader(rotten, (header) => header.writeUInt32LE(2, 8));
    const file = topology(root, { cluster: "acme", base });
    await assertUntouched(rotten, ["--config", file, "--node", "home-1"], "wal_damaged");
  });

  it("and it still serves the node whose it is", async () => {
    const file = topology(root, { cluster: "acme", base });
    const server = new Command(["serve", "--config", file, "--node", "home-1"], { cwd: root });
    await server.says(/^ready: /m, 30_000);
    server.child.kill("SIGTERM");
    assert.deepEqual(await server.ended, { status: 0, signal: null });
  });

  async function assertUntouched(directory: string, flags: readonly string[], code: string): Promise<void> {
    const before = hashOf(directory);
    const finished = await isthmus(["serve", "--data", directory, ...flags], { cwd: root });
    assertRefused(finished, code);
    assert.deepEqual(hashOf(directory), before);
  }
});

describe("a place that is taken", () => {
  let root: string;
  let base: number;
  let node: Standalone;
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
    base = await freePortBase();
    node = await Standalone.start(root, "data", base + 11);
    await node.client.putNode("kept", { value: 1 });
  });
  after(async () => {
    await node?.close();
    assert.deepEqual(processesNaming(root), []);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  it("a second process on one data directory: locked, and the first one goes on", async () => {
    const before = await contents(node);
    const names = readdirSync(node.data, { recursive: true }).sort();
    const args = ["serve", "--data", node.data, "--listen", `127.0.0.1:${base + 12}`];
    const finished = await isthmus(args, { cwd: root });
    assertRefused(finished, "locked");
    assert(finished.stderr.includes(node.data), finished.stderr);
    assert.deepEqual(readdirSync(node.data, { recursive: true }).sort(), names);
    assert.equal(await contents(node), before);
    await node.client.putNode("later", { value: 2 });
  });

  it("a client port in use: address_in_use, the address named, no directory made", async () => {
    const other = path.join(root, "other");
    const finished = await isthmus(["serve", "--data", other, "--listen", node.listen], { cwd: root });
    assertRefused(finished, "address_in_use");
    assert(finished.stderr.includes(`http://${node.listen} `), finished.stderr);
    assert.equal(existsSync(other), false);
  });

  it("a cluster port in use: address_in_use, the address named, no directory made", async () => {
    const other = path.join(root, "other");
    const taken = createServer();
    await new Promise<void>((resolve, reject) => {
      taken.once("error", reject);
      taken.listen(base + 113, "127.0.0.1", resolve);
    });
    try {
      const args = ["serve", "--data", other, "--listen", `127.0.0.1:${base + 13}`];
      const finished = await isthmus(args, { cwd: root });
      assertRefused(finished, "address_in_use");
      assert(finished.stderr.includes(`ws://127.0.0.1:${base + 113} `), finished.stderr);
      assert.equal(existsSync(other), false);
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });

  it("the directory of a killed process is free again", async () => {
    await node.end("SIGKILL");
    await node.start();
    assert.deepEqual((await node.client.read(nodePath("later")))?.properties, { value: 2 });
  });
});

/** One line on stderr that ends in the code, nothing on stdout. */
function assertRefused({ status, signal, stdout, stderr }: Finished, code: string, expected = 1): void {
  assert.deepEqual([status, signal, stdout], [expected, null, ""], stderr);
  assert.match(stderr, new RegExp(`^isthmus: [^\\n]+ \\(${code}\\)[^\\n]*\\n$`));
}

function assertProblem(json: unknown, expected: { status: number; code: string }): void {
  const { type, title, status, detail, code } = json as Record<string, unknown>;
  assert.deepEqual({ status, code }, expected, JSON.stringify(json));
  assert.equal(type, `/problems/${expected.code}`);
  assert(typeof title === "string" && title !== "");
  assert.match(String(detail), /^[^\n]+$/, "the detail is one line");
}

/** All that the node holds, and the number of its last batch. */
async function contents({ client }: Standalone): Promise<string> {
  const exported = await client.call("GET", "/v1/main/export");
  assert.equal(exported.status, 200);
  const cluster = (await client.json("GET", "/admin/v1/cluster")) as Cluster;
  const vectors = replicasOf(cluster, MAIN).map(({ vector, digest }) => `${vectorText(vector)} ${digest}`);
  return `${vectors.join("\n")}\n${exported.text}`;
}

/** Two nodes of one region, the second of which never runs. */
function topology(root: string, { cluster, base }: { cluster: string; base: number }): string {
  const file = path.join(root, `${cluster}.yaml`);
  const nodes = [1, 2].map(
    (n) =>
      `{ id: home-${n}, api: "http://127.0.0.1:${base + 10 + n}", cluster: "ws://127.0.0.1:${base + 110 + n}", data: home-${n} }`,
  );
  const text = [
    "version: 1",
    `cluster: ${cluster}`,
    "databases: [{ name: main, policy: multi_writer }]",
    `regions: [{ id: home, nodes: [${nodes.join(", ")}] }]`,
  ];
  writeFileSync(file, `${text.join("\n")}\n`);
  return file;
}

/** Changes the header of the oldest segment (docs/formats/wal.md). */
function rewriteHeader(data: string, change: (header: Buffer) => void): void {
  const [name] = readdirSync(path.join(data, "wal")).sort();
  assert(name);
  const file = path.join(data, "wal", name);
  const bytes = readFileSync(file);
  change(bytes.subarray(0, 4096));
  writeFileSync(file, bytes);
}

/** Name and SHA-256 of every file below a directory. */
function hashOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map(
      (file) =>
        `${path.relative(directory, file)} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`,
    );
}
