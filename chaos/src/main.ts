import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EXPECTED_MARKS, notMet } from "./coverage.ts";
import { failureText, reportFailure } from "./failure-report.ts";
import { hunt } from "./mutants/hunt.ts";
import { optionsOf, PlanError, parsePlan } from "./plan.ts";
import { RARE_PLANS } from "./rare-plans.ts";
import { type RunOptions, run } from "./run.ts";
import { playScenario, SCENARIOS } from "./scenarios/index.ts";
import { speed } from "./speed.ts";
import { parseShape } from "./topology.ts";
import { isUsageError } from "./usage-error.ts";

const USAGE = `usage: npm run chaos -- [options]

  --seeds N            sweep over so many seeds (10); a failing one is cut down to a small plan
  --from S             the first of them (1)
  --coverage           print what was met, and fail if something that must be met was not
  --out DIR            write each failure's plan and its last lines to this directory
  --replay SEED        play one seed again with its whole trace
  --plan FILE          the same for a plan: a file, or the plan itself
  --scenario NAME      tell one named story with its whole trace; \`list\` names them all
  --mutants            plant known bugs, one by one, and look for each
  --only A,B           only these mutants
  --speed              measure how fast worlds are simulated here
  --seconds N          how long faults and clients go on in each world, simulated (60)
  --shape RxN          regions and nodes in each (drawn)
  --help               this

The status is 0 only if all is well.`;

const MUTANT_SEEDS_MAX = 1000;
const HUNTERS = 2;

type Options = Pick<RunOptions, "seconds" | "shape">;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "10" },
      from: { type: "string", default: "1" },
      coverage: { type: "boolean", default: false },
      out: { type: "string" },
      replay: { type: "string" },
      plan: { type: "string" },
      scenario: { type: "string" },
      mutants: { type: "boolean", default: false },
      only: { type: "string" },
      speed: { type: "boolean", default: false },
      seconds: { type: "string", default: "60" },
      shape: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const seconds = Number(values.seconds);
  const shape = values.shape === undefined ? null : parseShape(values.shape);
  const [from, seeds] = [Number(values.from), Number(values.seeds)];
  const sound = seconds > 0 && Number.isSafeInteger(from) && Number.isSafeInteger(seeds) && seeds > 0;
  if (!sound || (values.shape !== undefined && shape === null)) {
    console.error(USAGE);
    return 2;
  }
  const options: Options = { seconds, ...(shape ? { shape } : {}) };
  if (values.scenario !== undefined) return scenario(values.scenario);
  if (values.mutants) return mutants(values.only?.split(","));
  if (values.speed) return measureSpeed();
  if (values.plan !== undefined) return play(optionsOf(planFrom(values.plan)));
  if (values.replay !== undefined) return play({ ...options, seed: values.replay });
  return sweep({ from, seeds, options, coverage: values.coverage, out: values.out ?? null });
}

/**
 * Worlds make much garbage and keep much of what they make: with a larger nursery less of it is copied around. It has to
 * be asked for when a process starts, so the measurement has one of its own.
 */
const NURSERY = "--max-semi-space-size=64";

async function measureSpeed(): Promise<number> {
  if (!process.execArgv.includes(NURSERY)) {
    const args = [...process.execArgv, NURSERY, ...process.argv.slice(1)];
    return spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
  }
  await speed((line) => console.log(line));
  return 0;
}

/** A run with its whole trace, its faults and what came of it. */
async function play(options: RunOptions): Promise<number> {
  const report = await run({ ...options, read: (line) => console.log(line) });
  for (const fault of report.plan) console.log(`fault: ${JSON.stringify(fault)}`);
  console.log(`trace ${report.traceHash}, state ${report.stateHash || "none"}`);
  console.log(failureText(report) ?? "nothing failed");
  return report.failure ? 1 : 0;
}

function planFrom(textOrFile: string) {
  return parsePlan(textOrFile.startsWith("{") ? textOrFile : readFileSync(textOrFile, "utf8"));
}

interface Sweep {
  readonly from: number;
  readonly seeds: number;
  readonly options: Options;
  readonly coverage: boolean;
  readonly out: string | null;
}

async function sweep({ from, seeds, options, coverage, out }: Sweep): Promise<number> {
  const marks = new Map<string, number>();
  let failures = 0;
  let steps = 0;
  let simulatedMs = 0;
  const began = performance.now();
  const worlds: RunOptions[] = [];
  for (let seed = from; seed < from + seeds; seed++) worlds.push({ ...options, seed: String(seed) });
  for (const world of [...worlds, ...(coverage ? RARE_PLANS : [])]) {
    const report = await run(world);
    steps += report.steps;
    simulatedMs += report.simulatedMs;
    for (const [mark, count] of report.marks) marks.set(mark, (marks.get(mark) ?? 0) + count);
    if (report.failure === null) continue;
    failures += 1;
    await reportFailure(report, { out, print: (text) => console.log(text) });
  }
  const tookSeconds = (performance.now() - began) / 1000;
  for (const mark of [...marks.keys()].sort()) console.log(`met ${mark}: ${marks.get(mark)}`);
  const lacking = coverage ? notMet(marks) : [];
  for (const mark of lacking) console.log(`NEVER MET ${mark}`);
  if (coverage)
    console.log(`${EXPECTED_MARKS.length - lacking.length} of ${EXPECTED_MARKS.length} expected marks met`);
  console.log(
    `${Math.round(steps / tookSeconds)} steps a second, ${(simulatedMs / 1000 / tookSeconds).toFixed(1)} simulated seconds a second`,
  );
  const all = coverage ? `${seeds} seeds and ${RARE_PLANS.length} plans` : `${seeds} seeds`;
  console.log(`${worlds.length + (coverage ? RARE_PLANS.length : 0) - failures} of ${all} passed`);
  return failures === 0 && lacking.length === 0 ? 0 : 1;
}

async function scenario(name: string): Promise<number> {
  if (name === "list") {
    for (const { name: each, trap, story } of SCENARIOS)
      console.log(`${each.padEnd(28)} ${(trap ?? "").padEnd(4)} ${story}`);
    return 0;
  }
  const told = SCENARIOS.find((each) => each.name === name);
  if (!told) {
    console.error(`there is no scenario ${name}; --scenario list names them`);
    return 2;
  }
  await playScenario(told, (line) => console.log(line));
  console.log(`${told.name} holds: ${told.story}`);
  return 0;
}

async function mutants(names: readonly string[] | undefined): Promise<number> {
  const results = await hunt({
    ...(names ? { names } : {}),
    seedsMax: MUTANT_SEEDS_MAX,
    parallel: HUNTERS,
    onResult: ({ name, found, seeds, seed, finder, detail, controlDetail }) => {
      const how = found ? `found in ${seeds} seeds, the last ${seed}, by ${finder}` : "NOT FOUND";
      const why = found ? "" : `: ${controlDetail ?? detail}`;
      console.log(`${name.padEnd(5)} ${how}${why}`);
    },
  });
  const found = results.filter((result) => result.found);
  const seeds = results.reduce((sum, result) => sum + result.seeds, 0);
  const most = Math.max(0, ...results.map((result) => result.seeds));
  console.log(
    `${found.length} of ${results.length} mutants found, ${seeds} seeds in all, at most ${most} for one`,
  );
  return found.length === results.length && results.length > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof PlanError) console.error(error.message);
  else if (isUsageError(error)) console.error(`${error.message}\n\n${USAGE}`);
  else throw error;
  process.exitCode = 2;
}
