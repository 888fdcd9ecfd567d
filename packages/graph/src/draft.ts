import type { Key, StoreReader } from "@isthmus/kernel";
import type { Digest, Encoded } from "./digest.ts";
import {
  decodeExistence,
  decodeRecord,
  EMPTY_RECORD,
  type Existence,
  encodeRecord,
  type GraphRecord,
} from "./record.ts";

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
  /** Records as they were before this entry; null for those that were not there. */
  readonly #before = new Map<Key, Encoded | null>();
  readonly #raw = new Map<Key, Uint8Array | undefined>();
  /** Null as long as nobody may roll back: what another region decided never is. */
  #undo: Undo[] | null = null;

  constructor(state: StateWriter) {
    this.#state = state;
  }

  record(key: Key): GraphRecord {
    return this.#records.get(key) ?? this.#readBefore(key)?.record ?? EMPTY_RECORD;
  }

  /** Only the existence register: what most looks at other records need, without decoding the rest. */
  existence(key: Key): readonly Existence[] {
    const known = this.#records.get(key) ?? this.#before.get(key)?.record;
    if (known) return known.existence;
    const bytes = this.#state.get(key);
    return bytes ? decodeExistence(bytes) : [];
  }

  setRecord(key: Key, record: GraphRecord): void {
    this.#readBefore(key);
    this.#remember(this.#records, key);
    this.#records.set(key, record);
  }

  #readBefore(key: Key): Encoded | null {
    const known = this.#before.get(key);
    if (known !== undefined) return known;
    const bytes = this.#state.get(key);
    const before = bytes ? { record: decodeRecord(bytes), bytes } : null;
    this.#before.set(key, before);
    return before;
  }

  get(key: Key): Uint8Array | undefined {
    return this.#raw.has(key) ? this.#raw.get(key) : this.#state.get(key);
  }

  set(key: Key, value: Uint8Array | undefined): void {
    this.#remember(this.#raw, key);
    this.#raw.set(key, value);
  }

  /** Raw keys only: records are not listed while an entry is applied. */
  range(from: Key, to: Key): Iterable<readonly [Key, Uint8Array]> {
    const drafted = [...this.#raw].filter(([key]) => key >= from && key < to);
    if (drafted.length === 0) return this.#state.range(from, to);
    return this.#merged(drafted, from, to);
  }

  *#merged(
    drafted: readonly (readonly [Key, Uint8Array | undefined])[],
    from: Key,
    to: Key,
  ): Generator<readonly [Key, Uint8Array]> {
    const merged = new Map<Key, Uint8Array | undefined>(this.#state.range(from, to));
    for (const [key, value] of drafted) merged.set(key, value);
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
    for (let undo = this.#undo?.pop(); undo; undo = this.#undo?.pop()) undo();
  }

  /** Writes everything to the state and keeps the digest in step with it. */
  commit(digest: Digest): void {
    for (const [key, record] of this.#records) {
      const stands = record.existence.length > 0 || record.properties.size > 0;
      const after = stands ? { record, bytes: encodeRecord(record) } : null;
      digest.replace(key, this.#before.get(key) ?? null, after);
      this.#state.set(key, after?.bytes);
    }
    for (const [key, value] of this.#raw) this.#state.set(key, value);
  }

  #remember<T>(map: Map<Key, T>, key: Key): void {
    if (this.#undo === null) return;
    const had = map.has(key);
    const before = map.get(key);
    this.#undo.push(() => {
      if (had) map.set(key, before as T);
      else map.delete(key);
    });
  }
}
