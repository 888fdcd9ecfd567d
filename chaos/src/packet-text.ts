import { ByteReader, DecodeError } from "@isthmus/kernel";
import { FIRST_OWN_KIND } from "@isthmus/link";
import {
  decodeAcknowledge,
  decodeAnnounce,
  decodeBeats,
  decodeForward,
  decodeForwardReply,
  decodeRaftPacket,
  decodeStreamBatch,
  decodeStreamEnd,
  decodeSubscribe,
  FRAME,
} from "@isthmus/wire";

/** A packet's number and checksum stand before its frames (docs/formats/link.md). */
const PACKET_HEADER_BYTES = 8;
const QUIET = new Set(["MsgHeartbeat", "MsgHeartbeatResp"]);

/** What a packet between two nodes says, for people; empty for what is only a sign of life. */
export function describePacket(bytes: Uint8Array): string {
  const said: string[] = [];
  try {
    const reader = new ByteReader(bytes);
    reader.raw(Math.min(PACKET_HEADER_BYTES, bytes.length));
    while (reader.remaining > 0) {
      const text = describeFrame(reader.u8(), reader.bytes());
      if (text !== "") said.push(text);
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    said.push("unreadable");
  }
  return said.join("; ");
}

function describeFrame(kind: number, payload: Uint8Array): string {
  if (kind >= FIRST_OWN_KIND) return ["hello", "confirm"][kind - FIRST_OWN_KIND] ?? "";
  switch (kind) {
    case FRAME.raft:
      return describeRaft(payload);
    case FRAME.beats: {
      const resting = decodeBeats(payload).filter(({ kind }) => kind === "rest");
      return resting
        .map(({ group, term, commit }) => `${group}: rests at ${commit} in term ${term}`)
        .join("; ");
    }
    case FRAME.forward: {
      const { term, requests } = decodeForward(payload);
      return `forwards ${requests.length} writes for term ${term}`;
    }
    case FRAME.forwardReply: {
      const { term, ids, code } = decodeForwardReply(payload);
      return `gives back ${ids.length} writes of term ${term}: ${code}`;
    }
    case FRAME.announce: {
      const { origin, term, sequence } = decodeAnnounce(payload);
      return `announces ${origin}:${sequence} in term ${term}`;
    }
    case FRAME.subscribe: {
      const { origin, stream, after } = decodeSubscribe(payload);
      return `asks for ${origin} after ${after} (stream ${stream})`;
    }
    case FRAME.batch: {
      const { stream, batch } = decodeStreamBatch(payload);
      return `ships ${batch.origin}:${batch.sequence} with context [${batch.context}] (stream ${stream})`;
    }
    case FRAME.acknowledge: {
      const { origin, sequence } = decodeAcknowledge(payload);
      return `acknowledges ${origin}:${sequence}`;
    }
    case FRAME.streamEnd: {
      const { origin, stream, reason } = decodeStreamEnd(payload);
      return `ends the stream ${stream} of ${origin}: ${reason}`;
    }
    case FRAME.reportRequest:
      return "asks for a report";
    case FRAME.report:
      return "reports";
    default:
      return `frame of kind ${kind}`;
  }
}

function describeRaft(payload: Uint8Array): string {
  const { group, messages } = decodeRaftPacket(payload);
  const said = messages
    .filter((message) => !QUIET.has(message.type))
    .map(({ type, term, index, logTerm, commit, entries, reject }) => {
      const parts = [`${type.slice(3)} term ${term}`];
      if (type === "MsgApp")
        parts.push(`after ${index}/${logTerm}`, `${entries.length} entries`, `commit ${commit}`);
      else if (index > 0) parts.push(`index ${index}`);
      if (reject) parts.push("rejected");
      return parts.join(", ");
    });
  return said.length === 0 ? "" : `${group}: ${said.join(" | ")}`;
}
