import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "@isthmus/kernel";
import { checkedJoin, joinedConfig } from "@isthmus/node";

const node = (id: string, number: number, port: number) => ({
  id,
  number,
  api: `http://127.0.0.1:${port}`,
  cluster: `ws://127.0.0.1:${port + 100}`,
});
const topology = (nodes: ReturnType<typeof node>[], cluster = "acme") => ({
  cluster,
  regions: [{ id: "us", priority: 1, nodes }],
  databases: [{ name: "main", policy: "multi_writer" }],
});
const founding = topology([node("us-1", 1, 7411)]);
const now = topology([node("us-1", 1, 7411), node("us-2", 2, 7412)]);
const document = (position: number, told = founding) =>
  checkedJoin({ founding: told, topology: now, position });

const refusedAs = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof IsthmusError && error.code === code && text.test(error.message);

test("a node joins with what it was told, and goes by it from that position on", () => {
  const { topology: first, joined } = joinedConfig(document(7), "us-2", {
    limits: {},
    insecure: false,
    inFile: null,
  });
  assert.deepEqual([first, joined], [founding, { topology: now, position: 7 }]);
});

test("a position that no control log comes to is refused, and so is one that is none", () => {
  for (const position of [
    -1,
    0.5,
    2 ** 32 + 1,
    Number.MAX_SAFE_INTEGER,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ])
    assert.throws(() => document(position), refusedAs("invalid_answer", /no topology of this version/));
  assert.equal(document(2 ** 32).position, 2 ** 32);
});

test("a topology file beside what was told must be the founding's, but for addresses", () => {
  const joinedBeside = (inFile: ReturnType<typeof topology>) =>
    joinedConfig(document(7), "us-2", {
      limits: {},
      insecure: false,
      inFile: checkedJoin({ founding: inFile, topology: inFile, position: 0 }).founding,
    });
  assert.equal(joinedBeside(founding).node, "us-2");
  assert.equal(joinedBeside(topology([node("us-1", 1, 9000)])).node, "us-2");
  for (const other of [topology(founding.regions[0]?.nodes ?? [], "other"), now])
    assert.throws(() => joinedBeside(other), refusedAs("wrong_founding", /us-2 joined acme/));
});
