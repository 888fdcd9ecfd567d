import { IsthmusError } from "@isthmus/kernel";
import type { Fault } from "./fault-kinds.ts";
import type { RunOptions, RunReport } from "./run.ts";
import { parseShape, type Shape, shapeText } from "./topology.ts";
import type { WorkloadShape } from "./workload.ts";

/** Everything that decides a run, written out: what a seed would have drawn can be changed one by one. */
export interface RunPlan {
  readonly seed: string;
  readonly seconds: number;
  readonly shape: Shape;
  readonly workload: WorkloadShape;
  readonly faults: readonly Fault[];
}

/** A text that is no plan. Its code is `invalid_plan`. */
export class PlanError extends IsthmusError {
  override readonly name = "PlanError";

  constructor(message: string) {
    super("invalid_plan", `no plan: ${message}`);
  }
}

/** The plan that a run followed, drawn or given. */
export function planOf({ seed, seconds, shape, workload, plan }: RunReport): RunPlan {
  return { seed, seconds, shape, workload, faults: plan };
}

export function optionsOf({ seed, seconds, shape, workload, faults }: RunPlan): RunOptions {
  return { seed, seconds, shape, workload, plan: faults };
}

/** One line of JSON. */
export function formatPlan({ shape, ...rest }: RunPlan): string {
  return JSON.stringify({ ...rest, shape: shapeText(shape) });
}

/** The plan that a text of JSON tells. Throws PlanError. */
export function parsePlan(text: string): RunPlan {
  const { seed, seconds, shape, workload, faults } = objectOf(text);
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new PlanError(what);
  };
  check(typeof seed === "string", "`seed` is text");
  check(typeof seconds === "number" && seconds > 0, "`seconds` is a number above zero");
  const parsed = typeof shape === "string" ? parseShape(shape) : null;
  if (parsed === null) throw new PlanError("`shape` is text such as 3x3");
  check(typeof workload === "object" && workload !== null, "`workload` is an object");
  check(
    Array.isArray(faults) && faults.every(isFault),
    "`faults` are objects with `kind`, `atMs` and `forMs`",
  );
  // Written by formatPlan: the rest of a fault is taken at its word.
  return { seed, seconds, shape: parsed, workload, faults } as RunPlan;
}

/** The one command that plays a run again, if its seed drew all of it. */
export function replayCommand(
  { seed, shape, seconds: asRun }: Pick<RunReport, "seed" | "seconds" | "shape">,
  seconds = asRun,
): string {
  return `npm run chaos -- --replay ${seed} --seconds ${seconds} --shape ${shapeText(shape)}`;
}

/** The same for a plan, which stands in a file or else in the command itself. */
export function planCommand(plan: RunPlan, file: string | null = null): string {
  return `npm run chaos -- --plan ${file ?? `'${formatPlan(plan)}'`}`;
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new PlanError(`no JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
  if (typeof parsed !== "object" || parsed === null) throw new PlanError("a plan is an object");
  return parsed as Record<string, unknown>;
}

function isFault(fault: unknown): boolean {
  return (
    typeof fault === "object" &&
    fault !== null &&
    "kind" in fault &&
    typeof fault.kind === "string" &&
    "atMs" in fault &&
    typeof fault.atMs === "number" &&
    "forMs" in fault &&
    typeof fault.forMs === "number"
  );
}
