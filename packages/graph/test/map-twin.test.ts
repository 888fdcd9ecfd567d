import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeValue } from "@isthmus/kernel";
import type { Condition, Operation } from "@isthmus/wire";
import fc from "fast-check";
import { connect, disconnect, patch, put, Region, remove } from "./support/region.ts";

/**
 * A graph in plain maps, as one would write it for a single thread and no failures: what one region alone must agree
 * with, batch by batch.
 */
class Twin {
  nodes = new Map<string, { properties: Map<string, number>; version: string }>();
  edges = new Map<string, { from: string; to: string; version: string }>();

  /** Applies all operations or none; says which was refused and why. */
  batch(operations: readonly Operation[], versionAt: (index: number) => string): string {
    const before = structuredClone({ nodes: this.nodes, edges: this.edges });
    for (const [index, operation] of operations.entries()) {
      const refusal = this.#apply(operation, versionAt(index));
      if (refusal === null) continue;
      Object.assign(this, before);
      return `${index} ${refusal}`;
    }
    return "applied";
  }

  #apply(operation: Operation, version: string): string | null {
    const { id, condition } = operation;
    const isNode = operation.op.endsWith("_node");
    const present = isNode ? this.nodes.get(id) : this.edges.get(id);
    if (condition?.kind === "absent" && present) return "version_mismatch";
    if (condition?.kind === "match" && present?.version !== condition.version) return "version_mismatch";
    switch (operation.op) {
      case "put_node":
        this.nodes.set(id, {
          properties: new Map(
            operation.properties.map(([name, value]) => [name, decodeValue(value) as number]),
          ),
          version,
        });
        return null;
      case "patch_node": {
        const node = this.nodes.get(id);
        if (!node) return "not_found";
        for (const name of operation.properties.unset) node.properties.delete(name);
        for (const [name, value] of operation.properties.set)
          node.properties.set(name, decodeValue(value) as number);
        node.version = version;
        return null;
      }
      case "delete_node":
        if (!this.nodes.delete(id)) return "not_found";
        for (const [edge, { from, to }] of this.edges) if (from === id || to === id) this.edges.delete(edge);
        return null;
      case "put_edge":
        if (!this.nodes.has(operation.from) || !this.nodes.has(operation.to)) return "invalid_reference";
        this.edges.set(id, { from: operation.from, to: operation.to, version });
        return null;
      case "delete_edge":
        return this.edges.delete(id) ? null : "not_found";
      default:
        throw new Error(`the twin knows no ${operation.op}`);
    }
  }
}

const node = fc.constantFrom("a", "b", "c");
const edge = fc.constantFrom("e", "f");
const name = fc.constantFrom("p", "q");
/** "current" stands for the version that the record has when the batch begins. */
const condition = fc.constantFrom<"none" | "current" | "wrong" | "absent">(
  "none",
  "none",
  "none",
  "current",
  "wrong",
  "absent",
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(node, name, fc.nat(9)).map(([id, key, value]) => put(id, { [key]: value })),
  fc.tuple(node, name, fc.nat(9)).map(([id, key, value]) => patch(id, { [key]: value })),
  fc.tuple(node, name).map(([id, key]) => patch(id, {}, [key])),
  node.map(remove),
  fc.tuple(edge, node, node).map(([id, from, to]) => connect(id, from, to)),
  edge.map(disconnect),
);
const batch = fc.array(fc.record({ operation, condition }), { minLength: 1, maxLength: 4 });

test("one region agrees with a plain map: batches, conditions, refusals, what is read", () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 25 }), (batches) => {
      const region = new Region("us");
      const twin = new Twin();
      for (const [number, entries] of batches.entries()) {
        const operations = entries.map(({ operation, condition }) => ({
          ...operation,
          condition: conditionOf(condition, twin, operation),
        }));
        const [result] = region.write({ operations });
        const expected = twin.batch(operations, (index) => `us.1.${number + 1}.${index}`);
        assert.equal(
          result?.status === "refused" ? `${result.operation} ${result.code}` : result?.status,
          expected,
        );
        assert.deepEqual(seen(region), told(twin));
      }
    }),
    { numRuns: 300 },
  );
});

function conditionOf(kind: string, twin: Twin, { op, id }: Operation): Condition {
  if (kind === "none") return null;
  if (kind === "absent") return { kind: "absent" };
  const record = op.endsWith("_node") ? twin.nodes.get(id) : twin.edges.get(id);
  return { kind: "match", version: kind === "current" ? (record?.version ?? "us.9.9.9") : "us.0.0.0" };
}

function seen(region: Region): unknown {
  return region.reader
    .page(null, 100)
    .records.map((record) =>
      record.kind === "node"
        ? ["node", record.id, { ...record.properties }, record.version]
        : ["edge", record.id, record.from, record.to, record.version],
    );
}

function told(twin: Twin): unknown {
  const byId = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...byId(twin.nodes).map(([id, { properties, version }]) => [
      "node",
      id,
      Object.fromEntries([...properties].sort(([a], [b]) => (a < b ? -1 : 1))),
      version,
    ]),
    ...byId(twin.edges).map(([id, { from, to, version }]) => ["edge", id, from, to, version]),
  ];
}
