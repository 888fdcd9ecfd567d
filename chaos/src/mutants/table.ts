/**
 * Writes docs/mutants.md: `npm run build && node chaos/dist/mutants/table.js [NAME ...]`. All mutants are hunted, or those
 * named; what is not hunted keeps the line that it has.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type HuntResult, hunt } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { NOT_YET } from "./not-yet.ts";
import type { Storm } from "./storm.ts";

const PAGE = new URL("../../../docs/mutants.md", import.meta.url);
const SEEDS_MAX = 1000;

const names = process.argv.slice(2);
const before = existsSync(PAGE) ? readFileSync(PAGE, "utf8").split("\n") : [];
const results: HuntResult[] = [];
await hunt({
  ...(names.length > 0 ? { names } : {}),
  seedsMax: SEEDS_MAX,
  parallel: availableParallelism(),
  onResult: (result) => {
    const { name, found, seeds, finder } = result;
    console.log(`${name}: ${found ? `${seeds} seeds, ${finder}` : "not found"}`);
    results.push(result);
    // After each, so that a hunt which is broken off has not been for nothing.
    writeFileSync(PAGE, page(results, before));
  },
});
process.exitCode = results.every(({ found }) => found) ? 0 : 1;

function page(found: readonly HuntResult[], before: readonly string[]): string {
  const rows = MUTANTS.map((mutant) => {
    const result = found.find(({ name }) => name === mutant.name);
    return result
      ? row(mutant, result)
      : (before.find((line) => line.startsWith(`| ${mutant.name} |`)) ?? "");
  }).filter((line) => line !== "");
  return [
    "# Planted bugs",
    "",
    "Each line is a bug that is written into the product while it is loaded, and the hunt in which simulated worlds find it.",
    "The same seed is sound without the bug. Why this is so: [decision 0004](decisions/0004-mutants.md). This page is written",
    "by `node chaos/dist/mutants/table.js`; seeds move when the code does.",
    "",
    "| mutant | trap | what is planted | hunt | seeds needed | seed | found by |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    "F1 and those after it are bugs that were found in this project's own code. They are put back here. One is left out: a",
    "stream that was asked for anew and then stood still, since what it brought again gave no credit back. Planted, it was",
    "not found: what is brought again must be applied between the asking and the bringing, and fill the whole window.",
    "",
    "_The core alone_ is the consensus core over queues that stand for disks and network, one small thing a turn, in",
    "thousands of schedules a minute: for what needs many disks to be slow and many leaders to fall in one order. Where its",
    "members are _changing_, they come and go, learn and vote, logs are compacted and leadership is handed over, too.",
    "",
    "A _lens_ changes nothing that is promised and makes a rare moment frequent; it stands in the sound run too.",
    "",
    "## Not yet",
    "",
    "| trap | why it cannot be planted yet | from issue |",
    "| --- | --- | --- |",
    ...NOT_YET.map(({ trap, why, from }) => `| ${trap} | ${why} | ${from} |`),
    "",
  ].join("\n");
}

function row(mutant: Mutant, { found, seeds, seed, finder }: HuntResult): string {
  const { name, trap, story } = mutant;
  const cells = found ? [seeds, `\`${seed}\``, finder] : ["not found", "", ""];
  return `| ${[name, trap, story, huntText(mutant), ...cells].join(" | ")} |`;
}

function huntText({ hunt, lens }: Mutant): string {
  const lensText = lens ? [`lens: ${lens.story}`] : [];
  if ("world" in hunt) {
    const profile = Object.entries(hunt.profile ?? {}).map(
      ([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`,
    );
    return [`the core alone, ${hunt.turns} turns`, ...profile, ...lensText].join("; ");
  }
  const { shape, seconds, storm, workload } = hunt;
  const focus = Object.entries(workload ?? {}).map(([key, value]) => `${key} ${value}`);
  return [
    `${shape}, ${seconds} s`,
    storm === null ? "no faults" : stormText(storm),
    ...(focus.length > 0 ? [focus.join(", ")] : []),
    ...lensText,
  ].join("; ");
}

function stormText({ strokes, everyMs, forMs, ...rest }: Storm): string {
  const more = Object.entries(rest).map(([key, value]) => `, ${key} ${value}`);
  return `${strokes.join(", ")} each ${everyMs} ms for ${forMs} ms${more.join("")}`;
}
