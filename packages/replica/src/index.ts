/**
 * Replicas: what drives a Raft group on a node, over ports for the log, the state and the peers.
 *
 *     const replica = new DataReplica({ group, origin, log, state, clock, ... });
 *     const { result, batch } = await replica.write({ retry: null, operations }, 10_000);
 *     await replica.readBarrier(10_000); // from here on replica.reader() is linearizable, in this turn
 *
 * It leaves to others: bytes on disk (`wal`, `store`), sockets (`link`), and the other regions (`relay`).
 */
export { BatchLog } from "./batch-log.ts";
export { type CheckpointLimits, type CheckpointPort, CheckpointSchedule } from "./checkpoint.ts";
export { type CompactionQuestion, compactionIndex } from "./compaction.ts";
export { ControlReplica, type ControlReplicaOptions } from "./control-replica.ts";
export {
  DataReplica,
  type DataReplicaOptions,
  type SnapshotLimits,
} from "./data-replica.ts";
export { HandOvers, TakenHandOvers, type Verdict } from "./hand-over.ts";
export type { AppendToLog, LoggedOutcome, LogPort, LogRecords } from "./log-port.ts";
export {
  isNamedIn,
  type LedGroup,
  type MembershipStep,
  nextMembershipStep,
  type WantedMembers,
} from "./membership.ts";
export { RaftDriver, type RaftDriverOptions, type RaftRole } from "./raft-driver.ts";
export type { ReplicaState, StateAccess } from "./replica-state.ts";
export type { CutPlan } from "./snapshot-cut.ts";
export {
  type SnapshotHint,
  SnapshotInstall,
  type SnapshotInstallOptions,
  SOURCE_PATIENCE_TICKS,
} from "./snapshot-install.ts";
export { SnapshotKeeper, type SnapshotKeeperOptions } from "./snapshot-keeper.ts";
export { decodeMarker, encodeMarker, firstMarker, type InstallMarker } from "./snapshot-marker.ts";
export { type QueueLimits, WriteQueue } from "./write-queue.ts";
