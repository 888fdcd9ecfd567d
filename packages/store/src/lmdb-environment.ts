import { rm } from "node:fs/promises";
import {
  assert,
  type GroupId,
  IsthmusError,
  type Registry,
  type StateEnvironment,
  type StoreWrite,
} from "@isthmus/kernel";
import { errorNumberOf, storeError, type WriterFault } from "./errors.ts";
import { type EnvironmentRoot, makeGroups, openGroup, openRoot } from "./lmdb-root.ts";
import { LmdbStore, type StoreOwner } from "./lmdb-store.ts";
import { WriterThread } from "./writer-thread.ts";

export interface LmdbOptions {
  /** A directory of its own; made if it does not exist. */
  readonly path: string;
  readonly registry?: Registry;
  /** Groups that will be asked for: made together where they are new, which is much faster than one by one. */
  readonly groups?: readonly GroupId[];
}

/**
 * Opens the environment at its last durable commit. One process at a time. Rejects with IsthmusError `store_failed`
 * or `disk_full`; then the way on is `removeLmdb` and a rebuild.
 */
export async function openLmdb(options: LmdbOptions): Promise<LmdbEnvironment> {
  let root: EnvironmentRoot | undefined;
  try {
    root = openRoot(options.path);
    if (options.groups) makeGroups(root, options.groups);
    const writer = await WriterThread.start(options.path);
    return new LmdbEnvironment(options, root, writer);
  } catch (error) {
    await root?.close();
    throw storeError(options.path, { errorNumber: errorNumberOf(error), message: String(error) }, error);
  }
}

/** Throws an environment away that is closed: the log, a snapshot or a peer has what it held. */
export async function removeLmdb(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/**
 * One LMDB environment with a named database for each group. Commits of all groups go through one writer's thread,
 * reads happen here and now. After the first failed commit every store in it is doubtful and says so.
 */
export class LmdbEnvironment implements StateEnvironment {
  readonly path: string;
  readonly #root: EnvironmentRoot;
  readonly #writer: WriterThread;
  readonly #registry: Registry | undefined;
  readonly #stores = new Map<GroupId, LmdbStore>();
  readonly #owner: StoreOwner;
  #failure: IsthmusError | null = null;
  #closing: Promise<void> | null = null;

  /** For `openLmdb`. */
  constructor(options: LmdbOptions, root: EnvironmentRoot, writer: WriterThread) {
    this.path = options.path;
    this.#root = root;
    this.#writer = writer;
    this.#registry = options.registry;
    this.#owner = {
      failure: () => this.#failure,
      fail: (error) => this.#fail({ errorNumber: errorNumberOf(error), message: String(error) }, error),
      commit: (group, writes) => this.#commit(group, writes),
      closed: (group) => this.#stores.delete(group),
    };
  }

  /**
   * Opening a group for the first time stops this thread until a commit under way has ended: open groups when the
   * node starts. Throws as `commit` rejects.
   */
  store(group: GroupId): LmdbStore {
    assert(this.#closing === null, "the environment is open");
    const known = this.#stores.get(group);
    if (known !== undefined) return known;
    if (this.#failure !== null) throw this.#failure;
    try {
      const store = new LmdbStore(group, openGroup(this.#root, group), this.#owner);
      this.#stores.set(group, store);
      return store;
    } catch (error) {
      throw this.#owner.fail(error);
    }
  }

  async remove(group: GroupId): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await this.store(group).close();
    this.#settle(await this.#writer.clear(group));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Invariant: no snapshot or cursor outlives the environment, whose memory they would touch.
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
    await this.#writer.close();
    await this.#root.close();
  }

  async #commit(group: GroupId, writes: readonly StoreWrite[]): Promise<void> {
    this.#settle(await this.#writer.commit(group, writes));
    this.#registry?.counter("isthmus.store.commits", { group }).add();
    this.#registry?.counter("isthmus.store.committed_keys", { group }).add(writes.length);
  }

  /** Resolved means visible: the next read must begin on a snapshot that has the commit. */
  #settle(fault: WriterFault | null): void {
    if (fault !== null) throw this.#fail(fault);
    this.#root.resetReadTxn();
  }

  /** The first failure decides; later calls are answered `store_failed` with it as their cause. */
  #fail(fault: WriterFault, cause?: unknown): IsthmusError {
    if (this.#failure !== null) return this.#failure;
    const error = storeError(this.path, fault, cause);
    this.#registry?.refuse("store", error.code);
    this.#failure = new IsthmusError("store_failed", "the state store failed before and is doubtful", {
      facts: error.facts,
      cause: error,
    });
    return error;
  }
}
