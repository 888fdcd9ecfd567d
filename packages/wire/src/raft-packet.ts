import { type ByteReader, ByteWriter, DecodeError, type GroupId } from "@isthmus/kernel";
import type { Entry, Message, MessageType, Snapshot } from "@isthmus/raft";
import { blockBytes, numberBytes, writeNumber } from "./fields.ts";

// The index in this list is the number on the wire: only ever add at the end.
export const MESSAGE_TYPES: readonly MessageType[] = [
  "MsgProp",
  "MsgApp",
  "MsgAppResp",
  "MsgVote",
  "MsgVoteResp",
  "MsgSnap",
  "MsgHeartbeat",
  "MsgHeartbeatResp",
  "MsgTransferLeader",
  "MsgTimeoutNow",
  "MsgReadIndex",
  "MsgReadIndexResp",
  "MsgPreVote",
  "MsgPreVoteResp",
];
const TYPE_NUMBERS = new Map(MESSAGE_TYPES.map((type, index) => [type, index]));
export const ENTRY_TYPES: readonly Entry["type"][] = ["EntryNormal", "EntryConfChange", "EntryConfChangeV2"];

// The tags of RaftMessage, RaftEntry and RaftPacket.
const MESSAGE = {
  type: 8,
  to: 16,
  from: 24,
  term: 32,
  logTerm: 40,
  index: 48,
  commit: 56,
  vote: 64,
  entry: 74,
  snapshot: 82,
  reject: 88,
  rejectHint: 96,
  context: 106,
} as const;
const ENTRY = { term: 8, index: 16, type: 24, data: 34 } as const;
const PACKET = { group: 10, message: 18 } as const;

/**
 * Messages of one group from one node to another: nearly all that nodes say to each other. `snapshotBytes` writes the one
 * part that is rare.
 */
export function writeRaftPacket(
  group: GroupId,
  messages: readonly Message[],
  snapshotBytes: (snapshot: Snapshot) => Uint8Array,
): Uint8Array {
  const snapshots = messages.map(({ snapshot }) => snapshot && snapshotBytes(snapshot));
  const sizes = messages.map((message, index) => sizeOfMessage(message, snapshots[index]));
  // Roughly: the writer grows where names or lengths need more.
  const writer = new ByteWriter(sizes.reduce((sum, size) => sum + size + 4, group.length + 8));
  if (group !== "") writer.u8(PACKET.group).text(group);
  messages.forEach((message, index) => {
    writer.u8(PACKET.message).varint(sizes[index] ?? 0);
    writeMessage(writer, message, snapshots[index]);
  });
  return writer.finish();
}

function sizeOfMessage(message: Message, snapshot: Uint8Array | undefined): number {
  let size =
    numberBytes(typeNumber(message)) +
    numberBytes(message.to) +
    numberBytes(message.from) +
    numberBytes(message.term) +
    numberBytes(message.logTerm) +
    numberBytes(message.index) +
    numberBytes(message.commit) +
    numberBytes(message.vote) +
    (message.reject ? 2 : 0) +
    numberBytes(message.rejectHint);
  for (const entry of message.entries) size += blockBytes(sizeOfEntry(entry));
  if (snapshot) size += blockBytes(snapshot.length);
  if (message.context) size += blockBytes(message.context.length);
  return size;
}

function writeMessage(writer: ByteWriter, message: Message, snapshot: Uint8Array | undefined): void {
  writeNumber(writer, MESSAGE.type, typeNumber(message));
  writeNumber(writer, MESSAGE.to, message.to);
  writeNumber(writer, MESSAGE.from, message.from);
  writeNumber(writer, MESSAGE.term, message.term);
  writeNumber(writer, MESSAGE.logTerm, message.logTerm);
  writeNumber(writer, MESSAGE.index, message.index);
  writeNumber(writer, MESSAGE.commit, message.commit);
  writeNumber(writer, MESSAGE.vote, message.vote);
  for (const entry of message.entries) {
    writer.u8(MESSAGE.entry).varint(sizeOfEntry(entry));
    writeNumber(writer, ENTRY.term, entry.term);
    writeNumber(writer, ENTRY.index, entry.index);
    writeNumber(writer, ENTRY.type, ENTRY_TYPES.indexOf(entry.type));
    if (entry.data) writer.u8(ENTRY.data).bytes(entry.data);
  }
  if (snapshot) writer.u8(MESSAGE.snapshot).bytes(snapshot);
  if (message.reject) writer.u8(MESSAGE.reject).u8(1);
  writeNumber(writer, MESSAGE.rejectHint, message.rejectHint);
  if (message.context) writer.u8(MESSAGE.context).bytes(message.context);
}

function typeNumber({ type }: Message): number {
  const number = TYPE_NUMBERS.get(type);
  if (number === undefined) throw new DecodeError(`${type} does not leave a node`);
  return number;
}

function sizeOfEntry(entry: Entry): number {
  const numbers = numberBytes(entry.term) + numberBytes(entry.index) + (entry.type === "EntryNormal" ? 0 : 2);
  return entry.data ? numbers + blockBytes(entry.data.length) : numbers;
}

// ---- reading ----

/** Null, or a DecodeError, for all that no node of today writes: then the generated code decides what it means. */
export function readRaftPacket(reader: ByteReader): { group: GroupId; messages: Message[] } | null {
  let group = "";
  const messages: Message[] = [];
  while (reader.remaining > 0) {
    const tag = reader.u8();
    if (tag === PACKET.group) group = reader.text();
    else if (tag === PACKET.message) {
      const message = readMessage(reader);
      if (message === null) return null;
      messages.push(message);
    } else return null;
  }
  return { group: group as GroupId, messages };
}

function readMessage(reader: ByteReader): Message | null {
  const size = reader.varint();
  const end = reader.offset + size;
  const entries: Entry[] = [];
  let type = 0;
  let to = 0;
  let from = 0;
  let term = 0;
  let logTerm = 0;
  let index = 0;
  let commit = 0;
  let vote = 0;
  let reject = 0;
  let rejectHint = 0;
  let context: Uint8Array | undefined;
  while (reader.offset < end) {
    switch (reader.u8()) {
      case MESSAGE.type:
        type = reader.varint();
        break;
      case MESSAGE.to:
        to = reader.varint();
        break;
      case MESSAGE.from:
        from = reader.varint();
        break;
      case MESSAGE.term:
        term = reader.varint();
        break;
      case MESSAGE.logTerm:
        logTerm = reader.varint();
        break;
      case MESSAGE.index:
        index = reader.varint();
        break;
      case MESSAGE.commit:
        commit = reader.varint();
        break;
      case MESSAGE.vote:
        vote = reader.varint();
        break;
      case MESSAGE.entry: {
        const entry = readEntry(reader);
        if (entry === null) return null;
        entries.push(entry);
        break;
      }
      case MESSAGE.reject:
        reject = reader.varint();
        break;
      case MESSAGE.rejectHint:
        rejectHint = reader.varint();
        break;
      case MESSAGE.context:
        context = reader.bytes();
        break;
      default:
        return null;
    }
  }
  const name = MESSAGE_TYPES[type];
  if (name === undefined || reject > 1 || reader.offset !== end) return null;
  const message: Message = {
    type: name,
    to,
    from,
    term,
    logTerm,
    index,
    commit,
    vote,
    entries,
    reject: reject === 1,
    rejectHint,
  };
  if (context !== undefined) message.context = context;
  return message;
}

function readEntry(reader: ByteReader): Entry | null {
  const size = reader.varint();
  const end = reader.offset + size;
  let term = 0;
  let index = 0;
  let type = 0;
  let data: Uint8Array | undefined;
  while (reader.offset < end) {
    switch (reader.u8()) {
      case ENTRY.term:
        term = reader.varint();
        break;
      case ENTRY.index:
        index = reader.varint();
        break;
      case ENTRY.type:
        type = reader.varint();
        break;
      case ENTRY.data:
        data = reader.bytes();
        break;
      default:
        return null;
    }
  }
  const name = ENTRY_TYPES[type];
  if (name === undefined || reader.offset !== end) return null;
  return data === undefined ? { term, index, type: name } : { term, index, type: name, data };
}
