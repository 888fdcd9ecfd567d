import { ByteReader, DecodeError, type GroupId } from "@isthmus/kernel";
import type { ConfState, Entry, Message, Snapshot } from "@isthmus/raft";
import { decodeWith, encodeWith, natural, present, proto } from "./envelope.ts";
import { ENTRY_TYPES, MESSAGE_TYPES, readRaftPacket, writeRaftPacket } from "./raft-packet.ts";

/** Messages of one group from one node to another. */
export function encodeRaftPacket(group: GroupId, messages: readonly Message[]): Uint8Array {
  return writeRaftPacket(group, messages, (snapshot) =>
    encodeWith(proto.RaftSnapshot, snapshotEnvelope(snapshot)),
  );
}

/** Throws DecodeError; types that never leave a node are refused like unknown ones. */
export function decodeRaftPacket(bytes: Uint8Array): { group: GroupId; messages: Message[] } {
  try {
    const plain = readRaftPacket(new ByteReader(bytes));
    if (plain !== null) return plain;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  // Whatever is odd in it, the generated code decides what it means.
  const packet = decodeWith(proto.RaftPacket, bytes, "a raft packet");
  return { group: packet.group as GroupId, messages: packet.messages.map(messageFromEnvelope) };
}

function messageFromEnvelope(raw: proto.RaftMessage.$Properties): Message {
  const type = MESSAGE_TYPES[raw.type ?? 0];
  if (type === undefined) throw new DecodeError(`no message has the type ${raw.type}`);
  return {
    type,
    to: natural(raw.to, "to"),
    from: natural(raw.from, "from"),
    term: natural(raw.term, "term"),
    logTerm: natural(raw.logTerm, "log term"),
    index: natural(raw.index, "index"),
    commit: natural(raw.commit, "commit"),
    vote: natural(raw.vote, "vote"),
    entries: (raw.entries ?? []).map(entryFromEnvelope),
    reject: raw.reject ?? false,
    rejectHint: natural(raw.rejectHint, "reject hint"),
    ...(raw.snapshot ? { snapshot: snapshotFromEnvelope(raw.snapshot) } : {}),
    ...(raw.context ? { context: raw.context } : {}),
  };
}

function entryFromEnvelope(raw: proto.RaftEntry.$Properties): Entry {
  const type = ENTRY_TYPES[raw.type ?? 0];
  if (type === undefined) throw new DecodeError(`no entry has the type ${raw.type}`);
  const fields = { term: natural(raw.term, "term"), index: natural(raw.index, "index"), type };
  return raw.data ? { ...fields, data: raw.data } : fields;
}

function snapshotEnvelope(snapshot: Snapshot): proto.RaftSnapshot.$Properties {
  const { conf, index, term, data } = snapshot;
  return { index, term, conf: confEnvelope(conf), ...(data ? { data } : {}) };
}

function snapshotFromEnvelope(raw: proto.RaftSnapshot.$Properties): Snapshot {
  const fields = {
    index: natural(raw.index, "index"),
    term: natural(raw.term, "term"),
    conf: confFromEnvelope(present(raw.conf, "a snapshot's configuration")),
  };
  return raw.data ? { ...fields, data: raw.data } : fields;
}

function confEnvelope(conf: ConfState): proto.RaftConfState.$Properties {
  return {
    voters: [...conf.voters],
    outgoing: [...conf.outgoing],
    learners: [...conf.learners],
    learnersNext: [...conf.learnersNext],
    autoLeave: conf.autoLeave,
  };
}

function confFromEnvelope(raw: proto.RaftConfState.$Properties): ConfState {
  const ids = (list: number[] | null | undefined) => (list ?? []).map((id) => natural(id, "a node id"));
  return {
    voters: ids(raw.voters),
    outgoing: ids(raw.outgoing),
    learners: ids(raw.learners),
    learnersNext: ids(raw.learnersNext),
    autoLeave: raw.autoLeave ?? false,
  };
}

/**
 * A configuration of a group as the log keeps it, with the index of the entry that brought it; 0 for one that came
 * otherwise.
 */
export interface LoggedConf {
  readonly conf: ConfState;
  readonly index: number;
}

export function encodeConfState(conf: ConfState, index: number): Uint8Array {
  return encodeWith(proto.RaftConfState, { ...confEnvelope(conf), index });
}

/** Throws DecodeError. */
export function decodeConfState(bytes: Uint8Array): LoggedConf {
  const raw = decodeWith(proto.RaftConfState, bytes, "a configuration");
  return { conf: confFromEnvelope(raw), index: natural(raw.index, "the configuration's index") };
}
