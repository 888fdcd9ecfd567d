/**
 * The files of one node. Paths are relative to the node's data directory, with `/` between parts.
 * Expected failures are IsthmusError: `disk_full`, `disk_missing` (no such file), `disk_failed` (anything else).
 */
export interface Disk {
  /** Names in a directory, sorted. A directory that does not exist has none. */
  list(directory: string): Promise<string[]>;
  /** Opens for reading and writing. `create` makes the file (and its directory), durable after `syncDirectory`. */
  open(path: string, options: { create: boolean; durable: boolean }): Promise<DiskFile>;
  /** A whole small file. */
  read(path: string): Promise<Uint8Array>;
  /** Atomically and durably replaces a whole small file: temporary file, sync, rename, sync of the directory. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(directory: string): Promise<void>;
}

export interface DiskFile {
  size(): Promise<number>;
  /** Up to `length` bytes; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** As `read`, in this turn: for Raft's storage, which is asked synchronously. For bounded ranges of recent files. */
  readNow(offset: number, length: number): Uint8Array;
  /**
   * All bytes or an error. On a file opened `durable` they are on stable storage when the promise resolves;
   * otherwise only after `sync`. `bytes` must not change until then.
   */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}
