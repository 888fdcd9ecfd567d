import type { Fault } from "./faults.ts";
import { type RunReport, run } from "./run.ts";
import { type Shape, shapeText } from "./topology.ts";
import type { WorkloadShape } from "./workload.ts";

export interface SpeedOptions {
  /** How much is simulated in each measured run, in virtual seconds. */
  readonly seconds?: number;
}

export interface Speed {
  readonly shape: Shape;
  readonly faults: boolean;
  /** Simulated seconds in a second of the wall clock, and in a second of processor time. */
  readonly pace: number;
  readonly pacePerCpu: number;
  readonly stepsPerSecond: number;
  readonly callsPerSimulatedSecond: number;
}

const SHAPES: readonly Shape[] = [
  { regions: 3, nodes: 3 },
  { regions: 1, nodes: 3 },
];
const DEFAULT_SECONDS = 120;
/** Until the engine has compiled what is hot, everything is several times as slow: a sweep pays that once, not each seed. */
const WARM_UP_SHARE = 0.5;
/** About 100 operations a simulated second, seven writes for three reads. */
const WORKLOAD: Partial<WorkloadShape> = {
  clients: 10,
  thinkMs: 95,
  nodes: 20,
  edges: 20,
  readRate: 0.3,
  timeoutMs: 1000,
};
const NO_FAULTS: readonly Fault[] = [];

/**
 * How fast the simulation is, with all checkers: nine nodes and three, each without faults and with those that the seed
 * draws. It prints a line a measurement. A run that fails is no measurement: then it throws what failed.
 */
export async function speed(print: (line: string) => void, options: SpeedOptions = {}): Promise<Speed[]> {
  const seconds = options.seconds ?? DEFAULT_SECONDS;
  const speeds: Speed[] = [];
  for (const shape of SHAPES) {
    await sound(shape, NO_FAULTS, seconds * WARM_UP_SHARE);
    for (const plan of [NO_FAULTS, undefined]) {
      const measured = await measure(shape, plan, seconds);
      speeds.push(measured);
      print(text(measured));
    }
  }
  return speeds;
}

async function measure(shape: Shape, plan: readonly Fault[] | undefined, seconds: number): Promise<Speed> {
  const began = performance.now();
  const beganCpu = process.cpuUsage();
  const { simulatedMs, steps, calls } = await sound(shape, plan, seconds);
  const { user, system } = process.cpuUsage(beganCpu);
  const tookMs = performance.now() - began;
  return {
    shape,
    faults: plan === undefined,
    pace: simulatedMs / tookMs,
    pacePerCpu: simulatedMs / ((user + system) / 1000),
    stepsPerSecond: (steps / tookMs) * 1000,
    callsPerSimulatedSecond: (calls / simulatedMs) * 1000,
  };
}

async function sound(shape: Shape, plan: readonly Fault[] | undefined, seconds: number): Promise<RunReport> {
  const report = await run({
    seed: "speed",
    seconds,
    shape,
    workload: WORKLOAD,
    ...(plan === undefined ? {} : { plan }),
  });
  if (report.failure) throw report.failure.error;
  return report;
}

function text(measured: Speed): string {
  const { shape, faults, pace, pacePerCpu, stepsPerSecond, callsPerSimulatedSecond } = measured;
  return [
    `${shapeText(shape)} ${faults ? "with faults" : "without faults"}:`,
    `${pace.toFixed(1)} simulated seconds a second (${pacePerCpu.toFixed(1)} a second of processor time),`,
    `${Math.round(stepsPerSecond)} steps a second, ${Math.round(callsPerSimulatedSecond)} operations a simulated second`,
  ].join(" ");
}
