import { IsthmusError } from "@isthmus/kernel";

/** The system's number for a full disk. */
export const ENOSPC = 28;

/** What the writer's thread tells of an LMDB error: a number of LMDB or of the system, and its sentence. */
export interface WriterFault {
  readonly errorNumber: number | null;
  readonly message: string;
}

/** The number that lmdb puts in an error's `code`, where there is one. */
export function errorNumberOf(error: unknown): number | null {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : null;
}

/** `disk_full` when the system said so, `store_failed` for anything else. */
export function storeError(path: string, fault: WriterFault, cause?: unknown): IsthmusError {
  const code = fault.errorNumber === ENOSPC ? "disk_full" : "store_failed";
  return new IsthmusError(code, `the state store failed: ${fault.message}`, {
    facts: { path, errorNumber: fault.errorNumber },
    cause,
  });
}
