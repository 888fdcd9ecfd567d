import { assert } from "@isthmus/kernel";
import { LocalApplyThread, NO_NODE, type RaftConfig } from "./types.ts";

/** The longest wait that a priority asks for, in time-outs: leadership is delayed by it, never lost. */
const LOWEST_PRIORITY = -16;

/** What is optional in a RaftConfig, decided. `logger` and `trace` stay absent where nobody listens. */
export type SettledConfig = RaftConfig &
  Required<Omit<RaftConfig, "logger" | "trace">> &
  Pick<RaftConfig, "logger" | "trace">;

/** Fills in the defaults. Asserts what a configuration must be: a wrong one is a mistake in a program. */
export function settleConfig(config: RaftConfig): SettledConfig {
  assert(Number.isSafeInteger(config.id) && config.id > NO_NODE, "a node's id is a positive safe integer");
  assert(config.id < LocalApplyThread, "a node's id is not that of a storage thread");
  assert(config.heartbeatTick >= 1, "heartbeatTick is at least 1");
  assert(config.electionTick > config.heartbeatTick, "electionTick is greater than heartbeatTick");
  assert(config.storage !== undefined, "there is a storage");
  assert(config.maxSizePerMsg >= 0, "maxSizePerMsg is not negative");
  assert(config.maxInflightMsgs >= 1, "maxInflightMsgs is at least 1");
  const settled: SettledConfig = {
    ...config,
    applied: config.applied ?? 0,
    maxInflightBytes: config.maxInflightBytes ?? Number.POSITIVE_INFINITY,
    maxCommittedSizePerReady: config.maxCommittedSizePerReady ?? config.maxSizePerMsg,
    asyncStorageWrites: config.asyncStorageWrites ?? false,
    preVote: config.preVote ?? false,
    checkQuorum: config.checkQuorum ?? false,
    readOnly: config.readOnly ?? "safe",
    disableConfChangeValidation: config.disableConfChangeValidation ?? false,
    stepDownOnRemoval: config.stepDownOnRemoval ?? false,
    maxUncommittedEntriesSize: config.maxUncommittedEntriesSize ?? Number.POSITIVE_INFINITY,
    priority: config.priority ?? 0,
  };
  assert(settled.maxInflightBytes >= 1, "maxInflightBytes is at least 1");
  // A lease is what checking the quorum gives; without it an old leader would answer reads for ever (R12).
  assert(settled.readOnly === "safe" || settled.checkQuorum, "reads by lease need checkQuorum");
  const { priority } = settled;
  assert(
    Number.isSafeInteger(priority) && priority <= 0 && priority >= LOWEST_PRIORITY,
    "a priority is an integer from -16 to 0",
  );
  // Requests for votes take a follower's waiting time back to its beginning, those of pre-votes do not: without them a
  // node that goes first and cannot win would keep those that wait longer from ever having their turn.
  assert(priority === 0 || settled.preVote, "a priority needs preVote");
  return settled;
}
