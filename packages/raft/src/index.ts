/**
 * Raft consensus as a pure machine: messages and ticks in, a Ready out. It keeps no time, draws no randomness, and
 * touches neither disk nor network.
 *
 * ```ts
 * const node = new RawNode({ id: 1, electionTick: 10, heartbeatTick: 1, storage, maxSizePerMsg: 1 << 20,
 *   maxInflightMsgs: 256, random: (n) => Math.floor(random.next() * n) });
 * node.tick(); // a hundred times a second, and node.step(message) for what comes in
 * if (node.hasReady()) { const ready = node.ready(); persist(ready); send(ready.messages); node.advance(); }
 * ```
 *
 * It leaves to others: durability and transport (`replica`), what entries mean, the names behind the ids.
 */
export { type ConfigurationState, enterJoint, leaveJoint, simple } from "./changer.ts";
export { decodeConfChange, encodeConfChange } from "./conf-change.ts";
export { entryBytes } from "./entry.ts";
export { RaftError, type RaftErrorCode } from "./errors.ts";
export { MemoryStorage } from "./memory-storage.ts";
export { jointCommitted, jointVote, majorityCommitted, majorityVote } from "./quorum.ts";
export { RawNode } from "./raw-node.ts";
export {
  type ConfChangeSingle,
  type ConfChangeTransition,
  type ConfChangeType,
  type ConfChangeV1,
  type ConfChangeV2,
  type ConfState,
  type Entry,
  type EntryType,
  type HardState,
  LocalAppendThread,
  LocalApplyThread,
  type Message,
  type MessageType,
  type Progress,
  type ProgressState,
  type RaftConfig,
  type RaftLogger,
  type RaftStorage,
  type RaftTraceConfChange,
  type RaftTraceEvent,
  type RaftTraceMessage,
  type RaftTraceName,
  type ReadState,
  type Ready,
  type Snapshot,
  type SoftState,
  type StateType,
  type Status,
  type VoteResult,
} from "./types.ts";
