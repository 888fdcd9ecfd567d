import {
  assert,
  type GroupId,
  IsthmusError,
  type Key,
  type Random,
  type StateEnvironment,
  type StateStore,
  type StoreView,
  type StoreWrite,
} from "@isthmus/kernel";
import type { Lifetime, Scheduler } from "./scheduler.ts";
import { StateContents } from "./state-contents.ts";

export type StateFailure = "store_failed" | "disk_full";

export interface SimStateVolumeOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** A commit takes between these two, drawn for each. Virtual milliseconds. */
  readonly commitMs?: { readonly least: number; readonly most: number };
}

const COMMIT_MS = { least: 0.5, most: 20 };

/** A commit that is not durable yet, of a life that may have ended meanwhile. */
interface CommitUnderWay {
  readonly lifetime: Lifetime;
  readonly group: GroupId;
  readonly next: StateContents;
}

/**
 * What a node's state environment has on disk: it survives the node. A new life opens it again; a commit that was
 * under way when the last life ended is then either there as a whole or not at all, as the seed decides.
 */
export class SimStateVolume {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly #commitMs: { readonly least: number; readonly most: number };
  readonly #durable = new Map<GroupId, StateContents>();
  readonly #underWay = new Set<CommitUnderWay>();
  #failNext: StateFailure | null = null;

  constructor(options: SimStateVolumeOptions) {
    this.scheduler = options.scheduler;
    this.random = options.random;
    this.#commitMs = options.commitMs ?? COMMIT_MS;
  }

  /** For one life at a time. What earlier lives had under way is settled first. */
  open(lifetime: Lifetime): SimStateEnvironment {
    for (const commit of this.#underWay) {
      assert(!commit.lifetime.alive || commit.lifetime === lifetime, "one life at a time holds the volume");
      if (commit.lifetime === lifetime) continue;
      if (this.random.below(2) === 0) this.#durable.set(commit.group, commit.next);
      this.#underWay.delete(commit);
    }
    return new SimStateEnvironment(this, lifetime);
  }

  /** The next commit asked for, in any group, fails with this; null takes it back. */
  failNextCommit(code: StateFailure | null): void {
    this.#failNext = code;
  }

  /** Throws one group's content away at once, for a rebuild. */
  remove(group: GroupId): void {
    this.#durable.delete(group);
  }

  /** Throws everything away at once, as one does with a doubtful environment. */
  wipe(): void {
    this.#durable.clear();
    this.#underWay.clear();
  }

  /** For SimStateStore. */
  contents(group: GroupId): StateContents {
    return this.#durable.get(group) ?? StateContents.EMPTY;
  }

  /**
   * For SimStateStore: `settled` is told at the commit's event, if the life still lasts then. A failed commit's
   * content may be on the volume all the same: whoever meets `store_failed` knows nothing of it.
   */
  begin(
    lifetime: Lifetime,
    group: GroupId,
    next: StateContents,
    settled: (failure: StateFailure | null) => void,
  ): void {
    const failure = this.#failNext;
    this.#failNext = null;
    const commit: CommitUnderWay = { lifetime, group, next };
    if (failure !== "disk_full") this.#underWay.add(commit);
    const delayMs = this.#commitMs.least + this.random.next() * (this.#commitMs.most - this.#commitMs.least);
    this.scheduler.schedule(
      delayMs,
      () => {
        const written = this.#underWay.delete(commit) && (failure === null || this.random.below(2) === 0);
        if (written) this.#durable.set(group, next);
        settled(failure);
      },
      lifetime,
    );
  }
}

/** One life's hold on a volume: the same fate for all its stores, as in the real one. */
export class SimStateEnvironment implements StateEnvironment {
  readonly #volume: SimStateVolume;
  readonly #lifetime: Lifetime;
  readonly #stores = new Map<GroupId, SimStateStore>();
  #failure: IsthmusError | null = null;
  #closed = false;

  /** For SimStateVolume. */
  constructor(volume: SimStateVolume, lifetime: Lifetime) {
    this.#volume = volume;
    this.#lifetime = lifetime;
  }

  store(group: GroupId): SimStateStore {
    assert(!this.#closed, "the environment is open");
    const known = this.#stores.get(group);
    if (known !== undefined) return known;
    if (this.#failure !== null) throw this.#failure;
    const store = new SimStateStore({
      volume: this.#volume,
      lifetime: this.#lifetime,
      group,
      failure: () => this.#failure,
      fail: (code) => this.#fail(code),
      closed: () => this.#stores.delete(group),
    });
    this.#stores.set(group, store);
    return store;
  }

  /** A commit like any other: it takes its time, and may fail. */
  async remove(group: GroupId): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await this.store(group).close();
    const failure = await new Promise<StateFailure | null>((resolve) => {
      this.#volume.begin(this.#lifetime, group, StateContents.EMPTY, resolve);
    });
    if (failure !== null) throw this.#fail(failure);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
  }

  #fail(code: StateFailure): IsthmusError {
    const error = new IsthmusError(code, "the simulated state store failed");
    this.#failure ??= new IsthmusError("store_failed", "the state store failed before and is doubtful", {
      cause: error,
    });
    return error;
  }
}

interface SimStateStoreOptions {
  readonly volume: SimStateVolume;
  readonly lifetime: Lifetime;
  readonly group: GroupId;
  readonly failure: () => IsthmusError | null;
  readonly fail: (code: StateFailure) => IsthmusError;
  readonly closed: () => void;
}

/** One group's simulated store. What it serves is what is durable. */
export class SimStateStore implements StateStore {
  readonly #options: SimStateStoreOptions;
  #contents: StateContents;
  readonly #views = new Set<StoreView>();
  #committing: Promise<void> | null = null;
  #closed = false;

  /** For SimStateEnvironment. */
  constructor(options: SimStateStoreOptions) {
    this.#options = options;
    this.#contents = options.volume.contents(options.group);
  }

  get(key: Key): Uint8Array | undefined {
    this.#check();
    return this.#contents.get(key);
  }

  range(from: Key, to: Key): Iterable<readonly [Key, Uint8Array]> {
    return this.#scan(() => this.#contents, from, to);
  }

  view(): StoreView {
    this.#check();
    const contents = this.#contents;
    let held = true;
    const look = (): StateContents => {
      assert(held, "a view is read while it is held");
      this.#check();
      return contents;
    };
    const view: StoreView = {
      get: (key) => look().get(key),
      range: (from, to) => {
        look();
        return this.#scan(() => contents, from, to);
      },
      release: () => {
        held = false;
        this.#views.delete(view);
      },
    };
    this.#views.add(view);
    return view;
  }

  async commit(writes: readonly StoreWrite[]): Promise<void> {
    this.#check();
    assert(this.#committing === null, "one commit at a time");
    if (writes.length === 0) return;
    const next = this.#contents.with(writes);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#committing = promise;
    const failure = await new Promise<StateFailure | null>((settled) => {
      this.#options.volume.begin(this.#options.lifetime, this.#options.group, next, settled);
    });
    this.#committing = null;
    resolve();
    if (failure !== null) throw this.#options.fail(failure);
    const doubt = this.#options.failure();
    if (doubt !== null) throw doubt;
    this.#contents = next;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const view of [...this.#views]) view.release();
    if (this.#committing !== null) await this.#committing;
    this.#options.closed();
  }

  /** As the real one, it stands on one moment's content from its first entry on. */
  *#scan(at: () => StateContents, from: Key, to: Key): Generator<readonly [Key, Uint8Array]> {
    this.#check();
    for (const entry of at().range(from, to)) {
      yield entry;
      this.#check();
    }
  }

  #check(): void {
    const failure = this.#options.failure();
    if (failure !== null) throw failure;
    if (this.#closed) throw new IsthmusError("store_failed", "the state store is closed");
  }
}
