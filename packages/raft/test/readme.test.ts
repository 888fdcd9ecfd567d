import { equal, ok } from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

test("the README's example is short, runs as it stands, and prints what the README says", async (t) => {
  const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  ok(example.trimEnd().split("\n").length <= 40, "40 lines or fewer");
  const said = /It prints `(.*?)`/.exec(readme)?.[1];
  const file = join(import.meta.dirname, `.readme-${process.pid}.ts`);
  const printed: string[] = [];
  t.mock.method(console, "log", (line: string) => printed.push(line));
  writeFileSync(file, example);
  try {
    await import(pathToFileURL(file).href);
  } finally {
    rmSync(file);
  }
  equal(printed.join("\n"), said);
});
