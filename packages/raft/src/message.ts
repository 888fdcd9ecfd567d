import { NO_ENTRIES } from "./entry.ts";
import { LocalAppendThread, LocalApplyThread, type Message, type MessageType } from "./types.ts";

/** What a MsgVote of a leadership transfer carries: it passes the lease check, since the leader itself asked for it. */
export const CAMPAIGN_TRANSFER: Uint8Array = new TextEncoder().encode("CampaignTransfer");

const LOCAL: ReadonlySet<MessageType> = new Set<MessageType>([
  "MsgHup",
  "MsgBeat",
  "MsgUnreachable",
  "MsgSnapStatus",
  "MsgCheckQuorum",
  "MsgStorageAppend",
  "MsgStorageAppendResp",
  "MsgStorageApply",
  "MsgStorageApplyResp",
]);

const RESPONSES: ReadonlySet<MessageType> = new Set<MessageType>([
  "MsgAppResp",
  "MsgVoteResp",
  "MsgHeartbeatResp",
  "MsgUnreachable",
  "MsgReadIndexResp",
  "MsgPreVoteResp",
  "MsgStorageAppendResp",
  "MsgStorageApplyResp",
]);

/** A message with nothing in it. All are made here, with fields in one order, so that they share one shape. */
export function blank(type: MessageType, to: number): Message {
  return {
    type,
    to,
    from: 0,
    term: 0,
    logTerm: 0,
    index: 0,
    commit: 0,
    vote: 0,
    entries: NO_ENTRIES,
    reject: false,
    rejectHint: 0,
  };
}

/** Types that arise inside a node and are never taken from the network. */
export function isLocal(type: MessageType): boolean {
  return LOCAL.has(type);
}

/** Types that answer something and so must come from a known peer or from a storage thread. */
export function isResponse(type: MessageType): boolean {
  return RESPONSES.has(type);
}

export function isStorageThread(id: number): boolean {
  return id === LocalAppendThread || id === LocalApplyThread;
}
