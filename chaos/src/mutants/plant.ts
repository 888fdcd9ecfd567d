/**
 * Loaded before anything else (`node --import`), it plants the mutant that ISTHMUS_MUTANT names into the modules of the
 * product while they are loaded. Nothing on disk changes, and nothing in `packages/` knows of this: a build that is
 * shipped has no way here.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { MUTANTS } from "./mutants.ts";
import { addressOf, editsOf, type Part, PlantingError, plantedSource } from "./planting.ts";

const { ISTHMUS_MUTANT: name, ISTHMUS_MUTANT_PART: asked } = process.env;
const part: Part = asked === "lens" ? "lens" : "bug";
const mutant = MUTANTS.find((each) => each.name === name);
if (!mutant) throw new PlantingError(`ISTHMUS_MUTANT names no mutant: ${name ?? "it is not set"}`);

const waiting = Map.groupBy(editsOf(mutant, part), addressOf);

registerHooks({
  load(url, context, nextLoad) {
    const edits = waiting.get(url);
    if (edits === undefined) return nextLoad(url, context);
    waiting.delete(url);
    const source = plantedSource(readFileSync(fileURLToPath(url), "utf8"), edits);
    return { format: "module", source, shortCircuit: true };
  },
});

/** Throws PlantingError if a file that was to be changed has not been loaded: then nothing was planted there. */
export function assertPlanted(): void {
  if (waiting.size > 0)
    throw new PlantingError(`never loaded, so nothing is planted there: ${[...waiting.keys()].join(", ")}`);
}
