import { compareStamps, readStamp, type Stamp, writeStamp } from "@isthmus/causality";
import { ByteReader, ByteWriter, fromUtf8, must, type Origin, SHA256_BYTES, utf8 } from "@isthmus/kernel";
import { REFUSAL_CODES, type RefusalCode } from "@isthmus/wire";
import type { Draft } from "./draft.ts";
import { retryKey, retryOrderKey } from "./keys.ts";
import type { Meta } from "./meta.ts";

/** What became of a request with a key: enough to give the same answer again. */
export interface RetryEntry {
  readonly origin: Origin;
  readonly epoch: number;
  readonly sequence: number;
  readonly stamp: Stamp;
  /** The place of the request's first operation in its batch. */
  readonly position: number;
  /** The origin's own count of keys: what it forgets by. */
  readonly ordinal: number;
  readonly bodyHash: Uint8Array;
  /** The batch's hash, known once the whole batch is decided. */
  readonly hash: Uint8Array;
  readonly result:
    | { readonly status: "applied" }
    | { readonly status: "refused"; readonly code: RefusalCode; readonly operation: number };
}

/**
 * A region that is away for long must not make the others remember for ever: past this many times the limit the oldest
 * key goes, seen by all or not.
 */
const BEYOND_ALL_PATIENCE = 4;

/** How long a key is remembered, by the stamps of its origin's own stream. */
export const RETRY_MAX_AGE_MS = 24 * 60 * 60 * 1000;

/**
 * The keys that were used, by origin, oldest forgotten first.
 *
 * Invariant: a key is remembered as long as another region may still send a batch that had not seen it: two requests
 * under one key are recognised in every region, or in none (TRAPS T15).
 */
export class RetryTable {
  readonly #limit: number;
  readonly #isSeenByAll: (origin: Origin, sequence: number) => boolean;
  readonly #counts: Map<Origin, { first: number; next: number }>;
  /** Each origin's oldest entry as it was last read: it stays the oldest for long, and every new one asks for it. */
  readonly #oldest = new Map<Origin, Pick<RetryEntry, "ordinal" | "sequence" | "stamp">>();

  /** `isSeenByAll` says whether every other region is known to have seen an origin's batch. */
  constructor(
    counts: Meta["retryCounts"],
    limit: number,
    isSeenByAll: (origin: Origin, sequence: number) => boolean,
  ) {
    this.#counts = new Map([...counts].map(([origin, count]) => [origin, { ...count }]));
    this.#limit = limit;
    this.#isSeenByAll = isSeenByAll;
  }

  get counts(): Meta["retryCounts"] {
    return this.#counts;
  }

  /** All entries under a key, one an origin at most; the one that counts is first. */
  find(draft: Draft, key: string): RetryEntry[] {
    return findEntries(draft, key);
  }

  /** `known` is what `find` gives for the key. */
  add(
    draft: Draft,
    key: string,
    entry: Omit<RetryEntry, "ordinal">,
    known: readonly RetryEntry[] = this.find(draft, key),
  ): void {
    const { origin } = entry;
    const count = this.#counts.get(origin) ?? { first: 1, next: 1 };
    this.#counts.set(origin, count);
    const entries = known.filter((other) => other.origin !== origin);
    entries.push({ ...entry, ordinal: count.next });
    draft.set(retryKey(key), encodeEntries(entries.sort(earlierFirst)));
    draft.set(retryOrderKey(origin, count.next), utf8(key));
    count.next += 1;
    // At most two go for one that comes, so that no entry pays for a long silence before it.
    for (let gone = 0; gone < 2 && count.next - count.first > 1; gone++) {
      const oldest = this.#oldestOf(draft, origin, count.first);
      const remembered = count.next - count.first;
      const tooMany = remembered > this.#limit;
      const tooOld = oldest.stamp.wallMs < entry.stamp.wallMs - RETRY_MAX_AGE_MS;
      if (!(tooMany || tooOld)) break;
      const mayGo =
        this.#isSeenByAll(origin, oldest.sequence) || remembered > this.#limit * BEYOND_ALL_PATIENCE;
      if (!mayGo) break;
      this.#forget(draft, origin, count.first);
      count.first += 1;
    }
  }

  /** Since when an origin's keys are remembered; null when it has none. */
  oldest(state: Pick<Draft, "get">, origin: Origin): Stamp | null {
    const count = this.#counts.get(origin);
    if (!count || count.first === count.next) return null;
    return this.#oldestOf(state, origin, count.first).stamp;
  }

  #oldestOf(
    state: Pick<Draft, "get">,
    origin: Origin,
    first: number,
  ): Pick<RetryEntry, "sequence" | "stamp"> {
    const known = this.#oldest.get(origin);
    if (known?.ordinal === first) return known;
    const { ordinal, sequence, stamp } = this.#entryAt(state, origin, first);
    // Not the entry itself, whose bytes are views on more than themselves.
    const oldest = { ordinal, sequence, stamp };
    this.#oldest.set(origin, oldest);
    return oldest;
  }

  #entryAt(state: Pick<Draft, "get">, origin: Origin, ordinal: number): RetryEntry {
    const key = fromUtf8(
      must(state.get(retryOrderKey(origin, ordinal)), "an ordinal that was given has its key"),
    );
    const entries = findEntries(state, key);
    return must(
      entries.find((entry) => entry.origin === origin && entry.ordinal === ordinal),
      "a key that is remembered has its entry",
    );
  }

  #forget(draft: Draft, origin: Origin, ordinal: number): void {
    const orderKey = retryOrderKey(origin, ordinal);
    const key = fromUtf8(must(draft.get(orderKey), "an ordinal that was given has its key"));
    draft.set(orderKey, undefined);
    // The key may stand under a later ordinal of the same origin, or of another one.
    const left = this.find(draft, key).filter(
      (entry) => entry.origin !== origin || entry.ordinal !== ordinal,
    );
    draft.set(retryKey(key), left.length > 0 ? encodeEntries(left) : undefined);
  }
}

function findEntries(state: Pick<Draft, "get">, key: string): RetryEntry[] {
  const bytes = state.get(retryKey(key));
  return bytes ? decodeEntries(bytes) : [];
}

/** Of two requests under one key the one with the smaller stamp counts, everywhere. */
export function earlierFirst(
  a: Pick<RetryEntry, "stamp" | "origin">,
  b: Pick<RetryEntry, "stamp" | "origin">,
): number {
  return compareStamps(a.stamp, b.stamp) || (a.origin < b.origin ? -1 : a.origin > b.origin ? 1 : 0);
}

function encodeEntries(entries: readonly RetryEntry[]): Uint8Array {
  const writer = new ByteWriter(128);
  writer.u8(1).varint(entries.length);
  for (const entry of entries) {
    writer.text(entry.origin).varint(entry.epoch).varint(entry.sequence);
    writeStamp(writer, entry.stamp);
    writer.varint(entry.position).varint(entry.ordinal).bytes(entry.bodyHash).raw(entry.hash);
    const { result } = entry;
    if (result.status === "applied") writer.u8(0);
    else writer.u8(1 + REFUSAL_CODES.indexOf(result.code)).varint(result.operation);
  }
  return writer.finish();
}

function decodeEntries(bytes: Uint8Array): RetryEntry[] {
  const reader = new ByteReader(bytes);
  reader.u8();
  const entries: RetryEntry[] = [];
  for (let left = reader.varint(); left > 0; left--) entries.push(readEntry(reader));
  return entries;
}

function readEntry(reader: ByteReader): RetryEntry {
  // In the order of their bytes.
  return {
    origin: reader.text() as Origin,
    epoch: reader.varint(),
    sequence: reader.varint(),
    stamp: readStamp(reader),
    position: reader.varint(),
    ordinal: reader.varint(),
    bodyHash: reader.bytes(),
    hash: reader.raw(SHA256_BYTES),
    result: readResult(reader),
  };
}

function readResult(reader: ByteReader): RetryEntry["result"] {
  const status = reader.u8();
  if (status === 0) return { status: "applied" };
  return {
    status: "refused",
    code: must(REFUSAL_CODES[status - 1], "a known refusal"),
    operation: reader.varint(),
  };
}
