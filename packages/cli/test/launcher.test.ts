import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./support/run-command.ts";

const BIN = fileURLToPath(new URL("../bin/", import.meta.url));
const NODE_MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** Stands where the built command stands: tells how it was started, then does what its first argument says. */
const MAIN = `
import { Socket } from "node:net";
const fd = process.env.ISTHMUS_PARENT_FD;
if (process.argv[2] === "wait") {
  process.on("SIGTERM", () => process.exit(7));
  process.on("SIGINT", () => process.exit(8));
  if (fd) new Socket({ fd: Number(fd), readable: true, writable: false }).on("close", () => process.exit(9)).resume();
  setInterval(() => {}, 1000);
}
console.log(JSON.stringify({ pid: process.pid, node: process.versions.node, args: process.argv.slice(2), fd: fd ?? null }));
if (process.argv[2] === "exit") process.exit(Number(process.argv[3]));
if (process.argv[2] === "die") process.kill(process.pid, "SIGKILL");
`;

/** Lets the launcher take the Node it runs on for an old one. */
const PRETEND = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "14.21.3" } });`;

async function installation(
  t: Parameters<typeof temporaryDirectory>[0],
  parts: { main: boolean; modules: boolean },
) {
  const home = await temporaryDirectory(t, "isthmus launcher with spaces-");
  const cli = path.join(home, "packages", "cli");
  await mkdir(path.join(cli, "dist"), { recursive: true });
  await cp(BIN, path.join(cli, "bin"), { recursive: true });
  await writeFile(path.join(cli, "package.json"), '{"type":"module"}');
  await writeFile(path.join(home, "pretend.cjs"), PRETEND);
  if (parts.main) await writeFile(path.join(cli, "dist", "main.js"), MAIN);
  if (parts.modules) await symlink(NODE_MODULES, path.join(home, "node_modules"));
  const launcher = path.join(cli, "bin", "isthmus.js");
  return (args: readonly string[], options: { old: boolean; node?: string }) => {
    const before = options.old ? ["--require", path.join(home, "pretend.cjs")] : [];
    return start(options.node ?? process.execPath, [...before, launcher, ...args]);
  };
}

interface Started {
  readonly child: ChildProcess;
  /** What the command told of itself. */
  readonly told: Promise<{ pid: number; node: string; args: string[]; fd: string | null }>;
  readonly ended: Promise<{ code: number | null; signal: string | null; err: string }>;
}

function start(node: string, args: readonly string[]): Started {
  const { ISTHMUS_PARENT_FD: _, ...env } = process.env;
  const child = spawn(node, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let err = "";
  child.stderr.on("data", (chunk) => {
    err += String(chunk);
  });
  const told = once(createInterface(child.stdout), "line").then(([line]) => JSON.parse(String(line)));
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, err }));
  return { child, told, ended };
}

function pinnedNodeIsThere(): boolean {
  try {
    execFileSync(path.join(NODE_MODULES, `node-${process.platform}-${process.arch}`, "bin", "node"), [
      "--version",
    ]);
    return true;
  } catch {
    return false;
  }
}

const pinned = pinnedNodeIsThere() ? {} : { skip: "the pinned Node of this platform is not installed" };

test("a Node that is new enough goes on by itself, also in a path with spaces", async (t) => {
  const launch = await installation(t, { main: true, modules: false });
  const { child, told, ended } = launch(["exit", "3", "a b"], { old: false });
  assert.deepEqual(await told, {
    pid: child.pid,
    node: process.versions.node,
    args: ["exit", "3", "a b"],
    fd: null,
  });
  assert.equal((await ended).code, 3);
});

test(
  "an old Node starts the pinned one, hands arguments over and its exit status back",
  pinned,
  async (t) => {
    const launch = await installation(t, { main: true, modules: true });
    const { child, told, ended } = launch(["exit", "4", "a b", "--x=$y"], { old: true });
    const { pid, args, fd } = await told;
    assert.notEqual(pid, child.pid);
    assert.deepEqual([args, fd], [["exit", "4", "a b", "--x=$y"], "3"]);
    assert.equal((await ended).code, 4);
  },
);

for (const [signal, code] of [
  ["SIGTERM", 7],
  ["SIGINT", 8],
] as const)
  test(`${signal} reaches the command behind the launcher`, pinned, async (t) => {
    const launch = await installation(t, { main: true, modules: true });
    const { child, told, ended } = launch(["wait"], { old: true });
    await told;
    child.kill(signal);
    assert.equal((await ended).code, code);
  });

test("a command that was killed leaves the launcher killed by the same signal", pinned, async (t) => {
  const launch = await installation(t, { main: true, modules: true });
  assert.equal((await launch(["die"], { old: true }).ended).signal, "SIGKILL");
});

test("kill -9 of the launcher ends the command behind it", pinned, async (t) => {
  const launch = await installation(t, { main: true, modules: true });
  const { child, told, ended } = launch(["wait"], { old: true });
  await told;
  child.kill("SIGKILL");
  // The command behind it holds stdout and stderr too: they close, and this resolves, when both are gone.
  assert.equal((await ended).signal, "SIGKILL");
});

test("what is missing is said in one sentence", async (t) => {
  const unbuilt = await installation(t, { main: false, modules: true });
  const first = await unbuilt([], { old: false }).ended;
  assert.equal(first.code, 1);
  assert.match(first.err, /^isthmus: it is not built: .*main\.js is missing; run `npm ci`.*\n$/);
  const bare = await installation(t, { main: true, modules: false });
  const second = await bare([], { old: true }).ended;
  assert.equal(second.code, 1);
  assert.match(
    second.err,
    /^isthmus: it needs Node 22\.18 or newer, this is 14\.21\.3, and the pinned one .*\n$/,
  );
});

test("the system's own Node, where it is an old one, gets there too", async (t) => {
  const old = oldNodeOnPath();
  if (old === null || !pinnedNodeIsThere())
    return t.skip("there is no older Node on the PATH, or no pinned one");
  const launch = await installation(t, { main: true, modules: true });
  const { told, ended } = launch(["exit", "5"], { old: false, node: old });
  assert.notEqual((await told).fd, null);
  assert.equal((await ended).code, 5);
});

function oldNodeOnPath(): string | null {
  for (const directory of (process.env.PATH ?? "").split(path.delimiter)) {
    const candidate = path.join(directory, "node");
    try {
      const version = execFileSync(candidate, ["--version"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      if (Number(/^v([0-9]+)/.exec(version)?.[1]) < 22) return candidate;
    } catch {
      // No Node in this directory of the PATH.
    }
  }
  return null;
}
