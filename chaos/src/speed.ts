import type { Fault } from "./faults.ts";
import { type RunReport, run } from "./run.ts";
import { type Shape, shapeText } from "./topology.ts";
import type { WorkloadShape } from "./workload.ts";

export interface SpeedOptions {
  /** How much is simulated for each measurement, in virtual seconds. */
  readonly seconds?: number;
}

export interface Speed {
  readonly shape: Shape;
  readonly faults: boolean;
  /** Operations of a write: 0 for about one. */
  readonly batch: number;
  /** Simulated seconds in a second of the wall clock, and in a second of processor time. */
  readonly pace: number;
  readonly pacePerCpu: number;
  readonly stepsPerSecond: number;
  readonly callsPerSimulatedSecond: number;
  readonly operationsPerSimulatedSecond: number;
}

const SHAPES: readonly Shape[] = [
  { regions: 3, nodes: 3 },
  { regions: 1, nodes: 3 },
];
const DEFAULT_SECONDS = 120;
/** Until the engine has compiled what is hot, everything is several times as slow: a sweep pays that once, not each seed. */
const WARM_UP_SHARE = 0.5;
/**
 * About 100 operations a simulated second, seven writes for three reads: each in a call of its own, or in batches of
 * five. Nothing of it is left to the seed.
 */
const WORKLOAD: WorkloadShape = {
  clients: 10,
  thinkMs: 100,
  nodes: 20,
  edges: 20,
  readRate: 0.3,
  keyedRate: 0.5,
  conditionRate: 0.2,
  impatientRate: 0.1,
  timeoutMs: 1000,
  padBytes: 0,
  batch: 0,
};
const BATCHED: WorkloadShape = { ...WORKLOAD, thinkMs: 390, batch: 5 };
/** What a seed draws beside, such as how often nodes take a checkpoint, costs more in one world than in another. */
const SEEDS = ["speed 1", "speed 2", "speed 3"] as const;
const NO_FAULTS: readonly Fault[] = [];

/**
 * How fast the simulation is, with all checkers: nine nodes and three, each without faults and with those that the seed
 * draws. It prints a line a measurement. A run that fails is no measurement: then it throws what failed.
 */
export async function speed(print: (line: string) => void, options: SpeedOptions = {}): Promise<Speed[]> {
  const seconds = options.seconds ?? DEFAULT_SECONDS;
  const speeds: Speed[] = [];
  for (const shape of SHAPES) {
    await sound(shape, WORKLOAD, NO_FAULTS, seconds * WARM_UP_SHARE);
    for (const workload of [WORKLOAD, BATCHED])
      for (const plan of [NO_FAULTS, undefined]) {
        const measured = await measure(shape, workload, plan, seconds);
        speeds.push(measured);
        print(text(measured));
      }
  }
  return speeds;
}

async function measure(
  shape: Shape,
  workload: WorkloadShape,
  plan: readonly Fault[] | undefined,
  seconds: number,
): Promise<Speed> {
  const began = performance.now();
  const beganCpu = process.cpuUsage();
  let [simulatedMs, steps, calls, operations] = [0, 0, 0, 0];
  for (const report of await sound(shape, workload, plan, seconds)) {
    simulatedMs += report.simulatedMs;
    steps += report.steps;
    calls += report.calls;
    operations += report.operations;
  }
  const { user, system } = process.cpuUsage(beganCpu);
  const tookMs = performance.now() - began;
  return {
    shape,
    batch: workload.batch,
    faults: plan === undefined,
    pace: simulatedMs / tookMs,
    pacePerCpu: simulatedMs / ((user + system) / 1000),
    stepsPerSecond: (steps / tookMs) * 1000,
    callsPerSimulatedSecond: (calls / simulatedMs) * 1000,
    operationsPerSimulatedSecond: (operations / simulatedMs) * 1000,
  };
}

async function sound(
  shape: Shape,
  workload: WorkloadShape,
  plan: readonly Fault[] | undefined,
  seconds: number,
): Promise<RunReport[]> {
  const reports: RunReport[] = [];
  for (const seed of SEEDS) {
    const report = await run({
      seed,
      seconds: seconds / SEEDS.length,
      shape,
      workload,
      ...(plan === undefined ? {} : { plan }),
    });
    if (report.failure) throw report.failure.error;
    reports.push(report);
  }
  return reports;
}

function text(measured: Speed): string {
  const { shape, faults, batch, pace, pacePerCpu, stepsPerSecond } = measured;
  const { callsPerSimulatedSecond, operationsPerSimulatedSecond } = measured;
  return [
    `${shapeText(shape)} ${batch > 0 ? `in batches of ${batch}` : "one by one"} ${faults ? "with faults" : "without faults"}:`,
    `${pace.toFixed(1)} simulated seconds a second (${pacePerCpu.toFixed(1)} a second of processor time),`,
    `${Math.round(stepsPerSecond)} steps a second,`,
    `${Math.round(operationsPerSimulatedSecond)} operations in ${Math.round(callsPerSimulatedSecond)} calls a simulated second`,
  ].join(" ");
}
