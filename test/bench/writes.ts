/**
 * Durable writes in one region of three nodes, beside etcd with three members and beside a bare write + fdatasync loop.
 *
 *     npm run bench -- [--rounds N] [--seconds N] [--profile DIR]
 *
 * One system is alive at a time; their order is drawn anew in each round. With `--profile` only Isthmus runs, once, and
 * what its leader spent its time on is told.
 */
import { execFileSync } from "node:child_process";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type Measured, measure } from "./generator.ts";
import { topCosts } from "./profile.ts";
import { bareLoop, cpuOf, type System, startEtcd, startIsthmus, VALUE_BYTES } from "./systems.ts";

const LEVELS = [1, 64, 1_024];
const FIRST_WARM_UP_MS = 5_000;
const WARM_UP_MS = 1_000;

type Name = "isthmus" | "etcd" | "write+fdatasync";

interface Row extends Measured {
  readonly round: number;
  readonly name: Name;
  readonly inFlight: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "8" },
    profile: { type: "string" },
  },
});
const measureMs = Number(values.seconds) * 1_000;
const rounds = Number(values.rounds);

if (values.profile !== undefined) await profile(values.profile);
else await compare();

async function compare(): Promise<void> {
  const etcd = etcdVersion();
  console.log(etcd ?? "etcd is skipped: there is no `etcd` on the PATH (Debian has it in etcd-server)");
  console.log(`${VALUE_BYTES} B a value, load average before: ${loadText()}\n`);
  const names: Name[] = ["isthmus", ...(etcd === null ? [] : ["etcd" as const]), "write+fdatasync"];
  const rows: Row[] = [];
  console.log(heading("round"));
  for (let round = 1; round <= rounds; round++)
    for (const name of drawn(names))
      for (const row of await runOne(name, round)) {
        rows.push(row);
        console.log(line(String(round), row));
      }
  console.log(`\n${heading("median")}`);
  for (const inFlight of LEVELS)
    for (const name of names) console.log(line("median", medianOf(rowsOf(rows, name, inFlight))));
  if (etcd !== null) printRatios(rows);
  console.log(`\nload average after: ${loadText()}`);
}

async function runOne(name: Name, round: number): Promise<Row[]> {
  if (name === "write+fdatasync")
    return LEVELS.map((inFlight) => ({ round, name, inFlight, ...bareLoop(inFlight, measureMs / 4) }));
  const system = name === "etcd" ? await startEtcd() : await startIsthmus();
  try {
    return await runLevels(system, name, round);
  } finally {
    await system.stop();
  }
}

async function runLevels(system: System, name: Name, round: number): Promise<Row[]> {
  const rows: Row[] = [];
  const serverCpuSeconds = (): number => cpuOf(system.pids);
  // One write at a time does not get a fresh process warm in any useful time.
  await measure(system, { inFlight: 64, warmUpMs: 0, measureMs: FIRST_WARM_UP_MS, serverCpuSeconds });
  for (const inFlight of LEVELS) {
    const measured = await measure(system, { inFlight, warmUpMs: WARM_UP_MS, measureMs, serverCpuSeconds });
    rows.push({ round, name, inFlight, ...measured });
  }
  return rows;
}

async function profile(into: string): Promise<void> {
  const system = await startIsthmus(into);
  let writes = 0;
  try {
    for (const row of await runLevels(system, "isthmus", 1)) {
      writes += row.answered * ((row.seconds + WARM_UP_MS / 1000) / row.seconds);
      console.log(line("1", row));
    }
  } finally {
    await system.stop();
  }
  console.log(`\nthe leader, about ${Math.round(writes)} writes:`);
  for (const cost of topCosts(into, system.leaderPid, writes)) console.log(cost);
}

// ---- what is printed ----

function heading(first: string): string {
  return `| ${first.padEnd(6)} | system          | in flight | writes/s | p50 ms | p99 ms | server CPU-s per 1,000 | client CPU-s per 1,000 | refused |
| ------ | --------------- | --------: | -------: | -----: | -----: | ---------------------: | ---------------------: | ------: |`;
}

function line(first: string, row: Row): string {
  const per1000 = (seconds: number): string => ((1000 * seconds) / row.answered).toFixed(3);
  const cells = [
    first.padEnd(6),
    row.name.padEnd(15),
    row.inFlight.toLocaleString("en").padStart(9),
    Math.round(rate(row)).toLocaleString("en").padStart(8),
    row.p50Ms.toFixed(2).padStart(6),
    row.p99Ms.toFixed(2).padStart(6),
    per1000(row.serverCpuSeconds).padStart(22),
    (row.clientCpuSeconds === 0 ? "" : per1000(row.clientCpuSeconds)).padStart(22),
    String(row.refused).padStart(7),
  ];
  return `| ${cells.join(" | ")} |`;
}

function printRatios(rows: readonly Row[]): void {
  console.log("\nisthmus : etcd, round by round (above 1 is more)");
  for (const inFlight of LEVELS) {
    const ours = rowsOf(rows, "isthmus", inFlight);
    const theirs = rowsOf(rows, "etcd", inFlight);
    const ratios = (of: (row: Row) => number): string => {
      const each = ours.map((row, index) => of(row) / of(theirs[index] ?? row));
      return `${each.map((ratio) => ratio.toFixed(2)).join(" ")} (median ${median(each).toFixed(2)})`;
    };
    const cpu = ratios((row) => row.serverCpuSeconds / row.answered);
    console.log(`${inFlight} in flight: writes/s ${ratios(rate)}; server CPU a write ${cpu}`);
  }
}

function rate(row: Row): number {
  return row.answered / row.seconds;
}

function rowsOf(rows: readonly Row[], name: Name, inFlight: number): Row[] {
  return rows.filter((row) => row.name === name && row.inFlight === inFlight);
}

/** Of each column by itself. */
function medianOf(rows: readonly Row[]): Row {
  const [one] = rows;
  if (one === undefined) throw new Error("there are no rounds");
  const of = (column: keyof Measured): number => median(rows.map((row) => row[column]));
  const perWrite = (column: "serverCpuSeconds" | "clientCpuSeconds"): number =>
    median(rows.map((row) => row[column] / row.answered));
  const answered = median(rows.map(rate));
  return {
    ...one,
    answered,
    seconds: 1,
    refused: of("refused"),
    p50Ms: of("p50Ms"),
    p99Ms: of("p99Ms"),
    serverCpuSeconds: perWrite("serverCpuSeconds") * answered,
    clientCpuSeconds: perWrite("clientCpuSeconds") * answered,
  };
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function drawn<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function loadText(): string {
  return loadavg()
    .map((each) => each.toFixed(2))
    .join(" ");
}

function etcdVersion(): string | null {
  try {
    return execFileSync("etcd", ["--version"], { encoding: "utf8" }).split("\n")[0] ?? "";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
