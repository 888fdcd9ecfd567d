import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphMachine } from "@isthmus/graph";
import { Registry } from "@isthmus/kernel";
import { encodeDataEntry } from "@isthmus/wire";
import { connect, disconnect, exchange, patch, put, Region, remove } from "./support/region.ts";

test("a node is put, patched, read and deleted", () => {
  const region = new Region("us");
  region.write({ operations: [put("a", { x: 1, y: "z" }, ["P"])] });
  region.write({ operations: [patch("a", { x: 2 }, ["y"])] });
  assert.deepEqual(region.reader.getNode("a")?.labels, ["P"]);
  assert.deepEqual({ ...region.reader.getNode("a")?.properties }, { x: 2 });
  assert.equal(region.reader.getNode("a")?.version, "us.1.2.0");
  region.write({ operations: [remove("a")] });
  assert.equal(region.reader.getNode("a"), undefined);
});

test("put replaces: properties that it does not name go", () => {
  const region = new Region("us");
  region.write({ operations: [put("a", { x: 1, y: 2 })] });
  region.write({ operations: [put("a", { y: 3 })] });
  assert.deepEqual({ ...region.reader.getNode("a")?.properties }, { y: 3 });
});

test("a merge patch merges objects, and the result ships instead of the question", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  us.write({ operations: [put("a", { deep: { kept: 1, gone: 2 } })] });
  us.write({
    operations: [
      {
        op: "patch_node",
        id: "a",
        condition: null,
        labelsAdded: ["L"],
        labelsRemoved: [],
        properties: { set: [], merge: [["deep", patchValue({ gone: null, added: { x: true } })]], unset: [] },
      },
    ],
  });
  exchange(us, eu);
  for (const region of [us, eu]) {
    assert.equal(
      JSON.stringify(region.reader.getNode("a")?.properties),
      '{"deep":{"added":{"x":true},"kept":1}}',
    );
    assert.deepEqual(region.reader.getNode("a")?.labels, ["L"]);
  }
});

function patchValue(value: Parameters<typeof put>[1] & object) {
  const operation = put("ignored", { value });
  return (operation as Extract<typeof operation, { op: "put_node" }>).properties[0]?.[1] as Uint8Array;
}

test("what is not there cannot be patched or deleted, and an edge needs its ends", () => {
  const region = new Region("us");
  const codes = region
    .write(
      { operations: [patch("a", { x: 1 })] },
      { operations: [remove("a")] },
      { operations: [connect("e", "a", "b")] },
      { operations: [disconnect("e")] },
    )
    .map((result) => (result.status === "refused" ? result.code : result.status));
  assert.deepEqual(codes, ["not_found", "not_found", "invalid_reference", "not_found"]);
});

test("of a request either all operations apply or none", () => {
  const region = new Region("us");
  const before = region.digest;
  const [result] = region.write({ operations: [put("a"), put("b"), connect("e", "a", "b"), remove("c")] });
  assert.deepEqual(result?.status === "refused" && [result.code, result.operation], ["not_found", 3]);
  assert.equal(region.digest, before);
  assert.equal(region.reader.getNode("a"), undefined);
  assert.deepEqual([...region.state.content.keys()], []);
});

test("operations of one entry see those before them", () => {
  const region = new Region("us");
  const results = region.write(
    { operations: [put("a"), put("b")] },
    { operations: [connect("e", "a", "b"), patch("a", { x: 1 })] },
  );
  assert.ok(results.every((result) => result.status === "applied"));
  assert.deepEqual({ ...region.reader.getNode("a")?.properties }, { x: 1 });
});

test("adjacent edges are listed both ways, by type, in pages", () => {
  const region = new Region("us");
  region.write({ operations: [put("a"), put("b"), put("c")] });
  region.write({
    operations: [
      connect("1", "a", "b"),
      connect("2", "a", "c", "LIKES"),
      connect("3", "c", "a"),
      connect("4", "a", "a"),
    ],
  });
  const list = (direction: "out" | "in" | "both", type: string | null = null) => {
    const ids: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = region.reader.edges({ node: "a", direction, type, limit: 1, after });
      ids.push(...page.edges.map((edge) => edge.id));
      if (page.cursor === null) return ids;
      after = page.cursor;
    }
  };
  assert.deepEqual(list("out"), ["1", "4", "2"]);
  assert.deepEqual(list("in"), ["3", "4"]);
  assert.deepEqual(list("both"), ["1", "4", "2", "3"]);
  assert.deepEqual(list("both", "LIKES"), ["2"]);
  region.write({ operations: [disconnect("1")] });
  assert.deepEqual(list("out"), ["4", "2"]);
});

test("an edge that is put elsewhere leaves its old ends", () => {
  const region = new Region("us");
  region.write({ operations: [put("a"), put("b"), put("c"), connect("e", "a", "b")] });
  region.write({ operations: [connect("e", "b", "c")] });
  const out = (node: string) =>
    region.reader.edges({ node, direction: "out", type: null, limit: 9, after: null }).edges;
  assert.deepEqual(out("a"), []);
  assert.deepEqual(
    out("b").map((edge) => edge.to),
    ["c"],
  );
});

test("a deleted node takes its edges along, the same ones everywhere", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  us.write({ operations: [put("a"), put("b"), connect("e", "a", "b"), connect("loop", "a", "a")] });
  exchange(us, eu);
  us.write({ operations: [remove("a")] });
  exchange(us, eu);
  for (const region of [us, eu]) {
    assert.equal(region.reader.getEdge("e"), undefined);
    assert.equal(region.reader.getEdge("loop"), undefined);
    assert.equal(
      region.reader.edges({ node: "b", direction: "both", type: null, limit: 9, after: null }).edges.length,
      0,
    );
  }
  assert.equal(us.digest, eu.digest);
});

test("pages of all records are in byte order: nodes, then edges", () => {
  const region = new Region("us");
  region.write({ operations: [put("ż"), put("b"), put("a"), put("~")] });
  region.write({ operations: [connect("a:KNOWS:b", "a", "b")] });
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = region.reader.page(after, 2);
    ids.push(...page.records.map((record) => `${record.kind} ${record.id}`));
    if (page.cursor === null) break;
    after = page.cursor;
  }
  assert.deepEqual(ids, ["node a", "node b", "node ~", "node ż", "edge a:KNOWS:b"]);
});

test("conditions: on a version, and on absence", () => {
  const region = new Region("us");
  const when = (condition: ReturnType<typeof put>["condition"]) => ({ ...put("a", { x: 1 }), condition });
  const status = (operation: ReturnType<typeof put>) => region.write({ operations: [operation] })[0]?.status;
  assert.equal(status(when({ kind: "match", version: "us.1.1.0" })), "refused");
  assert.equal(status(when({ kind: "absent" })), "applied");
  assert.equal(status(when({ kind: "absent" })), "refused");
  assert.equal(
    status(when({ kind: "match", version: region.reader.getNode("a")?.version ?? "" })),
    "applied",
  );
  assert.equal(status(when({ kind: "match", version: "us.1.2.0" })), "refused");
  region.write({ operations: [remove("a")] });
  assert.equal(status(when({ kind: "absent" })), "applied");
});

test("a state that is written down and taken up again goes on as if nothing had been", () => {
  const region = new Region("us");
  region.write({ operations: [put("a", { x: 1 })], key: "k" });
  region.machine.writeMeta();
  const { group, origin } = region.machine;
  const options = {
    group,
    origin,
    state: region.state,
    registry: new Registry(),
    retryKeys: 100,
    members: [origin],
  };
  const restarted = new GraphMachine(options);
  assert.equal(restarted.appliedIndex, 1);
  assert.deepEqual(restarted.digest(), region.machine.digest());
  const entry = region.localEntry([
    { operations: [patch("a", { x: 2 })] },
    { operations: [put("a", { x: 1 })], key: "k" },
  ]);
  const applied = restarted.apply(2, 1, entry);
  assert.equal(applied.kind === "local" && applied.batch.sequence, 2);
  assert.deepEqual(applied.kind === "local" && applied.results.map(({ batch }) => batch.sequence), [2, 1]);
});

test("entries of another epoch, repeated, gapped, broken or early batches take no number", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  us.write({ operations: [put("a")] });
  us.write({ operations: [put("b")] });
  const [first, second] = us.batches;
  assert.ok(first && second);
  const why = (applied: ReturnType<Region["receive"]>) =>
    applied.kind === "skipped" ? applied.why : applied.kind;
  const digest = eu.digest;
  assert.equal(why(eu.receive(second)), "gap");
  assert.equal(why(eu.receive({ ...first, previousHash: second.hash })), "broken_chain");
  assert.equal(why(eu.receive({ ...first, outcome: new Uint8Array([9]) })), "malformed");
  assert.equal(eu.digest, digest);
  assert.equal(why(eu.receive(first)), "remote");
  assert.equal(why(eu.receive(first)), "repeated");
  assert.equal(why(us.receive(first)), "own_origin");
  assert.equal(why(us.entry(us.localEntry([{ operations: [put("z")] }], 2))), "stale_epoch");
  assert.equal(us.machine.vector.get(us.machine.origin), 2);
  assert.equal(us.reader.getNode("z"), undefined);
});

test("the control position is a component of the vector, and a batch that knew a later one waits", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  us.entry(encodeDataEntry({ kind: "position", position: 3 }));
  us.write({ operations: [put("a")] });
  const [batch] = us.batches;
  assert.ok(batch);
  const early = eu.receive(batch);
  assert.equal(early.kind === "skipped" && early.why, "unmet_context");
  eu.entry(encodeDataEntry({ kind: "position", position: 3 }));
  assert.equal(eu.receive(batch).kind, "remote");
  const stale = eu.entry(encodeDataEntry({ kind: "position", position: 2 }));
  assert.equal(stale.kind === "skipped" && stale.why, "stale_position");
  assert.equal(String(us.machine.vector), String(eu.machine.vector));
});
