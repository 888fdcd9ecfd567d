import type { Terminal } from "./terminal.ts";

export interface Work {
  readonly records: number;
  readonly bytes: number;
}

const REDRAW_MS = 100;
const LINE_MS = 1_000;
const BAR_CELLS = 30;

/**
 * How far a long command is, on stderr: a line that is redrawn where a person looks, a plain line a second elsewhere.
 * It looks at the clock when it is told something and has no timer of its own.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #verb: string;
  /** Null where the end is not known beforehand. */
  readonly #totalBytes: number | null;
  readonly #now: () => number;
  readonly #startedAt: number;
  #shownAt: number;
  #drawn = false;

  constructor(terminal: Terminal, options: { verb: string; totalBytes: number | null; now?: () => number }) {
    this.#terminal = terminal;
    this.#verb = options.verb;
    this.#totalBytes = options.totalBytes;
    this.#now = options.now ?? (() => performance.now());
    this.#startedAt = this.#now();
    this.#shownAt = this.#startedAt;
  }

  get seconds(): number {
    return (this.#now() - this.#startedAt) / 1_000;
  }

  /** `work` is what was done in all; `fresh` how many records of it since this command began. */
  show(work: Work, fresh: number): void {
    const now = this.#now();
    if (now - this.#shownAt < (this.#terminal.errIsTerminal ? REDRAW_MS : LINE_MS)) return;
    this.#shownAt = now;
    const rate = `${Math.round(fresh / Math.max(this.seconds, 0.001))}/s`;
    const parts = [`${this.#verb} ${work.records} records`, rate, ...this.#share(work)];
    this.#drawn = this.#terminal.errIsTerminal;
    const text = parts.join(", ");
    this.#terminal.err(this.#drawn ? `\r\u001b[K${this.#bar(work)}${text}` : `${text}\n`);
  }

  /** Leaves the line free for what comes next. */
  end(): void {
    if (this.#drawn) this.#terminal.err("\r\u001b[K");
    this.#drawn = false;
  }

  #share({ bytes }: Work): string[] {
    return this.#totalBytes === null ? [] : [`${Math.floor((100 * bytes) / Math.max(this.#totalBytes, 1))}%`];
  }

  #bar({ bytes }: Work): string {
    if (this.#totalBytes === null) return "";
    const full = Math.min(BAR_CELLS, Math.floor((BAR_CELLS * bytes) / Math.max(this.#totalBytes, 1)));
    return `[${"#".repeat(full)}${".".repeat(BAR_CELLS - full)}] `;
  }
}

/** The most memory that this process has held, in bytes. */
export function peakMemoryBytes(): number {
  return process.resourceUsage().maxRSS * 1_024;
}
