/**
 * How fast the log appends, against what the disk takes without it: 64 records of 256 bytes a commit, the bare loops
 * and the log in turns in one run, best of the rounds each. Look at the ratio, not at the rates.
 *
 *     node packages/wal/bench/append.ts [commits a round]
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHostDisk } from "@isthmus/host";
import { type GroupId, type NodeId, Registry, seededRandom } from "@isthmus/kernel";
import { openWal, type Wal } from "@isthmus/wal";

const COMMITS = Number(process.argv[2] ?? 1500);
const RECORDS = 64;
const RECORD_BYTES = 256;
const ROUNDS = 4;
const GROUP = "main/0" as GroupId;

const record = Buffer.alloc(RECORD_BYTES, 7);
const batch = Buffer.alloc(RECORDS * RECORD_BYTES, 7);
const root = await mkdtemp(join(process.env.ISTHMUS_BENCH_DIR ?? tmpdir(), "isthmus-wal-bench-"));

interface Figure {
  rate: number;
  cpuMicros: number;
}

/** A zero-filled file, as the log has them, and one write at a time. */
async function bare(name: string, durable: boolean): Promise<() => Promise<void>> {
  const prepared = await open(join(root, name), "w");
  const zeros = Buffer.alloc(batch.length);
  for (let at = 0; at < COMMITS; at++) await prepared.write(zeros, 0, zeros.length, at * zeros.length);
  await prepared.sync();
  await prepared.close();
  const disk = openHostDisk(root);
  return async () => {
    const file = await disk.open(name, { create: false, durable });
    for (let at = 0; at < COMMITS; at++) {
      await file.write(at * batch.length, batch);
      if (!durable) await file.sync();
    }
    await file.close();
  };
}

/** `outstanding` records wait for an answer at any time; each answer brings the next. */
function closedLoop(wal: Wal, outstanding: number): Promise<void> {
  let next = wal.group(GROUP).lastIndex + 1;
  const end = next + COMMITS * RECORDS;
  let waiting = 0;
  return new Promise((resolve) => {
    const one = (): void => {
      if (next === end) {
        if (waiting === 0) resolve();
        return;
      }
      const entry = { term: 1, index: next, type: "EntryNormal" as const, data: record };
      next += 1;
      waiting += 1;
      wal.append(GROUP, { entries: [entry] }, () => {
        waiting -= 1;
        one();
      });
    };
    for (let at = 0; at < outstanding; at++) one();
  });
}

async function measure(work: () => Promise<void>): Promise<Figure> {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  await work();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: (COMMITS * RECORDS) / seconds, cpuMicros: (user + system) / (COMMITS * RECORDS) };
}

const wal = await openWal({
  disk: openHostDisk(root),
  directory: "wal",
  cluster: "bench",
  node: "bench" as NodeId,
  random: seededRandom(1),
  registry: new Registry(),
  monotonicMs: () => performance.now(),
  soon: (call) => void setImmediate(call),
  onFailed: (error) => {
    throw error;
  },
});
const contenders: [string, () => Promise<void>][] = [
  ["bare write + fdatasync", await bare("sync", false)],
  ["bare O_DSYNC write", await bare("dsync", true)],
  ["log, 64 outstanding", () => closedLoop(wal, RECORDS)],
  ["log, 128 outstanding", () => closedLoop(wal, RECORDS * 2)],
];
const best = new Map<string, Figure>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, work] of contenders) {
    const figure = await measure(work);
    if (figure.rate > (best.get(name)?.rate ?? 0)) best.set(name, figure);
  }
}
const reference = best.get("bare O_DSYNC write")?.rate ?? 1;
for (const [name, { rate, cpuMicros }] of best) {
  const columns = [
    name.padEnd(24),
    `${Math.round(rate).toString().padStart(9)} records/s`,
    `${cpuMicros.toFixed(2)} us CPU a record`,
    `${(rate / reference).toFixed(2)} of bare O_DSYNC`,
  ];
  console.log(columns.join("  "));
}
await wal.close();
await rm(root, { recursive: true });
