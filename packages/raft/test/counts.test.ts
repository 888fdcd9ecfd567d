import { equal, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { countPackage, table } from "./counts.ts";

const PACKAGE = join(import.meta.dirname, "..");
const SPEC = join(PACKAGE, "SPEC.md");
const PLACE = /(<!-- counts -->\n\n).*?(\n\n<!-- \/counts -->)/s;

test("the SPEC counts the package as it is: ISTHMUS_REWRITE=1 counts anew", () => {
  const counts = countPackage(PACKAGE);
  ok(counts.functions.length > 150, "functions are found");
  const spec = readFileSync(SPEC, "utf8");
  const counted = spec.replace(PLACE, (_, before: string, after: string) => before + table(counts) + after);
  if (process.env.ISTHMUS_REWRITE === "1") writeFileSync(SPEC, counted);
  else equal(spec, counted);
  ok(PLACE.test(spec), "there is a place for the counts");
  equal(counts.impureCalls, 0, "time and randomness are handed in");
  equal(counts.dependencies.length, 0);
});
