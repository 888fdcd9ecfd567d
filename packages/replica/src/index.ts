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
export { ControlReplica, type ControlReplicaOptions } from "./control-replica.ts";
export { DataReplica, type DataReplicaOptions } from "./data-replica.ts";
export { HandOvers, TakenHandOvers, type Verdict } from "./hand-over.ts";
export type { AppendToLog, LoggedOutcome, LogPort, LogRecords } from "./log-port.ts";
export { RaftDriver, type RaftDriverOptions, type RaftRole } from "./raft-driver.ts";
export { type QueueLimits, WriteQueue } from "./write-queue.ts";
