import type { Entry } from "./types.ts";

/** The empty list that every message without entries shares. Frozen: nobody may grow it. */
export const NO_ENTRIES: Entry[] = Object.freeze([] as Entry[]) as Entry[];

/**
 * How large an entry counts against a limit: its size in the field's standard protobuf encoding, so that limits mean
 * here what they mean elsewhere. Never 0, so that a budget of entries always shrinks.
 */
export function entryBytes(entry: Entry): number {
  const fixed = 2 + 1 + varintBytes(entry.term) + 1 + varintBytes(entry.index);
  if (entry.data === undefined) return fixed;
  return fixed + 1 + varintBytes(entry.data.length) + entry.data.length;
}

export function entriesBytes(entries: Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}

/** Bytes of data alone: what fills the network while messages are under way. */
export function payloadBytes(entries: Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entry.data?.length ?? 0;
  return bytes;
}

/** How many entries of [from, to) fit in `maxBytes`: at least one if there is one, so that a large entry passes. */
export function countWithin(entries: Entry[], from: number, to: number, maxBytes: number): number {
  if (maxBytes === Number.POSITIVE_INFINITY || to - from <= 1) return to - from;
  let bytes = 0;
  for (let at = from; at < to; at++) {
    bytes += entryBytes(entries[at] as Entry);
    if (bytes > maxBytes && at > from) return at - from;
  }
  return to - from;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}
