import { assert, must } from "@isthmus/kernel";
import type { Message } from "./types.ts";

export interface PendingRead {
  request: Message;
  /** The commit index when it was asked for: what the reader must have applied. */
  index: number;
  acks: Map<number, boolean>;
}

/** Reads that wait until a majority has confirmed, by answering a heartbeat, that we still lead. */
export class ReadOnly {
  /** In the order asked, by context: a Map keeps it. */
  readonly #pending = new Map<string, PendingRead>();
  #lastContext: Uint8Array | undefined;

  /** Takes a request once: a repeated context waits with the first one. */
  add(index: number, request: Message): void {
    const context = readContext(request);
    const key = keyOf(context);
    if (this.#pending.has(key)) return;
    this.#pending.set(key, { request, index, acks: new Map() });
    this.#lastContext = context;
  }

  /** Notes a confirmation; gives all of them, or undefined if nothing waits under that context. */
  acknowledge(from: number, context: Uint8Array): Map<number, boolean> | undefined {
    const read = this.#pending.get(keyOf(context));
    read?.acks.set(from, true);
    return read?.acks;
  }

  /** Takes out the confirmed read and all asked before it: who leads now led then. */
  advance(context: Uint8Array): PendingRead[] {
    const key = keyOf(context);
    assert(this.#pending.has(key), "only a read that waits is confirmed");
    const confirmed: PendingRead[] = [];
    for (const [waiting, read] of this.#pending) {
      confirmed.push(read);
      this.#pending.delete(waiting);
      if (waiting === key) break;
    }
    assert(confirmed.at(-1)?.request !== undefined, "a confirmed read is answered");
    if (this.#pending.size === 0) this.#lastContext = undefined;
    return confirmed;
  }

  /** The context asked for last: confirming it confirms all. */
  get lastContext(): Uint8Array | undefined {
    return this.#lastContext;
  }
}

/** What names a read: the data of the one entry that a MsgReadIndex carries. */
export function readContext(request: Message): Uint8Array {
  return must(request.entries[0], "a read request carries its context").data ?? NO_CONTEXT;
}

function keyOf(context: Uint8Array): string {
  return Buffer.from(context.buffer, context.byteOffset, context.byteLength).toString("latin1");
}

const NO_CONTEXT = new Uint8Array(0);
