import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatPlan, optionsOf, planCommand, type RunPlan, replayCommand } from "./plan.ts";
import { type RunReport, run } from "./run.ts";
import { shrink } from "./shrink.ts";
import { shapeText } from "./topology.ts";

const LAST_LINES = 60;

/** What failed, when, what each node was then, and the command that plays it again; null if nothing did. */
export function failureText(report: RunReport, command = replayCommand(report)): string | null {
  const { failure, seed, shape, unrest } = report;
  if (failure === null) return null;
  const { error, where, atMs } = failure;
  const what =
    error instanceof Error ? (error.name === "Violation" ? error.message : error.stack) : String(error);
  return [
    `seed ${seed} (${shapeText(shape)}) fails after ${(atMs / 1000).toFixed(3)} virtual seconds, at ${where}:`,
    `  ${what}`,
    ...unrest.split("\n").map((line) => `  ${line}`),
    `  ${command}`,
  ].join("\n");
}

/**
 * Tells of a failed run: what failed, and of the smallest plan that still fails so the faults, the last that was said,
 * and the command that plays it. With `out` all of it is left there too, the plan as `seed-SEED.json`.
 */
export async function reportFailure(
  report: RunReport,
  { out, print }: { readonly out: string | null; print(text: string): void },
): Promise<void> {
  const told: string[] = [];
  const tell = (text: string): void => {
    told.push(text);
    print(text);
  };
  tell(failureText(report) ?? "nothing failed");
  const { plan, runs } = await shrink(report);
  tell(`cut down in ${runs} runs to ${plan.faults.length} faults; how the smallest ends:`);
  const { lines, report: smallest } = await lastLines(plan);
  for (const line of lines) tell(line);
  for (const fault of plan.faults) tell(`fault: ${JSON.stringify(fault)}`);
  const file = out === null ? null : path.join(out, `seed-${report.seed}.json`);
  tell(failureText(smallest, planCommand(plan, file)) ?? `nothing failed\n  ${planCommand(plan, file)}`);
  if (out === null || file === null) return;
  mkdirSync(out, { recursive: true });
  writeFileSync(file, `${formatPlan(plan)}\n`);
  writeFileSync(path.join(out, `seed-${report.seed}.txt`), `${told.join("\n")}\n`);
}

/** The last lines of a run's trace: who said what to whom. */
async function lastLines(plan: RunPlan): Promise<{ lines: string[]; report: RunReport }> {
  const lines: string[] = [];
  const report = await run({
    ...optionsOf(plan),
    read: (line) => {
      lines.push(line);
      if (lines.length > LAST_LINES) lines.shift();
    },
  });
  return { lines, report };
}
