import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSession } from "@isthmus/api";
import { assertProblem, start } from "./harness.ts";

const ADA = "/v1/main/nodes/ada";

test("a node is written, read, patched and deleted, with the headers of the contract", async (t) => {
  const { call } = await start(t);
  const put = await call(`PUT ${ADA}`, {
    body: { labels: ["Person", "A", "Person"], properties: { born: 1815 } },
  });
  assert.equal(put.status, 200);
  assert.deepEqual(put.json, { id: "ada", version: "v1.0", receipt: "r1" });
  assert.equal(put.headers.etag, '"v1.0"');
  assert.equal(put.headers["isthmus-guarantee"], "region");
  assert.equal(put.headers["content-type"], "application/json");
  assert.equal(parseSession(String(put.headers["isthmus-session"])).toString(), "us-east:1");

  const got = await call(`GET ${ADA}`);
  assert.deepEqual(got.json, {
    id: "ada",
    labels: ["A", "Person"],
    properties: { born: 1815 },
    version: "v1.0",
  });
  assert.equal(got.headers.etag, '"v1.0"');
  assert.equal(got.headers["isthmus-region"], "us-east");
  assert.equal(got.headers["isthmus-as-of"], "us-east:1");

  const patch = await call(`PATCH ${ADA}`, {
    body: { properties: { born: null, name: "Ada" }, labels: { add: ["B"], remove: ["A"] } },
    headers: { "content-type": "application/merge-patch+json; charset=UTF-8" },
  });
  assert.deepEqual(patch.json, { id: "ada", version: "v2.0", receipt: "r2" });
  const after = await call(`GET ${ADA}`);
  assert.deepEqual(after.json.properties, { name: "Ada" });
  assert.deepEqual(after.json.labels, ["Person", "B"]);

  const gone = await call(`DELETE ${ADA}`);
  assert.deepEqual(gone.json, { version: "v3.0", receipt: "r3" });
  assert.equal(gone.headers.etag, undefined);
  assert.notEqual(gone.headers["isthmus-session"], undefined);
  assertProblem(await call(`GET ${ADA}`), 404, "not_found");
});

test("PUT replaces the whole record, and an empty object is a whole record", async (t) => {
  const { call } = await start(t);
  await call(`PUT ${ADA}`, { body: { labels: ["P"], properties: { a: 1, b: null } } });
  assert.deepEqual((await call(`GET ${ADA}`)).json.properties, { a: 1, b: null });
  await call(`PUT ${ADA}`, { body: {} });
  const { json } = await call(`GET ${ADA}`);
  assert.deepEqual([json.labels, json.properties], [[], {}]);
});

test("an edge is written, read, patched and deleted", async (t) => {
  const { call } = await start(t);
  for (const id of ["a", "b"]) await call(`PUT /v1/main/nodes/${id}`, { body: {} });
  const body = { type: "KNOWS", from: "a", to: "b", properties: { since: 1830 } };
  const put = await call("PUT /v1/main/edges/e1", { body });
  assert.deepEqual(put.json, { id: "e1", version: "v3.0", receipt: "r3" });
  assert.equal(put.headers.etag, '"v3.0"');
  assert.deepEqual((await call("GET /v1/main/edges/e1")).json, { id: "e1", ...body, version: "v3.0" });
  const patch = await call("PATCH /v1/main/edges/e1", { body: { properties: { since: null, note: "x" } } });
  assert.equal(patch.status, 200);
  assert.deepEqual((await call("GET /v1/main/edges/e1")).json.properties, { note: "x" });
  assert.deepEqual((await call("DELETE /v1/main/edges/e1")).json, { version: "v5.0", receipt: "r5" });
  assertProblem(await call("GET /v1/main/edges/e1"), 404, "not_found");
});

test("a patch sorts properties into set, merge and unset", async (t) => {
  const { call, main } = await start(t);
  await call(`PUT ${ADA}`, { body: { properties: { o: { x: 1, y: 2 } } } });
  const properties = { o: { x: null, z: { $int: "5" } }, t: { $int: "7" }, list: [{ a: 1 }], gone: null };
  await call(`PATCH ${ADA}`, { body: { properties } });
  const [operation] = main.writes[1]?.operations ?? [];
  assert(operation?.op === "patch_node");
  assert.deepEqual(
    operation.properties.set.map(([name]) => name),
    ["t", "list"],
  );
  assert.deepEqual(
    operation.properties.merge.map(([name]) => name),
    ["o"],
  );
  assert.deepEqual(operation.properties.unset, ["gone"]);
  assert.deepEqual((await call(`GET ${ADA}`)).json.properties, {
    o: { y: 2, z: { $int: "5" } },
    t: { $int: "7" },
    list: [{ a: 1 }],
  });
});

test("conditions are decided by the service and a miss is 412", async (t) => {
  const { call, main } = await start(t);
  const fresh = { "if-none-match": "*" };
  assert.equal((await call(`PUT ${ADA}`, { body: {}, headers: fresh })).status, 200);
  assertProblem(await call(`PUT ${ADA}`, { body: {}, headers: fresh }), 412, "version_mismatch");
  assertProblem(await call(`DELETE ${ADA}`, { headers: { "if-match": '"v9"' } }), 412, "version_mismatch");
  assert.equal((await call(`PATCH ${ADA}`, { body: {}, headers: { "if-match": '"v1.0"' } })).status, 200);
  assert.deepEqual(
    main.writes.map(({ operations }) => operations[0]?.condition),
    [
      { kind: "absent" },
      { kind: "absent" },
      { kind: "match", version: "v9" },
      { kind: "match", version: "v1.0" },
    ],
  );
});

test("a read with the version at hand is answered 304 without a body", async (t) => {
  const { call } = await start(t);
  await call(`PUT ${ADA}`, { body: {} });
  const same = await call(`GET ${ADA}`, { headers: { "if-none-match": '"x", W/"v1.0"' } });
  assert.deepEqual([same.status, same.text, same.headers.etag], [304, "", '"v1.0"']);
  assert.equal((await call(`GET ${ADA}`, { headers: { "if-none-match": '"v0"' } })).status, 200);
  assertProblem(await call(`GET ${ADA}`, { headers: { "if-match": '"v0"' } }), 412, "version_mismatch");
});

test("a batch applies all of its operations or none", async (t) => {
  const { call, main } = await start(t);
  const batch = await call("POST /v1/main/batch", {
    body: {
      operations: [
        { op: "put_node", id: "a", labels: ["X"], properties: { n: 1 }, if_none_match: "*" },
        { op: "put_node", id: "b" },
        { op: "put_edge", type: "T", from: "a", to: "b" },
        { op: "patch_edge", type: "T", from: "a", to: "b", properties: { w: 2 } },
        { op: "patch_node", id: "a", labels: { add: ["Y"] }, properties: { n: null } },
      ],
    },
  });
  assert.equal(batch.status, 200);
  assert.deepEqual(batch.json, {
    results: ["a", "b", "a:T:b", "a:T:b", "a"].map((id, index) => ({ id, version: `v1.${index}` })),
    receipt: "r1",
  });
  assert.equal(batch.headers["isthmus-guarantee"], "region");
  assert.equal(batch.headers.etag, undefined);

  const half = await call("POST /v1/main/batch", {
    body: {
      operations: [
        { op: "delete_node", id: "b" },
        { op: "delete_edge", id: "none" },
      ],
    },
  });
  assert.equal(assertProblem(half, 404, "not_found").operation, 1);
  assert.equal(main.nodes.has("b"), true);
  const removed = await call("POST /v1/main/batch", {
    body: { operations: [{ op: "delete_edge", from: "a", type: "T", to: "b", if_match: "v1.3" }] },
  });
  assert.equal(removed.status, 200, removed.text);
});

test("a batch takes 1 to 1,000 operations", async (t) => {
  const { call } = await start(t);
  const of = (count: number) => ({
    operations: Array.from({ length: count }, (_, id) => ({ op: "put_node", id: `n${id}` })),
  });
  assertProblem(await call("POST /v1/main/batch", { body: of(0) }), 400, "invalid");
  assertProblem(await call("POST /v1/main/batch", { body: of(1001) }), 400, "invalid");
  assert.equal((await call("POST /v1/main/batch", { body: of(1000) })).status, 200);
});

test("one idempotency key counts once, and another body under it is refused", async (t) => {
  const { call, main } = await start(t);
  const headers = { "idempotency-key": "k 1" };
  const first = await call(`PUT ${ADA}`, {
    body: '{"properties":{"a":1,"b":{"x":1,"y":2}},"labels":[]}',
    headers,
  });
  const again = await call("PUT /v1/main/nodes/%61da", {
    body: '{"labels":[], "properties":{"b":{"y":2,"x":1},"a":1.0}}',
    headers,
  });
  assert.deepEqual(again.json, first.json);
  assert.equal(again.headers.etag, first.headers.etag);
  assert.equal(main.writes[0]?.retry?.bodyHash.length, 16);
  for (const [target, body] of [
    [`PUT ${ADA}`, { properties: { a: 2 } }],
    ["PUT /v1/main/nodes/bob", { labels: [], properties: { a: 1, b: { x: 1, y: 2 } } }],
    [`DELETE ${ADA}`, undefined],
  ] as const)
    assertProblem(await call(target, { body, headers }), 422, "idempotency_mismatch");
});

test("a session token from a write orders later writes and reads", async (t) => {
  const { call, main } = await start(t);
  const token = String((await call(`PUT ${ADA}`, { body: {} })).headers["isthmus-session"]);
  const headers = { "isthmus-session": token };
  await call(`PUT ${ADA}`, { body: {}, headers });
  assert.equal(main.writes[0]?.session, undefined);
  assert.equal(main.writes[1]?.session?.toString(), "us-east:1");
  await call(`GET ${ADA}?read=session`, { headers });
  await call(`GET ${ADA}?read=session`);
  await call(`GET ${ADA}?read=local`, { headers });
  await call(`GET ${ADA}`);
  assert.deepEqual(
    main.reads.map(({ level, session }) => [level, session?.toString()]),
    [
      ["session", "us-east:1"],
      ["session", ""],
      ["local", undefined],
      ["leader", undefined],
    ],
  );
  assert.equal(main.reads[0]?.timeoutMs, 10_000);
});

test("the edges of a node come in pages, by direction and type", async (t) => {
  const { call, main } = await start(t);
  for (const id of ["a", "b"]) await call(`PUT /v1/main/nodes/${id}`, { body: {} });
  for (let index = 0; index < 70; index++)
    await call(`PUT /v1/main/edges/e${String(index).padStart(2, "0")}`, {
      body: { type: index % 2 === 0 ? "EVEN" : "ODD", from: index < 65 ? "a" : "b", to: "b" },
    });
  const ids = (json: Record<string, unknown>): string[] =>
    (json.edges as { id: string }[]).map(({ id }) => id);
  const all: string[] = [];
  let cursor: unknown = null;
  do {
    const page = await call(
      `GET /v1/main/nodes/a/edges?direction=out&limit=40${cursor === null ? "" : `&cursor=${cursor}`}`,
    );
    assert.equal(page.headers["isthmus-region"], "us-east");
    all.push(...ids(page.json));
    cursor = page.json.cursor;
  } while (cursor !== null);
  assert.equal(all.length, 65);
  assert.deepEqual([...all].sort(), all);
  assert.equal(ids((await call("GET /v1/main/nodes/a/edges?direction=in")).json).length, 0);
  assert.equal(ids((await call("GET /v1/main/nodes/b/edges?type=ODD&limit=1000")).json).length, 35);
  assert.deepEqual((await call("GET /v1/main/nodes/a/edges?limit=1")).json.edges, [
    { id: "e00", type: "EVEN", from: "a", to: "b", properties: {}, version: main.edges.get("e00")?.version },
  ]);
  assertProblem(await call("GET /v1/main/nodes/none/edges"), 404, "not_found");
});

test("an export is all records in order, in canonical lines, page by page", async (t) => {
  const { call } = await start(t);
  await call("PUT /v1/main/nodes/b", { body: { properties: { z: { b: 1, a: 2 }, a: { $bytes: "AA==" } } } });
  await call("PUT /v1/main/nodes/a", { body: { labels: ["Z", "A"] } });
  await call("PUT /v1/main/edges/e", { body: { type: "T", from: "a", to: "b" } });
  const lines = [
    '{"kind":"node","id":"a","labels":["A","Z"],"properties":{}}',
    '{"kind":"node","id":"b","labels":[],"properties":{"a":{"$bytes":"AA=="},"z":{"a":2,"b":1}}}',
    '{"kind":"edge","id":"e","type":"T","from":"a","to":"b","properties":{}}',
  ];
  const whole = await call("GET /v1/main/export");
  assert.equal(whole.headers["content-type"], "application/x-ndjson");
  assert.equal(whole.headers["isthmus-cursor"], undefined);
  assert.equal(whole.headers["isthmus-as-of"], "us-east:3");
  assert.equal(whole.text, `${lines.join("\n")}\n`);
  const first = await call("GET /v1/main/export?limit=2");
  assert.equal(first.text, `${lines.slice(0, 2).join("\n")}\n`);
  const rest = await call(`GET /v1/main/export?limit=2&after=${first.headers["isthmus-cursor"]}`);
  assert.equal(rest.text, `${lines[2]}\n`);
  assert.equal(rest.headers["isthmus-cursor"], undefined);
});

test("a page of large records ends early and goes on where it ended", async (t) => {
  const { call } = await start(t);
  const text = "x".repeat(100_000);
  for (let index = 0; index < 100; index++)
    await call(`PUT /v1/main/nodes/n${index}`, { body: { properties: { text } } });
  const first = await call("GET /v1/main/export");
  const second = await call(`GET /v1/main/export?after=${first.headers["isthmus-cursor"]}`);
  assert(first.text.length < 8 * 1024 * 1024);
  assert.equal(first.text.split("\n").length + second.text.split("\n").length - 2, 100);
});

test("ids are percent-decoded by segment and may hold slashes, spaces and any letters", async (t) => {
  const { call } = await start(t);
  for (const id of ["a/b", "ü ☃", "50%", "a?b#c", "edges", "%2F", "..a", "a+b", "'\"\\"]) {
    const path = `/v1/main/nodes/${encodeURIComponent(id)}`;
    assert.equal((await call(`PUT ${path}`, { body: {} })).json.id, id);
    assert.equal((await call(`GET ${path}`)).json.id, id);
    assert.equal((await call(`GET ${path}/edges`)).status, 200);
  }
});

test("HEAD is GET without its body", async (t) => {
  const { call } = await start(t);
  await call(`PUT ${ADA}`, { body: {} });
  const got = await call(`GET ${ADA}`);
  const head = await call(`HEAD ${ADA}`);
  assert.deepEqual([head.status, head.text], [200, ""]);
  for (const name of ["etag", "content-length", "content-type", "isthmus-as-of"])
    assert.equal(head.headers[name], got.headers[name]);
  assert.equal((await call("HEAD /v1/main/nodes/none")).status, 404);
});
