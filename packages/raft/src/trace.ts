import type { Core } from "./core.ts";
import type {
  ConfChangeType,
  ConfChangeV2,
  Message,
  MessageType,
  RaftTraceConfChange,
  RaftTraceMessage,
  RaftTraceName,
} from "./types.ts";

/** What a message's sending is called in a trace. Other types are not followed by the checker's model. */
const SENT: { readonly [type in MessageType]?: RaftTraceName } = {
  MsgApp: "SendAppendEntriesRequest",
  MsgHeartbeat: "SendAppendEntriesRequest",
  MsgSnap: "SendAppendEntriesRequest",
  MsgAppResp: "SendAppendEntriesResponse",
  MsgHeartbeatResp: "SendAppendEntriesResponse",
  MsgVote: "SendRequestVoteRequest",
  MsgVoteResp: "SendRequestVoteResponse",
};

const RECEIVED: { readonly [type in MessageType]?: RaftTraceName } = {
  MsgApp: "ReceiveAppendEntriesRequest",
  MsgHeartbeat: "ReceiveAppendEntriesRequest",
  MsgSnap: "ReceiveAppendEntriesRequest",
  MsgAppResp: "ReceiveAppendEntriesResponse",
  MsgHeartbeatResp: "ReceiveAppendEntriesResponse",
  MsgVote: "ReceiveRequestVoteRequest",
  MsgVoteResp: "ReceiveRequestVoteResponse",
};

/** An update of a node's address changes nothing that the model knows of. */
const ACTIONS: { readonly [type in ConfChangeType]?: "AddNewServer" | "RemoveServer" | "AddLearner" } = {
  ConfChangeAddNode: "AddNewServer",
  ConfChangeRemoveNode: "RemoveServer",
  ConfChangeAddLearnerNode: "AddLearner",
};

/** What only some steps have to tell. */
interface Details {
  msg?: RaftTraceMessage;
  prop?: { match?: number; next?: number; cc?: RaftTraceConfChange };
}

/** Tells one protocol step. Nothing is built when nobody listens. */
export function traceStep(core: Core, name: RaftTraceName, details?: Details): void {
  const { trace } = core.config;
  if (trace === undefined) return;
  const { voters, outgoing } = core.tracker.conf;
  trace({
    name,
    nid: String(core.config.id),
    state: { term: core.term, vote: String(core.vote), commit: core.log.committed },
    role: core.role,
    log: core.log.lastIndex,
    conf: [voters.map(String), outgoing.map(String)],
    ...details,
  });
}

/** Told as the message enters its queue, which is when the step that makes it happens; the disk may hold it yet. */
export function traceSend(core: Core, message: Message): void {
  if (core.config.trace === undefined) return;
  const name = SENT[message.type];
  if (name === undefined) return;
  const own = message.type === "MsgApp" ? core.tracker.peer(message.from) : undefined;
  const prop = own === undefined ? {} : { prop: { match: own.match, next: own.next } };
  traceStep(core, name, { msg: messageOf(message), ...prop });
}

/** Told before anything is done about the message: the state is that in which it was met. */
export function traceReceive(core: Core, message: Message): void {
  if (core.config.trace === undefined) return;
  const name = RECEIVED[message.type];
  if (name !== undefined) traceStep(core, name, { msg: messageOf(message) });
}

/** A change was proposed: told once for each, before it is in the log. */
export function traceChangeProposed(core: Core, change: ConfChangeV2): void {
  if (core.config.trace === undefined) return;
  const changes = change.changes.flatMap(({ type, nodeId }) => {
    const action = ACTIONS[type];
    return action === undefined ? [] : [{ nid: String(nodeId), action }];
  });
  if (changes.length > 0) traceStep(core, "ChangeConf", { prop: { cc: { changes } } });
}

/** A configuration is about to come into force. */
export function traceChangeApplied(core: Core, voters: number[]): void {
  if (core.config.trace === undefined) return;
  traceStep(core, "ApplyConfChange", { prop: { cc: { newconf: voters.map(String) } } });
}

/** The model knows no snapshots: one is shown as an append of all entries up to it. */
function messageOf(message: Message): RaftTraceMessage {
  const { snapshot } = message;
  const isSnapshot = message.type === "MsgSnap";
  return {
    type: message.type,
    term: message.term,
    from: String(message.from),
    to: String(message.to),
    entries: isSnapshot ? (snapshot?.index ?? 0) : message.entries.length,
    logTerm: isSnapshot ? 0 : message.logTerm,
    index: isSnapshot ? 0 : message.index,
    commit: message.commit,
    vote: String(message.vote),
    reject: message.reject,
    rejectHint: message.rejectHint,
  };
}
