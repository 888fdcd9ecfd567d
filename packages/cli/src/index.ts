/**
 * The `isthmus` command: a platform on one machine, a node, and everything that a person does with them.
 *
 *     const status = await run(["get", "alice", "-o", "json"], { terminal: processTerminal(), parent, entry });
 *
 * It leaves to others: what a node does (`node`), and the answers (any node, over HTTP).
 */
export type { Surroundings } from "./context.ts";
export { EXIT, type ExitStatus } from "./failure.ts";
export { type Parent, watchParent } from "./parent.ts";
export { run } from "./program.ts";
export { processTerminal, type Terminal } from "./terminal.ts";
