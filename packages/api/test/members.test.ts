import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "@isthmus/kernel";
import { assertProblem, start } from "./harness.ts";

const NEW = {
  id: "us-east-4",
  region: "us-east",
  api: "http://127.0.0.1:7414",
  cluster: "ws://127.0.0.1:7514",
};

test("a node is added, shown, drained and removed", async (t) => {
  const { call, service } = await start(t);
  const added = await call("POST /admin/v1/nodes", { body: NEW });
  assert.deepEqual([added.status, added.json.number, added.json.state], [200, 1, "joining"]);
  assert.deepEqual((await call("GET /admin/v1/nodes")).json, { nodes: await service.membership.nodes() });
  const drained = await call("PATCH /admin/v1/nodes/us-east-4", { body: { draining: true } });
  assert.deepEqual([drained.status, drained.json.state], [200, "draining"]);
  const removed = await call("DELETE /admin/v1/nodes/us-east-4");
  assert.deepEqual([removed.status, removed.json.state], [200, "leaving"]);
  assert.deepEqual((await call("GET /admin/v1/nodes")).json, { nodes: [] });
  assertProblem(await call("DELETE /admin/v1/nodes/us-east-4"), 404, "not_found");
});

test("a dry run of a change says what would be, and nothing is", async (t) => {
  const { call, service } = await start(t);
  const dry = await call("POST /admin/v1/nodes?dry_run=true", { body: NEW });
  assert.deepEqual([dry.json.dry_run, dry.json.changes], [true, ["us-east-4 joins"]]);
  assert.deepEqual(await service.membership.nodes(), []);
  await call("POST /admin/v1/nodes", { body: NEW });
  await call("DELETE /admin/v1/nodes/us-east-4?dry_run=true");
  await call("POST /admin/v1/groups/_control/transfer?dry_run=true", { body: { to: NEW.id } });
  assert.deepEqual(service.membership.asked, [
    ["add", NEW, true],
    ["add", NEW, false],
    ["remove", NEW.id, true],
    ["transfer", "_control", NEW.id, true],
  ]);
});

test("what a safety rule refuses is 409, with the reason", async (t) => {
  const { call, service } = await start(t);
  service.membership.refusal = new IsthmusError("refused_by_safety", "it holds the last copy of us-east", {
    facts: { kind: "last_copy" },
  });
  const refused = await call("DELETE /admin/v1/nodes/us-east-1");
  assertProblem(refused, 409, "refused_by_safety");
  assert.deepEqual(
    [refused.json.detail, refused.json.kind],
    ["it holds the last copy of us-east", "last_copy"],
  );
});

test("a group is named with its slash as it is, or encoded", async (t) => {
  const { call } = await start(t);
  await call("POST /admin/v1/nodes", { body: NEW });
  for (const group of ["main/0", "main%2F0"]) {
    const answer = await call(`POST /admin/v1/groups/${group}/transfer`, { body: { to: NEW.id } });
    assert.deepEqual(answer.json, { group: "main/0", region: "us-east", from: null, to: NEW.id });
  }
  assertProblem(await call("POST /admin/v1/groups/main/0/split", { body: {} }), 501, "not_available");
});

test("bad bodies, unknown fields, other methods and parameters are refused", async (t) => {
  const { call } = await start(t);
  assertProblem(await call("POST /admin/v1/nodes", { body: { ...NEW, id: 4 } }), 400, "invalid");
  assertProblem(await call("POST /admin/v1/nodes", { body: { ...NEW, data: "/x" } }), 400, "invalid");
  assertProblem(await call("PATCH /admin/v1/nodes/x", { body: { draining: "yes" } }), 400, "invalid");
  assertProblem(await call("POST /admin/v1/groups/main/0/transfer", { body: {} }), 400, "invalid");
  assertProblem(await call("GET /admin/v1/nodes?all=true"), 400, "invalid");
  const put = await call("PUT /admin/v1/nodes", { body: {} });
  assertProblem(put, 405, "method_not_allowed");
  assert.equal(put.headers.allow, "GET, HEAD, POST");
});

test("what a joining node has to know is one answer", async (t) => {
  const { call, service } = await start(t);
  assert.deepEqual((await call("GET /admin/v1/topology")).json, service.membership.topology());
});
