import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { run, stateBytes } from "@isthmus/chaos";

const SEED = "replay";
const OPTIONS = { seed: SEED, seconds: 12, shape: { regions: 2, nodes: 3 } };

/** What two runs of a seed must have in common, to the byte. */
async function fingerprint(): Promise<string> {
  const report = await run(OPTIONS);
  assert.equal(report.failure, null);
  return JSON.stringify([report.traceHash, report.steps, report.simulatedMs, stateBytes(report.state)]);
}

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

  test("another seed gives another run", async () => {
    const runs = [];
    for (const seed of ["one", "two"]) runs.push(await run({ ...OPTIONS, seconds: 4, seed }));
    assert.notEqual(runs[0]?.traceHash, runs[1]?.traceHash);
  });
}
