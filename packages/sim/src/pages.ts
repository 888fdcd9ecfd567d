import { assert } from "@isthmus/kernel";

const PAGE_BYTES = 4096;
const ZEROS = Buffer.alloc(PAGE_BYTES);

/** The bytes of one file. Pages that hold only zeros are not kept: a zero-filled segment costs nothing. */
export class Pages {
  #size = 0;
  readonly #pages = new Map<number, Buffer>();

  get size(): number {
    return this.#size;
  }

  write(offset: number, bytes: Uint8Array): void {
    assert(Number.isSafeInteger(offset) && offset >= 0, "a write has an offset");
    let at = 0;
    while (at < bytes.length) {
      const number = Math.floor((offset + at) / PAGE_BYTES);
      const within = (offset + at) % PAGE_BYTES;
      const part = bytes.subarray(at, at + PAGE_BYTES - within);
      this.#writePage(number, within, part);
      at += part.length;
    }
    this.#size = Math.max(this.#size, offset + bytes.length);
  }

  /** Up to `length` bytes, a copy; fewer only at the end. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.#size - offset)));
    let at = 0;
    while (at < bytes.length) {
      const within = (offset + at) % PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - within, bytes.length - at);
      const page = this.#pages.get(Math.floor((offset + at) / PAGE_BYTES));
      if (page) bytes.set(page.subarray(within, within + count), at);
      at += count;
    }
    return bytes;
  }

  truncate(size: number): void {
    if (size < this.#size) {
      const last = Math.floor(size / PAGE_BYTES);
      for (const number of this.#pages.keys()) if (number > last) this.#pages.delete(number);
      this.#pages.get(last)?.fill(0, size % PAGE_BYTES);
    }
    this.#size = size;
  }

  copy(): Pages {
    const copy = new Pages();
    copy.#size = this.#size;
    for (const [number, page] of this.#pages) copy.#pages.set(number, Buffer.from(page));
    return copy;
  }

  #writePage(number: number, within: number, part: Uint8Array): void {
    const known = this.#pages.get(number);
    if (known) known.set(part, within);
    else if (ZEROS.compare(part, 0, part.length, 0, part.length) !== 0) {
      const page = Buffer.alloc(PAGE_BYTES);
      page.set(part, within);
      this.#pages.set(number, page);
    }
  }
}
