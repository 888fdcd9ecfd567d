import type { Batch } from "./import-lines.ts";

interface Flight {
  readonly batch: Batch;
  readonly kind: Kind;
  landed: boolean;
}

type Kind = "nodes" | "edges" | "mixed";

/** Batches under way at once. More gain little: the leader gathers what is waiting anyway. */
export const WINDOW = 4;

/**
 * Keeps several batches under way without changing what the file means. Edges come after the nodes that stand before
 * them, and of two lines with one id the later one wins: so only batches of one kind fly together, and only if no record
 * is in two of them.
 */
export class ImportWindow {
  readonly #send: (batch: Batch) => Promise<void>;
  readonly #landed: (batch: Batch) => Promise<void>;
  #flights: Flight[] = [];
  #under = new Set<Promise<void>>();
  #failure: { error: unknown } | null = null;
  /** `landed` is told of one batch after the other, also where answers overtake each other. */
  #telling: Promise<void> = Promise.resolve();

  /** `landed` is called in the order of the file, for each batch before which everything is acknowledged. */
  constructor(options: { send(batch: Batch): Promise<void>; landed(batch: Batch): Promise<void> }) {
    this.#send = options.send;
    this.#landed = options.landed;
  }

  /** Resolves once the batch is on its way. Rejects with the first failure, once nothing is under way any more. */
  async add(batch: Batch): Promise<void> {
    const kind = kindOf(batch);
    while (this.#failure === null && !this.#mayJoin(batch, kind)) await Promise.race(this.#under);
    if (this.#failure !== null) return this.settle();
    const flight: Flight = { batch, kind, landed: false };
    this.#flights.push(flight);
    const under: Promise<void> = this.#fly(flight).finally(() => this.#under.delete(under));
    this.#under.add(under);
  }

  /** Waits for everything under way; rejects with the first failure. */
  async settle(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under);
    await this.#telling;
    if (this.#failure !== null) throw this.#failure.error;
  }

  #mayJoin(batch: Batch, kind: Kind): boolean {
    const flying = this.#flights.filter(({ landed }) => !landed);
    if (flying.length === 0) return this.#flights.length < 2 * WINDOW;
    if (flying.length >= WINDOW || this.#flights.length >= 2 * WINDOW || kind === "mixed") return false;
    const ids = new Set(batch.operations.map(({ id }) => id));
    return flying.every(
      (other) => other.kind === kind && !other.batch.operations.some(({ id }) => ids.has(id)),
    );
  }

  async #fly(flight: Flight): Promise<void> {
    try {
      await this.#send(flight.batch);
      flight.landed = true;
      this.#telling = this.#telling.then(() => this.#tell());
      await this.#telling;
    } catch (error) {
      // Kept for whoever adds or settles next: the other batches under way are waited for first.
      this.#failure ??= { error };
    }
  }

  async #tell(): Promise<void> {
    while (this.#flights[0]?.landed) {
      const { batch } = this.#flights[0];
      this.#flights.shift();
      await this.#landed(batch);
    }
  }
}

function kindOf({ operations }: Batch): Kind {
  const nodes = operations.filter(({ op }) => op === "put_node").length;
  if (nodes === operations.length) return "nodes";
  return nodes === 0 ? "edges" : "mixed";
}
