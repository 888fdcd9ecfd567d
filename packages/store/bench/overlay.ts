/**
 * What the overlay and its flush cost on this machine: `node packages/store/bench/overlay.ts`, after a build.
 * Rates are of one run on whatever else the machine does; compare them within a run.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { dataGroup, type Key, keyBytes, keyFromBytes } from "@isthmus/kernel";
import { Overlay, openLmdb } from "@isthmus/store";

const RECORDS = 200_000;
const ROUNDS = 3;
const value = randomBytes(256);

const directory = await mkdtemp(join(tmpdir(), "isthmus-bench-"));
try {
  const environment = await openLmdb({ path: directory });
  const overlay = new Overlay({ base: environment.store(dataGroup("main", 0)) });
  console.log(
    `longest event-loop stall of an idle second: ${(await stallDuring(() => pause(1_000))).toFixed(1)} ms`,
  );
  for (let round = 1; round <= ROUNDS; round++) {
    const keys = randomKeys();
    console.log(`round ${round}, ${RECORDS} random keys of 18 B, values of 256 B`);
    rate("  set, new keys", RECORDS, () => {
      for (const key of keys) overlay.set(key, value);
    });
    rate("  set, the same keys again", RECORDS, () => {
      for (const key of keys) overlay.set(key, value);
    });
    rate("  point reads, hot", RECORDS, () => readAll(overlay, keys));
    await flush(overlay);
    rate("  point reads, cold", RECORDS, () => readAll(overlay, keys));
    rate("  entries of ranges of 20", RECORDS / 10, () => scanSome(overlay, keys));
  }
  await environment.close();
  console.log(
    `file: ${((await stat(join(directory, "data.mdb"))).size / RECORDS / ROUNDS).toFixed(0)} B a record`,
  );
} finally {
  await rm(directory, { recursive: true });
}

async function flush(overlay: Overlay): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let ms = 0;
  const stall = await stallDuring(async () => {
    await overlay.flush();
    ms = performance.now() - start;
  });
  const { user, system } = process.cpuUsage(cpu);
  show("  flush, power-safe", RECORDS, ms);
  console.log(`    CPU of all threads: ${((user + system) / RECORDS).toFixed(1)} us a record`);
  console.log(`    longest event-loop stall: ${stall.toFixed(1)} ms`);
}

/** Milliseconds. What other processes take of the machine counts too: compare with the idle one. */
async function stallDuring(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(5);
  await work();
  await pause(5);
  delay.disable();
  return delay.max / 1e6;
}

function readAll(overlay: Overlay, keys: readonly Key[]): void {
  for (const key of keys)
    if (overlay.get(key)?.length !== value.length) throw new Error("a record is missing");
}

function scanSome(overlay: Overlay, keys: readonly Key[]): void {
  for (let at = 0; at < RECORDS / 200; at++) {
    let left = 20;
    for (const _ of overlay.range(keys[at] as Key, "\xff" as Key)) if (--left === 0) break;
  }
}

/** Made anew from bytes for each use, so that no string's hash is known beforehand. */
function randomKeys(): Key[] {
  return Array.from({ length: RECORDS }, () =>
    keyFromBytes(Buffer.concat([keyBytes("n/" as Key), randomBytes(16)])),
  );
}

function rate(what: string, count: number, work: () => void): void {
  const start = performance.now();
  work();
  show(what, count, performance.now() - start);
}

function show(what: string, count: number, ms: number): void {
  console.log(`${what}: ${Math.round((count / ms) * 1000).toLocaleString("en")}/s (${ms.toFixed(0)} ms)`);
}
