import { assert, type Key, type StoreReader } from "@isthmus/kernel";
import type { Digest } from "./digest.ts";
import { decodeRecord, EMPTY_RECORD, encodeRecord, type GraphRecord } from "./record.ts";

/** The state that a machine works on: reads see all that was set. */
export interface StateWriter extends StoreReader {
  set(key: Key, value: Uint8Array | undefined): void;
}

type Undo = () => void;

/**
 * What one log entry changes, gathered before any of it reaches the state. A request that is refused halfway is rolled
 * back to where it began; records are decoded and encoded once an entry, however often they are touched.
 */
export class Draft implements StoreReader {
  readonly #state: StateWriter;
  readonly #records = new Map<Key, GraphRecord>();
  readonly #raw = new Map<Key, Uint8Array | undefined>();
  #undo: Undo[] = [];

  constructor(state: StateWriter) {
    this.#state = state;
  }

  record(key: Key): GraphRecord {
    const drafted = this.#records.get(key);
    if (drafted) return drafted;
    const bytes = this.#state.get(key);
    return bytes ? decodeRecord(bytes) : EMPTY_RECORD;
  }

  setRecord(key: Key, record: GraphRecord): void {
    this.#remember(this.#records, key);
    this.#records.set(key, record);
  }

  get(key: Key): Uint8Array | undefined {
    return this.#raw.has(key) ? this.#raw.get(key) : this.#state.get(key);
  }

  set(key: Key, value: Uint8Array | undefined): void {
    this.#remember(this.#raw, key);
    this.#raw.set(key, value);
  }

  /** Raw keys only: records are not listed while an entry is applied. */
  *range(from: Key, to: Key): Iterable<readonly [Key, Uint8Array]> {
    const merged = new Map<Key, Uint8Array | undefined>(this.#state.range(from, to));
    for (const [key, value] of this.#raw) if (key >= from && key < to) merged.set(key, value);
    for (const key of [...merged.keys()].sort()) {
      const value = merged.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  /** Where a request begins. */
  mark(): void {
    this.#undo = [];
  }

  /** Takes back everything since the mark. */
  rollBack(): void {
    while (this.#undo.length > 0) this.#undo.pop()?.();
  }

  /** Writes everything to the state and keeps the digest in step with it. */
  commit(digest: Digest): void {
    for (const [key, record] of this.#records) {
      const bytes = this.#state.get(key);
      digest.replace(key, bytes ? decodeRecord(bytes) : EMPTY_RECORD, record);
      const stands = record.existence.length > 0 || record.properties.size > 0;
      assert(stands || bytes === undefined || record !== EMPTY_RECORD, "a record leaves only by what was written");
      this.#state.set(key, stands ? encodeRecord(record) : undefined);
    }
    for (const [key, value] of this.#raw) this.#state.set(key, value);
  }

  #remember<T>(map: Map<Key, T>, key: Key): void {
    const had = map.has(key);
    const before = map.get(key);
    this.#undo.push(() => {
      if (had) map.set(key, before as T);
      else map.delete(key);
    });
  }
}
