/**
 * The words of the package's face. Values are plain: numbers are safe integers, names are etcd's, bytes are
 * Uint8Array. What is given to raft or taken from it is shared and never changed by either side.
 */

/** No node: an unknown leader, a vote not given. */
export const NO_NODE = 0;

/** Where a `MsgStorageAppend` goes, and where its answer comes from. */
export const LocalAppendThread: number = Number.MAX_SAFE_INTEGER;

/** Where a `MsgStorageApply` goes, and where its answer comes from. */
export const LocalApplyThread: number = Number.MAX_SAFE_INTEGER - 1;

export type EntryType = "EntryNormal" | "EntryConfChange" | "EntryConfChangeV2";

export interface Entry {
  term: number;
  index: number;
  type: EntryType;
  /** Absent in the empty entry of a new leader and in the change that leaves a joint configuration. */
  data?: Uint8Array;
}

/** Who votes, who learns. Lists ascend. `outgoing` is not empty exactly while the configuration is joint. */
export interface ConfState {
  voters: number[];
  outgoing: number[];
  learners: number[];
  /** Voters of the outgoing half that become learners when the joint configuration is left. */
  learnersNext: number[];
  autoLeave: boolean;
}

export interface HardState {
  term: number;
  vote: number;
  commit: number;
}

export interface Snapshot {
  index: number;
  term: number;
  conf: ConfState;
  data?: Uint8Array;
}

export type ConfChangeType =
  | "ConfChangeAddNode"
  | "ConfChangeRemoveNode"
  | "ConfChangeUpdateNode"
  | "ConfChangeAddLearnerNode";

export type ConfChangeTransition =
  | "ConfChangeTransitionAuto"
  | "ConfChangeTransitionJointImplicit"
  | "ConfChangeTransitionJointExplicit";

export interface ConfChangeSingle {
  type: ConfChangeType;
  nodeId: number;
}

export interface ConfChangeV1 extends ConfChangeSingle {
  context?: Uint8Array;
}

export interface ConfChangeV2 {
  transition: ConfChangeTransition;
  changes: ConfChangeSingle[];
  context?: Uint8Array;
}

export type MessageType =
  | "MsgHup"
  | "MsgBeat"
  | "MsgProp"
  | "MsgApp"
  | "MsgAppResp"
  | "MsgVote"
  | "MsgVoteResp"
  | "MsgSnap"
  | "MsgHeartbeat"
  | "MsgHeartbeatResp"
  | "MsgUnreachable"
  | "MsgSnapStatus"
  | "MsgCheckQuorum"
  | "MsgTransferLeader"
  | "MsgTimeoutNow"
  | "MsgReadIndex"
  | "MsgReadIndexResp"
  | "MsgPreVote"
  | "MsgPreVoteResp"
  | "MsgStorageAppend"
  | "MsgStorageAppendResp"
  | "MsgStorageApply"
  | "MsgStorageApplyResp"
  | "MsgForgetLeader";

export interface Message {
  type: MessageType;
  to: number;
  from: number;
  term: number;
  logTerm: number;
  index: number;
  commit: number;
  /** Used in `MsgStorageAppend` only. */
  vote: number;
  entries: Entry[];
  reject: boolean;
  rejectHint: number;
  snapshot?: Snapshot;
  context?: Uint8Array;
  /** What to deliver once the storage work that this message asks for is done. */
  responses?: Message[];
}

export type StateType = "StateFollower" | "StateCandidate" | "StateLeader" | "StatePreCandidate";

export type ProgressState = "StateProbe" | "StateReplicate" | "StateSnapshot";

export type VoteResult = "VoteWon" | "VotePending" | "VoteLost";

/** What the leader knows of one peer. */
export interface Progress {
  match: number;
  next: number;
  state: ProgressState;
  isLearner: boolean;
  paused: boolean;
  pendingSnapshot: number;
  recentActive: boolean;
  /** Messages sent and not yet acknowledged. */
  inflight: number;
  inflightFull: boolean;
}

export interface SoftState {
  lead: number;
  raftState: StateType;
}

/** A read asked with `context` may be served once `index` is applied. */
export interface ReadState {
  index: number;
  context: Uint8Array;
}

/** What has to be done now. RawNode.ready() says in which order. */
export interface Ready {
  softState?: SoftState;
  hardState?: HardState;
  readStates: ReadState[];
  entries: Entry[];
  snapshot?: Snapshot;
  committedEntries: Entry[];
  messages: Message[];
  mustSync: boolean;
}

export interface Status {
  id: number;
  term: number;
  vote: number;
  commit: number;
  applied: number;
  lead: number;
  raftState: StateType;
  leadTransferee: number;
  config: ConfState;
  /** Empty unless this node leads. */
  progress: Map<number, Progress>;
}

/**
 * The log as it is on disk. Throws RaftError: `ErrCompacted` below the first index, `ErrUnavailable` above the last,
 * `ErrSnapshotTemporarilyUnavailable` while a snapshot is being made.
 */
export interface RaftStorage {
  initialState(): { hard: HardState; conf: ConfState };
  /** Entries of [lo, hi), at least one, then as many as fit in `maxBytes`. */
  entries(lo: number, hi: number, maxBytes: number): Entry[];
  term(index: number): number;
  firstIndex(): number;
  lastIndex(): number;
  snapshot(): Snapshot;
}

export interface RaftLogger {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export interface RaftConfig {
  id: number;
  /** Ticks without a leader after which an election starts; drawn anew from [n, 2n) each time. */
  electionTick: number;
  /** Ticks between two heartbeats of a leader. */
  heartbeatTick: number;
  storage: RaftStorage;
  applied?: number;
  /** Encoded bytes of entries in one MsgApp; Infinity is no limit, 0 one entry at a time. */
  maxSizePerMsg: number;
  /** MsgApp messages with entries under way to one peer. */
  maxInflightMsgs: number;
  /** Bytes of entry data under way to one peer; no limit by default. */
  maxInflightBytes?: number;
  /** Encoded bytes of entries handed out for application and not yet acknowledged. */
  maxCommittedSizePerReady?: number;
  asyncStorageWrites?: boolean;
  preVote?: boolean;
  checkQuorum?: boolean;
  readOnly?: "safe" | "lease";
  disableConfChangeValidation?: boolean;
  stepDownOnRemoval?: boolean;
  /** An integer in [0, n). */
  random(n: number): number;
  logger?: RaftLogger;
  trace?: (event: RaftTraceEvent) => void;
}

export type RaftTraceName =
  | "InitState"
  | "BecomeCandidate"
  | "BecomeFollower"
  | "BecomeLeader"
  | "Commit"
  | "Replicate"
  | "ChangeConf"
  | "ApplyConfChange"
  | "Ready"
  | "SendAppendEntriesRequest"
  | "ReceiveAppendEntriesRequest"
  | "SendAppendEntriesResponse"
  | "ReceiveAppendEntriesResponse"
  | "SendRequestVoteRequest"
  | "ReceiveRequestVoteRequest"
  | "SendRequestVoteResponse"
  | "ReceiveRequestVoteResponse";

/** Node ids are texts in a trace, as the TLA+ checker's model has them. */
export interface RaftTraceMessage {
  type: MessageType;
  term: number;
  from: string;
  to: string;
  /** How many entries; for a snapshot its index, as if it carried all entries up to there. */
  entries: number;
  logTerm: number;
  index: number;
  commit: number;
  vote: string;
  reject: boolean;
  rejectHint: number;
}

export interface RaftTraceConfChange {
  changes?: { nid: string; action: "AddNewServer" | "RemoveServer" | "AddLearner" }[];
  newconf?: string[];
}

/** One protocol step of one node, told at the moment it happens. */
export interface RaftTraceEvent {
  name: RaftTraceName;
  nid: string;
  state: { term: number; vote: string; commit: number };
  role: StateType;
  /** The last index of the log. */
  log: number;
  conf: [voters: string[], outgoing: string[]];
  msg?: RaftTraceMessage;
  prop?: { match?: number; next?: number; cc?: RaftTraceConfChange };
}
