import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./support/run-command.ts";

const DEV = fileURLToPath(new URL("./fixtures/dev-with-fake-nodes.ts", import.meta.url));
const SHAPE = ["--regions", "east,west", "--nodes", "2"];
const OFFSETS = [11, 12, 21, 22, 111, 112, 121, 122];

interface DevFile {
  readonly cluster: string;
  readonly data: string;
  readonly pid: number;
  readonly topology: string;
  readonly nodes: { region: string; node: string; pid: number; api: string; cluster: string; dir: string }[];
  readonly dashboard: null;
}

class Dev {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  out = "";
  err = "";
  readonly #lines: { pattern: RegExp; found: () => void }[] = [];

  constructor(args: readonly string[], options: { cwd: string; env?: Record<string, string> }) {
    const env = { ...process.env, TMPDIR: options.cwd, ...options.env };
    this.child = spawn(process.execPath, [DEV, "dev", ...args], {
      cwd: options.cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = once(this.child, "close").then(([code, signal]) => ({ code, signal }));
    for (const stream of ["stdout", "stderr"] as const)
      createInterface(this.child[stream] ?? process.stdin).on("line", (line) => {
        this[stream === "stdout" ? "out" : "err"] += `${line}\n`;
        for (const { pattern, found } of this.#lines) if (pattern.test(line)) found();
      });
  }

  /** Resolves when a line matches; rejects if the process ends first. */
  async says(pattern: RegExp): Promise<void> {
    const found = new Promise<void>((resolve) => this.#lines.push({ pattern, found: resolve }));
    const ended = this.ended.then(() => assert.fail(`it ended first:\n${this.out}${this.err}`));
    await Promise.race([found, ended]);
  }

  async ready(): Promise<this> {
    await this.says(/^ready$/);
    return this;
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.ended;
  }
}

function dev(
  t: TestContext,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Dev {
  const started = new Dev(args, options);
  t.after(() => started.end());
  return started;
}

/** A --port whose whole range is free now. */
async function freePort(): Promise<number> {
  for (;;) {
    const probe = await listening(0);
    const first = (probe.address() as AddressInfo).port;
    await closed(probe);
    const port = first - 11;
    if (port < 1_024 || port > 65_000) continue;
    const servers = await Promise.allSettled(OFFSETS.map((offset) => listening(port + offset)));
    const free = servers.every(({ status }) => status === "fulfilled");
    for (const server of servers) if (server.status === "fulfilled") await closed(server.value);
    if (free) return port;
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}

async function readDevFile(file: string): Promise<DevFile> {
  return JSON.parse(await readFile(file, "utf8")) as DevFile;
}

/** Resolves when whoever listens at the address has ended: the kernel closes what it held. */
async function goneAt(api: string): Promise<() => Promise<unknown>> {
  const socket = connect(Number(new URL(api).port), "127.0.0.1");
  await once(socket, "connect");
  const gone = new Promise((resolve) => socket.on("error", () => undefined).once("close", resolve));
  socket.resume();
  return () => gone;
}

test("dev starts every node, says where they are, and leaves nothing behind when it is told to end", async (t) => {
  const cwd = await temporaryDirectory(t);
  const port = await freePort();
  const platform = await dev(t, [...SHAPE, "--port", String(port)], { cwd }).ready();
  const file = await readDevFile(path.join(cwd, ".isthmus", "dev.json"));
  assert.equal(file.pid, platform.child.pid);
  assert.equal(file.dashboard, null);
  assert.deepEqual(await readDevFile(path.join(file.data, "dev.json")), file);
  assert.deepEqual(
    file.nodes.map(({ node, region, api, cluster }) => [region, node, api, cluster]),
    [
      ["east", "east-1", `http://127.0.0.1:${port + 11}`, `ws://127.0.0.1:${port + 111}`],
      ["east", "east-2", `http://127.0.0.1:${port + 12}`, `ws://127.0.0.1:${port + 112}`],
      ["west", "west-1", `http://127.0.0.1:${port + 21}`, `ws://127.0.0.1:${port + 121}`],
      ["west", "west-2", `http://127.0.0.1:${port + 22}`, `ws://127.0.0.1:${port + 122}`],
    ],
  );
  assert.equal(path.dirname(file.data), cwd, "without --data it is a temporary directory");
  const gone = await Promise.all(file.nodes.map(({ api }) => goneAt(api)));
  platform.child.kill("SIGTERM");
  assert.equal((await platform.ended).code, 0);
  await Promise.all(gone.map((each) => each()));
  assert.deepEqual(await readdir(cwd), []);
  assert.equal(platform.err, "");
});

test("-o json prints what dev.json says and nothing else", async (t) => {
  const cwd = await temporaryDirectory(t);
  const platform = dev(t, [...SHAPE, "--port", String(await freePort()), "-o", "json"], { cwd });
  await platform.says(/^\{/);
  assert.deepEqual(JSON.parse(platform.out), await readDevFile(path.join(cwd, ".isthmus", "dev.json")));
  platform.child.kill("SIGINT");
  assert.equal((await platform.ended).code, 0);
});

test("kill -9 of dev ends every node", async (t) => {
  const cwd = await temporaryDirectory(t);
  const args = [...SHAPE, "--port", String(await freePort()), "--data", "home"];
  const platform = await dev(t, args, { cwd }).ready();
  const { nodes } = await readDevFile(path.join(cwd, ".isthmus", "dev.json"));
  const gone = await Promise.all(nodes.map(({ api }) => goneAt(api)));
  platform.child.kill("SIGKILL");
  await platform.ended;
  await Promise.all(gone.map((each) => each()));
});

test("a taken port is named before anything is made", async (t) => {
  const cwd = await temporaryDirectory(t);
  const port = await freePort();
  const squatter = await listening(port + 121);
  t.after(() => closed(squatter));
  const log = path.join(cwd, "log");
  const options = { cwd, env: { FAKE_NODE_LOG: log } };
  const platform = dev(t, [...SHAPE, "--port", String(port), "--data", "home"], options);
  assert.equal((await platform.ended).code, 1);
  assert.match(platform.err, new RegExp(`^isthmus: dev: port ${port + 121} is taken .*\n$`));
  assert.deepEqual(await readdir(cwd), []);
});

test("a node that cannot start ends the whole, with what it said, and leaves nothing behind", async (t) => {
  const cwd = await temporaryDirectory(t);
  const options = { cwd, env: { FAKE_NODE_FAULT: "fails:west-1" } };
  const platform = dev(t, [...SHAPE, "--port", String(await freePort())], options);
  assert.equal((await platform.ended).code, 1);
  assert.match(
    platform.err,
    /^west-1: the disk is on fire\nisthmus: dev: west-1 ended with status 1 before it was ready/,
  );
  assert.deepEqual(await readdir(cwd), []);
});

test("a node killed by hand is told, with how to start it again, and not started", async (t) => {
  const cwd = await temporaryDirectory(t);
  const log = path.join(cwd, "log");
  const options = { cwd, env: { FAKE_NODE_LOG: log } };
  const platform = await dev(
    t,
    [...SHAPE, "--port", String(await freePort()), "--data", "a b"],
    options,
  ).ready();
  const { nodes, topology } = await readDevFile(path.join(cwd, ".isthmus", "dev.json"));
  const told = platform.says(
    /^isthmus: east-2 was ended by SIGKILL; start it again with: isthmus serve --config '.*'/,
  );
  process.kill(nodes.find(({ node }) => node === "east-2")?.pid ?? 0, "SIGKILL");
  await told;
  assert.ok(platform.err.includes(topology));
  platform.child.kill("SIGTERM");
  assert.equal((await platform.ended).code, 0);
  const starts = (await readFile(log, "utf8")).trim().split("\n");
  assert.equal(starts.length, 4, "each node was started once");
});

test("with --data it goes on with what is there; a flag that says otherwise is refused", async (t) => {
  const cwd = await temporaryDirectory(t);
  const port = String(await freePort());
  const first = await dev(t, [...SHAPE, "--port", port, "--data", "home"], { cwd }).ready();
  first.child.kill("SIGTERM");
  await first.ended;
  const founded = await readFile(path.join(cwd, "home", "topology.yaml"), "utf8");
  assert.ok(!existsSync(path.join(cwd, ".isthmus")));

  for (const [flags, expected] of [
    [["--regions", "west,east"], /--regions west,east, but its regions are east,west/],
    [["--nodes", "3"], /--nodes 3, but its region east has 2/],
    [["--port", "7400"], /--port 7400, but its first node listens at/],
  ] as const) {
    const other = dev(t, [...flags, "--data", "home"], { cwd });
    assert.equal((await other.ended).code, 2);
    assert.match(other.err, expected);
  }

  const again = await dev(t, ["--data", "home"], { cwd }).ready();
  const { nodes } = await readDevFile(path.join(cwd, ".isthmus", "dev.json"));
  assert.equal(nodes.length, 4);
  again.child.kill("SIGTERM");
  assert.equal((await again.ended).code, 0);
  assert.equal(await readFile(path.join(cwd, "home", "topology.yaml"), "utf8"), founded);
});
