import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EXPECTED_MARKS,
  notMet,
  planCommand,
  planOf,
  RARE_PLANS,
  type RunOptions,
  run,
} from "../../chaos/dist/index.js";

const SECONDS = 15;
const SEEDS_MAX = 200;

test("the fixed seeds meet every kind of fault that is drawn and every rare branch that is named", async (context) => {
  const marks = new Map<string, number>();
  const look = async (options: RunOptions): Promise<void> => {
    const report = await run(options);
    assert.equal(report.failure?.error, undefined, planCommand(planOf(report)));
    for (const [mark, count] of report.marks) marks.set(mark, (marks.get(mark) ?? 0) + count);
  };
  for (const plan of RARE_PLANS) await look(plan);
  let seed = 0;
  while (seed < SEEDS_MAX && notMet(marks).length > 0) {
    seed += 1;
    await look({ seed: `coverage ${seed}`, seconds: SECONDS });
  }
  context.diagnostic(
    EXPECTED_MARKS.map((mark) => `${mark}: ${marks.get(mark) ?? "never"}`)
      .sort()
      .join("; "),
  );
  context.diagnostic(`${seed} worlds of ${SECONDS} simulated seconds`);
  assert.deepEqual(notMet(marks), []);
});
