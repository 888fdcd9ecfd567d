/**
 * Runs groups of tests and counts what the runner itself says of them.
 *
 *     node test/run.ts unit e2e
 *
 * The last line is `N passed, N failed`; skips stand on the line before, with their reasons. The exit status is 0 only if
 * something ran and nothing failed.
 */
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Transform } from "node:stream";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const GROUPS: Record<string, { patterns: string[]; concurrency: number; timeoutMs: number }> = {
  // Pure and in one process each: as many at a time as there are cores.
  unit: {
    patterns: ["packages/*/test/**/*.test.ts", "chaos/test/**/*.test.ts", "test/*.test.ts"],
    concurrency: availableParallelism(),
    timeoutMs: 120_000,
  },
  // Nine processes each: one at a time.
  e2e: { patterns: ["test/e2e/*.test.ts"], concurrency: 1, timeoutMs: 180_000 },
  // What needs root, other servers or much time.
  ci: { patterns: ["test/ci/*.test.ts"], concurrency: 1, timeoutMs: 600_000 },
};

interface Counts {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

async function runGroup(name: string, counts: Counts): Promise<void> {
  const group = GROUPS[name];
  if (!group)
    throw new Error(`no group of tests is called ${name} (there are: ${Object.keys(GROUPS).join(", ")})`);
  const files = group.patterns.flatMap((pattern) => globSync(pattern)).sort();
  if (files.length === 0) return;
  const events = run({ files, concurrency: group.concurrency, timeout: group.timeoutMs });
  events.on("test:pass", ({ name: test, file, skip, todo, details }) => {
    if (details.type === "suite") return;
    if (skip !== undefined || todo !== undefined)
      counts.skipped.push(`${test} (${file}): ${String(skip ?? todo)}`);
    else counts.passed += 1;
  });
  events.on("test:fail", ({ details }) => {
    if (details.type !== "suite") counts.failed += 1;
  });
  // The reporter is written by hand to the terminal's pace: a slow reader of the output must not lose any of it.
  const lines = events.compose(new spec() as Transform);
  for await (const line of lines)
    if (!process.stdout.write(line)) await new Promise((go) => process.stdout.once("drain", go));
}

const counts: Counts = { passed: 0, failed: 0, skipped: [] };
for (const name of process.argv.slice(2)) await runGroup(name, counts);
console.log(counts.skipped.length === 0 ? "skipped: none" : `skipped: ${counts.skipped.join("; ")}`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
