import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lockDirectory } from "@isthmus/host";

const directory = mkdtempSync(join(tmpdir(), "isthmus-lock-"));
after(() => rmSync(directory, { recursive: true }));

const index = new URL("../dist/index.js", import.meta.url).href;
const script = `import { lockDirectory } from ${JSON.stringify(index)};
lockDirectory(${JSON.stringify(directory)}); process.stdout.write("held"); process.stdin.resume();`;

function holder(): ChildProcess {
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
}

test("a directory has one owner, and is free again when it is let go or its owner is killed", async () => {
  const own = lockDirectory(directory);
  own.release();
  const child = holder();
  after(() => child.kill("SIGKILL"));
  assert.ok(child.stdout);
  await once(child.stdout, "data");
  assert.throws(() => lockDirectory(directory), { code: "locked" });
  child.kill("SIGKILL");
  await once(child, "exit");
  lockDirectory(directory).release();
});
