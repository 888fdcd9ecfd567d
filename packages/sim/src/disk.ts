import { assert, type Disk, type DiskFile, IsthmusError, type Random } from "@isthmus/kernel";
import { type Change, Inode, lost, misdirected, survivors, type Write } from "./inode.ts";
import { directoryOf, Names } from "./names.ts";
import type { Lifetime, Scheduled, Scheduler } from "./scheduler.ts";

export interface SimDiskOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** The life of the node now: what it asks for ends with it. */
  readonly lifetime: () => Lifetime;
  /** Least and greatest time of one operation. Default 0.1 to 0.4 ms. */
  readonly latencyMs?: readonly [least: number, greatest: number];
}

interface Operation {
  readonly lifetime: Lifetime;
  readonly event: Scheduled;
  /** What an operation that never ended leaves behind. */
  readonly interrupted: () => void;
}

/**
 * The disk of one simulated node; it outlives the node's lives. Each operation ends as an event, bound to the life
 * that asked: if that life ends first, nobody hears of it and a write may be gone, torn or whole. What was written
 * by a killed process and not synced is still there for the next one, until the power goes (`crash`).
 */
export class SimDisk implements Disk {
  readonly #options: SimDiskOptions;
  readonly #names = new Names();
  #operations = new Set<Operation>();
  #namesBusyUntil = 0;
  #failNextSync = false;
  /** The errors that this disk gave because it was made to fail: whoever ends by one has met a fault. */
  readonly #injected = new WeakSet<object>();

  /** What happened so far: proof that a run met the faults it was meant to. */
  readonly counts = { syncsFailed: 0, refusedFull: 0, writesLost: 0, writesMisdirected: 0, bitsRotten: 0 };

  /** A disk in distress: times every latency. */
  slowFactor = 1;
  /** How many bytes all files together may have; writes that would pass it meet `disk_full`. Null: no limit. */
  limitBytes: number | null = null;
  /**
   * The part of all writes that the disk says it has made, and has not (lost) or has made at another place of the same
   * file (misdirected). Readers see what was written, since the system's cache has it, until the power goes.
   */
  lostWriteRate = 0;
  misdirectedWriteRate = 0;

  constructor(options: SimDiskOptions) {
    this.#options = options;
  }

  /** The next sync (also of a durable write, a directory or a replacement) fails with `disk_failed`. */
  failNextSync(): void {
    this.#failNextSync = true;
  }

  /** No fault is pending any more, nor will one begin: the disk is as new. What is damaged or lost stays so. */
  mend(): void {
    this.slowFactor = 1;
    this.limitBytes = null;
    this.lostWriteRate = 0;
    this.misdirectedWriteRate = 0;
    this.#failNextSync = false;
  }

  /** No sync fails any more, if none has yet. */
  mendSync(): void {
    this.#failNextSync = false;
  }

  /** The bytes of all files. */
  get usedBytes(): number {
    return this.#names.usedBytes;
  }

  /** Whether this error is one that the disk was made to give. */
  gave(error: object): boolean {
    return this.#injected.has(error);
  }

  /** Turns one bit of any file over; tells which file, or null when there is none that has any. */
  rotAnywhere(): string | null {
    const paths = [...this.#names.files()].filter(([, inode]) => inode.size > 0).map(([path]) => path);
    const path = paths[this.#options.random.below(Math.max(1, paths.length))];
    if (path === undefined) return null;
    this.rot(path);
    return path;
  }

  /** Turns one bit of a file over: the one named, or any. */
  rot(path: string, offset?: number): void {
    const inode = this.#known(path);
    assert(inode.size > 0, "an empty file has nothing to rot");
    this.counts.bitsRotten += 1;
    inode.flip(offset ?? this.#options.random.below(inode.size), this.#options.random.below(8));
  }

  /** The power goes. The node's life must have ended: nothing that was asked for will be answered. */
  crash(): void {
    for (const operation of this.#operations) {
      operation.event.cancel();
      operation.interrupted();
    }
    this.#operations.clear();
    for (const inode of this.#names.inodes()) inode.crash(this.#options.random);
    this.#names.crash(this.#options.random);
    this.#namesBusyUntil = 0;
  }

  list(directory: string): Promise<string[]> {
    return this.#later(null, () => this.#names.list(directory));
  }

  open(path: string, options: { create: boolean; durable: boolean }): Promise<DiskFile> {
    const create = (): Inode => {
      const inode = new Inode();
      this.#names.apply({ kind: "create", path, inode });
      return inode;
    };
    const find = (): Inode => (options.create ? (this.#names.get(path) ?? create()) : this.#known(path));
    return this.#later(
      null,
      () => new SimFile(this, find(), path, options.durable),
      () => this.#maybe(() => options.create && find()),
    );
  }

  read(path: string): Promise<Uint8Array> {
    return this.#later(null, () => {
      const inode = this.#known(path);
      return inode.read(0, inode.size);
    });
  }

  replace(path: string, bytes: Uint8Array): Promise<void> {
    const content = Buffer.from(bytes);
    const finish = (): void => {
      this.#checkRoom(path, content.length);
      this.#checkSync(path);
      const inode = new Inode();
      const write: Write = { kind: "write", offset: 0, bytes: content };
      inode.apply(write, true, this.#landing(inode, write));
      this.#names.apply({ kind: "create", path, inode });
      this.#names.sync(directoryOf(path));
    };
    return this.#later(null, finish, () => this.#maybe(finish));
  }

  rename(from: string, to: string): Promise<void> {
    const finish = (): void => {
      this.#known(from);
      this.#names.apply({ kind: "rename", from, path: to });
    };
    return this.#later(null, finish, () => this.#maybe(finish));
  }

  remove(path: string): Promise<void> {
    const finish = (): void => {
      this.#known(path);
      this.#names.apply({ kind: "remove", path });
    };
    return this.#later(null, finish, () => this.#maybe(finish));
  }

  syncDirectory(directory: string): Promise<void> {
    const finish = (): void => {
      this.#checkSync(directory);
      this.#names.sync(directory);
    };
    return this.#later(null, finish, () => this.#maybe(finish));
  }

  /** For SimFile: a change of a file's content. */
  change(inode: Inode, path: string, change: Change, durable: boolean): Promise<void> {
    const finish = (): void => {
      if (change.kind === "write") this.#checkRoom(path, change.offset + change.bytes.length - inode.size);
      const failed = durable && this.#takeSyncFailure();
      inode.apply(change, durable && !failed, this.#landing(inode, change));
      if (!failed) return;
      inode.failSync();
      throw failed(path);
    };
    return this.#later(inode, finish, () => {
      for (const part of survivors(change, this.#options.random)) inode.apply(part, false);
    });
  }

  /** For SimFile: operations on a file end in order, so a sync answers for what was asked for before it. */
  sync(inode: Inode, path: string): Promise<void> {
    const finish = (): void => {
      const failed = this.#takeSyncFailure();
      if (failed) inode.failSync();
      else inode.sync();
      if (failed) throw failed(path);
    };
    return this.#later(inode, finish, () => this.#maybe(finish));
  }

  /** For SimFile: anything that changes nothing. */
  look<T>(inode: Inode, call: () => T): Promise<T> {
    return this.#later(inode, call);
  }

  #checkRoom(path: string, growth: number): void {
    if (this.limitBytes === null || growth <= 0) return;
    if (this.#names.usedBytes + growth <= this.limitBytes) return;
    this.counts.refusedFull += 1;
    const facts = { path, errno: "ENOSPC" };
    throw this.#noted(new IsthmusError("disk_full", `no room to write ${path}`, { facts }));
  }

  /** Where a change gets to on the platters. A disk that does not err draws nothing. */
  #landing(inode: Inode, change: Change): readonly Change[] {
    const { random } = this.#options;
    if (change.kind !== "write" || change.bytes.length === 0) return [change];
    if (this.lostWriteRate > 0 && random.next() < this.lostWriteRate) {
      this.counts.writesLost += 1;
      return lost(change);
    }
    if (this.misdirectedWriteRate > 0 && random.next() < this.misdirectedWriteRate) {
      this.counts.writesMisdirected += 1;
      return misdirected(change, Math.max(inode.size, change.offset + change.bytes.length), random);
    }
    return [change];
  }

  #noted(error: IsthmusError): IsthmusError {
    this.#injected.add(error);
    return error;
  }

  #later<T>(inode: Inode | null, finish: () => T, interrupted: () => void = () => {}): Promise<T> {
    this.#settleTheDead();
    const { scheduler, random } = this.#options;
    const [least, greatest] = this.#options.latencyMs ?? [0.1, 0.4];
    const latency = (least + (greatest - least) * random.next()) * this.slowFactor;
    const end = Math.max(scheduler.nowMs + latency, inode?.busyUntil ?? this.#namesBusyUntil);
    if (inode) inode.busyUntil = end;
    else this.#namesBusyUntil = end;
    const lifetime = this.#options.lifetime();
    return new Promise((settle, reject) => {
      const complete = (): void => {
        this.#operations.delete(operation);
        try {
          settle(finish());
        } catch (error) {
          reject(error);
        }
      };
      const event = scheduler.schedule(end - scheduler.nowMs, complete, lifetime);
      const operation: Operation = { lifetime, event, interrupted };
      this.#operations.add(operation);
    });
  }

  /** What a life that has ended left unfinished is decided before the next one sees the disk. */
  #settleTheDead(): void {
    for (const operation of this.#operations) {
      if (operation.lifetime.alive) continue;
      this.#operations.delete(operation);
      operation.interrupted();
    }
  }

  /** An interrupted step that is whole or not at all. One that would have failed has left nothing. */
  #maybe(finish: () => void): void {
    if (this.#options.random.below(2) === 0) return;
    try {
      finish();
    } catch (error) {
      assert(error instanceof IsthmusError, "a simulated disk fails in expected ways");
    }
  }

  #checkSync(path: string): void {
    const failed = this.#takeSyncFailure();
    if (failed) throw failed(path);
  }

  #takeSyncFailure(): false | ((path: string) => IsthmusError) {
    if (!this.#failNextSync) return false;
    this.#failNextSync = false;
    this.counts.syncsFailed += 1;
    return (path) =>
      this.#noted(
        new IsthmusError("disk_failed", `cannot sync ${path} (EIO)`, { facts: { path, errno: "EIO" } }),
      );
  }

  #known(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode) return inode;
    const facts = { path, errno: "ENOENT" };
    throw new IsthmusError("disk_missing", `${path} does not exist`, { facts });
  }
}

class SimFile implements DiskFile {
  readonly #disk: SimDisk;
  readonly #inode: Inode;
  readonly #path: string;
  readonly #durable: boolean;

  constructor(disk: SimDisk, inode: Inode, path: string, durable: boolean) {
    this.#disk = disk;
    this.#inode = inode;
    this.#path = path;
    this.#durable = durable;
  }

  size(): Promise<number> {
    return this.#disk.look(this.#inode, () => this.#inode.size);
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#disk.look(this.#inode, () => this.#inode.read(offset, length));
  }

  readNow(offset: number, length: number): Uint8Array {
    return this.#inode.read(offset, length);
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    const change: Change = { kind: "write", offset, bytes: Buffer.from(bytes) };
    return this.#disk.change(this.#inode, this.#path, change, this.#durable);
  }

  sync(): Promise<void> {
    return this.#disk.sync(this.#inode, this.#path);
  }

  truncate(size: number): Promise<void> {
    return this.#disk.change(this.#inode, this.#path, { kind: "truncate", size }, false);
  }

  close(): Promise<void> {
    return this.#disk.look(this.#inode, () => undefined);
  }
}
