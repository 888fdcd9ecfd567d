/**
 * One hunt in a process of its own: `node --import plant.js hunter.js NAME FROM COUNT`. It runs seeds until one fails and
 * says on its last line, as JSON, what it met. With `--read` it tells the whole trace of its one seed.
 */
import { must } from "@isthmus/kernel";
import { runRaftWorld } from "../raft-world.ts";
import { type RunOptions, type RunReport, run } from "../run.ts";
import { parseShape } from "../topology.ts";
import type { HunterWord } from "./hunt.ts";
import type { Mutant, WorldHunt } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { assertPlanted } from "./plant.ts";
import { PlantingError } from "./planting.ts";
import { drawStorm } from "./storm.ts";

async function search(mutant: Mutant, from: number, count: number, read: boolean): Promise<HunterWord> {
  const { hunt } = mutant;
  const began = performance.now();
  let simulatedMs = 0;
  assertPlanted();
  for (let number = from; number < from + count; number++) {
    const seed = `${mutant.name}-${number}`;
    const telling = read ? { read: (line: string) => console.log(line) } : {};
    const report =
      "world" in hunt ? runRaftWorld({ seed, ...hunt, ...telling }) : await play(seed, hunt, telling);
    simulatedMs += "simulatedMs" in report ? report.simulatedMs : 0;
    const facts = { seeds: number - from + 1, simulatedMs, realMs: performance.now() - began };
    if (report.failure) return { ...facts, seed, ...finderOf(report.failure.error) };
  }
  return { seeds: count, simulatedMs, realMs: performance.now() - began, seed: null, finder: "", detail: "" };
}

function play(seed: string, hunt: WorldHunt, telling: Pick<RunOptions, "read">): Promise<RunReport> {
  const { shape: shapeText, seconds, workload, storm } = hunt;
  const shape = must(parseShape(shapeText), "a shape's text");
  const plan = storm === null ? [] : drawStorm(seed, shape, seconds, storm);
  return run({ seed, seconds, shape, plan, ...(workload ? { workload } : {}), ...telling });
}

/** Who found it: a checker by its name, an assertion inside a node, or an error that nobody expected. */
function finderOf(error: unknown): { finder: string; detail: string } {
  // An edit that names what is no longer there finds itself: nothing is proved by that.
  if (error instanceof TypeError || error instanceof ReferenceError)
    throw new PlantingError("the planting no longer fits: it makes no sense there", { cause: error });
  if (!(error instanceof Error)) return { finder: "unhandled", detail: String(error) };
  const detail = error.message.split("\n")[0] ?? "";
  if (error.name === "Violation") {
    const [checker = "", ...rest] = detail.split(": ");
    return { finder: checker, detail: rest.join(": ") };
  }
  return { finder: error.name === "AssertionError" ? "an assertion" : `an unexpected ${error.name}`, detail };
}

const [name, from, count, mode] = process.argv.slice(2);
const mutant = must(
  MUTANTS.find((each) => each.name === name),
  "the first argument names a mutant",
);
console.log(JSON.stringify(await search(mutant, Number(from), Number(count), mode === "--read")));
