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

/** What a node must find again after a crash. */
export interface HardState {
  term: number;
  /** Whom this node voted for in `term`. Forgotten, it could vote twice (R2). */
  vote: number;
  /** May be older than what was known before the crash: the leader tells it again. */
  commit: number;
}

/** All that was applied up to an index, in place of the log up to there. */
export interface Snapshot {
  index: number;
  /** The term of the entry at `index`: what the first entry behind the snapshot is matched against. */
  term: number;
  /** The configuration as of `index`: the changes that made it are no more in the log (R16). */
  conf: ConfState;
  /** Raft does not look at it. */
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

/** One change, made at once where it moves at most one voter. */
export interface ConfChangeV1 extends ConfChangeSingle {
  context?: Uint8Array;
}

/** Several changes that come into force together, through a joint configuration where they need one. */
export interface ConfChangeV2 {
  transition: ConfChangeTransition;
  /** None at all, with an automatic transition, is the way out of a joint configuration. */
  changes: ConfChangeSingle[];
  /** Raft does not look at it: it tells the proposer which of its changes was applied. */
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

/** What a field that its type does not use holds is 0, false or an empty list; those marked `?` are absent. */
export interface Message {
  type: MessageType;
  to: number;
  from: number;
  /** The sender's; that after its own in a pre-vote; 0 in what stays inside a node and in forwarded requests. */
  term: number;
  /** The term of the entry at `index`; in a refusal of MsgApp that of the entry at `rejectHint`. */
  logTerm: number;
  /**
   * MsgApp: the entry before `entries`. MsgVote: the candidate's last one. MsgAppResp: the last one known to match, or, in
   * a refusal, that of the MsgApp refused. MsgReadIndexResp: what is to be applied before the read.
   */
  index: number;
  /** How far the receiver may commit, if it has as much. */
  commit: number;
  /** Used in `MsgStorageAppend` only. */
  vote: number;
  /** In a read request one entry whose data is the request's context. */
  entries: Entry[];
  reject: boolean;
  /** The last entry of the refusing log that can be the same as the leader's. */
  rejectHint: number;
  snapshot?: Snapshot;
  /** A read's context on heartbeats and their answers; the mark of a transfer's MsgVote; what a proposer gave. */
  context?: Uint8Array;
  /** What to deliver once the storage work that this message asks for is done. */
  responses?: Message[];
}

export type StateType = "StateFollower" | "StateCandidate" | "StateLeader" | "StatePreCandidate";

export type ProgressState = "StateProbe" | "StateReplicate" | "StateSnapshot";

export type VoteResult = "VoteWon" | "VotePending" | "VoteLost";

/** What the leader knows of one peer. */
export interface Progress {
  /** The last entry that it has said to have on disk. */
  match: number;
  /** The first entry that it will be sent next; always above `match`. */
  next: number;
  state: ProgressState;
  isLearner: boolean;
  /** Nothing is sent but heartbeats until it is heard of, or its snapshot settled. */
  paused: boolean;
  /** The index of the snapshot under way to it, 0 for none. */
  pendingSnapshot: number;
  /** Whether it was heard of since the quorum was last checked, or is new. */
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

/**
 * What has to be done now. RawNode.ready() says in which order. In asynchronous mode `hardState`, `entries`, `snapshot` and
 * `committedEntries` are there to be looked at: the messages to the storage threads ask for the same.
 */
export interface Ready {
  /** Only when it changed. Need not be stored. */
  softState?: SoftState;
  /** Only when it changed. On disk before any message of this Ready that was held for it is sent. */
  hardState?: HardState;
  /** Reads whose index is known. Each may be served once that much is applied. */
  readStates: ReadState[];
  /** On disk before the messages are sent and, synchronously, before `committedEntries` are applied: they may overlap. */
  entries: Entry[];
  /** On disk in place of all that the log has, before anything is sent. Never together with `entries`. */
  snapshot?: Snapshot;
  /** To be applied in this order, each once. Committed: on a majority's disks already. */
  committedEntries: Entry[];
  /** To be sent in this order, after all of the above but the application. Those to peers may be lost or repeated. */
  messages: Message[];
  /** Whether `hardState` and `entries` need an fsync: not where the commit alone has moved. */
  mustSync: boolean;
}

/** What a node knows at the moment, not all of it on disk. */
export interface Status {
  id: number;
  term: number;
  vote: number;
  commit: number;
  /** What the application has acknowledged: compaction stays at or below it. */
  applied: number;
  /** The leader of this term as far as is known here, or 0. */
  lead: number;
  raftState: StateType;
  /** Whom leadership is being handed to, or 0. Proposals are dropped meanwhile. */
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
  /** As of the last write and the last applied change. Asked once. */
  initialState(): { hard: HardState; conf: ConfState };
  /** Entries of [lo, hi), at least one, then as many as fit in `maxBytes`. */
  entries(lo: number, hi: number, maxBytes: number): Entry[];
  /** Known also of the entry before the first one. */
  term(index: number): number;
  firstIndex(): number;
  lastIndex(): number;
  /** At or above firstIndex - 1, so that the log goes on where it ends. */
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
  /** What was applied before a restart and is not to be handed out again. */
  applied?: number;
  /** Encoded bytes of entries in one MsgApp; Infinity is no limit, 0 one entry at a time. */
  maxSizePerMsg: number;
  /** MsgApp messages with entries under way to one peer. */
  maxInflightMsgs: number;
  /** Bytes of entry data under way to one peer; no limit by default. */
  maxInflightBytes?: number;
  /** Encoded bytes of entries handed out for application and not yet acknowledged. */
  maxCommittedSizePerReady?: number;
  /** Bytes of entry data in a leader's log that are not applied yet; more is dropped. No limit by default. */
  maxUncommittedEntriesSize?: number;
  /** Storage is asked by messages and answers by messages: commits overlap fsyncs. */
  asyncStorageWrites?: boolean;
  /** Ask before standing for election: who cannot win unseats nobody. */
  preVote?: boolean;
  /** A leader without its quorum steps down, and who hears a leader leaves requests for votes unanswered. */
  checkQuorum?: boolean;
  /** Confirm leadership for each read, or trust that all clocks run alike: that needs checkQuorum. */
  readOnly?: "safe" | "lease";
  /** For callers that check changes themselves, as they are applied. */
  disableConfChangeValidation?: boolean;
  /** Otherwise a removed leader goes on until another one is elected, and takes no proposals. */
  stepDownOnRemoval?: boolean;
  /**
   * Who stands for election first: 0, the default, before -1, before -2. Each step down waits electionTick ticks more.
   * Needs preVote.
   */
  priority?: number;
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
