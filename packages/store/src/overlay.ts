import {
  assert,
  IsthmusError,
  type Key,
  type Labels,
  type Registry,
  type StateStore,
  type StoreReader,
  type StoreView,
} from "@isthmus/kernel";
import { assertStorable } from "./commit-frames.ts";
import { Generation, type Layer } from "./generation.ts";
import { rangeLayered, readLayered } from "./layered.ts";

type Entry = readonly [Key, Uint8Array];

export interface OverlayOptions {
  readonly base: StateStore;
  readonly registry?: Registry;
  /** Bounded: a group, never a key. */
  readonly labels?: Labels;
}

/**
 * Recent state in memory over a state store. Writes take effect here at once and reach the base in large ordered
 * transactions; reads look here first. What is not flushed is lost with the process: the log has it.
 *
 * Values are kept as given and returned as kept: nobody may change their bytes.
 */
export class Overlay implements StoreReader {
  readonly #base: StateStore;
  #current = new Generation();
  /** On its way to the base; above it in every read until the base serves all of it. */
  #frozen: Generation | null = null;
  #failure: IsthmusError | null = null;
  readonly #flushes;
  readonly #flushedBytes;

  constructor(options: OverlayOptions) {
    const { registry, labels = {} } = options;
    this.#base = options.base;
    registry?.gauge("isthmus.store.dirty_keys", labels, () => this.dirtyKeys);
    registry?.gauge("isthmus.store.dirty_bytes", labels, () => this.dirtyBytes);
    this.#flushes = registry?.counter("isthmus.store.flushes", labels);
    this.#flushedBytes = registry?.counter("isthmus.store.flushed_bytes", labels);
  }

  /** Keys in all generations not yet durable; a key that is in both counts twice. */
  get dirtyKeys(): number {
    return this.#current.keys + (this.#frozen?.keys ?? 0);
  }

  /** Bytes of those keys and their values, without what holding them costs (about 150 bytes a key). */
  get dirtyBytes(): number {
    return this.#current.bytes + (this.#frozen?.bytes ?? 0);
  }

  get flushing(): boolean {
    return this.#frozen !== null && this.#failure === null;
  }

  /** Throws IsthmusError `store_failed` when the base has failed and is asked. */
  get(key: Key): Uint8Array | undefined {
    const recent = this.#current.get(key);
    if (recent !== undefined) return recent ?? undefined;
    const frozen = this.#frozen?.get(key);
    if (frozen !== undefined) return frozen ?? undefined;
    return this.#base.get(key);
  }

  /**
   * Iterate within one turn, or use a view. If the overlay changes while a range is under way, the range stays in
   * order and gives each key at most once, but its entries may be of different moments. End it: run it out, break
   * out of a `for ... of`, or call `return`.
   */
  range(from: Key, to: Key): Iterable<Entry> {
    return rangeLayered(this.#layers(this.#current), this.#base, from, to);
  }

  /** `undefined` removes. Keys have 1 to 1978 bytes. */
  set(key: Key, value: Uint8Array | undefined): void {
    assertStorable(key);
    this.#current.set(key, value);
  }

  /**
   * Freezes what has changed and commits it to the base as one transaction in key order. Resolves when that is
   * durable. Reads see everything before, during and after; writes meanwhile go to a new generation.
   *
   * Rejects as the base's commit does. Then the frozen changes stay readable here, and every further flush is
   * refused: whoever drives this rebuilds the base.
   *
   * `ready` holds the commit back, not the freezing: what the log must have before the checkpoint passes it.
   */
  async flush(ready?: Promise<void>): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    assert(this.#frozen === null, "one flush at a time");
    const frozen = this.#current;
    if (frozen.keys === 0) return;
    frozen.freeze();
    this.#frozen = frozen;
    this.#current = new Generation();
    try {
      if (ready !== undefined) await ready;
      await this.#base.commit(frozen.writes());
    } catch (error) {
      this.#failure =
        error instanceof IsthmusError
          ? error
          : new IsthmusError("store_failed", "a flush failed for an unknown reason", { cause: error });
      throw error;
    }
    // Invariant: a resolved commit is what the base's next read serves, so nothing goes missing between these lines.
    this.#frozen = null;
    this.#flushes?.add();
    this.#flushedBytes?.add(frozen.bytes);
  }

  /**
   * A consistent view of now, over all generations and the base, which does not change while the overlay does.
   * Release it soon: it holds the base's pages, and each write meanwhile copies a little of the current generation.
   */
  view(): StoreView {
    const base = this.#base.view();
    const layers = this.#layers(this.#current.keys === 0 ? null : this.#current.snapshot());
    return new OverlayView(layers, base);
  }

  #layers(youngest: Layer | null): readonly Layer[] {
    const layers: Layer[] = [];
    if (youngest !== null) layers.push(youngest);
    if (this.#frozen !== null) layers.push(this.#frozen);
    return layers;
  }
}

class OverlayView implements StoreView {
  #layers: readonly Layer[];
  readonly #base: StoreView;
  #held = true;

  constructor(layers: readonly Layer[], base: StoreView) {
    this.#layers = layers;
    this.#base = base;
  }

  get(key: Key): Uint8Array | undefined {
    assert(this.#held, "a view is read while it is held");
    return readLayered(this.#layers, this.#base, key);
  }

  range(from: Key, to: Key): Iterable<Entry> {
    assert(this.#held, "a view is read while it is held");
    return rangeLayered(this.#layers, this.#base, from, to);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#layers = [];
    this.#base.release();
  }
}
