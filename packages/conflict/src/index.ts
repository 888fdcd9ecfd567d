/**
 * Registers with siblings, and the pure functions that choose among them at read.
 *
 *     const left = standing(register, write, context); // what this write had not seen
 *     const shown = lastWriteWins([...left, written]);
 *
 * It leaves to others: where registers are kept (`graph`), and which policy holds (`control`).
 */
export { hadSeen, standing, type Versioned, type Write } from "./register.ts";
export { chooseExistence, type DeletePolicy, lastWriteWins } from "./resolvers.ts";
