import { must } from "@isthmus/kernel";
import { reportFailure } from "./failure-report.ts";
import { replayCommand } from "./plan.ts";
import { run } from "./run.ts";

/** What a soak's child says of one seed. */
export interface SeedWord {
  readonly seed: string;
  readonly simulatedMs: number;
  /** How to play it again, and what was found; null if nothing failed. */
  readonly failure: { readonly command: string; readonly what: string } | null;
}

/** What it is asked. */
export interface SeedAsked {
  readonly seed: string;
  readonly seconds: number;
  readonly out: string | null;
}

const send = must(process.send?.bind(process), "a soak's child has a parent");

process.on("message", (asked: SeedAsked) => {
  judge(asked).then(
    (word) => send(word),
    (error: unknown) => {
      // Not a finding but a fault of the tool itself: the parent sees the process end.
      console.error(error);
      process.exit(1);
    },
  );
});

async function judge({ seed, seconds, out }: SeedAsked): Promise<SeedWord> {
  const report = await run({ seed, seconds });
  const { failure, simulatedMs } = report;
  if (failure === null) return { seed, simulatedMs, failure: null };
  await reportFailure(report, { out, print: (text) => console.log(text) });
  const what = (failure.error instanceof Error ? failure.error.message : String(failure.error)).split(
    "\n",
  )[0];
  return { seed, simulatedMs, failure: { command: replayCommand(report), what: what ?? "" } };
}
