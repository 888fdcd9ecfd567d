import assert from "node:assert/strict";
import { test } from "node:test";
import { replayCommand, run } from "@isthmus/chaos";

const SECONDS = 10;

for (const seed of ["1", "2", "3", "4"])
  test(`three regions of three nodes under faults end with equal digests: seed ${seed}`, async (context) => {
    const began = performance.now();
    const report = await run({ seed, seconds: SECONDS, shape: { regions: 3, nodes: 3 } });
    const tookSeconds = (performance.now() - began) / 1000;
    context.diagnostic(
      `${Math.round(report.steps / tookSeconds)} steps/s, ${(report.simulatedMs / 1000 / tookSeconds).toFixed(1)} simulated s/s, ${report.calls} calls, ${report.acknowledged} acknowledged`,
    );
    assert.equal(report.failure?.error, undefined, replayCommand(report, SECONDS));
    assert.ok(report.acknowledged > 0, "something was written");
    assert.equal(new Set(report.state.map(({ digest }) => digest)).size, 1);
    // How many nodes a region ends with is for its operators, who come and go as the seed says.
    assert.equal(new Set(report.state.map(({ region }) => region)).size, 3);
  });
