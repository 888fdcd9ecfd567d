/** Recent state in memory over the checkpoint on disk: `store`'s Overlay behind a port. */
export interface CheckpointPort {
  readonly dirtyBytes: number;
  readonly flushing: boolean;
  /**
   * Freezes the state as it is now and makes it the checkpoint: one transaction, begun only when `ready` has resolved.
   * Resolves when it is durable.
   */
  flush(ready: Promise<void>): Promise<void>;
}

export interface CheckpointLimits {
  readonly bytes: number;
  readonly ageMs: number;
}

/** When to flush: by size, or by the age of the oldest change that is not in the checkpoint. */
export class CheckpointSchedule {
  readonly #limits: CheckpointLimits;
  #dirtySinceMs: number | null = null;

  constructor(limits: CheckpointLimits) {
    this.#limits = limits;
  }

  changed(nowMs: number): void {
    this.#dirtySinceMs ??= nowMs;
  }

  begun(): void {
    this.#dirtySinceMs = null;
  }

  /** Whether nothing has changed since the last checkpoint was begun. */
  get isClean(): boolean {
    return this.#dirtySinceMs === null;
  }

  isDue(state: CheckpointPort, nowMs: number): boolean {
    if (state.flushing || this.#dirtySinceMs === null) return false;
    return state.dirtyBytes >= this.#limits.bytes || nowMs - this.#dirtySinceMs >= this.#limits.ageMs;
  }
}
