import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { replayCommand, run } from "../../chaos/dist/index.js";

const SEEDS = 24;
const SECONDS = 20;

/** Each commit looks at worlds that none before it looked at, and always at the same ones. */
function treeHash(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD^{tree}"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trim()
      .slice(0, 16);
  } catch {
    return null;
  }
}

const tree = treeHash();

test(`${SEEDS} worlds of ${SECONDS} simulated seconds, drawn from the commit's tree, are sound`, {
  skip: tree === null ? "this is no git checkout, so there is no tree to draw seeds from" : false,
}, async (context) => {
  const began = performance.now();
  let steps = 0;
  let acknowledged = 0;
  for (let number = 1; number <= SEEDS; number++) {
    const report = await run({ seed: `${tree}-${number}`, seconds: SECONDS });
    assert.equal(report.failure?.error, undefined, replayCommand(report, SECONDS));
    steps += report.steps;
    acknowledged += report.acknowledged;
  }
  const tookSeconds = (performance.now() - began) / 1000;
  const rate = ((SEEDS * SECONDS) / tookSeconds).toFixed(1);
  context.diagnostic(
    `seeds ${tree}-1 to -${SEEDS}: ${steps} steps, ${acknowledged} acknowledged calls, ${rate} simulated s/s`,
  );
});
