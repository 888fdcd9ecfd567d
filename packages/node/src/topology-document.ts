import { isMap, isPair, isScalar, LineCounter, parseDocument, type YAMLMap } from "yaml";
import type { Fault, Path } from "./topology-fault.ts";

/** Aliases may not blow a small file up into a large one. */
const ALIASES_MAX = 100;

/** A YAML text, as plain values, that still knows where each of them stood. */
export interface PlacedDocument {
  readonly value: unknown;
  readonly syntaxFaults: readonly Fault[];
  /** Where the value at `path` stands; for one that is missing, what should hold it. */
  at(path: Path): Position;
  /** Where the key itself stands, for a key that is wrong whatever its value. */
  atKey(path: Path): Position;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

export function parsePlaced(text: string): PlacedDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntaxFaults = document.errors.map((error) => syntaxFault(error.message, position(error.pos[0])));
  let value: unknown;
  if (syntaxFaults.length === 0)
    try {
      value = document.toJS({ maxAliasCount: ALIASES_MAX });
    } catch (error) {
      // The only thing that a document without syntax faults refuses is an alias (unknown, or too many of them).
      if (!(error instanceof Error)) throw error;
      syntaxFaults.push(syntaxFault(error.message, { line: 1, column: 1 }));
    }

  const at = (path: Path): Position => {
    for (let depth = path.length; depth >= 0; depth--) {
      const found = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
      const offset = rangeStart(found);
      if (offset !== null) return position(offset);
    }
    return { line: 1, column: 1 };
  };
  const atKey = (path: Path): Position => {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const offset = isMap(parent) ? keyStart(parent, path.at(-1)) : null;
    return offset === null ? at(path) : position(offset);
  };
  return { value, syntaxFaults, at, atKey };
}

function syntaxFault(message: string, { line, column }: Position): Fault {
  const problem = `is not valid YAML here (${message.split("\n", 1)[0]})`;
  return { path: "", line, column, value: null, problem, allowed: null, nearest: null };
}

function rangeStart(node: unknown): number | null {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range))
    return null;
  const [start]: unknown[] = node.range;
  return typeof start === "number" ? start : null;
}

function keyStart(map: YAMLMap, key: string | number | undefined): number | null {
  for (const pair of map.items)
    if (isPair(pair) && isScalar(pair.key) && String(pair.key.value) === String(key))
      return rangeStart(pair.key);
  return null;
}
