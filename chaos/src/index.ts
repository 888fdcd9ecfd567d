/**
 * Worlds that one seed decides: regions of real nodes on simulated machines, seeded clients and faults, and the
 * checkers that judge what happened.
 *
 *     const report = await run({ seed: "17", seconds: 30, shape: { regions: 3, nodes: 3 } });
 *     if (report.failure) console.log(replayCommand(report), planCommand((await shrink(report)).plan));
 *
 * It leaves to others: the machines themselves (`sim`), and how a node is composed (`node`).
 */
export { atRest, isQuiet, unrest } from "./at-rest.ts";
export { BatchBook, type BookedBatch } from "./batch-book.ts";
export { AppliedPrefixes } from "./checkers/applied-prefixes.ts";
export { type Bounds, WithinBounds } from "./checkers/bounds.ts";
export { CausalOrder } from "./checkers/causal-order.ts";
export { CheckpointBehindLog } from "./checkers/checkpoint-behind-log.ts";
export { CommittedStays } from "./checkers/committed-stays.ts";
export { Convergence } from "./checkers/convergence.ts";
export { Durability } from "./checkers/durability.ts";
export { Effects } from "./checkers/effects.ts";
export { EqualDigests } from "./checkers/equal-digests.ts";
export { ExactlyOnce } from "./checkers/exactly-once.ts";
export { LeaderReads } from "./checkers/leader-reads.ts";
export {
  checkLinearizability,
  type LinearizabilityOptions,
  type LinearizabilityVerdict,
  type NotLinearizable,
} from "./checkers/linearizability.ts";
export { LinearizableKeys } from "./checkers/linearizable-keys.ts";
export { LogMatching } from "./checkers/log-matching.ts";
export { OneLeader } from "./checkers/one-leader.ts";
export { SessionReads } from "./checkers/session-reads.ts";
export { Coverage, EXPECTED_MARKS, notMet } from "./coverage.ts";
export {
  type Checker,
  type CommitSeen,
  type EntryApplied,
  type HistoryItem,
  type LoggedEntry,
  type LogSeen,
  type NodeAtRest,
  type ReadFacts,
  type Receipt,
  type ReplicaState,
  type RoleSeen,
  type Sighting,
  Violation,
  type WriteFacts,
} from "./evidence.ts";
export { type ExpectedBatch, expectedRecords } from "./expected.ts";
export { failureText, reportFailure } from "./failure-report.ts";
export { drawPlan, type Fault, type FaultKind, schedulePlan, setLink } from "./faults.ts";
export {
  formatEntry,
  type HistoryEntry,
  HistoryError,
  type HistoryOp,
  type HistoryOut,
  type HistoryValue,
  parseHistory,
  type ReadOut,
} from "./history.ts";
export { allJudges, type Judges } from "./judges.ts";
export { LogWatch, type WatchedReplica } from "./log-watch.ts";
export {
  askMembership,
  type MembershipAction,
  type MembershipPlan,
  membersOf,
  tidyMembers,
} from "./membership.ts";
export { randomOperation } from "./operations.ts";
export { describePacket } from "./packet-text.ts";
export {
  formatPlan,
  optionsOf,
  PlanError,
  parsePlan,
  planCommand,
  planOf,
  type RunPlan,
  replayCommand,
} from "./plan.ts";
export { type RaftWorldOptions, type RaftWorldReport, runRaftWorld } from "./raft-world.ts";
export { RaftJudge } from "./raft-world-judge.ts";
export { RaftWorldNode } from "./raft-world-node.ts";
export { drawProfile, type RaftProfile, type Turn } from "./raft-world-profile.ts";
export { RARE_PLANS } from "./rare-plans.ts";
export { readReceipt } from "./receipt.ts";
export { registerHistory } from "./register-history.ts";
export { type RunOptions, type RunReport, run, stateBytes } from "./run.ts";
export { playScenario, SCENARIOS, type Scenario } from "./scenarios/index.ts";
export { type Shrunk, shrink, shrinkPlan, signatureOf, type Trial } from "./shrink.ts";
export { gridTopology, parseShape, type Shape, shapeText } from "./topology.ts";
export { Trace } from "./trace.ts";
export { drawWorkload, Workload, type WorkloadShape } from "./workload.ts";
export { type Failure, type Machine, World, type WorldOptions } from "./world.ts";
