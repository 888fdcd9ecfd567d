import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Fault,
  formatPlan,
  optionsOf,
  PlanError,
  parsePlan,
  planCommand,
  planOf,
  type RunPlan,
  run,
  shrinkPlan,
  signatureOf,
  Violation,
} from "@isthmus/chaos";
import { AssertionError, type NodeId } from "@isthmus/kernel";

const stop = (atMs: number, node: string, forMs = 1000): Fault => {
  return { kind: "stop", atMs, forMs, node: node as NodeId };
};

const PLAN: RunPlan = {
  seed: "s",
  seconds: 60,
  shape: { regions: 1, nodes: 3 },
  workload: {
    clients: 9,
    thinkMs: 80,
    nodes: 6,
    edges: 2,
    readRate: 0.3,
    keyedRate: 0.5,
    conditionRate: 0.2,
    impatientRate: 0,
    timeoutMs: 1000,
    padBytes: 0,
    batch: 0,
  },
  faults: Array.from({ length: 24 }, (_, n) => stop(1000 * n, `us-${n}`)),
};

/** A failure that needs some of the faults, a length of one of them and a number of clients. */
function needs(nodes: readonly string[], leastMs: number, clients: number) {
  return async ({ faults, workload, seconds }: RunPlan) => {
    const found = nodes.map((node) =>
      faults.find((fault) => fault.kind === "stop" && (fault.node as string) === node),
    );
    const holds = found.every((fault) => fault && fault.forMs >= leastMs) && workload.clients >= clients;
    const atMs = Math.max(0, ...found.map((fault) => fault?.atMs ?? 0)) + 10;
    return { signature: holds && seconds * 1000 > atMs ? "broken" : null, atMs };
  };
}

describe("a failing plan is cut down", () => {
  test("to the faults, the lengths, the clients and the time that it needs", async () => {
    const attempt = needs(["us-3", "us-17"], 200, 2);
    const { plan, runs } = await shrinkPlan(PLAN, await attempt(PLAN), attempt, 200);
    assert.deepEqual(
      plan.faults.map((fault) => [fault.atMs, fault.forMs]),
      [
        [3000, 250],
        [17_000, 250],
      ],
    );
    assert.equal(plan.workload.clients, 2);
    assert.ok(plan.seconds <= 18);
    assert.ok(runs <= 80, `${runs} runs`);
    assert.equal((await attempt(plan)).signature, "broken");
  });

  test("to no fault at all where none is needed", async () => {
    const attempt = async () => ({ signature: "broken", atMs: 500 });
    const { plan } = await shrinkPlan(PLAN, await attempt(), attempt, 200);
    assert.deepEqual([plan.faults, plan.workload.clients, plan.seconds], [[], 1, 1]);
  });

  test("within its bound of runs, and never to one that fails in another way", async () => {
    let runs = 0;
    const attempt = async (plan: RunPlan) => {
      runs += 1;
      return { signature: plan.faults.length === 24 ? "broken" : "otherwise", atMs: 60_000 };
    };
    const { plan } = await shrinkPlan(PLAN, { signature: "broken", atMs: 60_000 }, attempt, 10);
    assert.equal(plan.faults.length, 24);
    assert.ok(runs <= 10);
  });
});

test("two failures are the same if the same checker or assertion says so, whatever the numbers", () => {
  const failure = (error: unknown) => signatureOf({ atMs: 1, where: "us-1", error });
  assert.equal(
    failure(new Violation("durability", "us:1 is gone")),
    failure(new Violation("durability", "us:2 is gone")),
  );
  assert.notEqual(failure(new Violation("durability", "x")), failure(new Violation("effects", "x")));
  assert.equal(
    failure(new AssertionError("does not hold: 3 is there")),
    failure(new AssertionError("does not hold: 4 is there")),
  );
  assert.notEqual(failure(new AssertionError("a")), failure(new AssertionError("b")));
  assert.equal(failure(new TypeError("x of 1")), failure(new TypeError("x of 2")));
});

test("a plan is read as it was written, and what is none is named", () => {
  assert.deepEqual(parsePlan(formatPlan(PLAN)), PLAN);
  assert.match(planCommand(PLAN), /^npm run chaos -- --plan '\{.*\}'$/);
  assert.equal(planCommand(PLAN, "out/seed-1.json"), "npm run chaos -- --plan out/seed-1.json");
  for (const [text, what] of [
    ["{", /no JSON/],
    ["7", /an object/],
    [formatPlan({ ...PLAN, seconds: 0 }), /`seconds`/],
    [formatPlan(PLAN).replace('"1x3"', '"no"'), /`shape`/],
    [formatPlan(PLAN).replace('"kind"', '"sort"'), /`faults`/],
  ] as const)
    assert.throws(
      () => parsePlan(text),
      (error) => error instanceof PlanError && what.test(error.message),
    );
});

test("the plan that a run drew gives the same run when it is played from its text", async () => {
  const drawn = await run({ seed: "plan a", seconds: 6, shape: { regions: 1, nodes: 3 } });
  const again = await run(optionsOf(parsePlan(formatPlan(planOf(drawn)))));
  assert.equal(again.traceHash, drawn.traceHash);
  assert.ok(drawn.plan.length > 0, "faults were drawn");
});
