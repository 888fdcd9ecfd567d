import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command, isthmus } from "../support/command.ts";
import { eventually, within } from "../support/eventually.ts";
import { NodeClient, nodePath } from "../support/http.ts";
import { Platform } from "../support/platform.ts";
import { freePortBase } from "../support/ports.ts";
import { commandLine, cpuSeconds, processesNaming, residentBytes } from "../support/processes.ts";

const IDLE_MS = 10_000;
/** The goals are 15% of one core and 3 s; these are sanity bounds for a machine that does other things, too. */
const IDLE_MAX = 0.6;
const ORPHANS_MAX_MS = 5_000;
const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

describe("the life of a platform", () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
  });
  after(() => platform?.close());

  it("is ready soon, and its nine idle processes need little", async (t) => {
    t.diagnostic(`ready ${Math.round(platform.readyMs)} ms after its start (goal: 20 s)`);
    await platform.quiet();
    const pids = platform.nodes.map(({ pid }) => pid);
    const before = pids.map(cpuSeconds);
    const begunMs = performance.now();
    await pause(IDLE_MS);
    const used = pids.map((pid, index) => cpuSeconds(pid) - (before[index] ?? 0));
    const share = used.reduce((sum, seconds) => sum + seconds, 0) / ((performance.now() - begunMs) / 1000);
    const resident = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
    t.diagnostic(`nine idle processes: ${(100 * share).toFixed(1)}% of one core (goal: below 15%)`);
    t.diagnostic(`and ${Math.round(resident / 2 ** 20)} MiB of memory in all`);
    assert(share < IDLE_MAX, `${(100 * share).toFixed(1)}% of one core`);
  });

  it("a second dev at the same ports is refused: exit 1, the port named, nothing left behind", async () => {
    const port = Number(new URL(platform.devFile.nodes[0]?.api ?? "").port);
    const other = path.join(platform.root, "other");
    const args = ["dev", "--data", other, "--port", String(port - 11)];
    const { status, stderr } = await platform.cli(args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, new RegExp(`\\b${port}\\b`));
    assert.equal(existsSync(other), false);
    assert.deepEqual(processesNaming(other), []);
  });

  it("kill -9 of dev ends all nine", async (t) => {
    await platform.killDev();
    const begunMs = performance.now();
    await platform.nodesGone(ORPHANS_MAX_MS);
    t.diagnostic(`all nine gone ${Math.round(performance.now() - begunMs)} ms after dev (goal: 3 s)`);
  });
});

describe("dev without --data", () => {
  let root: string;
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  for (const signal of ["SIGTERM", "SIGINT"] as const)
    it(`ends with status 0 on ${signal}, and its processes and its directory are gone`, async (t) => {
      const temporary = mkdtempSync(path.join(root, "tmp-"));
      const cwd = mkdtempSync(path.join(root, "cwd-"));
      const port = await freePortBase();
      const args = ["dev", "--regions", "north,south", "--nodes", "1", "--port", String(port), "-o", "json"];
      const dev = new Command(args, { cwd, env: { TMPDIR: temporary } });
      try {
        await dev.says(/^\{.*\}$/m, 60_000);
        const described = JSON.parse(dev.stdout) as { data: string; nodes: { pid: number; dir: string }[] };
        assert.equal(path.dirname(described.data), temporary);
        assert.equal(described.nodes.length, 2);
        assert(existsSync(path.join(cwd, ".isthmus", "dev.json")));
        for (const { pid } of described.nodes) assert(commandLine(pid)?.includes("serve"));

        dev.child.kill(signal);
        const begunMs = performance.now();
        const ended = await within(15_000, "dev ends", dev.ended);
        t.diagnostic(`ended ${Math.round(performance.now() - begunMs)} ms after ${signal}`);
        assert.deepEqual(ended, { status: 0, signal: null }, dev.stderr);
        assert.equal(dev.stderr, "", "no node had to be ended by force");
        for (const { pid } of described.nodes) assert.equal(commandLine(pid), null);
        assert.deepEqual(readdirSync(temporary), [], "the temporary directory is gone");
        assert.deepEqual(readdirSync(cwd), []);
      } finally {
        if (dev.running) dev.child.kill("SIGKILL");
        await dev.ended;
        await noneLeft(temporary);
      }
    });

  it("names a taken port and leaves nothing", async () => {
    const temporary = mkdtempSync(path.join(root, "tmp-"));
    const base = await freePortBase();
    // The last cluster port of the last region: everything before it is free.
    const taken = base + 133;
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(taken, "127.0.0.1", resolve);
    });
    try {
      const args = ["dev", "--port", String(base)];
      const { status, stdout, stderr } = await isthmus(args, { cwd: root, env: { TMPDIR: temporary } });
      assert.deepEqual([status, stdout], [1, ""], stderr);
      assert.match(stderr, new RegExp(`^isthmus: .*\\b${taken}\\b.*\\n$`), "one line that names it");
      assert.deepEqual(readdirSync(temporary), []);
      assert.equal(existsSync(path.join(root, ".isthmus")), false);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe("a standalone server", () => {
  it("closes cleanly when it is asked to, with what it wrote, and goes on from there", async () => {
    const root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
    const listen = `127.0.0.1:${(await freePortBase()) + 11}`;
    const client = new NodeClient(`http://${listen}`);
    try {
      for (const life of [1, 2, 3]) {
        const server = new Command(["serve", "--data", path.join(root, "data"), "--listen", listen], {
          cwd: root,
        });
        await server.says(/^ready: /m, 30_000);
        // The lives before are there; the writes of this one are still under way to the checkpoint when it is asked.
        if (life > 1) assert.equal((await client.read(nodePath(`life-${life - 1}`)))?.properties.value, 99);
        await Promise.all(
          Array.from({ length: 98 }, (_, value) => client.putNode(`life-${life}`, { value })),
        );
        await client.putNode(`life-${life}`, { value: 99 });
        server.child.kill("SIGTERM");
        assert.deepEqual(await within(15_000, "it ends", server.ended), { status: 0, signal: null });
        assert.equal(server.stderr, "");
      }
    } finally {
      client.close();
      for (const pid of processesNaming(root)) process.kill(pid, "SIGKILL");
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

describe("the command itself", () => {
  it("runs on a machine whose own Node is older", async (t) => {
    const old = await olderNode(t);
    if (old === null) return;
    const { stdout, stderr } = await promisify(execFile)("npx", ["isthmus", "version"], {
      cwd: REPOSITORY,
      env: { ...process.env, PATH: `${path.dirname(old.file)}:${process.env.PATH ?? ""}` },
    });
    assert.match(stdout, /^isthmus [0-9]+\.[0-9]+\.[0-9]+ \(Node (2[2-9]|[3-9][0-9])\./, stderr);
    t.diagnostic(`on Node ${old.version}: ${stdout.trim()}`);
  });

  it("tells in one line, with exit status 4, that nobody is reachable", async () => {
    const base = await freePortBase();
    const args = ["status", "--endpoint", `http://127.0.0.1:${base + 11}`];
    const { status, stdout, stderr } = await isthmus(args, { cwd: tmpdir() });
    assert.deepEqual([status, stdout], [4, ""]);
    assert.match(stderr, /^isthmus: nobody answers at [^\n]+\n$/);
  });
});

/** The first `node` of the search path outside this repository, if it is one that cannot run the platform itself. */
async function olderNode(t: TestContext): Promise<{ file: string; version: string } | null> {
  const directories = (process.env.PATH ?? "").split(":");
  const file = directories
    .filter((directory) => directory !== "" && !directory.includes("node_modules"))
    .map((directory) => path.join(directory, "node"))
    .find((each) => existsSync(each));
  if (file === undefined) {
    t.skip("the machine has no Node of its own");
    return null;
  }
  const { stdout } = await promisify(execFile)(file, ["-p", "process.versions.node"]);
  const version = stdout.trim();
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) {
    t.skip(`the machine's own Node is ${version}: not an old one`);
    return null;
  }
  return { file, version };
}

async function noneLeft(text: string): Promise<void> {
  await eventually("no process is left", () => (processesNaming(text).length === 0 ? true : undefined), {
    withinMs: 5_000,
  });
}
