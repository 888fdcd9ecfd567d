import { type Key, must, type StateStore, type StoreView, type StoreWrite } from "@isthmus/kernel";

/** A base whose commits end when the test says so. Its views do not outlive a commit: no test here needs them to. */
export class ManualStore implements StateStore {
  commits = 0;
  readonly #entries = new Map<Key, Uint8Array>();
  #finish: (() => void) | null = null;

  get(key: Key): Uint8Array | undefined {
    return this.#entries.get(key);
  }

  range(from: Key, to: Key): Iterable<readonly [Key, Uint8Array]> {
    return [...this.#entries].filter(([key]) => key >= from && key < to).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  view(): StoreView {
    return { get: (key) => this.get(key), range: (from, to) => this.range(from, to), release: () => {} };
  }

  async commit(writes: readonly StoreWrite[]): Promise<void> {
    this.commits += 1;
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    for (const [key, value] of writes) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
  }

  finish(): void {
    must(this.#finish, "a commit is under way")();
  }

  async close(): Promise<void> {}
}
