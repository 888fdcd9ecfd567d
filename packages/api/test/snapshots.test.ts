import assert from "node:assert/strict";
import { test } from "node:test";
import { assertProblem, start } from "./harness.ts";

test("a snapshot of a group is cut on demand, and told when it is on disk", async (t) => {
  const { call } = await start(t);
  for (const group of ["main/0", "main%2F0"]) {
    const answer = await call(`POST /admin/v1/groups/${group}/snapshot`);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, {
      group: "main/0",
      id: "7-2-00c0ffee",
      index: 7,
      term: 2,
      chunks: 1,
      bytes: 100,
    });
  }
  assertProblem(await call("POST /admin/v1/groups/other/0/snapshot"), 404, "not_found");
});

test("it takes neither a body nor parameters, and only a POST", async (t) => {
  const { call } = await start(t);
  assertProblem(await call("POST /admin/v1/groups/main/0/snapshot", { body: {} }), 400, "invalid");
  assertProblem(await call("POST /admin/v1/groups/main/0/snapshot?now=true"), 400, "invalid");
  const get = await call("GET /admin/v1/groups/main/0/snapshot");
  assert.equal(get.status, 405);
});
