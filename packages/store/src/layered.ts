import type { Key, StoreReader } from "@isthmus/kernel";
import type { Change, Layer } from "./generation.ts";

type Entry = readonly [Key, Uint8Array];

/** What the layers, the youngest first, make of the base. */
export function readLayered(layers: readonly Layer[], base: StoreReader, key: Key): Uint8Array | undefined {
  for (const layer of layers) {
    const change = layer.get(key);
    if (change !== undefined) return change ?? undefined;
  }
  return base.get(key);
}

/** The same in order: of equal keys the youngest layer's wins, and a removal hides those beneath. */
export function* rangeLayered(
  layers: readonly Layer[],
  base: StoreReader,
  from: Key,
  to: Key,
): Generator<Entry> {
  if (from >= to) return;
  const cursors: Cursor[] = layers.map((layer) => new Cursor(layer.changes(from, to)));
  const beneath = base.range(from, to)[Symbol.iterator]();
  cursors.push(new Cursor(beneath));
  let finished = false;
  try {
    for (;;) {
      const least = leastOf(cursors);
      if (least === undefined) break;
      const { key, change } = least;
      for (const cursor of cursors) if (cursor.key === key) cursor.step();
      if (key !== undefined && change !== null && change !== undefined) yield [key, change];
    }
    finished = true;
  } finally {
    // A base's iterator holds a snapshot until it has ended.
    if (!finished) beneath.return?.();
  }
}

/** The first, that is the youngest, of those with the least key. */
function leastOf(
  cursors: readonly Cursor[],
): { key: Key | undefined; change: Change | undefined } | undefined {
  let least: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.key === undefined) continue;
    if (least?.key === undefined || cursor.key < least.key) least = cursor;
  }
  return least === undefined ? undefined : { key: least.key, change: least.change };
}

/** An iterator with its next entry already taken. `key` is undefined at its end. */
class Cursor {
  readonly #steps: Iterator<readonly [Key, Change]>;
  key: Key | undefined;
  change: Change | undefined;

  constructor(steps: Iterator<readonly [Key, Change]>) {
    this.#steps = steps;
    this.step();
  }

  step(): void {
    const step = this.#steps.next();
    this.key = step.done === true ? undefined : step.value[0];
    this.change = step.done === true ? undefined : step.value[1];
  }
}
