import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { type RunOptions, run, stateBytes } from "@isthmus/chaos";

const SEED = "replay";
const OPTIONS = { seed: SEED, seconds: 12, shape: { regions: 2, nodes: 3 } };

/** What two runs of a seed must have in common, to the byte. */
async function fingerprint(options: RunOptions = OPTIONS): Promise<string> {
  const report = await run(options);
  assert.equal(report.failure, null);
  return JSON.stringify([report.traceHash, report.steps, report.simulatedMs, stateBytes(report.state)]);
}

/** Takes the processor from whoever runs beside it, again and again, and memory with it. */
const BURN = `
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let held = []; ; held = []) {
    const end = performance.now() + 15;
    while (performance.now() < end) held.push(new Array(100).fill(end));
    Atomics.wait(pause, 0, 0, 10);
  }`;
const SHORT = { seed: "busy", seconds: 4, shape: { regions: 1, nodes: 3 } };

if (process.argv[2] === "child") {
  process.stdout.write(await fingerprint());
} else {
  test("a seed gives the same bytes in another process, time zone, language and directory", async () => {
    const file = fileURLToPath(import.meta.url);
    const child = promisify(execFile)(process.execPath, [file, "child"], {
      cwd: "/",
      env: {
        ...process.env,
        TZ: "Pacific/Chatham",
        LANG: "tr_TR.UTF-8",
        LC_ALL: "tr_TR.UTF-8",
        NODE_TEST_CONTEXT: "",
      },
      maxBuffer: 64 * 1024 * 1024,
    });
    const [here, { stdout: there }] = await Promise.all([fingerprint(), child]);
    assert.equal(there, here);
  });

  test("a seed gives the same bytes on a machine that is busy with something else", async () => {
    const calm = await fingerprint(SHORT);
    const burners = [new Worker(BURN, { eval: true }), new Worker(BURN, { eval: true })];
    try {
      assert.equal(await fingerprint(SHORT), calm);
    } finally {
      for (const burner of burners) await burner.terminate();
    }
  });

  test("another seed gives another run", async () => {
    const runs = [];
    for (const seed of ["one", "two"]) runs.push(await run({ ...OPTIONS, seconds: 4, seed }));
    assert.notEqual(runs[0]?.traceHash, runs[1]?.traceHash);
  });
}
