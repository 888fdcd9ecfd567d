import assert from "node:assert/strict";
import { test } from "node:test";
import { parseShape, replayCommand, run } from "@isthmus/chaos";

const SECONDS = 12;
const SEEDS_EACH = 6;

for (const text of ["1x1", "1x3", "3x1"])
  test(`${text}: nothing acknowledged is lost, doubled or seen late under faults, in ${SEEDS_EACH} seeds`, async (context) => {
    const shape = parseShape(text);
    assert.ok(shape);
    const began = performance.now();
    let steps = 0;
    let simulatedMs = 0;
    for (let seed = 1; seed <= SEEDS_EACH; seed++) {
      const report = await run({ seed: `small ${seed}`, seconds: SECONDS, shape });
      assert.equal(report.failure?.error, undefined, replayCommand(report, SECONDS));
      steps += report.steps;
      simulatedMs += report.simulatedMs;
    }
    const tookSeconds = (performance.now() - began) / 1000;
    context.diagnostic(
      `${Math.round(steps / tookSeconds)} steps/s, ${(simulatedMs / 1000 / tookSeconds).toFixed(1)} simulated s/s`,
    );
  });
