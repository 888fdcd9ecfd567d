import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { hunt, MUTANTS } from "../../chaos/dist/mutants/index.js";

const SEEDS_MAX = 1000;

test(`worlds find each of ${MUTANTS.length} planted bugs within ${SEEDS_MAX} seeds, and the same seeds are sound without them`, async (context) => {
  const results = await hunt({ seedsMax: SEEDS_MAX, parallel: availableParallelism() });
  for (const { name, seeds, seed, finder, realMs } of results)
    context.diagnostic(`${name}: ${seeds} seeds, ${(realMs / 1000).toFixed(1)} s, ${seed} by ${finder}`);
  const missed = results
    .filter(({ found }) => !found)
    .map(({ name, controlDetail }) => ({ name, controlDetail }));
  assert.deepEqual(missed, []);
});
