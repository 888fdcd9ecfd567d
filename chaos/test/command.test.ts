import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parsePlan, reportFailure, run, SCENARIOS, Violation } from "@isthmus/chaos";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

function chaos(...args: readonly string[]): { status: number | null; lines: string[]; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });
  return { status, lines: stdout.trim().split("\n"), stderr };
}

test("the command's help names every option, and what it does not understand ends with status 2", () => {
  const help = chaos("--help");
  assert.equal(help.status, 0);
  const named = new Set(help.lines.join("\n").match(/--[a-z]+/g));
  for (const option of "seeds from coverage out replay plan scenario mutants only seconds shape".split(" "))
    assert.ok(named.has(`--${option}`), option);
  for (const args of [
    ["--shape", "round"],
    ["--scenario", "none"],
    ["--plan", "{}"],
  ])
    assert.equal(chaos(...args).status, 2, args.join(" "));
});

test("a scenario is told with its trace, and all are listed", () => {
  const list = chaos("--scenario", "list");
  assert.deepEqual(
    list.lines.map((line) => line.split(" ")[0]),
    SCENARIOS.map(({ name }) => name),
  );
  const told = chaos("--scenario", "t16-put-patch");
  assert.equal(told.status, 0);
  assert.match(told.lines.at(-1) ?? "", /^t16-put-patch holds: /);
  assert.ok(told.lines.some((line) => /us-\d > us-\d +main\/0: App term/.test(line)));
});

test("a sweep ends with how many passed, and a replay with the hashes of what happened", () => {
  const sweep = chaos("--seeds", "2", "--seconds", "2", "--shape", "1x1");
  assert.deepEqual([sweep.status, sweep.lines.at(-1)], [0, "2 of 2 seeds passed"]);
  const [one, again] = [1, 2].map(() => chaos("--replay", "1", "--seconds", "2", "--shape", "1x1"));
  assert.equal(one?.status, 0);
  assert.match(one?.lines.at(-2) ?? "", /^trace [0-9a-f]{64}, state [0-9a-f]{64}$/);
  assert.deepEqual(again?.lines, one?.lines);
});

test("a failed run is told with its nodes, its smallest plan and a command, and is left in a directory", async () => {
  const options = { seed: "told", seconds: 2, shape: { regions: 1, nodes: 1 } };
  const stops = [600, 1200].map((atMs) => ({ kind: "stop", atMs, forMs: 80, node: "us-1" }));
  const workload = { clients: 1, thinkMs: 400 };
  const plan = parsePlan(JSON.stringify({ ...options, shape: "1x1", workload, faults: stops }));
  const report = await run({ ...options, plan: plan.faults, workload: plan.workload });
  assert.equal(report.failure, null);
  const broken = { atMs: 4000, where: "a checker", error: new Violation("nothing", "is wrong") };
  const directory = mkdtempSync(path.join(tmpdir(), "isthmus-out-"));
  try {
    const told: string[] = [];
    await reportFailure(
      { ...report, failure: broken, unrest: "us-1: life 1" },
      { out: directory, print: (text) => told.push(text) },
    );
    // Nothing fails when it is played again, so nothing can be left out; all of it is told all the same.
    assert.match(told[0] ?? "", /^seed told \(1x1\) fails after 4\.000 virtual seconds, at a checker:/);
    assert.match(told[0] ?? "", /nothing: is wrong\n {2}us-1: life 1\n {2}npm run chaos -- --replay told/);
    const command = `npm run chaos -- --plan ${path.join(directory, "seed-told.json")}`;
    assert.equal(told.at(-1), `nothing failed\n  ${command}`);
    assert.deepEqual(parsePlan(readFileSync(path.join(directory, "seed-told.json"), "utf8")).faults, stops);
    assert.ok(existsSync(path.join(directory, "seed-told.txt")));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
