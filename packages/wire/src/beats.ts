import { ByteReader, ByteWriter, DecodeError, type GroupId } from "@isthmus/kernel";

/**
 * What members of one group say to each other while nothing happens. Who says it, and to whom, the link knows.
 *
 * `heartbeat` and `answer` are Raft's MsgHeartbeat and MsgHeartbeatResp. `rest` is a heartbeat that need not be answered:
 * the leader lets its clock stand, and who is at the same term and commit index does so, too.
 */
export interface Beat {
  readonly kind: "heartbeat" | "answer" | "rest";
  readonly group: GroupId;
  readonly term: number;
  /** 0 in an answer. */
  readonly commit: number;
  /** Of the read that waits for an answer. */
  readonly context?: Uint8Array | undefined;
}

/** Beats in one frame: what bounds what its reader makes of it. */
export const BEATS_PER_FRAME = 4096;

const KINDS: readonly Beat["kind"][] = ["heartbeat", "answer", "rest"];
const KIND_BITS = 0b11;
const HAS_CONTEXT = 0b100;

/** Those of many groups in one frame, BEATS_PER_FRAME at most: a node that has a thousand groups says one thing a tick. */
export function encodeBeats(beats: readonly Beat[]): Uint8Array {
  const writer = new ByteWriter(beats.length * 24 + 16);
  for (const { kind, group, term, commit, context } of beats) {
    writer.u8(KINDS.indexOf(kind) | (context ? HAS_CONTEXT : 0));
    writer.text(group).varint(term).varint(commit);
    if (context) writer.bytes(context);
  }
  return writer.finish();
}

/** Throws DecodeError. */
export function decodeBeats(bytes: Uint8Array): Beat[] {
  const reader = new ByteReader(bytes);
  const beats: Beat[] = [];
  while (reader.remaining > 0) {
    if (beats.length === BEATS_PER_FRAME)
      throw new DecodeError(`more than ${BEATS_PER_FRAME} beats in a frame`);
    const flags = reader.u8();
    const kind = KINDS[flags & KIND_BITS];
    if (kind === undefined || flags > (KIND_BITS | HAS_CONTEXT))
      throw new DecodeError("a beat of no known kind");
    const group = reader.text() as GroupId;
    const term = reader.varint();
    const commit = reader.varint();
    const context = flags & HAS_CONTEXT ? reader.bytes() : undefined;
    beats.push({ kind, group, term, commit, context });
  }
  return beats;
}
