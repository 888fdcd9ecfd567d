import { readFileSync } from "node:fs";
import { checkLinearizability } from "./checkers/linearizability.ts";
import { formatEntry, HistoryError, parseHistory } from "./history.ts";

const USAGE =
  "usage: node chaos/dist/check-history.js FILE   (JSON lines; the form stands in chaos/src/history.ts)";

/** Judges a recorded history. The status is 0 only if it is linearizable, 2 if it cannot be read. */
function main(file: string | undefined): number {
  if (file === undefined) {
    console.error(USAGE);
    return 2;
  }
  let history: ReturnType<typeof parseHistory>;
  try {
    history = parseHistory(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof HistoryError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    console.error(`${file}: ${(error as Error).message}`);
    return 2;
  }
  const verdict = checkLinearizability(history);
  switch (verdict.kind) {
    case "linearizable":
      console.log(
        `linearizable: ${verdict.operations} operations on ${verdict.keys} keys, ${verdict.unknowns} of unknown outcome; ${verdict.configurations} configurations`,
      );
      return 0;
    case "not_linearizable":
      console.log(`NOT linearizable: key ${verdict.key}: ${verdict.why}`);
      for (const entry of verdict.window) console.log(formatEntry(entry));
      return 1;
    case "undecided":
      console.log(`undecided: key ${verdict.key}: gave up after ${verdict.configurations} configurations`);
      return 1;
  }
}

process.exitCode = main(process.argv[2]);
