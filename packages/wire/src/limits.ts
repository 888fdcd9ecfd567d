/**
 * How large things may be on their way, each derived from the one before, so that what is accepted at the edge fits
 * through everything behind it. In bytes.
 */

/** The largest payload of one frame between nodes: the link asserts it. */
export const FRAME_MAX_BYTES = 8 * 1024 * 1024;
/** One client's request, encoded; more is refused as `too_large` where it arrives. */
export const REQUEST_MAX_BYTES = 4 * 1024 * 1024;
/** Requests are gathered into one entry until it has this size; the last one may reach beyond. */
export const ENTRY_GATHER_BYTES = 1024 * 1024;
/** What applying one entry may have to ship of the state; a request beyond it is refused as `too_large`. */
export const OUTCOME_MAX_BYTES = 2 * 1024 * 1024;
/** Envelopes around a batch: heads, hashes, contexts. */
const ENVELOPE_BYTES = 64 * 1024;

/** Invariant: a batch of the largest entry with the largest outcome fits one frame, and so does a Raft message of it. */
export const BATCH_FITS: true = ensure(
  REQUEST_MAX_BYTES + ENTRY_GATHER_BYTES + OUTCOME_MAX_BYTES + ENVELOPE_BYTES <= FRAME_MAX_BYTES,
);

function ensure(holds: boolean): true {
  if (!holds) throw new Error("the limits of the wire contradict one another");
  return true;
}
