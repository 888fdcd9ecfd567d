import { type Facts, IsthmusError } from "@isthmus/kernel";

export type WalErrorCode =
  /** Bytes that a crash cannot explain. Facts: file, offset. */
  | "wal_damaged"
  /** The log of another cluster. Facts: found, expected. */
  | "wrong_cluster"
  /** The log of another node. Facts: found, expected. */
  | "wrong_node"
  /** Written by a newer version of this program. Facts: found, known. */
  | "newer_format"
  /** Below the first entry that is still there. */
  | "ErrCompacted"
  /** Above the last entry. */
  | "ErrUnavailable"
  /** The log was closed. */
  | "wal_closed";

export class WalError extends IsthmusError {
  override readonly name = "WalError";
  declare readonly code: WalErrorCode;

  constructor(code: WalErrorCode, message: string, options: { facts?: Facts; cause?: unknown } = {}) {
    super(code, message, options);
  }
}

export function damaged(file: string, offset: number, what: string, cause?: unknown): WalError {
  const message = `the write-ahead log is damaged: ${file} at ${offset}: ${what}`;
  return new WalError("wal_damaged", message, { facts: { file, offset }, cause });
}
