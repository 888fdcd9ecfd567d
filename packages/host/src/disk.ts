import {
  close,
  constants,
  fdatasync,
  fstat,
  ftruncate,
  type NoParamCallback,
  open,
  read,
  readSync,
  write,
} from "node:fs";
import { mkdir, readdir, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { assert, type Disk, type DiskFile, IsthmusError } from "@isthmus/kernel";

/**
 * The files under one directory of the machine. `root` is made when the first file is; paths that leave it are a
 * broken invariant. Opening touches nothing.
 */
export function openHostDisk(root: string): Disk {
  assert(root.length > 0, "a data directory has a path");
  return new HostDisk(root);
}

/** What `replace` writes before the rename; a crash can leave one behind, and the next `replace` overwrites it. */
const TEMPORARY = ".tmp";

class HostDisk implements Disk {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  async list(directory: string): Promise<string[]> {
    try {
      return (await readdir(this.#place(directory))).sort();
    } catch (cause) {
      if (errnoOf(cause) === "ENOENT") return [];
      throw failure(directory, "list", cause);
    }
  }

  async open(path: string, options: { create: boolean; durable: boolean }): Promise<DiskFile> {
    if (options.create) await this.#makeDirectory(dirname(path));
    let flags = constants.O_RDWR;
    if (options.create) flags |= constants.O_CREAT;
    if (options.durable) flags |= constants.O_DSYNC;
    const descriptor = await descriptorOf(this.#place(path), path, flags);
    return new HostFile(descriptor, path);
  }

  async read(path: string): Promise<Uint8Array> {
    try {
      return await readFile(this.#place(path));
    } catch (cause) {
      throw failure(path, "read", cause);
    }
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = path + TEMPORARY;
    const file = await this.open(temporary, { create: true, durable: false });
    try {
      await file.truncate(0);
      await file.write(0, bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    // Order: the content is durable before its name is, so no crash shows an empty or torn file under `path`.
    await this.rename(temporary, path);
    await this.syncDirectory(dirname(path));
  }

  async rename(from: string, to: string): Promise<void> {
    try {
      await rename(this.#place(from), this.#place(to));
    } catch (cause) {
      throw failure(from, "rename", cause);
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await unlink(this.#place(path));
    } catch (cause) {
      throw failure(path, "remove", cause);
    }
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#syncPlace(this.#place(directory), directory);
  }

  async #syncPlace(place: string, path: string): Promise<void> {
    const descriptor = await descriptorOf(place, path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await done(path, "sync", (back) => fdatasync(descriptor, back));
    } finally {
      await done(path, "close", (back) => close(descriptor, back));
    }
  }

  /** A new directory's own name is durable before anything relies on what is in it. */
  async #makeDirectory(directory: string): Promise<void> {
    let first: string | undefined;
    try {
      first = await mkdir(this.#place(directory), { recursive: true });
    } catch (cause) {
      throw failure(directory, "create", cause);
    }
    if (first === undefined) return;
    const above = dirname(first);
    for (let at = this.#place(directory); at !== above; at = dirname(at)) {
      await this.#syncPlace(dirname(at), directory);
    }
  }

  #place(path: string): string {
    assert(!path.startsWith("/") && !path.split("/").includes(".."), "a path stays below the data directory");
    return join(this.#root, path);
  }
}

class HostFile implements DiskFile {
  readonly #descriptor: number;
  readonly #path: string;

  constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  size(): Promise<number> {
    return new Promise((settle, reject) => {
      fstat(this.#descriptor, (cause, stats) => {
        if (cause) reject(failure(this.#path, "size", cause));
        else settle(stats.size);
      });
    });
  }

  /** One read of the system gives 2 GiB at most and may give less than asked: only zero bytes mean the end. */
  read(offset: number, length: number): Promise<Uint8Array> {
    return new Promise((settle, reject) => {
      const buffer = Buffer.allocUnsafe(length);
      const next = (filled: number): void => {
        read(this.#descriptor, buffer, filled, length - filled, offset + filled, (cause, count) => {
          if (cause) reject(failure(this.#path, "read", cause));
          else if (count === 0 || filled + count === length) settle(buffer.subarray(0, filled + count));
          else next(filled + count);
        });
      };
      next(0);
    });
  }

  readNow(offset: number, length: number): Uint8Array {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    try {
      while (filled < length) {
        const count = readSync(this.#descriptor, buffer, filled, length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
    } catch (cause) {
      throw failure(this.#path, "read", cause);
    }
    return buffer.subarray(0, filled);
  }

  /** The append path: one call into the system where it takes all bytes, no promise but the one handed out. */
  write(offset: number, bytes: Uint8Array): Promise<void> {
    return new Promise((settle, reject) => {
      const next = (written: number): void => {
        write(this.#descriptor, bytes, written, bytes.length - written, offset + written, (cause, count) => {
          if (cause) reject(failure(this.#path, "write", cause));
          else if (written + count === bytes.length) settle();
          else next(written + count);
        });
      };
      if (bytes.length === 0) settle();
      else next(0);
    });
  }

  /** fdatasync: the length is data; only times are left to the system. */
  sync(): Promise<void> {
    return done(this.#path, "sync", (back) => fdatasync(this.#descriptor, back));
  }

  truncate(length: number): Promise<void> {
    return done(this.#path, "truncate", (back) => ftruncate(this.#descriptor, length, back));
  }

  close(): Promise<void> {
    return done(this.#path, "close", (back) => close(this.#descriptor, back));
  }
}

function descriptorOf(place: string, path: string, flags: number): Promise<number> {
  return new Promise((settle, reject) => {
    open(place, flags, 0o644, (cause, descriptor) => {
      if (cause) reject(failure(path, "open", cause));
      else settle(descriptor);
    });
  });
}

function done(path: string, operation: string, start: (back: NoParamCallback) => void): Promise<void> {
  return new Promise((settle, reject) => {
    start((cause) => {
      if (cause) reject(failure(path, operation, cause));
      else settle();
    });
  });
}

/** `path` is the one relative to the data directory: the machine's own paths stay out of errors that others read. */
function failure(path: string, operation: string, cause: unknown): IsthmusError {
  const errno = errnoOf(cause);
  const facts = { path, operation, errno };
  if (errno === "ENOSPC" || errno === "EDQUOT") {
    return new IsthmusError("disk_full", `no room to ${operation} ${path}`, { facts, cause });
  }
  if (errno === "ENOENT") return new IsthmusError("disk_missing", `${path} does not exist`, { facts, cause });
  return new IsthmusError("disk_failed", `cannot ${operation} ${path} (${errno})`, { facts, cause });
}

function errnoOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "unknown";
}
