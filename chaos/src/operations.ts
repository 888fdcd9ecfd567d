import { encodeValue, must, type Random, type Value } from "@isthmus/kernel";
import type { Assignment, Condition, Operation, PropertyPatch } from "@isthmus/wire";

const NAMES = ["p", "q", "r"] as const;
/** Every write of a node leaves its name in this property: a reader learns whose work it sees. Behind NAMES in order. */
const WRITER = "w";
const LABELS = ["A", "B", "C"] as const;
const EDGE_TYPES = ["T", "U"] as const;

/** One operation on a small key space, so that clients meet. `value` marks what it writes. */
export function randomOperation(
  random: Random,
  space: {
    readonly nodes: number;
    readonly edges: number;
    readonly conditionRate: number;
    readonly padBytes: number;
  },
  value: string,
  versions: ReadonlyMap<string, string>,
): Operation {
  const node = (): string => `n${random.below(space.nodes)}`;
  const edge = (): string => `e${random.below(space.edges)}`;
  const conditional = (id: string): { id: string; condition: Condition } => {
    if (random.next() >= space.conditionRate) return { id, condition: null };
    const version = versions.get(id);
    return { id, condition: version === undefined ? { kind: "absent" } : { kind: "match", version } };
  };
  const padded = value.padEnd(space.padBytes, ".");
  const draw = random.below(100);
  const writer: Assignment = [WRITER, encodeValue(value)];
  if (draw < 34)
    return {
      op: "put_node",
      ...conditional(node()),
      labels: some(random, LABELS),
      properties: [...assignments(random, padded), writer],
    };
  if (draw < 58) {
    const { set, merge, unset } = patch(random, padded);
    return {
      op: "patch_node",
      ...conditional(node()),
      labelsAdded: some(random, LABELS),
      labelsRemoved: some(random, LABELS),
      properties: { set: [...set, writer], merge, unset },
    };
  }
  if (draw < 66) return { op: "delete_node", ...conditional(node()) };
  if (draw < 86)
    return {
      op: "put_edge",
      ...conditional(edge()),
      type: one(random, EDGE_TYPES),
      from: node(),
      to: node(),
      properties: assignments(random, value),
    };
  if (draw < 93) return { op: "patch_edge", ...conditional(edge()), properties: patch(random, value) };
  return { op: "delete_edge", ...conditional(edge()) };
}

/** The write that a record's properties tell of, null where none does. */
export function writerOf(properties: Readonly<Record<string, Value>>): string | null {
  const writer = properties[WRITER];
  return typeof writer === "string" ? writer : null;
}

export function operationText({ op, id, condition }: Operation): string {
  const when =
    condition === null ? "" : condition.kind === "match" ? ` if ${condition.version}` : " if absent";
  return `${op} ${id}${when}`;
}

function assignments(random: Random, value: string): Assignment[] {
  return some(random, NAMES).map((name) => [name, encodeValue(value)]);
}

function patch(random: Random, value: string): PropertyPatch {
  const set = assignments(random, value);
  const named = new Set(set.map(([name]) => name));
  const free = NAMES.filter((name) => !named.has(name));
  const unset = some(random, free);
  // A merge's result depends on what stands: it is what an outcome has to carry.
  const left = free.filter((name) => !unset.includes(name));
  const merge = some(random, left).map(
    (name): Assignment => [name, encodeValue({ [one(random, LABELS)]: value })],
  );
  return { set, merge, unset };
}

function some<T>(random: Random, of: readonly T[]): T[] {
  return of.filter(() => random.below(2) === 0);
}

function one<T>(random: Random, of: readonly T[]): T {
  return must(of[random.below(of.length)], "one of several");
}
