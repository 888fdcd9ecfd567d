import { type Facts, IsthmusError } from "@isthmus/kernel";
import { TopologyError } from "@isthmus/node";

/** What the shell sees. Programs rely on these numbers. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, unreachable: 4 } as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** A command that did not do what it was asked. The message is one line: what, why, what to do. */
export class CommandFailure extends IsthmusError {
  override readonly name = "CommandFailure";
  readonly exitStatus: ExitStatus;

  constructor(
    exitStatus: ExitStatus,
    code: string,
    message: string,
    options: { facts?: Facts; cause?: unknown } = {},
  ) {
    super(code, message, options);
    this.exitStatus = exitStatus;
  }
}

export function usage(message: string): CommandFailure {
  return new CommandFailure(EXIT.usage, "usage", message);
}

export function exitStatusOf(error: unknown): ExitStatus {
  if (error instanceof CommandFailure) return error.exitStatus;
  if (error instanceof TopologyError) return EXIT.usage;
  if (error instanceof IsthmusError && error.code === "unknown_node") return EXIT.usage;
  return EXIT.failed;
}

/** The line for stderr. A topology's faults follow it, one a line: they are asked for all at once. */
export function failureText(error: unknown): string {
  if (error instanceof TopologyError) return `isthmus: ${error.message.replace("\n", ` (${error.code})\n`)}`;
  const message = error instanceof Error ? error.message : String(error);
  // A command's own failures say all in words; what comes from below is recognised by its code.
  const code = error instanceof IsthmusError && !(error instanceof CommandFailure) ? ` (${error.code})` : "";
  return `isthmus: ${message.replaceAll(/\s*\n\s*/g, "; ")}${code}`;
}

/** The system's own word for a failed call (`ENOENT`, `EADDRINUSE`, ...), or null. */
export function systemCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
