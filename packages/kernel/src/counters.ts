import { assert } from "./assert.ts";

export type Labels = Readonly<Record<string, string>>;

/** A number that only grows. Adding is a plain addition; publishing is somebody else's work. */
export interface Counter {
  add(by?: number): void;
  readonly value: number;
}

export interface Sample {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly labels: Labels;
  readonly value: number;
}

/**
 * The one registry of plain numbers. Names are OpenTelemetry's (`isthmus.link.refused`); labels are bounded sets
 * (a cause, a group, a region), never keys or clients.
 */
export class Registry {
  readonly #counters = new Map<string, { name: string; labels: Labels; value: number; handle: Counter }>();
  readonly #gauges = new Map<string, { name: string; labels: Labels; read: () => number | null }>();

  counter(name: string, labels: Labels = {}): Counter {
    const key = identity(name, labels);
    const known = this.#counters.get(key);
    if (known) return known.handle;
    const slot = {
      name,
      labels,
      value: 0,
      handle: {
        add(by = 1) {
          assert(by >= 0, "a counter only grows");
          slot.value += by;
        },
        get value() {
          return slot.value;
        },
      },
    };
    this.#counters.set(key, slot);
    return slot.handle;
  }

  /** `read` is called when somebody looks; null means that the value is not known now and is not shown. */
  gauge(name: string, labels: Labels, read: () => number | null): void {
    this.#gauges.set(identity(name, labels), { name, labels, read });
  }

  /** A refusal goes by name: `area` is who refused, `cause` why. */
  refuse(area: string, cause: string): void {
    this.counter(`isthmus.${area}.refused`, { cause }).add();
  }

  samples(): Sample[] {
    const samples: Sample[] = [];
    for (const { name, labels, value } of this.#counters.values())
      samples.push({ name, kind: "counter", labels, value });
    for (const { name, labels, read } of this.#gauges.values()) {
      const value = read();
      if (value !== null) samples.push({ name, kind: "gauge", labels, value });
    }
    return samples;
  }
}

function identity(name: string, labels: Labels): string {
  const pairs = Object.keys(labels).sort();
  return `${name}{${pairs.map((key) => `${key}=${labels[key]}`).join(",")}}`;
}
