import { IsthmusError } from "@isthmus/kernel";

export type Path = readonly (string | number)[];

/** One thing that is wrong, told so that a person finds it and knows what would be right. */
export interface Fault {
  /** `regions[0].nodes[2].api`, or the name of an environment variable; empty for the whole file. */
  readonly path: string;
  /** Both counted from 1; null where the fault is not in the file. */
  readonly line: number | null;
  readonly column: number | null;
  /** What stands there, as JSON, shortened; null where nothing does. */
  readonly value: string | null;
  readonly problem: string;
  readonly allowed: string | null;
  readonly nearest: string | null;
}

/** A topology that is not taken. `faults` holds all that is wrong with it, in the order of the file. */
export class TopologyError extends IsthmusError {
  override readonly name = "TopologyError";
  readonly faults: readonly Fault[];

  constructor(file: string, faults: readonly Fault[]) {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    const lines = faults.map((fault) => `  ${faultText(file, fault)}`);
    super("invalid_topology", `${file} is not taken: ${count}\n${lines.join("\n")}`, {
      facts: { file, faults: faults.length },
    });
    this.faults = faults;
  }
}

export function faultText(file: string, fault: Fault): string {
  const place = fault.line === null ? "" : `${file}:${fault.line}:${fault.column} `;
  const path = fault.path === "" ? "" : `${fault.path}: `;
  const value = fault.value === null ? "" : `${fault.value} `;
  const allowed = fault.allowed === null ? "" : `; allowed: ${fault.allowed}`;
  const nearest = fault.nearest === null ? "" : `; did you mean ${fault.nearest}?`;
  return `${place}${path}${value}${fault.problem}${allowed}${nearest}`;
}

export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** The path with every index as `*`: how the tables of `topology-schema.ts` name a place. */
export function pathPattern(path: Path): string {
  return path.map((step) => (typeof step === "number" ? "*" : step)).join(".");
}

const VALUE_SHOWN_MAX = 80;

export function shownValue(value: unknown): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > VALUE_SHOWN_MAX ? `${text.slice(0, VALUE_SHOWN_MAX)}...` : text;
}
