/** Whether this is what `parseArgs` throws of an option that is not there: for people, and no bug. */
export function isUsageError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
