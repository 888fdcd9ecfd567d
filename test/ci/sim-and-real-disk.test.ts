import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { hostClock, openHostDisk } from "../../packages/host/dist/index.js";
import {
  type Disk,
  type GroupId,
  must,
  type NodeId,
  Registry,
  seededRandom,
} from "../../packages/kernel/dist/index.js";
import { Life, Scheduler, SimDisk } from "../../packages/sim/dist/index.js";
import { openWal } from "../../packages/wal/dist/index.js";
import { ISTHMUS } from "../support/command.ts";
import { NodeClient, nodePath } from "../support/http.ts";
import { freePortBase } from "../support/ports.ts";
import { Standalone } from "../support/standalone.ts";
import { ROOM_BYTES, recordsOf, STORIES, type Story } from "./sim-and-real-disk-scenes.ts";

/**
 * What the simulated disk does under a fault is what the machine's does, as far as a fault can be made here: one story,
 * told to both, and the same lines come back.
 */

const SCENES = fileURLToPath(new URL("sim-and-real-disk-scenes.ts", import.meta.url));
const FIRST_SEGMENT = "wal/00000000000000000001.wal";
const SEEDS = 60;
/** All calls into the system from one thread: strace counts them by thread. */
const ENVIRONMENT = { ...process.env, UV_THREADPOOL_SIZE: "1", NODE_TEST_CONTEXT: "" };

// ---- errors that the system gives: strace puts them in the place of its answer ----

const SYSTEM_ERRORS: readonly (readonly [keyof typeof STORIES, string, number, string])[] = [
  ["sync", "fdatasync", 2, "a failing sync is told once, and readers still see what was written"],
  ["durable_write", "pwrite64", 2, "a failing durable write is told as such, and another may follow"],
  ["replace", "fdatasync", 3, "a replacement whose sync fails leaves the old content"],
  ["directory", "fdatasync", 2, "a failing sync of a directory is told once"],
];

for (const [name, call, when, title] of SYSTEM_ERRORS)
  test(title, { skip: missing("strace", ["-o", "/dev/null", "true"]) }, () => {
    const real = inDirectory((directory) =>
      told("strace", [
        ...["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`],
        ...["-e", `inject=${call}:error=EIO:when=${when}`],
        ...[process.execPath, SCENES, name, directory],
      ]),
    );
    return simulated(name).then((simulatedLines) => {
      assert.deepEqual(real, simulatedLines);
      assert.ok(real.some((line) => line.endsWith("disk_failed EIO")));
    });
  });

test("a full disk refuses growth by name, takes what fits in place, and what is freed", {
  skip: missingMounts(),
}, async () => {
  const real = inDirectory((directory) =>
    inMounts(`mount -t tmpfs -o size=${ROOM_BYTES} isthmus "$1" && exec "$2" "$3" full "$1"`, [
      directory,
      process.execPath,
      SCENES,
    ]),
  );
  assert.deepEqual(real, await simulated("full", ROOM_BYTES));
  assert.ok(real.includes("grow: disk_full ENOSPC"));
});

test("a node whose log cannot be written ends with a word, and has all that it answered when it starts again", {
  skip: missing("strace", ["-o", "/dev/null", "true"]),
  timeout: 60_000,
}, async (context) => {
  const root = mkdtempSync(path.join(tmpdir(), "isthmus-serve-"));
  const port = await freePortBase();
  const data = path.join(root, "node");
  const client = new NodeClient(`http://127.0.0.1:${port}`);
  const server = spawn(
    "strace",
    [
      ...["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-P", path.join(data, FIRST_SEGMENT)],
      ...["-e", "inject=pwrite64:error=EIO:when=30"],
      ...[process.execPath, ISTHMUS, "serve", "--data", data, "--listen", `127.0.0.1:${port}`],
    ],
    // A node that holds a pipe of ours ends when it closes.
    { stdio: ["ignore", "pipe", "pipe", "pipe"], env: { ...ENVIRONMENT, ISTHMUS_PARENT_FD: "3" } },
  );
  const pipe = server.stdio[3];
  pipe?.on("error", () => {});
  const ended = once(server, "close");
  try {
    let said = "";
    must(server.stderr, "a pipe")
      .setEncoding("utf8")
      .on("data", (text: string) => {
        said += text;
      });
    await once(must(server.stdout, "a pipe"), "data");
    let answered = 0;
    const write = (number: number) => client.putNode(`n${number}`, { number });
    while (
      await write(answered).then(
        () => true,
        () => false,
      )
    )
      answered += 1;
    assert.deepEqual(await ended, [1, null]);
    assert.match(said, /^isthmus: cannot write wal\S+ \(EIO\) \(disk_failed\)\n$/);
    assert.ok(answered > 0);
    const again = await Standalone.start(root, "node", port);
    try {
      for (let number = 0; number < answered; number++)
        assert.equal((await again.client.read(nodePath(`n${number}`)))?.properties.number, number);
    } finally {
      await again.close();
    }
    context.diagnostic(`it answered ${answered} writes, and said: ${said.trim()}`);
  } finally {
    pipe?.destroy();
    await ended;
    client.close();
    rmSync(root, { recursive: true });
  }
});

// ---- deaths ----

test("what a killed process was answered is there, and at most one write more", async (context) => {
  const directory = mkdtempSync(path.join(tmpdir(), "isthmus-killed-"));
  try {
    const child = spawn(process.execPath, [SCENES, "append", directory], {
      stdio: ["ignore", "pipe", "inherit"],
      env: ENVIRONMENT,
    });
    let answered = 0;
    for await (const _ of createInterface(child.stdout)) if (++answered === 200) child.kill("SIGKILL");
    const there = recordsOf(readFileSync(path.join(directory, "log")));
    assert.ok(there >= answered && answered >= 200, `${there} of ${answered} answered records are there`);
    context.diagnostic(`the machine's: ${answered} answered, ${there} there`);
  } finally {
    rmSync(directory, { recursive: true });
  }
  for (let seed = 0; seed < SEEDS; seed++) {
    const world = simulatedDisk(`killed ${seed}`);
    let answered = 0;
    const tell = (): void => {
      answered += 1;
    };
    void STORIES.append({ disk: world.disk, fault: () => {}, tell });
    await world.scheduler.runUntil(5 + seed);
    world.kill();
    const there = recordsOf(await world.run(() => world.disk.read("log")));
    assert.ok(there === answered || there === answered + 1, `${there} of ${answered}`);
  }
});

test("a power cut takes nothing that was synced, and of the rest only what the simulated one may take", {
  skip:
    missingMounts() ||
    missing("losetup", ["-f"]) ||
    missing("mkfs.ext4", ["-V"]) ||
    missing("python3", ["-V"]),
}, async (context) => {
  const simulatedEnds = new Map<string, Set<string>>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const world = simulatedDisk(`power ${seed}`);
    await world.run(() => tellTo(world.disk, STORIES.before_power_cut));
    world.kill();
    world.disk.crash();
    for (const line of await world.run(() => tellTo(world.disk, STORIES.after_power_cut))) {
      const [what = "", end = ""] = line.split(": ");
      simulatedEnds.set(what, (simulatedEnds.get(what) ?? new Set()).add(end));
    }
  }
  // The file system is cut off from its device at once, its journal unwritten, and is then mounted again.
  const script = `set -e
    mkdir "$1/mounted" && truncate -s 32M "$1/image" && mkfs.ext4 -q -F "$1/image" && mount -o loop "$1/image" "$1/mounted"
    "$2" "$3" before_power_cut "$1/mounted" > /dev/null
    python3 -c 'import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack("I", 2))' "$1/mounted"
    umount "$1/mounted" && mount -o loop "$1/image" "$1/mounted"
    "$2" "$3" after_power_cut "$1/mounted"
    umount "$1/mounted"`;
  const real = inDirectory((directory) => inMounts(script, [directory, process.execPath, SCENES]));
  assert.equal(real.length, 5);
  for (const line of real) {
    const [what = "", end = ""] = line.split(": ");
    assert.ok(simulatedEnds.get(what)?.has(end), `the simulated disk may end with "${line}"`);
  }
  for (const what of ["durable", "synced", "replaced"]) assert.equal(simulatedEnds.get(what)?.size, 1, what);
  context.diagnostic(`the machine's: ${real.join(", ")}`);
});

test("rot is told by nobody but the log, which refuses it", async () => {
  const scheduler = new Scheduler();
  const simDisk = simulatedDisk("rot", scheduler);
  const simulatedCode = await simDisk.run(() =>
    rottenLog(
      simDisk.disk,
      (call) => void scheduler.schedule(0, call),
      (file, offset) => simDisk.disk.rot(file, offset),
    ),
  );
  const directory = mkdtempSync(path.join(tmpdir(), "isthmus-rot-"));
  try {
    const clock = hostClock();
    const realCode = await rottenLog(
      openHostDisk(directory),
      (call) => clock.soon(call),
      (file, offset) => {
        const bytes = readFileSync(path.join(directory, file));
        bytes[offset] = (bytes[offset] ?? 0) ^ 4;
        writeFileSync(path.join(directory, file), bytes);
      },
    );
    assert.deepEqual([simulatedCode, realCode], ["wal_damaged", "wal_damaged"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("writes that a disk loses or misdirects while it says that it made them", {
  skip: "no device that lies can be had on this kind of machine: these faults are simulated alone",
}, () => {});

/** Writes a log of two batches, lets a bit of the first rot, and opens it again: with which code that ends. */
async function rottenLog(
  disk: Disk,
  soon: (call: () => void) => void,
  rot: (file: string, offset: number) => void,
): Promise<unknown> {
  const open = () =>
    openWal({
      disk,
      directory: "wal",
      cluster: "earth",
      node: "us-1" as NodeId,
      random: seededRandom("rot"),
      registry: new Registry(),
      segmentBytes: 64 * 1024,
      soon,
      onFailed: (error) => assert.fail(String(error)),
    });
  const wal = await open();
  for (const index of [1, 2]) {
    const data = Buffer.alloc(100, index);
    wal.append("main/0" as GroupId, { entries: [{ term: 1, index, type: "EntryNormal", data }] }, () => {});
    await wal.sync();
  }
  await wal.close();
  const place = Buffer.from(await disk.read(FIRST_SEGMENT)).indexOf(Buffer.alloc(100, 1));
  assert.ok(place > 0);
  rot(FIRST_SEGMENT, place);
  assert.notEqual(
    (await disk.read(FIRST_SEGMENT))[place],
    1,
    "the disk gives the rotten byte and says nothing",
  );
  return open().then(
    () => "opened",
    (error: { code: string }) => error.code,
  );
}

// ---- the two disks ----

function simulatedDisk(seed: string, scheduler = new Scheduler()) {
  let life = new Life(scheduler);
  const disk = new SimDisk({ scheduler, random: seededRandom(seed), lifetime: () => life });
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    let settled = false;
    const working = work().finally(() => {
      settled = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(await scheduler.runUntilTrue(() => settled, 600_000), "the work ends in virtual time");
    return working;
  };
  const kill = (): void => {
    life.end();
    life = new Life(scheduler);
  };
  return { scheduler, disk, run, kill };
}

function simulated(name: keyof typeof STORIES, limitBytes: number | null = null): Promise<string[]> {
  const { disk, run } = simulatedDisk(name);
  disk.limitBytes = limitBytes;
  return run(() => tellTo(disk, STORIES[name], () => disk.failNextSync()));
}

async function tellTo(disk: Disk, story: Story, fault = () => {}): Promise<string[]> {
  const lines: string[] = [];
  await story({ disk, fault, tell: (line) => void lines.push(line) });
  return lines;
}

function inDirectory(work: (directory: string) => string[]): string[] {
  const above = mkdtempSync(path.join(tmpdir(), "isthmus-disk-"));
  const directory = path.join(above, "data");
  mkdirSync(directory);
  try {
    return work(directory);
  } finally {
    rmSync(above, { recursive: true });
  }
}

/** In mounts of its own, which end with the script whatever becomes of it. */
function inMounts(script: string, args: readonly string[]): string[] {
  return told("unshare", ["-m", "sh", "-c", script, "sh", ...args]);
}

function told(command: string, args: readonly string[]): string[] {
  const { status, stdout, stderr, signal } = spawnSync(command, args, {
    encoding: "utf8",
    env: ENVIRONMENT,
    timeout: 60_000,
  });
  assert.equal(status, 0, `${command} ends with ${status ?? signal}: ${stderr}`);
  return stdout.trim().split("\n");
}

function missing(command: string, args: readonly string[]): string | false {
  return spawnSync(command, args).status === 0 ? false : `${command} cannot be used here`;
}

/** Whether this process may mount in a namespace of its own, as root may. */
function missingMounts(): string | false {
  const mounts = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "isthmus", tmpdir()]).status === 0;
  return mounts ? false : "mounting in a namespace of one's own is not allowed here (it takes root)";
}
