/**
 * The write-ahead log: one log for all Raft groups of a node. What is queued in one turn goes to disk in one
 * contiguous, checksummed write; recovery tells a torn tail from damage. Every byte: docs/formats/wal.md.
 *
 *     const wal = await openWal({ disk, directory: "wal", cluster, node, random, registry, soon, onFailed });
 *     wal.append(group, { entries, hardState }, () => answer());
 *     const log = wal.group(group);
 *     log.entries(log.firstIndex, log.lastIndex + 1, 65536);
 *
 * It leaves to others: what entries mean (`replica`, `graph`), and when the log may be compacted (`replica`):
 * segments that hold nothing any more are removed here.
 */
export { WalError, type WalErrorCode } from "./errors.ts";
export type {
  CompactionMark,
  GroupLog,
  GroupRecords,
  OutcomeRecord,
  Wal,
  WalOptions,
  WalRecovery,
} from "./types.ts";
export { openWal } from "./wal.ts";
