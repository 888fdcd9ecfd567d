import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { VersionVector } from "@isthmus/causality";
import type { ControlCommand } from "@isthmus/control";
import {
  encodeValue,
  type GroupId,
  hex,
  Instant,
  type NodeId,
  type Origin,
  type RegionId,
} from "@isthmus/kernel";
import {
  type Batch,
  checkedBatch,
  decodeBatch,
  decodeConfState,
  decodeControlEntry,
  decodeDataEntry,
  decodeOutcomes,
  decodeRequests,
  encodeBatch,
  encodeConfState,
  encodeControlEntry,
  encodeDataEntry,
  encodeOutcomes,
  encodeRequest,
  encodeRequests,
  HASH_ZERO,
  hashBatch,
  NO_DEPENDENTS,
  type Request,
  type RequestOutcome,
} from "@isthmus/wire";

/** What is in these files is on disks and wires: a change of it is a new format, not a new golden file. */
const GOLDEN = join(import.meta.dirname, "golden");

function golden(name: string, bytes: Uint8Array): void {
  const file = join(GOLDEN, `${name}.hex`);
  const text = `${hex(bytes).replace(/.{64}/g, "$&\n").trimEnd()}\n`;
  if (process.env.ISTHMUS_REWRITE === "1" || !existsSync(file)) writeFileSync(file, text);
  assert.equal(readFileSync(file, "utf8"), text, `${name} is written as it always was`);
}

const requests: Request[] = [
  {
    id: { node: 3, nonce: 0xdeadbeef, counter: 300 },
    retry: { key: "order-1", bodyHash: new Uint8Array(16).fill(7) },
    operations: [
      {
        op: "put_node",
        id: "ada",
        condition: { kind: "absent" },
        labels: ["Person"],
        properties: [
          ["born", encodeValue(1815)],
          ["exact", encodeValue(-9007199254740993n)],
          ["at", encodeValue(new Instant(1_795_341_600_000))],
          ["vector", encodeValue(Float32Array.of(0.1, -2))],
          ["nested", encodeValue({ b: [null, true, -1.5], a: "ż" })],
        ],
      },
      {
        op: "patch_node",
        id: "ada",
        condition: { kind: "match", version: "us-east.1.1.0" },
        labelsAdded: ["Author"],
        labelsRemoved: ["Draft"],
        properties: { set: [["x", encodeValue(null)]], merge: [["m", encodeValue({ y: 1 })]], unset: ["z"] },
      },
      { op: "delete_node", id: "old", condition: null },
    ],
  },
  {
    id: { node: 1, nonce: 1, counter: 1 },
    retry: null,
    operations: [
      {
        op: "put_edge",
        id: "ada:KNOWS:bob",
        condition: null,
        type: "KNOWS",
        from: "ada",
        to: "bob",
        properties: [],
      },
      { op: "patch_edge", id: "e", condition: null, properties: { set: [], merge: [], unset: ["w"] } },
      { op: "delete_edge", id: "f", condition: null },
    ],
  },
];

const outcomes: RequestOutcome[] = [
  {
    status: "applied",
    dependents: [
      NO_DEPENDENTS,
      { labels: ["Author", "Person"], merged: [encodeValue({ y: 1 })], edges: [], ends: null },
      { labels: ["Old"], merged: [], edges: ["e1", "e2"], ends: null },
    ],
  },
  { status: "refused", code: "invalid_reference", operation: 0 },
  { status: "duplicate", origin: "eu-west" as Origin, sequence: 9 },
];

const payload = encodeRequests(requests.map(encodeRequest));

function batch(): Batch {
  const head = {
    group: "main/0" as GroupId,
    origin: "us-east" as Origin,
    epoch: 1,
    sequence: 42,
    stamp: { wallMs: 1_795_341_600_123, logical: 2 },
    context: VersionVector.of([
      ["us-east" as Origin, 41],
      ["eu-west" as Origin, 7],
    ]),
    previousHash: HASH_ZERO,
  };
  const outcome = encodeOutcomes(outcomes);
  return { ...head, requests: payload, outcome, hash: hashBatch(head, payload, outcome) };
}

test("requests keep their bytes and come back as they were", () => {
  golden("requests", payload);
  assert.deepEqual(decodeRequests(payload).map(encodeRequest), requests.map(encodeRequest));
});

test("outcomes keep their bytes and come back as they were", () => {
  const bytes = encodeOutcomes(outcomes);
  golden("outcomes", bytes);
  assert.deepEqual(encodeOutcomes(decodeOutcomes(bytes)), bytes);
});

test("a batch keeps its bytes and its hash, and comes back as it was", () => {
  const bytes = encodeBatch(batch());
  golden("batch", bytes);
  assert.deepEqual(encodeBatch(decodeBatch(bytes)), bytes);
});

test("entries of a data group keep their bytes", () => {
  golden(
    "entry-local",
    encodeDataEntry({ kind: "local", epoch: 1, wallMs: 1_795_341_600_000, requests: payload }),
  );
  golden("entry-remote", encodeDataEntry({ kind: "remote", batch: batch() }));
  golden("entry-position", encodeDataEntry({ kind: "position", position: 5 }));
});

test("control commands keep their bytes and come back as they were", () => {
  const command = {
    kind: "set_link",
    from: "us-east" as RegionId,
    to: "eu-west" as RegionId,
    paused: true,
  } as const;
  const bytes = encodeControlEntry({ id: new Uint8Array([1, 2, 3]), command });
  golden("control-set-link", bytes);
  assert.deepEqual(decodeControlEntry(bytes).command, command);
});

test("commands about members come back from their bytes, and the bytes are the golden ones", () => {
  const node = "eu-west-4" as NodeId;
  const commands: ControlCommand[] = [
    {
      kind: "add_node",
      region: "eu-west" as RegionId,
      node,
      api: "http://10.2.0.14:7411",
      cluster: "ws://10.2.0.14:7511",
    },
    { kind: "remove_node", node },
    { kind: "drain_node", node, draining: true },
    { kind: "identify_node", node, dataId: "00112233445566778899aabbccddeeff" },
  ];
  for (const command of commands) {
    const bytes = encodeControlEntry({ id: new Uint8Array([1, 2, 3]), command });
    golden(`control-${command.kind.replace("_", "-")}`, bytes);
    assert.deepEqual(decodeControlEntry(bytes).command, command);
  }
});

test("a group's configuration is kept with the index that brought it", () => {
  const conf = { voters: [1, 2, 300], outgoing: [1, 4], learners: [5], learnersNext: [4], autoLeave: true };
  const bytes = encodeConfState(conf, 70_000);
  golden("conf-state", bytes);
  assert.deepEqual(decodeConfState(bytes), { conf, index: 70_000 });
});

test("a batch of which any byte is changed is refused, or is the same batch", () => {
  const original = batch();
  const bytes = encodeBatch(original);
  for (let at = 0; at < bytes.length; at++)
    for (const flip of [0x01, 0x80]) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] as number) ^ flip;
      let decoded: Batch;
      try {
        decoded = decodeBatch(damaged);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "invalid", `byte ${at}: ${String(error)}`);
        continue;
      }
      assert.deepEqual(checkedBatch(decoded).hash, original.hash, `byte ${at} changed what the batch says`);
    }
});

test("a data entry that is cut anywhere is refused by name", () => {
  const bytes = encodeDataEntry({ kind: "local", epoch: 1, wallMs: 1, requests: payload });
  for (let length = 0; length < bytes.length; length++) {
    try {
      const entry = decodeDataEntry(bytes.subarray(0, length));
      if (entry.kind === "local") decodeRequests(entry.requests);
      assert.fail(`an entry of ${length} of ${bytes.length} bytes was taken`);
    } catch (error) {
      assert.equal((error as { code?: string }).code, "invalid", String(error));
    }
  }
});
