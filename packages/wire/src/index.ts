/**
 * Bytes between nodes and in the log, and back: envelopes by protobuf, what is hot inside them framed by hand.
 *
 *     const bytes = encodeRequest({ id, retry: null, operations: [{ op: "delete_node", id: "n1", condition: null }] });
 *
 * It leaves to others: what the bytes mean (`graph`, `raft`, `control`) and how they travel (`link`, `wal`).
 */
export {
  type Batch,
  type BatchHead,
  checkedBatch,
  decodeBatch,
  decodeBatchRecord,
  encodeBatch,
  encodeBatchRecord,
  HASH_ZERO,
  hashBatch,
} from "./batch.ts";
export { BEATS_PER_FRAME, type Beat, decodeBeats, encodeBeats } from "./beats.ts";
export { type ControlEntry, decodeControlEntry, encodeControlEntry } from "./control-command.ts";
export { type DataEntry, decodeDataEntry, encodeDataEntry } from "./entry.ts";
export {
  type Acknowledge,
  type Announce,
  decodeAcknowledge,
  decodeAnnounce,
  decodeForward,
  decodeForwardReply,
  decodeReport,
  decodeReportRequest,
  decodeStreamBatch,
  decodeStreamEnd,
  decodeSubscribe,
  decodeTakeLeadership,
  encodeAcknowledge,
  encodeAnnounce,
  encodeForward,
  encodeForwardReply,
  encodeReport,
  encodeReportRequest,
  encodeStreamBatch,
  encodeStreamEnd,
  encodeSubscribe,
  encodeTakeLeadership,
  type Forward,
  type ForwardReply,
  FRAME,
  type StreamBatch,
  type StreamEnd,
  type Subscribe,
} from "./frames.ts";
export {
  ENTRY_GATHER_BYTES,
  FRAME_MAX_BYTES,
  OUTCOME_MAX_BYTES,
  REQUEST_MAX_BYTES,
} from "./limits.ts";
export {
  type Dependents,
  decodeOutcomes,
  encodeOutcome,
  encodeOutcomes,
  joinOutcomes,
  NO_DEPENDENTS,
  REFUSAL_CODES,
  type RefusalCode,
  type RequestOutcome,
} from "./outcome.ts";
export {
  decodeConfState,
  decodeRaftPacket,
  encodeConfState,
  encodeRaftPacket,
  type LoggedConf,
} from "./raft-codec.ts";
export {
  type Assignment,
  type Condition,
  decodeRequest,
  decodeRequestId,
  decodeRequests,
  encodeRequest,
  encodeRequestId,
  encodeRequests,
  type Operation,
  type OperationName,
  type PropertyPatch,
  REQUEST_MAX_OPERATIONS,
  type Request,
  type RequestId,
  requestIdOf,
} from "./request.ts";
export {
  chained,
  chainOfHeader,
  decodeSnapshotChunk,
  decodeSnapshotContent,
  decodeSnapshotFooter,
  decodeSnapshotHeader,
  encodeSnapshotChunk,
  encodeSnapshotFooter,
  encodeSnapshotHeader,
  SNAPSHOT_CHUNK_HEAD_BYTES,
  SNAPSHOT_PREFIX_BYTES,
  SNAPSHOT_TAIL_BYTES,
  type SnapshotChunk,
  SnapshotChunkWriter,
  type SnapshotContent,
  type SnapshotFooter,
  type SnapshotHeader,
  type SnapshotLogItem,
  snapshotFooterBytes,
  snapshotHeaderBytes,
} from "./snapshot-file.ts";
export {
  decodeSnapshotFrame,
  decodeSnapshotOffer,
  encodeSnapshotFrame,
  encodeSnapshotOffer,
  type SnapshotFrame,
  type SnapshotOffer,
} from "./snapshot-frames.ts";
