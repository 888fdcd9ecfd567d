import { setTimeout as pause } from "node:timers/promises";
import { type NodeClient, nodePath } from "../support/http.ts";

export interface PumpOptions {
  readonly prefix: string;
  readonly targets: readonly NodeClient[];
  readonly valueBytes: number;
  /** Written over and over: what the data takes stays the same, what passes through does not. */
  readonly keys: number;
  readonly bytesPerSecond: number;
}

const WORKERS = 8;

/** Large values at an even pace, to fill whatever holds what a slow peer has not taken. */
export class Pump {
  /** Bytes of acknowledged values. */
  acknowledgedBytes = 0;
  refused = 0;
  readonly #options: PumpOptions;
  readonly #over = new AbortController();
  readonly #workers: Promise<void>[];
  readonly #begunMs = performance.now();
  #sent = 0;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#workers = Array.from({ length: WORKERS }, () => this.#work());
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    const { prefix, targets, valueBytes, keys, bytesPerSecond } = this.#options;
    while (!this.#over.signal.aborted) {
      const number = this.#sent++;
      const dueMs = this.#begunMs + (number * valueBytes * 1000) / bytesPerSecond;
      await pause(Math.max(0, dueMs - performance.now()), undefined, { signal: this.#over.signal }).catch(
        (error: Error) => {
          if (error.name !== "AbortError") throw error;
        },
      );
      if (this.#over.signal.aborted) return;
      const target = targets[number % targets.length];
      if (target === undefined) throw new Error("a pump needs somebody to write to");
      const value = `${number}-`.padEnd(valueBytes, "v");
      const answer = await target.call("PUT", nodePath(`${prefix}-${number % keys}`), {
        body: { properties: { value } },
      });
      if (answer.status === 200) this.acknowledgedBytes += valueBytes;
      else this.refused += 1;
    }
  }
}
