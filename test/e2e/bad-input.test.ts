import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { crc32 } from "node:zlib";
import { BAD_REQUESTS } from "../support/bad-requests.ts";
import { type Cluster, MAIN, replicasOf } from "../support/cluster.ts";
import { Command, type Finished, isthmus } from "../support/command.ts";
import { inParallel } from "../support/eventually.ts";
import { nodePath, type Written } from "../support/http.ts";
import { freePortBase } from "../support/ports.ts";
import { processesNaming } from "../support/processes.ts";
import { Standalone } from "../support/standalone.ts";

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
  ["4:27", 'databases[0].policy: "multi_writers"', /allowed: multi_writer; did you mean multi_writer\?/],
  ["7:5", "regions[0].prority:", /allowed: id, priority, nodes; did you mean priority\?/],
  ["9:28", 'regions[0].nodes[0].api: "htp:', /allowed: http:\/\/HOST:PORT/],
  ["10:15", 'regions[0].nodes[1].id: "home-1"', /names the same node a second time/],
  ["10:28", 'regions[0].nodes[1].api: "http:', /not loopback.*allowed: 127\.0\.0\.1/],
  ["10:61", 'regions[0].nodes[1].cluster: "ws:', /names the same address a second time/],
  ["11:11", "limits.inflght:", /allowed: body, inflight, log_keep, request_timeout; did you mean inflight\?/],
  ["11:29", 'limits.body: "4MB"', /allowed: a size such as 4MiB/],
];

/** Most of the time goes into the starts of processes: what needs no place of another runs beside it. */
describe("bad input", { concurrency: true }, () => {
  let base: number;
  before(async () => {
    base = await freePortBase();
  });

  describe("a request that is wrong", { concurrency: false }, () => {
    let root: string;
    let node: Standalone;
    let first: Written;
    before(async () => {
      root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
      node = await Standalone.start(root, "data", base + 11);
      first = await node.client.putNode("kept", { value: 1 });
    });
    after(async () => {
      await node?.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    });

    for (const [group, rows] of Object.entries(BAD_REQUESTS))
      describe(group, () => {
        for (const { what, method = "PUT", path: at, status, code, field, kind, ...call } of rows)
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
            if (kind !== undefined) assert.equal((answer.json as { kind: unknown }).kind, kind, answer.text);
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
      assert(node.server.running, node.server.stderr);
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
      const directory = mkdtempSync(path.join(root, "wrong-"));
      const file = path.join(directory, "wrong.yaml");
      writeFileSync(file, WRONG_TOPOLOGY);
      const { status, stdout, stderr } = await isthmus(["serve", "--config", file, "--node", "home-1"], {
        cwd: directory,
      });
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
      assert.deepEqual(readdirSync(directory), ["wrong.yaml"], "nothing was made");
      assert.deepEqual(processesNaming(directory), []);
    });

    it("is told with its place where it is no YAML", async () => {
      const file = path.join(root, "broken.yaml");
      writeFileSync(file, "version: 1\ncluster: [acme\n");
      const { status, stderr } = await isthmus(["serve", "--config", file, "--node", "home-1"], {
        cwd: root,
      });
      assert.equal(status, 2);
      assert.match(
        stderr,
        /is not taken: 1 fault \(invalid_topology\)\n +\S+broken\.yaml:[0-9]+:[0-9]+ .*\n$/,
      );
    });

    it("a node that the file does not name is told the nearest one that it does", async () => {
      const file = topology(root, { cluster: "acme", base });
      const finished = await isthmus(["serve", "--config", file, "--node", "hone-1"], { cwd: root });
      assertRefused(finished, "unknown_node", 2);
      assert.match(finished.stderr, /hone-1; there are home-1, home-2; did you mean home-1\?/);
    });

    it("wrong flags and commands are one line, exit status 2", async () => {
      const wrong = [["serve"], ["sevre"], ["serve", "--dta", "x"]];
      await inParallel(wrong, 2, async (args) => {
        const { status, stdout, stderr } = await isthmus(args, { cwd: root });
        assert.deepEqual([status, stdout], [2, ""], stderr);
        assert.match(stderr, /^isthmus: [^\n]+\n$/);
      });
    });
  });

  describe("a data directory that is not this node's", { concurrency: false }, () => {
    let root: string;
    /** Of home-1 of the cluster acme, closed in order. */
    let data: string;
    before(async () => {
      root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
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

  describe("a place that is taken", { concurrency: false }, () => {
    let root: string;
    let node: Standalone;
    before(async () => {
      root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
      node = await Standalone.start(root, "data", base + 31);
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
      const args = ["serve", "--data", node.data, "--listen", `127.0.0.1:${base + 32}`];
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
        taken.listen(base + 133, "127.0.0.1", resolve);
      });
      try {
        const args = ["serve", "--data", other, "--listen", `127.0.0.1:${base + 33}`];
        const finished = await isthmus(args, { cwd: root });
        assertRefused(finished, "address_in_use");
        assert(finished.stderr.includes(`ws://127.0.0.1:${base + 133} `), finished.stderr);
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

/**
 * All that the node holds, as records and as a digest. Not its vector: what the control group writes by itself, such as a
 * node's data id at its first contact, may come at any time.
 */
async function contents({ client }: Standalone): Promise<string> {
  const exported = await client.call("GET", "/v1/main/export");
  assert.equal(exported.status, 200);
  const cluster = (await client.json("GET", "/admin/v1/cluster")) as Cluster;
  const digests = replicasOf(cluster, MAIN).map(({ digest }) => digest);
  return `${digests.join("\n")}\n${exported.text}`;
}

/** Two nodes of one region, the second of which never runs. */
function topology(root: string, { cluster, base }: { cluster: string; base: number }): string {
  const file = path.join(root, `${cluster}.yaml`);
  const nodes = [1, 2].map(
    (n) =>
      `{ id: home-${n}, api: "http://127.0.0.1:${base + 20 + n}", cluster: "ws://127.0.0.1:${base + 120 + n}", data: home-${n} }`,
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
