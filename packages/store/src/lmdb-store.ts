import {
  assert,
  type GroupId,
  IsthmusError,
  type Key,
  keyBytes,
  keyFromBytes,
  type StateStore,
  type StoreView,
  type StoreWrite,
} from "@isthmus/kernel";
import type { RangeOptions, Transaction } from "lmdb";
import type { GroupDatabase } from "./lmdb-root.ts";

/** What a store needs of its environment. */
export interface StoreOwner {
  /** What every call is answered once the environment is doubtful. */
  failure(): IsthmusError | null;
  /** Notes an error of LMDB's; the answer is to be thrown. */
  fail(error: unknown): IsthmusError;
  commit(group: GroupId, writes: readonly StoreWrite[]): Promise<void>;
  closed(group: GroupId): void;
}

type Entry = readonly [Key, Uint8Array];
type Scan = Iterator<{ key: Uint8Array; value: Uint8Array }>;

/** One group's named database. Values that it returns are the caller's own copies. */
export class LmdbStore implements StateStore {
  readonly #group: GroupId;
  readonly #database: GroupDatabase;
  readonly #owner: StoreOwner;
  readonly #views = new Set<LmdbView>();
  readonly #scans = new Set<Scan>();
  #committing: Promise<void> | null = null;
  #closed = false;

  /** For LmdbEnvironment. */
  constructor(group: GroupId, database: GroupDatabase, owner: StoreOwner) {
    this.#group = group;
    this.#database = database;
    this.#owner = owner;
  }

  get(key: Key): Uint8Array | undefined {
    return this.read(key);
  }

  range(from: Key, to: Key): Iterable<Entry> {
    return this.scan(from, to);
  }

  view(): StoreView {
    this.#check();
    const view = new LmdbView(
      this,
      this.#guarded(() => this.#database.useReadTransaction()),
      () => {
        this.#views.delete(view);
      },
    );
    this.#views.add(view);
    return view;
  }

  async commit(writes: readonly StoreWrite[]): Promise<void> {
    this.#check();
    assert(this.#committing === null, "one commit at a time");
    if (writes.length === 0) return;
    const committing = this.#owner.commit(this.#group, writes);
    this.#committing = committing.then(ignore, ignore);
    try {
      await committing;
    } finally {
      this.#committing = null;
    }
  }

  /** After the commit under way. Views and ranges still held are released. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const scan of this.#scans) scan.return?.();
    this.#scans.clear();
    for (const view of [...this.#views]) view.release();
    if (this.#committing !== null) await this.#committing;
    this.#owner.closed(this.#group);
  }

  /** On a view's snapshot, or on the last commit's. LMDB has no empty key: nothing is ever there. */
  read(key: Key, transaction?: Transaction): Uint8Array | undefined {
    this.#check();
    if (key.length === 0) return undefined;
    return this.#guarded(() => this.#database.get(keyBytes(key), transaction && { transaction }));
  }

  /** Begins its snapshot with the first entry asked for, and keeps it to its end. */
  *scan(from: Key, to: Key, transaction?: Transaction): Generator<Entry> {
    this.#check();
    if (from >= to) return;
    const options: RangeOptions = { end: keyBytes(to) };
    if (from.length > 0) options.start = keyBytes(from);
    if (transaction !== undefined) options.transaction = transaction;
    const scan = this.#guarded(() => this.#database.getRange(options)[Symbol.iterator]());
    this.#scans.add(scan);
    try {
      for (;;) {
        const step = this.#guarded(() => scan.next());
        if (step.done === true) return;
        yield [keyFromBytes(step.value.key), step.value.value];
        this.#check();
      }
    } finally {
      // Not after a close, which has ended the scan already and may have freed what it stands on.
      if (this.#scans.delete(scan)) scan.return?.();
    }
  }

  #check(): void {
    const failure = this.#owner.failure();
    if (failure !== null) throw failure;
    if (this.#closed) throw new IsthmusError("store_failed", "the state store is closed");
  }

  #guarded<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw this.#owner.fail(error);
    }
  }
}

class LmdbView implements StoreView {
  readonly #store: LmdbStore;
  readonly #transaction: Transaction;
  readonly #released: () => void;
  #held = true;

  constructor(store: LmdbStore, transaction: Transaction, released: () => void) {
    this.#store = store;
    this.#transaction = transaction;
    this.#released = released;
  }

  get(key: Key): Uint8Array | undefined {
    assert(this.#held, "a view is read while it is held");
    return this.#store.read(key, this.#transaction);
  }

  range(from: Key, to: Key): Iterable<Entry> {
    assert(this.#held, "a view is read while it is held");
    return this.#store.scan(from, to, this.#transaction);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#transaction.done();
    this.#released();
  }
}

function ignore(): void {
  // `close` waits for the end of a commit; how it ended is told to whoever asked for it.
}
