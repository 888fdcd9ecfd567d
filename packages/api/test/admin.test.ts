import assert from "node:assert/strict";
import { test } from "node:test";
import { assertProblem, start } from "./harness.ts";

test("health says that the process serves", async (t) => {
  const { call } = await start(t);
  const { status, json, headers } = await call("GET /healthz");
  assert.deepEqual([status, json, headers["x-powered-by"]], [200, { ok: true }, undefined]);
  assert.equal((await call("HEAD /healthz")).status, 200);
});

test("readiness passes the question on and is 503 when a check fails", async (t) => {
  const { call, service } = await start(t);
  const ready = await call("GET /readyz");
  assert.deepEqual([ready.status, ready.json], [200, { ready: true, checks: [{ name: "log", ok: true }] }]);
  service.ready = { ready: false, checks: [{ name: "leader", ok: false, why: "another node leads" }] };
  const not = await call("GET /readyz?role=leader&group=main%2F0");
  assert.deepEqual([not.status, not.json], [503, service.ready]);
  assert.equal(not.headers["content-type"], "application/json");
  assert.equal(not.headers["retry-after"], "1");
  await call("GET /readyz?role=primary&db=main");
  assert.deepEqual(service.questions, [
    {},
    { role: "leader", group: "main/0" },
    { role: "primary", database: "main" },
  ]);
});

test("the cluster and its links are shown as the service tells them", async (t) => {
  const { call, service } = await start(t);
  const cluster = await call("GET /admin/v1/cluster");
  assert.deepEqual([cluster.status, cluster.json], [200, await service.cluster()]);
  assert.deepEqual((await call("GET /admin/v1/links")).json, { links: [service.link] });
});

test("a link is paused and resumed; a dry run says what would change and changes nothing", async (t) => {
  const { call, service } = await start(t);
  const path = "/admin/v1/links/us-east/eu-west";
  const before = service.link;
  const dry = await call(`PATCH ${path}?dry_run=true`, { body: { paused: true } });
  assert.deepEqual(dry.json, { dry_run: true, link: before, changes: { paused: { from: false, to: true } } });
  assert.equal(service.link, before);
  const same = await call(`PATCH ${path}?dry_run=true`, { body: { paused: false } });
  assert.deepEqual(same.json.changes, {});
  const done = await call(`PATCH ${path}`, {
    body: { paused: true },
    headers: { "content-type": "application/merge-patch+json" },
  });
  assert.deepEqual([done.status, done.json.state], [200, "paused"]);
  assert.equal((await call(`PATCH ${path}?dry_run=false`, { body: { paused: false } })).json.state, "live");
  for (const query of ["", "?dry_run=true"])
    assertProblem(
      await call(`PATCH /admin/v1/links/us-east/mars${query}`, { body: { paused: true } }),
      404,
      "not_found",
    );
});

test("express refuses bodies by the same rules as the data path", async (t) => {
  const { call } = await start(t, { limits: { bodyBytes: 64 } });
  const target = "PATCH /admin/v1/links/us-east/eu-west";
  assertProblem(await call(target, { body: `{"paused":"${"x".repeat(100)}"}` }), 413, "too_large");
  assertProblem(await call(target, { body: {}, headers: { "content-type": "text/plain" } }), 415, "invalid");
});

test("requests, their time and those in flight are counted by kind", async (t) => {
  const { call, registry } = await start(t);
  await call("PUT /v1/main/nodes/a", { body: {} });
  await call("GET /v1/main/nodes/a");
  await call("GET /v1/main/nodes/b");
  const value = (name: string, kind: string): number => registry.counter(name, { kind }).value;
  assert.deepEqual([value("isthmus.api.requests", "write"), value("isthmus.api.requests", "read")], [1, 2]);
  assert(Math.abs(value("isthmus.api.request_seconds", "read") - 0.01) < 1e-9);
  assert.equal(registry.counter("isthmus.api.refused", { cause: "not_found" }).value, 1);
  assert.equal(registry.samples().find(({ name }) => name === "isthmus.api.inflight")?.value, 0);
});
