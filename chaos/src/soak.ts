import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { assert } from "@isthmus/kernel";
import type { SeedAsked, SeedWord } from "./soak-child.ts";
import { isUsageError } from "./usage-error.ts";

const USAGE = `usage: npm run soak -- --minutes N [--parallel 2] [--from 1] [--out DIR] [--help]

Runs worlds of 60 simulated seconds, on seeds drawn from the commit's tree, for N minutes, and adds a row to
docs/reliability.md. The status is 0 only if no seed failed.`;

const SECONDS = 60;
const RELIABILITY = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));
const CHILD = fileURLToPath(new URL("./soak-child.js", import.meta.url));

/** What a soak has found so far. */
interface Soak {
  readonly prefix: string;
  readonly out: string | null;
  readonly endMs: number;
  readonly from: number;
  next: number;
  seeds: number;
  simulatedMs: number;
  readonly failures: SeedWord[];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string" },
      parallel: { type: "string", default: "2" },
      from: { type: "string", default: "1" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [minutes, parallel, from] = [values.minutes, values.parallel, values.from].map(Number);
  if (!(minutes && minutes > 0 && parallel && parallel >= 1 && from && from >= 1)) {
    console.error(USAGE);
    return 2;
  }
  const commit = git("rev-parse", "--short=10", "HEAD");
  const prefix = git("rev-parse", "HEAD^{tree}").slice(0, 12);
  // What is not committed is not what the row would name.
  const changed = git("status", "--porcelain", "--", ":!docs/reliability.md") === "" ? "" : " (changed)";
  const endMs = performance.now() + minutes * 60_000;
  const out = values.out ?? null;
  const soak: Soak = { prefix, out, endMs, from, next: from, seeds: 0, simulatedMs: 0, failures: [] };
  const ends = await Promise.allSettled(Array.from({ length: Math.floor(parallel) }, () => work(soak)));
  const broken = ends.filter((end) => end.status === "rejected");
  for (const end of broken) console.error(end.reason);
  const row = rowOf(soak, `${commit}${changed}`);
  appendFileSync(RELIABILITY, `${row}\n`);
  console.log(row);
  return soak.failures.length === 0 && broken.length === 0 && soak.seeds > 0 ? 0 : 1;
}

/** One child, seed after seed, until the time is over: the seed that is under way then is ended. */
async function work(soak: Soak): Promise<void> {
  const child = fork(CHILD, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    while (performance.now() < soak.endMs) {
      const seed = `${soak.prefix}-${soak.next}`;
      soak.next += 1;
      const word = await ask(child, { seed, seconds: SECONDS, out: soak.out });
      soak.seeds += 1;
      soak.simulatedMs += word.simulatedMs;
      if (word.failure) soak.failures.push(word);
    }
  } finally {
    child.kill();
  }
}

function ask(child: ChildProcess, asked: SeedAsked): Promise<SeedWord> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error(`the process of seed ${asked.seed} has ended`));
    child.once("exit", ended);
    child.once("message", (word) => {
      child.off("exit", ended);
      assert(typeof word === "object" && word !== null && "seed" in word, "a child speaks of its seed");
      resolve(word as SeedWord);
    });
    child.send(asked);
  });
}

/** A line of the table: what was run, and what failed with the command that plays it again. */
function rowOf({ prefix, seeds, from, next, simulatedMs, failures }: Soak, commit: string): string {
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const hours = (simulatedMs / 3_600_000).toFixed(1);
  const told = failures.map(({ failure, seed }) => `${seed}: ${failure?.what}: \`${failure?.command}\``);
  const failed = told.length === 0 ? "none" : told.join("; ").replaceAll("|", "\\|");
  return `| ${date} | ${commit} | ${seeds} (${prefix}-${from} to -${next - 1}) | ${hours} | ${failed} |`;
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { encoding: "utf8" }).trim();
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!isUsageError(error)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
