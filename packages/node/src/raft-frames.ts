import type { Message } from "@isthmus/raft";

/** What a frame may gather before the next one begins; a single message may be larger. */
const FRAME_BYTES = 1024 * 1024;
/** About what a message, and an entry, take beside their data. */
const OVERHEAD_BYTES = 64;

/**
 * Cuts the messages of one turn, in their order, into what one frame takes. A follower that comes back is sent as many
 * messages as may be under way, and all of them together are more than a link's frame may hold.
 */
export function raftFrames(messages: readonly Message[]): Message[][] {
  const frames: Message[][] = [];
  let current: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const more = messageBytes(message);
    if (current.length > 0 && bytes + more > FRAME_BYTES) {
      frames.push(current);
      current = [];
      bytes = 0;
    }
    current.push(message);
    bytes += more;
  }
  if (current.length > 0) frames.push(current);
  return frames;
}

function messageBytes(message: Message): number {
  let bytes = OVERHEAD_BYTES;
  for (const entry of message.entries) bytes += OVERHEAD_BYTES + (entry.data?.length ?? 0);
  return bytes;
}
