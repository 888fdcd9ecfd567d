import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fault, parseShape, replayCommand, run } from "@isthmus/chaos";
import type { NodeId } from "@isthmus/kernel";

const SECONDS = 20;
const SEEDS = 4;

function kill(node: string, how: "process" | "power", atMs: number, forMs: number): Fault {
  return { kind: "kill", nodes: [node as NodeId], how, atMs, forMs };
}

/** Away for so long that the log is compacted without it; then both sides of its snapshot in trouble. */
const PLAN: readonly Fault[] = [
  kill("us-1", "process", 3_000, 11_000),
  kill("us-2", "power", 14_400, 800),
  kill("us-1", "power", 14_900, 500),
  kill("us-3", "process", 16_000, 700),
];

test(`nothing is lost or doubled around compaction and snapshots, in ${SEEDS} seeds`, async () => {
  const shape = parseShape("1x3");
  assert.ok(shape);
  let installed = 0;
  let compactions = 0;
  const read = (line: string): void => {
    if (line.includes("has installed a snapshot")) installed += 1;
  };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await run({ seed: `compaction ${seed}`, seconds: SECONDS, shape, plan: PLAN, read });
    assert.equal(report.failure?.error, undefined, replayCommand(report, SECONDS));
    // Of the last lives: a counter ends with its life.
    compactions += report.marks.get("raft.compactions") ?? 0;
  }
  assert.ok(installed > 0, "a snapshot was installed");
  assert.ok(compactions > 0, "logs were compacted");
});
