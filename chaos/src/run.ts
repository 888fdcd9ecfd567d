import { createHash } from "node:crypto";
import { must, seededRandom } from "@isthmus/kernel";
import { atRest, isQuiet, unrest } from "./at-rest.ts";
import { Coverage } from "./coverage.ts";
import { type NodeAtRest, Violation } from "./evidence.ts";
import { drawPlan, type Fault, schedulePlan, setLink } from "./faults.ts";
import { allJudges } from "./judges.ts";
import { membersOf, tidyMembers } from "./membership.ts";
import { gridTopology, parseShape, type Shape } from "./topology.ts";
import { drawWorkload, Workload, type WorkloadShape } from "./workload.ts";
import { type Failure, World } from "./world.ts";

export interface RunOptions {
  readonly seed: string;
  /** How long faults and clients go on, in virtual seconds; then the world is healed and must come to rest. */
  readonly seconds: number;
  /** Drawn from the seed where it is not named. */
  readonly shape?: Shape;
  /** In place of the plan that the seed would draw. */
  readonly plan?: readonly Fault[];
  readonly workload?: Partial<WorkloadShape>;
  /** Told each line of the trace. */
  readonly read?: (line: string) => void;
}

export interface RunReport {
  readonly seed: string;
  readonly seconds: number;
  readonly shape: Shape;
  readonly workload: WorkloadShape;
  readonly plan: readonly Fault[];
  readonly failure: Failure | null;
  /** After a failure: a line for each node, of what it was at that moment, on disk too. */
  readonly unrest: string;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly calls: number;
  readonly acknowledged: number;
  /** Reads, and what writes asked for: a call may ask for several. */
  readonly operations: number;
  /** Of everything that happened, in order. */
  readonly traceHash: string;
  /** Of what every node held at the end; empty after a failure. */
  readonly stateHash: string;
  readonly state: readonly NodeAtRest[];
  /** How often each fault and each rare branch was met. */
  readonly marks: ReadonlyMap<string, number>;
}

const SHAPES = ["1x1", "1x3", "1x3", "3x1", "2x3", "3x3", "1x5"];
/** From the end of all faults to full agreement: elections, reconnecting and catching up, each several times over. */
const REST_WITHIN_MS = 60_000;
const CLIENTS_END_WITHIN_MS = 30_000;
const PROBE_TRIES = 40;

/** One world from its start to its rest. Everything in it is decided by the options; it never throws for what it finds. */
export async function run(options: RunOptions): Promise<RunReport> {
  const { seed, seconds } = options;
  const random = seededRandom(`${seed} run`);
  const drawn = must(parseShape(must(SHAPES[random.below(SHAPES.length)], "a shape")), "a shape's text");
  const shape = options.shape ?? drawn;
  const workload = { ...drawWorkload(random), ...options.workload };
  const clockErrorMs = [0, 20, 2000][random.below(3)] ?? 0;
  const judges = allJudges();
  const marks = new Map<string, number>();
  const met = (name: string, by = 1): void => {
    marks.set(name, (marks.get(name) ?? 0) + by);
  };
  const coverage = new Coverage(judges, met);
  const checkers = [...judges.checkers, coverage];
  const world = new World({
    seed,
    topology: gridTopology(shape),
    checkers,
    clockErrorMs,
    limits: drawLimits(seed),
    ...(options.read ? { read: options.read } : {}),
  });
  coverage.attach(world);
  const plan = options.plan ?? drawPlan(world, random, seconds);
  const clients = new Workload({ world, shape: workload, seed, checkers });
  let state: NodeAtRest[] = [];
  const onUnhandled = (error: unknown): void => world.fail("a promise that nobody awaits", error);
  process.on("unhandledRejection", onUnhandled);
  try {
    schedulePlan(world, plan, met);
    world.startAll();
    clients.start();
    await world.run(seconds * 1000);
    await comeToRest(world, clients);
    state = await atRest(world);
    for (const checker of checkers) checker.finished?.(state);
  } catch (error) {
    world.fail("the end", error);
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
  coverage.count(world);
  const acknowledged = clients.history.filter((item) => item.write?.receipt).length;
  return {
    seed,
    seconds,
    shape,
    workload,
    plan,
    failure: world.failure,
    unrest: world.failure === null ? "" : unrest(world),
    steps: world.scheduler.steps,
    simulatedMs: world.nowMs,
    calls: clients.history.length,
    acknowledged,
    operations: clients.history.reduce((sum, { write }) => sum + (write?.operations.length ?? 1), 0),
    traceHash: world.trace.digest(),
    stateHash: state.length === 0 ? "" : createHash("sha256").update(stateBytes(state)).digest("hex"),
    state,
    marks,
  };
}

/** Credit is seldom exhausted where it is ample, and few die in a checkpoint where there are few: worlds differ in both. */
function drawLimits(seed: string) {
  const random = seededRandom(`${seed} limits`);
  const pick = (...of: readonly number[]): number => must(of[random.below(of.length)], "one of several");
  return { streamCreditBytes: pick(4096, 65_536, 4_194_304), checkpointMs: pick(200, 2000, 8000) };
}

/** What every node held, as bytes: equal for equal runs. */
export function stateBytes(state: readonly NodeAtRest[]): string {
  return state
    .map(({ node, group, index, vector, digest, records }) =>
      [`${node} ${group} ${index} [${vector}] ${digest}`, ...records].join("\n"),
    )
    .join("\n");
}

/** After the storm: all is healed, each region takes a write, and all replicas come to agree. */
async function comeToRest(world: World, clients: Workload): Promise<void> {
  clients.stop();
  world.healAll();
  resumeLinks(world);
  if (!(await world.runUntil(() => clients.isIdle, CLIENTS_END_WITHIN_MS)))
    throw new Violation("liveness", "a client still waits for its answer");
  let left = world.topology.regions.length;
  for (const { id } of world.topology.regions) {
    const node = must(
      membersOf(world, id).find((each) => !world.lostDisks.has(each)),
      "a region has a node",
    );
    clients.insist(node, `probe-${id}`, PROBE_TRIES).then(
      (done) => {
        if (done) left -= 1;
        else world.fail("the end", new Violation("liveness", `${id} takes no write after all is healed`));
      },
      (error: unknown) => world.fail("the end", error),
    );
  }
  const endMs = world.nowMs + REST_WITHIN_MS;
  while (!(left === 0 && isQuiet(world))) {
    if (world.nowMs >= endMs)
      throw new Violation("liveness", `no rest after all is healed:\n${unrest(world)}`);
    resumeLinks(world);
    tidyMembers(world);
    await world.run(250);
  }
}

function resumeLinks(world: World): void {
  const paused = new Set<string>();
  for (const { core } of world.machines.values())
    for (const link of core?.control.state.pausedLinks ?? []) paused.add(link);
  for (const link of paused) {
    const [from, to] = world.topology.regions
      .flatMap((a) => world.topology.regions.map((b) => [a.id, b.id] as const))
      .find(([a, b]) => `${a}>${b}` === link) ?? [null, null];
    if (from !== null && to !== null) setLink(world, from, to, false);
  }
}
