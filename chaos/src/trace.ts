import { createHash } from "node:crypto";
import type { VersionVector } from "@isthmus/causality";
import { ByteWriter, crc32 } from "@isthmus/kernel";
import { describePacket } from "./packet-text.ts";

const BLOCK_BYTES = 64 * 1024;
/** What a single text may add to a block before it is taken. */
const ROOM_BYTES = 4 * 1024;

/** What a line of the trace is about, in its bytes. */
const ABOUT = { event: 1, message: 2, applied: 3 } as const;

/**
 * Everything that happened in a run, in order. All of it goes into one hash, by which two runs of a seed are compared,
 * as numbers and short texts in a block of bytes; the text for people is made only when somebody reads along, and is no
 * part of the hash.
 */
export class Trace {
  readonly #hash = createHash("sha256");
  /** What the hash has not taken yet: one call for much is cheaper. */
  #block = new ByteWriter(BLOCK_BYTES + ROOM_BYTES);
  /** Names are numbered as they come up: each is written out once. */
  readonly #names = new Map<string, number>();
  readonly #read: ((line: string) => void) | null;

  constructor(read: ((line: string) => void) | null) {
    this.#read = read;
  }

  /** What a node, a client or the world did. */
  event(atMs: number, who: string, what: string): void {
    this.#begin(ABOUT.event, atMs, who);
    this.#block.text(what);
    this.#read?.(`${time(atMs)} ${who.padEnd(12)} ${what}`);
  }

  message(atMs: number, fate: string, from: string, to: string, bytes: Uint8Array): void {
    this.#begin(ABOUT.message, atMs, from);
    this.#name(to);
    this.#name(fate);
    this.#block.varint(bytes.length).u32(crc32(bytes));
    if (this.#read === null) return;
    const text = describePacket(bytes);
    // Keep-alives and heartbeats say nothing that a reader looks for.
    if (text !== "" || fate !== "delivered")
      this.#read(
        `${time(atMs)} ${`${from} > ${to}`.padEnd(12)} ${fate === "delivered" ? "" : `${fate}: `}${text}`,
      );
  }

  /** A replica has applied an entry, and stands at `now`. */
  applied(
    atMs: number,
    who: string,
    {
      group,
      index,
      term,
      kind,
    }: {
      readonly group: string;
      readonly index: number;
      readonly term: number;
      readonly kind: string;
    },
    now: VersionVector,
  ): void {
    this.#begin(ABOUT.applied, atMs, who);
    this.#name(group);
    this.#name(kind);
    this.#block.varint(index).varint(term);
    now.write(this.#block);
    this.#read?.(`${time(atMs)} ${who.padEnd(12)} ${group}: applies ${index}/${term}: ${kind}, now [${now}]`);
  }

  /** The hash of all so far. */
  digest(): string {
    this.#flush();
    return this.#hash.copy().digest("hex");
  }

  #begin(about: number, atMs: number, who: string): void {
    if (this.#block.length > BLOCK_BYTES) this.#flush();
    this.#block.u8(about).f64(atMs);
    this.#name(who);
  }

  #name(name: string): void {
    const known = this.#names.get(name);
    if (known !== undefined) {
      this.#block.varint(known);
      return;
    }
    // Zero stands for a new name, which follows.
    this.#names.set(name, this.#names.size + 1);
    this.#block.varint(0).text(name);
  }

  #flush(): void {
    this.#hash.update(this.#block.finish());
    this.#block = new ByteWriter(BLOCK_BYTES + ROOM_BYTES);
  }
}

function time(atMs: number): string {
  return `${(atMs / 1000).toFixed(6).padStart(11)}s`;
}
