import type { GroupId, NodeId } from "@isthmus/kernel";
import type { Message } from "@isthmus/raft";
import { BEATS_PER_FRAME, type Beat } from "@isthmus/wire";

/**
 * The heartbeats of one turn, and their answers, of all groups, by the node that they are for. They are what a node with
 * a thousand quiet groups says most, and together they are one frame.
 */
export class GatheredBeats {
  #waiting = new Map<NodeId, Beat[]>();

  add(to: NodeId, beat: Beat): void {
    const waiting = this.#waiting.get(to);
    if (waiting) waiting.push(beat);
    else this.#waiting.set(to, [beat]);
  }

  /** Hands out all that waits, in portions of what a frame takes. One that cannot be sent is lost, as heartbeats may be. */
  flush(send: (to: NodeId, beats: readonly Beat[]) => void): void {
    if (this.#waiting.size === 0) return;
    const all = this.#waiting;
    this.#waiting = new Map();
    for (const [to, beats] of all)
      for (let from = 0; from < beats.length; from += BEATS_PER_FRAME)
        send(to, beats.slice(from, from + BEATS_PER_FRAME));
  }
}

/** What a heartbeat or its answer comes to as a beat; null for every other message. */
export function beatOf(group: GroupId, { type, term, commit, context }: Message): Beat | null {
  if (type === "MsgHeartbeat") return { kind: "heartbeat", group, term, commit, context };
  if (type === "MsgHeartbeatResp") return { kind: "answer", group, term, commit: 0, context };
  return null;
}

/** The message that a beat stands for. */
export function messageOf({ kind, term, commit, context }: Beat, from: number, to: number): Message {
  const type = kind === "answer" ? "MsgHeartbeatResp" : "MsgHeartbeat";
  const message: Message = {
    type,
    from,
    to,
    term,
    commit,
    logTerm: 0,
    index: 0,
    vote: 0,
    entries: [],
    reject: false,
    rejectHint: 0,
  };
  if (context !== undefined) message.context = context;
  return message;
}
