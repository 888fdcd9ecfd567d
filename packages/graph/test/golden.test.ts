import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hex, Instant } from "@isthmus/kernel";
import { connect, exchange, patch, put, Region, remove } from "./support/region.ts";

/** What is in this file is on disks: a change of it is a new format, not a new golden file. */
const FILE = join(import.meta.dirname, "golden", "state-1.txt");

test("a state keeps its bytes: records with siblings, tombstones, echoes, edges, keys, and what it knows of itself", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  us.write({
    operations: [put("ada", { born: 1815, at: new Instant(0) }, ["Person"]), put("bob"), put("gone")],
  });
  us.write({ operations: [connect("ada:KNOWS:bob", "ada", "bob")], key: "first" });
  exchange(us, eu);
  us.write({ operations: [patch("ada", { x: -1.5 })] }, { operations: [remove("gone")] });
  eu.write({ operations: [patch("ada", { x: "ż" })] });
  const retried = { operations: [put("both", { n: 1n })], key: "second" };
  us.write(retried);
  eu.write(retried);
  exchange(us, eu);
  us.machine.writeMeta();
  const lines = [...us.state.content]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)} ${hex(value)}`);
  const text = `${lines.join("\n")}\n`;
  if (process.env.ISTHMUS_REWRITE === "1" || !existsSync(FILE)) writeFileSync(FILE, text);
  assert.equal(readFileSync(FILE, "utf8"), text);
});
