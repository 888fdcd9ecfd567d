/**
 * Bugs that worlds must find: data that is written into the product's modules as they are loaded, one mutant a process.
 *
 *     const results = await hunt({ names: ["R1"], seedsMax: 1000, parallel: 2, onResult: console.log });
 *
 * It leaves to others: the worlds (`run.ts`) and the checkers that have to notice.
 */
export { type HunterWord, type HuntOptions, type HuntResult, hunt } from "./hunt.ts";
export type { Edit, Hunt, Lens, Mutant, NotYet, RaftHunt, WorldHunt } from "./mutant.ts";
export { MUTANTS } from "./mutants.ts";
export { NOT_YET } from "./not-yet.ts";
export { addressOf, editsOf, type Part, PlantingError, plantedSource } from "./planting.ts";
export { drawStorm, type Storm, type Stroke } from "./storm.ts";
