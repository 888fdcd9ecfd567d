import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "@isthmus/kernel";
import { assertProblem, type Extra, start } from "./harness.ts";

const ADA = "/v1/main/nodes/ada";
const EDGE = "/v1/main/edges/e";
const BATCH = "POST /v1/main/batch";
const properties = (value: unknown): Extra => ({ body: { properties: value } });
const operation = (fields: object): Extra => ({
  body: { operations: [{ op: "put_node", id: "x" }, fields] },
});

/** Request, what is sent with it, and the path that the problem must name. */
const INVALID: readonly (readonly [target: string, extra: Extra, field: string])[] = [
  // bodies that are no documents
  [`PUT ${ADA}`, {}, "body"],
  [`PUT ${ADA}`, { body: "" }, "body"],
  [`PUT ${ADA}`, { body: "nul" }, "body"],
  [`PUT ${ADA}`, { body: "[]" }, "body"],
  [`PUT ${ADA}`, { body: "null" }, "body"],
  [`PUT ${ADA}`, { body: '"text"' }, "body"],
  [`PUT ${ADA}`, { body: "\ufeff{}" }, "body"],
  [`PUT ${ADA}`, { body: "{} {}" }, "body"],
  [`PUT ${ADA}`, { body: "[".repeat(100_000) }, "body"],
  [`PUT ${ADA}`, { body: "[".repeat(100_000) + "]".repeat(100_000) }, "body"],
  [`PUT ${ADA}`, { body: `{"properties":{"a":${"[".repeat(66)}1${"]".repeat(66)}}}` }, "properties.a"],
  [`PUT ${ADA}`, { body: `{"properties":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}` }, "body"],
  // fields
  [`PUT ${ADA}`, { body: { label: [] } }, "label"],
  [`PUT ${ADA}`, { body: { id: "ada" } }, "id"],
  [`PUT ${ADA}`, { body: '{"__proto__":{}}' }, "__proto__"],
  [`PUT ${ADA}`, { body: { labels: "x" } }, "labels"],
  [`PUT ${ADA}`, { body: { labels: null } }, "labels"],
  [`PUT ${ADA}`, { body: { labels: { add: [] } } }, "labels"],
  [`PUT ${ADA}`, { body: { labels: ["ok", 1] } }, "labels[1]"],
  [`PUT ${ADA}`, { body: { labels: [""] } }, "labels[0]"],
  [`PUT ${ADA}`, { body: { labels: ["a\u0000"] } }, "labels[0]"],
  [`PUT ${ADA}`, { body: { labels: ["x".repeat(257)] } }, "labels[0]"],
  [`PUT ${ADA}`, properties(null), "properties"],
  [`PUT ${ADA}`, properties([]), "properties"],
  [`PUT ${ADA}`, properties({ "": 1 }), "properties"],
  [`PUT ${ADA}`, properties({ "a\n": 1 }), "properties"],
  [`PUT ${ADA}`, properties({ ["é".repeat(129)]: 1 }), "properties"],
  [`PUT ${ADA}`, { body: '{"properties":{"\\ud800":1}}' }, "properties"],
  // values
  [`PUT ${ADA}`, { body: '{"properties":{"a":"\\ud800"}}' }, "properties.a"],
  [`PUT ${ADA}`, { body: '{"properties":{"a":1e999}}' }, "properties.a"],
  [`PUT ${ADA}`, properties({ a: { $int: 5 } }), "properties.a"],
  [`PUT ${ADA}`, properties({ a: { $int: "9223372036854775808" } }), "properties.a"],
  [`PUT ${ADA}`, properties({ a: { $int: "05" } }), "properties.a"],
  [`PUT ${ADA}`, properties({ a: { $bytes: "x" } }), "properties.a"],
  [`PUT ${ADA}`, properties({ a: { $time: "2026-02-30T00:00:00Z" } }), "properties.a"],
  [`PUT ${ADA}`, properties({ a: { $vector: ["1"] } }), "properties.a"],
  [`PUT ${ADA}`, properties({ a: [{ b: { $money: 1 } }] }), "properties.a"],
  // patches
  [`PATCH ${ADA}`, { body: { labels: ["x"] } }, "labels"],
  [`PATCH ${ADA}`, { body: { labels: null } }, "labels"],
  [`PATCH ${ADA}`, { body: { labels: { set: [] } } }, "labels.set"],
  [`PATCH ${ADA}`, { body: { labels: { add: "x" } } }, "labels.add"],
  [`PATCH ${ADA}`, { body: { labels: { add: ["x"], remove: ["x"] } } }, "labels"],
  [`PATCH ${ADA}`, { body: { properties: { a: { $int: null } } } }, "properties.a"],
  // edges
  [`PUT ${EDGE}`, { body: {} }, "type"],
  [`PUT ${EDGE}`, { body: { type: "T", from: "a" } }, "to"],
  [`PUT ${EDGE}`, { body: { type: "T", from: "", to: "b" } }, "from"],
  [`PUT ${EDGE}`, { body: { type: 5, from: "a", to: "b" } }, "type"],
  [`PUT ${EDGE}`, { body: { type: "T", from: "a", to: "b", labels: [] } }, "labels"],
  [`PATCH ${EDGE}`, { body: { type: "T" } }, "type"],
  [`PATCH ${EDGE}`, { body: { from: "a", properties: {} } }, "from"],
  [`PATCH ${EDGE}`, { body: { labels: {} } }, "labels"],
  // batches
  [BATCH, { body: {} }, "operations"],
  [BATCH, { body: { operations: {} } }, "operations"],
  [BATCH, { body: { operations: [], atomic: true } }, "atomic"],
  [BATCH, { body: { operations: [null] } }, "operations[0]"],
  [BATCH, operation({ id: "x" }), "operations[1].op"],
  [BATCH, operation({ op: "toString", id: "x" }), "operations[1].op"],
  [BATCH, operation({ op: "put_node" }), "operations[1].id"],
  [BATCH, operation({ op: "put_node", id: 7 }), "operations[1].id"],
  [BATCH, operation({ op: "put_node", id: "x", type: "T" }), "operations[1].type"],
  [
    BATCH,
    operation({ op: "put_node", id: "x", properties: { a: { $int: 1 } } }),
    "operations[1].properties.a",
  ],
  [BATCH, operation({ op: "delete_node", id: "x", properties: {} }), "operations[1].properties"],
  [BATCH, operation({ op: "put_edge", from: "a", to: "b" }), "operations[1].type"],
  [
    BATCH,
    operation({ op: "put_edge", type: "T", from: "a".repeat(200), to: "b".repeat(200) }),
    "operations[1].id",
  ],
  [BATCH, operation({ op: "patch_edge", id: "e", type: "T" }), "operations[1].type"],
  [BATCH, operation({ op: "delete_edge", id: "e", from: "a" }), "operations[1].from"],
  [BATCH, operation({ op: "put_node", id: "x", if_match: 1 }), "operations[1].if_match"],
  [BATCH, operation({ op: "put_node", id: "x", if_match: "" }), "operations[1].if_match"],
  [
    BATCH,
    operation({ op: "put_node", id: "x", if_match: "v", if_none_match: "*" }),
    "operations[1].if_match",
  ],
  [BATCH, operation({ op: "put_node", id: "x", if_none_match: "v" }), "operations[1].if_none_match"],
  [BATCH, { ...operation({ op: "put_node", id: "y" }), headers: { "if-match": '"v"' } }, "If-Match"],
  // headers
  [`PUT ${ADA}`, { body: {}, headers: { "if-match": "v1" } }, "If-Match"],
  [`PUT ${ADA}`, { body: {}, headers: { "if-match": "*" } }, "If-Match"],
  [`PUT ${ADA}`, { body: {}, headers: { "if-match": 'W/"v1"' } }, "If-Match"],
  [`PUT ${ADA}`, { body: {}, headers: { "if-match": '"v1", "v2"' } }, "If-Match"],
  [`PUT ${ADA}`, { body: {}, headers: { "if-match": '"v1"', "if-none-match": "*" } }, "If-Match"],
  [`PUT ${ADA}`, { body: {}, headers: { "if-none-match": '"v1"' } }, "If-None-Match"],
  [`PUT ${ADA}`, { body: {}, headers: { "idempotency-key": "" } }, "Idempotency-Key"],
  [`PUT ${ADA}`, { body: {}, headers: { "idempotency-key": "é" } }, "Idempotency-Key"],
  [`PUT ${ADA}`, { body: {}, headers: { "idempotency-key": "k".repeat(257) } }, "Idempotency-Key"],
  [`PUT ${ADA}`, { body: {}, headers: { "isthmus-session": "" } }, "Isthmus-Session"],
  [`GET ${ADA}`, { headers: { "isthmus-session": "!!!" } }, "Isthmus-Session"],
  [`GET ${ADA}`, { headers: { "isthmus-session": "AgA" } }, "Isthmus-Session"],
  [`GET ${ADA}`, { headers: { "isthmus-session": "AQAA" } }, "Isthmus-Session"],
  [`GET ${ADA}`, { headers: { "isthmus-session": "Af___w" } }, "Isthmus-Session"],
  [`GET ${ADA}`, { headers: { "isthmus-session": "AQA=" } }, "Isthmus-Session"],
  // paths and parameters
  ["GET /v1/main/nodes/", {}, "id"],
  ["GET /v1/main/nodes/%00", {}, "id"],
  ["GET /v1/main/nodes/%7F", {}, "id"],
  ["GET /v1/main/nodes/%C2%85", {}, "id"],
  [`GET /v1/main/nodes/${"%C3%A9".repeat(129)}`, {}, "id"],
  ["GET /v1/main/nodes/%", {}, "path"],
  ["GET /v1/main/nodes/%ff", {}, "path"],
  ["GET /v1/main/nodes/%ED%A0%80", {}, "path"],
  ["PUT /v1/%zz/nodes/a", { body: {} }, "path"],
  [`GET ${ADA}?fields=x`, {}, "fields"],
  [`GET ${ADA}?read=newest`, {}, "read"],
  [`GET ${ADA}?read=local&read=leader`, {}, "read"],
  [`GET ${ADA}?read=%ff`, {}, "read"],
  [`GET ${ADA}?siblings=yes`, {}, "siblings"],
  [`PUT ${ADA}?read=local`, { body: {} }, "read"],
  [`DELETE ${ADA}?force`, {}, "force"],
  [`GET ${ADA}/edges?direction=up`, {}, "direction"],
  [`GET ${ADA}/edges?limit=0`, {}, "limit"],
  [`GET ${ADA}/edges?limit=1001`, {}, "limit"],
  [`GET ${ADA}/edges?limit=1e2`, {}, "limit"],
  [`GET ${ADA}/edges?limit=-1`, {}, "limit"],
  [`GET ${ADA}/edges?type=`, {}, "type"],
  [`GET ${ADA}/edges?cursor=**`, {}, "cursor"],
  ["GET /v1/main/export?after=_w", {}, "after"],
  ["GET /v1/main/export?limit=x", {}, "limit"],
  ["GET /v1/main/export?cursor=x", {}, "cursor"],
  // bodies where none belongs
  [`DELETE ${ADA}`, { body: {} }, "body"],
  [`GET ${ADA}`, { body: {} }, "body"],
  ["GET /admin/v1/cluster", { body: {} }, "body"],
  // administration
  ["GET /readyz?role=king", {}, "role"],
  ["GET /healthz?x=1", {}, "x"],
  ["GET /metrics?x=1", {}, "x"],
  ["PATCH /admin/v1/links/a/b", { body: {} }, "paused"],
  ["PATCH /admin/v1/links/a/b", { body: { paused: "yes" } }, "paused"],
  ["PATCH /admin/v1/links/a/b", { body: { paused: true, speed: 1 } }, "speed"],
  ["PATCH /admin/v1/links/a/b?dry_run=1", { body: { paused: true } }, "dry_run"],
  ["PATCH /admin/v1/links/a/%ff", { body: { paused: true } }, "path"],
];

test("what is wrong in a request is refused with 400 and named by its path", async (t) => {
  const { call, main } = await start(t);
  for (const [target, extra, field] of INVALID) {
    const answer = await call(target, extra);
    const label = `${target.slice(0, 80)} ${JSON.stringify(extra).slice(0, 120)} -> ${answer.text}`;
    assert.equal(answer.status, 400, label);
    const problem = assertProblem(answer, 400, "invalid");
    assert.equal(problem.field, field, label);
    assert(String(problem.detail).startsWith(field), label);
  }
  assert.equal(main.writes.length, 0);
});

test("malformed JSON is refused with its position", async (t) => {
  const { call } = await start(t);
  for (const [body, position] of [
    ["x", 0],
    ['{"a":x}', 5],
    ['{"a":1,}', 7],
    ["{'a':1}", 1],
    ["[1 2]", 3],
    ['{"properties": {"a": 01}}', 22],
    ['{"a":"b\n"}', 7],
    ['{"a":"\\x"}', 6],
    ['{"a":"b', 7],
    ["{}}", 2],
    ['{"a" 1}', 5],
    [`{"a":"${"y".repeat(3_000_000)}"`, 3_000_007],
  ] as const) {
    const problem = assertProblem(await call(`PUT ${ADA}`, { body }), 400, "invalid");
    assert.equal(problem.detail, `body: malformed JSON at position ${position}`, body.slice(0, 40));
  }
});

test("a body that is not UTF-8 is refused", async (t) => {
  const { port, raw } = await start(t);
  for (const bytes of ['{"a":"\u00ff"}', '{"a":"\u00c3"}', '{"a":"\u00ed\u00a0\u0080"}']) {
    const socketText = `PUT ${ADA} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    const got = await raw(Buffer.from(socketText + bytes, "latin1"));
    assert.match(got, /^HTTP\/1.1 400 .*not valid UTF-8/s);
  }
});

test("members of any name are data, and of two with one name the last counts", async (t) => {
  const { call } = await start(t);
  const body =
    '{"properties":{"__proto__":{"polluted":true},"constructor":{"__proto__":1},"toJSON":"x","a":1,"a":2,"$int":"7"}}';
  assert.equal((await call(`PUT ${ADA}`, { body })).status, 200);
  const { text } = await call(`GET ${ADA}`);
  assert(text.includes('"__proto__":{"polluted":true}'), text);
  assert(text.includes('"constructor":{"__proto__":1}'), text);
  assert(text.includes('"a":2'), text);
  assert(text.includes('"$int":"7"'), text);
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

test("a body of another type or coding is refused with 415", async (t) => {
  const { call } = await start(t);
  for (const headers of [
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "text/plain" },
    { "content-type": "application/json; charset=latin1" },
    { "content-type": "application/merge-patch+json" },
    { "content-type": "" },
    { "content-type": "application/json", "content-encoding": "gzip" },
  ] as const)
    assertProblem(await call(`PUT ${ADA}`, { body: {}, headers }), 415, "invalid");
  for (const type of [
    "Application/JSON",
    "application/json;charset=utf-8",
    'application/json; charset="UTF-8"',
    "application/json;",
  ])
    assert.equal(
      (await call(`PUT ${ADA}`, { body: {}, headers: { "content-type": type } })).status,
      200,
      type,
    );
});

test("what the contract names and is not built is answered 501", async (t) => {
  const { call } = await start(t);
  for (const [target, body] of [
    [`GET ${ADA}?read=bounded&max_staleness_ms=100`],
    [`GET ${ADA}?read=primary`],
    [`GET ${ADA}?max_staleness_ms=100`],
    [`GET ${ADA}?siblings=true`],
    ["GET /v1/main/export?read=primary"],
    ["POST /v1/main/query", { match: {} }],
    ["GET /v1/main/changes?from=x"],
    ["GET /v1/receipts/r1"],
    ["GET /v1/ws"],
    [`PATCH ${ADA}`, { increment: { k: 1 } }],
    [`PATCH ${ADA}`, { add: { k: ["x"] } }],
    [`PATCH ${ADA}`, { remove: { k: ["x"] } }],
    [`PATCH ${EDGE}`, { increment: { k: 1 } }],
    ["POST /v1/main/batch", { operations: [{ op: "patch_node", id: "a", increment: { k: 1 } }] }],
    ["PATCH /admin/v1/links/a/b", { compression: "auto" }],
    ["PATCH /admin/v1/links/a/b", { paused: true, bandwidth: "1MiB/s" }],
    ["GET /admin/v1/databases/main"],
    ["PUT /admin/v1/databases/main", {}],
    ["POST /admin/v1/regions", {}],
    ["DELETE /admin/v1/regions/r"],
    ["PUT /admin/v1/resolvers/r", {}],
    ["GET /admin/v1/failover"],
    ["GET /admin/v1/failover/plan?to=eu-west"],
    ["POST /admin/v1/failover/switchover", {}],
    ["GET /admin/v1/conflicts?db=main"],
    ["GET /admin/v1/verify"],
    ["GET /admin/v1/events"],
    ["GET /admin/v1/jobs/1"],
    ["GET /dashboard"],
  ] as const)
    assertProblem(await call(target, body === undefined ? {} : { body }), 501, "not_available");
});

test("paths that nobody knows are 404, also databases", async (t) => {
  const { call } = await start(t);
  for (const target of [
    "GET /",
    "GET /v1",
    "GET /v1/",
    "GET /v1/main",
    "GET /v1/main/nodes",
    "GET /v1/main/nodes/a/",
    "GET /v1/main/nodes/a/edges/",
    "GET /v1/main/nodes/a/labels",
    "GET /v1/main/edges/a/edges",
    "GET /v1//nodes/a",
    "GET /v1/other/nodes/a",
    "DELETE /v1/__proto__/nodes/a",
    "GET /v2/main/nodes/a",
    "GET /admin/v1",
    "GET /admin/v1/databasesx",
    "GET /Healthz",
    "GET /admin/v1/links/a",
  ])
    assertProblem(await call(target), 404, "not_found");
  assertProblem(await call("PUT /v1/other/nodes/a", { body: {} }), 404, "not_found");
});

test("a method that does not apply is 405 and told which do", async (t) => {
  const { call } = await start(t);
  for (const [target, allow] of [
    [`POST ${ADA}`, "GET, HEAD, PUT, PATCH, DELETE"],
    [`OPTIONS ${EDGE}`, "GET, HEAD, PUT, PATCH, DELETE"],
    [`DELETE ${ADA}/edges`, "GET, HEAD"],
    ["GET /v1/main/batch", "POST"],
    ["POST /v1/main/export", "GET, HEAD"],
    ["POST /healthz", "GET, HEAD"],
    ["DELETE /admin/v1/cluster", "GET, HEAD"],
    ["GET /admin/v1/links/a/b", "PATCH"],
  ] as const) {
    const answer = await call(target);
    assertProblem(answer, 405, "method_not_allowed");
    assert.equal(answer.headers.allow, allow);
  }
});

test("every refusal of a write has its status, and in a batch its operation", async (t) => {
  const { call, main } = await start(t);
  for (const [code, status] of [
    ["not_found", 404],
    ["version_mismatch", 412],
    ["too_large", 413],
    ["invalid_reference", 422],
    ["idempotency_mismatch", 422],
  ] as const) {
    main.refusal = code;
    assert.equal("operation" in assertProblem(await call(`PUT ${ADA}`, { body: {} }), status, code), false);
    const operations = [
      { op: "put_node", id: "a" },
      { op: "put_node", id: "b" },
    ];
    const problem = assertProblem(await call("POST /v1/main/batch", { body: { operations } }), status, code);
    assert.equal(problem.operation, 1);
  }
});

test("every expected failure of the service has its status, and its facts stay facts", async (t) => {
  const { call, main, registry } = await start(t);
  for (const [code, status] of [
    ["invalid", 400],
    ["unauthorized", 401],
    ["forbidden", 403],
    ["refused_by_safety", 409],
    ["not_primary_policy", 409],
    ["position_expired", 410],
    ["rate_limited", 429],
    ["overloaded", 503],
    ["no_leader", 503],
    ["no_primary", 503],
    ["fenced", 503],
    ["draining", 503],
    ["too_stale", 503],
    ["timeout", 504],
    ["guarantee_not_met", 504],
    ["disk_full", 507],
  ] as const) {
    main.failure = new IsthmusError(code, "because", {
      facts: { leader: "n2", status: 1, code: "x", type: "y" },
    });
    for (const answer of [await call(`PUT ${ADA}`, { body: {} }), await call(`GET ${ADA}`)]) {
      const problem = assertProblem(answer, status, code);
      assert.deepEqual([problem.detail, problem.leader], ["because", "n2"]);
    }
    const counted = registry
      .samples()
      .find(({ name, labels }) => name === "isthmus.api.refused" && labels.cause === code);
    assert.equal(counted?.value, 2);
  }
});

test("what nobody expected is 500, shows nothing of itself, and is told to the process", async (t) => {
  const faults: unknown[] = [];
  const { call, main, service } = await start(t, { onFault: (error) => faults.push(error) });
  for (const failure of [new TypeError("secret"), "secret", new IsthmusError("no_such_code", "secret")]) {
    main.failure = failure;
    const answer = await call(`GET ${ADA}`);
    assertProblem(answer, 500, "internal");
    assert(!answer.text.includes("secret"));
    assert.equal(faults.at(-1), failure);
  }
  const broken = new RangeError("secret");
  service.cluster = () => {
    throw broken;
  };
  assertProblem(await call("GET /admin/v1/cluster"), 500, "internal");
  assert.equal(faults.at(-1), broken);
});
