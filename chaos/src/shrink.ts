import { AssertionError, IsthmusError } from "@isthmus/kernel";
import type { Fault } from "./fault-kinds.ts";
import { optionsOf, planOf, type RunPlan } from "./plan.ts";
import { type RunReport, run } from "./run.ts";
import type { Failure } from "./world.ts";

/** How a plan fails: what must stay the same while it is cut down. */
export interface Trial {
  /** Null: it does not fail. */
  readonly signature: string | null;
  /** When it failed, in virtual milliseconds. */
  readonly atMs: number;
}

export interface Shrunk {
  readonly plan: RunPlan;
  /** Runs that it took. */
  readonly runs: number;
}

const RUNS_MAX = 80;
const CLIENTS_END_AFTER_MS = 250;
const SHORTEST_MS = 50;

/** Cuts a failed run's plan down, as long as the same thing fails: for at most `runsMax` runs. */
export function shrink(report: RunReport, runsMax = RUNS_MAX): Promise<Shrunk> {
  const attempt = async (plan: RunPlan): Promise<Trial> => {
    const { failure } = await run(optionsOf(plan));
    return { signature: failure && signatureOf(failure), atMs: failure?.atMs ?? 0 };
  };
  const failed = {
    signature: report.failure && signatureOf(report.failure),
    atMs: report.failure?.atMs ?? 0,
  };
  return shrinkPlan(planOf(report), failed, attempt, runsMax);
}

/**
 * The same failure: of a checker its name, of an assertion what it says, of another error its code or name. Numbers are
 * no part of it, since they change with every step that is left out.
 */
export function signatureOf({ error }: Failure): string {
  if (error instanceof AssertionError) return `assertion: ${withoutNumbers(error.message)}`;
  if (error instanceof IsthmusError) {
    const { checker } = error.facts;
    if (error.code !== "violation") return error.code;
    // A checker knows several ways to be broken: up to the colon it says which one.
    return `violation: ${checker}${checker === "liveness" ? ` ${withoutNumbers(firstLine(error.message))}` : ""}`;
  }
  return error instanceof Error
    ? `${error.name}: ${withoutNumbers(firstLine(error.message))}`
    : String(error);
}

/**
 * Delta debugging over a plan: first a shorter run, then fewer faults, then shorter ones, then fewer clients, and a
 * shorter run again. `attempt` says how a plan fails; a plan counts only while that is `failed.signature`.
 */
export async function shrinkPlan(
  plan: RunPlan,
  failed: Trial,
  attempt: (plan: RunPlan) => Promise<Trial>,
  runsMax: number,
): Promise<Shrunk> {
  let best = plan;
  let atMs = failed.atMs;
  let runs = 0;
  /** Takes a smaller plan if it fails in the same way. */
  const take = async (smaller: RunPlan): Promise<boolean> => {
    if (runs >= runsMax) return false;
    runs += 1;
    const trial = await attempt(smaller);
    if (trial.signature === null || trial.signature !== failed.signature) return false;
    best = smaller;
    atMs = trial.atMs;
    return true;
  };
  await cutTime();
  await cutFaults();
  await cutLengths();
  await cutClients();
  await cutTime();
  return { plan: best, runs };

  /** Nothing after the failure has made it; where it shows only at the end, half of the time may do. */
  async function cutTime(): Promise<void> {
    const needed = Math.ceil((atMs + CLIENTS_END_AFTER_MS) / 1000);
    if (needed < best.seconds && (await take(within(best, needed)))) return;
    while (best.seconds >= 2 && (await take(within(best, Math.floor(best.seconds / 2))))) {}
  }

  async function cutFaults(): Promise<void> {
    if (best.faults.length > 0 && (await take({ ...best, faults: [] }))) return;
    for (let parts = 2; best.faults.length > 1; ) {
      const size = Math.ceil(best.faults.length / parts);
      let cut = false;
      for (let from = 0; from < best.faults.length && !cut; from += size) {
        const faults = [...best.faults.slice(0, from), ...best.faults.slice(from + size)];
        cut = await take({ ...best, faults });
      }
      if (runs >= runsMax || (!cut && size === 1)) return;
      parts = cut ? Math.max(2, parts - 1) : Math.min(best.faults.length, parts * 2);
    }
  }

  async function cutLengths(): Promise<void> {
    for (let place = 0; place < best.faults.length; place++)
      for (let more = true; more; ) {
        const fault = best.faults[place];
        more =
          fault !== undefined &&
          fault.forMs > SHORTEST_MS &&
          (await take({ ...best, faults: best.faults.with(place, halved(fault)) }));
      }
  }

  async function cutClients(): Promise<void> {
    for (let more = true; more && best.workload.clients > 1; ) {
      const { workload } = best;
      const fewer = { ...workload, clients: Math.floor(workload.clients / 2) };
      const less = { ...workload, clients: workload.clients - 1 };
      more =
        (await take({ ...best, workload: fewer })) ||
        (workload.clients > 2 && (await take({ ...best, workload: less })));
    }
  }
}

function within(plan: RunPlan, seconds: number): RunPlan {
  return { ...plan, seconds, faults: plan.faults.filter(({ atMs }) => atMs < seconds * 1000) };
}

function halved(fault: Fault): Fault {
  return { ...fault, forMs: Math.round(fault.forMs / 2) };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, "#");
}
