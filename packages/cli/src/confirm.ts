import type { Context } from "./context.ts";
import { CommandFailure, EXIT } from "./failure.ts";

export interface ConfirmOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Shows what would happen and asks. Resolves with whether to go on; false after `--dry-run`. Throws a refusal (exit 3)
 * where nobody is there to be asked and `--yes` was not said, and where the answer is no.
 */
export async function confirm(
  { terminal }: Context,
  plan: readonly string[],
  { yes = false, dryRun = false }: ConfirmOptions,
): Promise<boolean> {
  for (const line of plan) terminal.err(`${line}\n`);
  if (dryRun) return false;
  if (yes) return true;
  if (terminal.inIsTerminal !== true)
    throw new CommandFailure(
      EXIT.refused,
      "not_confirmed",
      "nobody is there to confirm it; say --yes, or --dry-run to only see the plan",
    );
  terminal.err("Go on? [y/N] ");
  let answer = "";
  for await (const chunk of terminal.input) {
    answer += Buffer.from(chunk).toString("utf8");
    if (answer.includes("\n")) break;
  }
  if (/^\s*y(es)?\s*$/i.test(answer)) return true;
  throw new CommandFailure(EXIT.refused, "not_confirmed", "nothing was changed");
}
