import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  addressOf,
  drawStorm,
  editsOf,
  MUTANTS,
  NOT_YET,
  PlantingError,
  plantedSource,
} from "../dist/mutants/index.js";

const page = readFileSync(new URL("../../docs/mutants.md", import.meta.url), "utf8");

function sourceAt(address: string): string {
  return readFileSync(fileURLToPath(address), "utf8");
}

for (const mutant of MUTANTS)
  test(`the planting of ${mutant.name} still fits, alone and with its lens: ${mutant.story}`, () => {
    for (const part of ["bug", "lens"] as const)
      for (const [address, edits] of Map.groupBy(editsOf(mutant, part), addressOf)) {
        const source = sourceAt(address);
        assert.notEqual(plantedSource(source, edits), source);
      }
    assert.ok(mutant.edits.length > 0, "a mutant changes something");
  });

test("a planting that does not stand there exactly once is refused by name", () => {
  const edit = { package: "@isthmus/raft", file: "raft-log.js", find: "a", replace: "b" };
  assert.equal(plantedSource("xax", [edit]), "xbx");
  for (const source of ["x", "aa"])
    assert.throws(() => plantedSource(source, [edit]), {
      name: PlantingError.name,
      message: /no longer fits: @isthmus\/raft\/dist\/raft-log\.js has [02] of "a"/,
    });
});

test("every trap is named exactly once, as a mutant or as one that cannot be planted yet", () => {
  const traps = [
    ...Array.from({ length: 30 }, (_, number) => `R${number + 1}`),
    ...Array.from({ length: 30 }, (_, number) => `T${number + 1}`),
  ];
  const named = [
    ...MUTANTS.map(({ name }) => name).filter((name) => !name.startsWith("F")),
    ...NOT_YET.map(({ trap }) => trap),
  ];
  assert.deepEqual(named.toSorted(), traps.toSorted());
  const found = MUTANTS.map(({ name }) => name).filter((name) => name.startsWith("F"));
  assert.deepEqual(
    found,
    found.map((_, place) => `F${place + 1}`),
  );
});

test("the table in docs/mutants.md has each mutant, what it plants and its seed, and each trap that waits", () => {
  for (const { name, trap, story } of MUTANTS) {
    const line = page.split("\n").find((each) => each.startsWith(`| ${name} |`)) ?? "";
    assert.ok(line.startsWith(`| ${name} | ${trap} | ${story} |`), `the line of ${name} is as it should be`);
    assert.match(line, new RegExp(`\\| \\d+ \\| \`${name}-\\d+\` \\| `), `${name} is found by a seed`);
  }
  for (const { trap, why, from } of NOT_YET) assert.ok(page.includes(`| ${trap} | ${why} | ${from} |`), trap);
  const rows = page.split("\n").filter((line) => /^\| [RTF]\d/.test(line));
  assert.equal(rows.length, MUTANTS.length + NOT_YET.length);
});

test("the storm of a seed is the same each time, and another one for another seed", () => {
  const storm = {
    strokes: ["kill", "alone"],
    everyMs: 500,
    forMs: 500,
    favourite: "star",
    slowDisks: 10,
  } as const;
  const shape = { regions: 1, nodes: 3 };
  const plan = drawStorm("a", shape, 10, storm);
  assert.deepEqual(drawStorm("a", shape, 10, storm), plan);
  assert.notDeepEqual(drawStorm("b", shape, 10, storm), plan);
  assert.ok(plan.length > 2);
  for (const { atMs, forMs } of plan) assert.ok(atMs >= 2500 && atMs < 10_000 && forMs > 0);
});
