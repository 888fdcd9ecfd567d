import { IsthmusError } from "@isthmus/kernel";

export type RaftErrorCode =
  | "ErrProposalDropped"
  | "ErrStepLocalMsg"
  | "ErrStepPeerNotFound"
  | "ErrCompacted"
  | "ErrUnavailable"
  | "ErrSnapOutOfDate"
  | "ErrSnapshotTemporarilyUnavailable"
  | "ErrAlreadyJoint"
  | "ErrZeroVoters"
  | "ErrNotJoint"
  | "ErrInJoint"
  | "ErrManyVoters"
  | "ErrRemovedAllVoters";

/** An expected refusal, named as in etcd's library. A broken invariant is an AssertionError instead. */
export class RaftError extends IsthmusError {
  override readonly name = "RaftError";
  declare readonly code: RaftErrorCode;

  constructor(code: RaftErrorCode, message: string) {
    super(code, message);
  }
}

/** Whether a storage says by `error` that an index is outside its log, rather than that it is broken. */
export function isOutOfLog(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ErrCompacted" || error.code === "ErrUnavailable";
}
