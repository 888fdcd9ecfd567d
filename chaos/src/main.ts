import { parseArgs } from "node:util";
import { type RunReport, replayCommand, run } from "./run.ts";
import { parseShape, shapeText } from "./topology.ts";

const USAGE = "usage: npm run chaos -- [--seeds N] [--from S] [--replay SEED] [--seconds 60] [--shape 3x3]";

/** The command: sweeps over seeds, or plays one again with its whole trace. The status is 0 only if all is well. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "10" },
      from: { type: "string", default: "1" },
      replay: { type: "string" },
      seconds: { type: "string", default: "60" },
      shape: { type: "string" },
    },
  });
  const seconds = Number(values.seconds);
  const shape = values.shape === undefined ? null : parseShape(values.shape);
  if (!(seconds > 0) || (values.shape !== undefined && shape === null)) {
    console.error(USAGE);
    return 2;
  }
  const options = { seconds, ...(shape ? { shape } : {}) };
  if (values.replay !== undefined) {
    const report = await run({ ...options, seed: values.replay, read: (line) => console.log(line) });
    console.log(report.plan.map((fault) => `fault: ${JSON.stringify(fault)}`).join("\n"));
    console.log(`trace ${report.traceHash}, state ${report.stateHash || "none"}`);
    console.log(failureText(report, seconds) ?? "nothing failed");
    return report.failure ? 1 : 0;
  }
  return sweep(Number(values.from), Number(values.seeds), options);
}

async function sweep(
  from: number,
  seeds: number,
  options: { seconds: number; shape?: NonNullable<ReturnType<typeof parseShape>> },
): Promise<number> {
  const marks = new Map<string, number>();
  let failures = 0;
  let steps = 0;
  let simulatedMs = 0;
  const began = performance.now();
  for (let seed = from; seed < from + seeds; seed++) {
    const report = await run({ ...options, seed: String(seed) });
    steps += report.steps;
    simulatedMs += report.simulatedMs;
    for (const [mark, count] of report.marks) marks.set(mark, (marks.get(mark) ?? 0) + count);
    const text = failureText(report, options.seconds);
    if (text === null) continue;
    failures += 1;
    console.log(text);
  }
  const tookSeconds = (performance.now() - began) / 1000;
  for (const mark of [...marks.keys()].sort()) console.log(`met ${mark}: ${marks.get(mark)}`);
  console.log(
    `${Math.round(steps / tookSeconds)} steps a second, ${(simulatedMs / 1000 / tookSeconds).toFixed(1)} simulated seconds a second`,
  );
  console.log(`${seeds - failures} of ${seeds} seeds passed`);
  return failures === 0 ? 0 : 1;
}

/** What failed, when, and the command that plays it again; null if nothing did. */
function failureText(report: RunReport, seconds: number): string | null {
  const { failure, seed, shape } = report;
  if (failure === null) return null;
  const { error, where, atMs } = failure;
  const what =
    error instanceof Error ? (error.name === "Violation" ? error.message : error.stack) : String(error);
  return [
    `seed ${seed} (${shapeText(shape)}) fails after ${(atMs / 1000).toFixed(3)} virtual seconds, at ${where}:`,
    `  ${what}`,
    `  ${replayCommand(report, seconds)}`,
  ].join("\n");
}

process.exitCode = await main();
