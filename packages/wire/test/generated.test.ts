import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

const folder = join(import.meta.dirname, "..");
const fresh = mkdtempSync(join(tmpdir(), "isthmus-generated-"));
after(() => rmSync(fresh, { recursive: true }));

test("the generated code is what proto/ and generate.sh make today", () => {
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  execFileSync(join(folder, "generate.sh"), [fresh], { env: { ...process.env, PATH: path } });
  for (const file of ["isthmus.js", "isthmus.d.ts"])
    assert.equal(
      readFileSync(join(fresh, file), "utf8"),
      readFileSync(join(folder, "generated", file), "utf8"),
    );
});
