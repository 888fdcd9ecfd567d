import { fileURLToPath } from "node:url";
import { EXIT, failureText, systemCode } from "./failure.ts";
import { watchParent } from "./parent.ts";
import { run } from "./program.ts";
import { processTerminal } from "./terminal.ts";

/**
 * The process. Everything that a command does is in `run`; here stand only the things that a process has and a function
 * has not: its exit status, its parent and its last words.
 */
function end(status: number): void {
  // What was written to a pipe is still on its way: the exit waits behind it.
  process.stdout.write("", () => process.exit(status));
}

function lastWords(error: unknown): void {
  process.stderr.write(`${failureText(error)}\n`);
  process.exit(EXIT.failed);
}

// A failure that nobody awaited leaves the process in a state that nobody knows: it ends at once.
process.on("uncaughtException", lastWords);
process.on("unhandledRejection", lastWords);
// The reader of a pipe may go first (`isthmus export | head`): there is nobody left to tell.
process.stdout.on("error", (error) => {
  if (systemCode(error) === "EPIPE") process.exit(EXIT.failed);
  lastWords(error);
});
process.stderr.on("error", () => process.exit(EXIT.failed));

try {
  const entry = fileURLToPath(import.meta.url);
  const parent = watchParent(process.env, () => process.exit(EXIT.failed));
  end(await run(process.argv.slice(2), { terminal: processTerminal(), parent, entry }));
} catch (error) {
  lastWords(error);
}
