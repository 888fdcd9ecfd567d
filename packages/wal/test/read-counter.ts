import type { Disk, DiskFile } from "@isthmus/kernel";

/** The same disk, and how often somebody read it in the middle of a turn. */
export class ReadCounter {
  reads = 0;
  readonly disk: Disk;

  constructor(inner: Disk) {
    this.disk = {
      list: (directory) => inner.list(directory),
      read: (path) => inner.read(path),
      replace: (path, bytes) => inner.replace(path, bytes),
      rename: (from, to) => inner.rename(from, to),
      remove: (path) => inner.remove(path),
      syncDirectory: (directory) => inner.syncDirectory(directory),
      open: async (path, options) => this.#counting(await inner.open(path, options)),
    };
  }

  #counting(file: DiskFile): DiskFile {
    return {
      size: () => file.size(),
      read: (offset, length) => file.read(offset, length),
      write: (offset, bytes) => file.write(offset, bytes),
      sync: () => file.sync(),
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
      readNow: (offset, length) => {
        this.reads += 1;
        return file.readNow(offset, length);
      },
    };
  }
}
