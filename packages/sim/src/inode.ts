import { assert, type Random } from "@isthmus/kernel";
import { Pages } from "./pages.ts";

const SECTOR_BYTES = 512;

export type Change =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number }
  /** A length that is at least this: what a write that went astray leaves behind. The name's owner keeps lengths. */
  | { readonly kind: "grow"; readonly size: number };

/** A write, and where its bytes go. */
export type Write = Extract<Change, { kind: "write" }>;

/**
 * One file's content, twice: as programs see it, and as the platters hold it. Between them stand the changes that
 * nobody synced, in order; a power cut decides about each of them alone.
 */
export class Inode {
  #current = new Pages();
  #synced = new Pages();
  #unsynced: { readonly change: Change; readonly durable: boolean }[] = [];
  /** Virtual time until which earlier operations keep the file busy: they end in the order of their calls. */
  busyUntil = 0;

  get size(): number {
    return this.#current.size;
  }

  read(offset: number, length: number): Buffer {
    return this.#current.read(offset, length);
  }

  /**
   * A change that a durable descriptor made is on the platters at once; others wait for `sync`. `landing` is what gets
   * to the platters in the change's place, on a disk that errs: readers see the change until the power goes.
   */
  apply(change: Change, durable: boolean, landing: readonly Change[] = [change]): void {
    applyTo(this.#current, change);
    for (const landed of landing) {
      if (durable) applyTo(this.#synced, landed);
      // A durable change is kept behind older unsynced ones, or their later sync would undo it.
      if (!durable || this.#unsynced.length > 0) this.#unsynced.push({ change: landed, durable });
    }
  }

  sync(): void {
    for (const { change } of this.#unsynced.splice(0)) applyTo(this.#synced, change);
  }

  /**
   * A failed sync, as Linux does it: the pages count as clean afterwards, so that no later sync writes them, while
   * readers still see them.
   */
  failSync(): void {
    this.#unsynced = [];
  }

  /** The power goes: each unsynced change is whole, torn or gone. */
  crash(random: Random): void {
    for (const { change, durable } of this.#unsynced.splice(0)) {
      for (const part of durable ? [change] : survivors(change, random)) applyTo(this.#synced, part);
    }
    this.#current = this.#synced.copy();
    this.busyUntil = 0;
  }

  /** One bit turns over, on the platters and in memory. */
  flip(offset: number, bit: number): void {
    assert(offset < this.#current.size, "rot hits a byte of the file");
    for (const pages of [this.#current, this.#synced]) {
      const byte = pages.read(offset, 1);
      if (byte.length === 0) continue;
      byte[0] = (byte[0] as number) ^ (1 << bit);
      pages.write(offset, byte);
    }
  }
}

/** What a write leaves behind that the disk says it has made and has not: a file of the right length. */
export function lost({ offset, bytes }: Write): Change[] {
  return [{ kind: "grow", size: offset + bytes.length }];
}

/** As `lost`, and the bytes lie at other sectors of a file of this size. One that has no others just loses them. */
export function misdirected(write: Write, size: number, random: Random): Change[] {
  const sectors = Math.ceil(size / SECTOR_BYTES);
  const own = Math.floor(write.offset / SECTOR_BYTES);
  const grown = lost(write);
  if (sectors < 2 || own >= sectors) return grown;
  const drawn = random.below(sectors - 1);
  const offset = (drawn < own ? drawn : drawn + 1) * SECTOR_BYTES;
  return [...grown, { kind: "write", offset, bytes: write.bytes.subarray(0, size - offset) }];
}

/** What is left of a change that was cut short: nothing, all, the front of it, or some of its sectors. */
export function survivors(change: Change, random: Random): Change[] {
  const fate = random.below(4);
  if (fate === 0) return [];
  if (fate === 1 || change.kind !== "write") return [change];
  const { offset, bytes } = change;
  if (fate === 2)
    return [{ kind: "write", offset, bytes: bytes.subarray(0, random.below(bytes.length + 1)) }];
  const parts: Change[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES));
    if (random.below(2) === 0)
      parts.push({ kind: "write", offset: offset + at, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return parts;
}

function applyTo(pages: Pages, change: Change): void {
  if (change.kind === "write") pages.write(change.offset, change.bytes);
  else if (change.kind === "truncate" || change.size > pages.size) pages.truncate(change.size);
}
