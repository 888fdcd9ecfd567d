import { createHash } from "node:crypto";
import { crc32 } from "@isthmus/kernel";
import { describePacket } from "./packet-text.ts";

const PENDING_MAX_LENGTH = 64 * 1024;

/**
 * Everything that happened in a run, in order. All of it goes into one hash, by which two runs of a seed are compared;
 * the text for people is made only when somebody reads along, and is no part of the hash.
 */
export class Trace {
  readonly #hash = createHash("sha256");
  /** Lines that the hash has not taken yet: one call for many is cheaper. */
  #pending = "";
  readonly #read: ((line: string) => void) | null;
  /** The moment of the last line as text: several lines tell of one moment, and fractions are slow to print. */
  #at = { ms: Number.NaN, text: "" };

  constructor(read: ((line: string) => void) | null) {
    this.#read = read;
  }

  /** What a node, a client or the world did. */
  event(atMs: number, who: string, what: string): void {
    this.#take(`${this.#moment(atMs)} ${who} ${what}\n`);
    this.#read?.(`${time(atMs)} ${who.padEnd(12)} ${what}`);
  }

  message(atMs: number, fate: string, from: string, to: string, bytes: Uint8Array): void {
    this.#take(`${this.#moment(atMs)} ${from}>${to} ${fate} ${bytes.length} ${crc32(bytes)}\n`);
    if (this.#read === null) return;
    const text = describePacket(bytes);
    // Keep-alives and heartbeats say nothing that a reader looks for.
    if (text !== "" || fate !== "delivered")
      this.#read(
        `${time(atMs)} ${`${from} > ${to}`.padEnd(12)} ${fate === "delivered" ? "" : `${fate}: `}${text}`,
      );
  }

  /** The hash of all so far. */
  digest(): string {
    this.#flush();
    return this.#hash.copy().digest("hex");
  }

  #moment(atMs: number): string {
    if (atMs !== this.#at.ms) this.#at = { ms: atMs, text: String(atMs) };
    return this.#at.text;
  }

  #take(line: string): void {
    this.#pending += line;
    if (this.#pending.length > PENDING_MAX_LENGTH) this.#flush();
  }

  #flush(): void {
    this.#hash.update(this.#pending);
    this.#pending = "";
  }
}

function time(atMs: number): string {
  return `${(atMs / 1000).toFixed(6).padStart(11)}s`;
}
