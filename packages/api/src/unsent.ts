import type { ServerResponse } from "node:http";
import { IsthmusError } from "@isthmus/kernel";
import { UNSENT_MAX_BYTES } from "./limits.ts";

/**
 * Bytes of answers to reads that clients have not taken yet. A few connections can ask for a thousand pages in one
 * packet: the number of requests alone bounds no memory.
 */
export class Unsent {
  #bytes = 0;

  /**
   * Throws `overloaded` where too much waits already. Call it in the same turn in which the answer is then made and
   * held: what was admitted in an earlier one was admitted by all who waited with it.
   */
  admit(): void {
    if (this.#bytes >= UNSENT_MAX_BYTES)
      throw new IsthmusError("overloaded", "clients have not taken the answers that wait for them already");
  }

  /** Counts what this answer has left to send, until it is sent or its client is gone. */
  hold(response: ServerResponse): void {
    const bytes = response.writableLength;
    if (bytes === 0 || response.destroyed) return;
    this.#bytes += bytes;
    response.once("close", () => {
      this.#bytes -= bytes;
    });
  }
}
