import { type Call, nodePath } from "./http.ts";

/** A request that is wrong in one way, and what is answered. */
export interface BadRequest extends Call {
  readonly what: string;
  /** A PUT where nothing is said. */
  readonly method?: string;
  readonly path: string;
  readonly status: number;
  readonly code: string;
  /** What the problem names as wrong. */
  readonly field?: string;
  /** What it is that there is not. */
  readonly kind?: string | undefined;
}

const BATCH = { method: "POST", path: "/v1/main/batch" };
const INVALID = { status: 400, code: "invalid" };
const BODY_LIMIT_BYTES = 4 * 2 ** 20;
const LEVELS = 100_000;

const lists = "[".repeat(LEVELS) + "]".repeat(LEVELS);
const objects = `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`;

/** A node with one property of this value, which no program of ours would write. */
function withValue(value: string): Call & { path: string } {
  return { path: nodePath("bad"), raw: `{"labels":[],"properties":{"p":${value}}}` };
}

const malformed: readonly BadRequest[] = [
  { what: "an empty body", path: nodePath("bad"), raw: "", ...INVALID, field: "body" },
  { what: "a body that breaks off", path: nodePath("bad"), raw: '{"labels":[', ...INVALID, field: "body" },
  { what: "two documents", path: nodePath("bad"), raw: "{} {}", ...INVALID, field: "body" },
  { what: "a comma too many", path: nodePath("bad"), raw: '{"labels":[],}', ...INVALID, field: "body" },
  {
    what: "bytes that are no UTF-8",
    path: nodePath("bad"),
    raw: Buffer.from([0x22, 0xff, 0x22]),
    ...INVALID,
  },
  { what: "a batch that breaks off", ...BATCH, raw: '{"operations":[{"op"', ...INVALID, field: "body" },
  {
    what: "another content type",
    path: nodePath("bad"),
    raw: "a=1",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    status: 415,
    code: "invalid",
  },
];

const unknownFields: readonly BadRequest[] = [
  { what: "an unknown field", path: nodePath("bad"), body: { lables: [] }, ...INVALID, field: "lables" },
  {
    what: "an unknown field of an edge",
    path: "/v1/main/edges/e",
    body: { type: "T", from: "a", to: "b", weight: 1 },
    ...INVALID,
    field: "weight",
  },
  {
    what: "an unknown field deep in a batch",
    ...BATCH,
    body: {
      operations: [
        { op: "put_node", id: "one" },
        { op: "put_node", id: "two", ifmatch: "v" },
      ],
    },
    ...INVALID,
    field: "operations[1].ifmatch",
  },
  {
    what: "an unknown parameter",
    method: "GET",
    path: `${nodePath("kept")}?raed=local`,
    ...INVALID,
    field: "raed",
  },
  {
    what: "a parameter of another kind",
    method: "GET",
    path: `${nodePath("kept")}?read=near`,
    ...INVALID,
    field: "read",
  },
  {
    what: "a body where none belongs",
    method: "GET",
    path: nodePath("kept"),
    raw: "{}",
    ...INVALID,
    field: "body",
  },
];

const tooMuch: readonly BadRequest[] = [
  {
    what: "a body over the limit, by its declared length",
    ...withValue(JSON.stringify("x".repeat(BODY_LIMIT_BYTES))),
    status: 413,
    code: "too_large",
  },
  {
    what: "a body over the limit, in chunks of no declared length",
    ...withValue(JSON.stringify("x".repeat(BODY_LIMIT_BYTES))),
    headers: { "transfer-encoding": "chunked" },
    status: 413,
    code: "too_large",
  },
  {
    what: "a batch of 1,001 operations",
    ...BATCH,
    body: { operations: Array.from({ length: 1_001 }, (_, n) => ({ op: "put_node", id: `n${n}` })) },
    ...INVALID,
    field: "operations",
  },
  { what: "100,000 nested lists", ...withValue(lists), ...INVALID, field: "body" },
  { what: "100,000 nested objects", ...withValue(objects), ...INVALID, field: "body" },
  { what: "100,000 lists that nobody closes", ...withValue("[".repeat(LEVELS)), ...INVALID, field: "body" },
  { what: "a number 65 lists deep", ...withValue(`${"[".repeat(65)}1${"]".repeat(65)}`), ...INVALID },
];

const wrongTypes: readonly BadRequest[] = [
  { what: "a list as the body", path: nodePath("bad"), body: [], ...INVALID, field: "body" },
  {
    what: "labels that are a text",
    path: nodePath("bad"),
    body: { labels: "A" },
    ...INVALID,
    field: "labels",
  },
  {
    what: "a label that is a number",
    path: nodePath("bad"),
    body: { labels: ["A", 1] },
    ...INVALID,
    field: "labels[1]",
  },
  {
    what: "properties that are a list",
    path: nodePath("bad"),
    body: { properties: [] },
    ...INVALID,
    field: "properties",
  },
  { what: "an edge without ends", path: "/v1/main/edges/e", body: { type: "T" }, ...INVALID, field: "from" },
  {
    what: "an operation that is a text",
    ...BATCH,
    body: { operations: ["put"] },
    ...INVALID,
    field: "operations[0]",
  },
  {
    what: "an unknown operation",
    ...BATCH,
    body: { operations: [{ op: "put" }] },
    ...INVALID,
    field: "operations[0].op",
  },
  { what: "an empty batch", ...BATCH, body: { operations: [] }, ...INVALID, field: "operations" },
  { what: "a number beyond 64 bits", ...withValue("1e999"), ...INVALID, field: "properties.p" },
  { what: "half a surrogate pair", ...withValue('"\\ud800"'), ...INVALID, field: "properties.p" },
  { what: "a $int that is a number", ...withValue('{"$int":5}'), ...INVALID, field: "properties.p" },
  {
    what: "a $int beyond 64 bits",
    ...withValue('{"$int":"9223372036854775808"}'),
    ...INVALID,
    field: "properties.p",
  },
  { what: "$bytes that are no base64", ...withValue('{"$bytes":"a-b"}'), ...INVALID, field: "properties.p" },
  {
    what: "a $time that does not exist",
    ...withValue('{"$time":"2026-02-30T00:00:00.000Z"}'),
    ...INVALID,
    field: "properties.p",
  },
  { what: "a $vector beyond 32 bits", ...withValue('{"$vector":[1e39]}'), ...INVALID, field: "properties.p" },
  { what: "an unknown typed value", ...withValue('[{"$date":"x"}]'), ...INVALID, field: "properties.p" },
  {
    what: "a condition without quotes",
    path: nodePath("kept"),
    body: {},
    headers: { "if-match": "v" },
    ...INVALID,
    field: "If-Match",
  },
  {
    what: "an idempotency key of 257 characters",
    path: nodePath("bad"),
    body: {},
    headers: { "idempotency-key": "k".repeat(257) },
    ...INVALID,
    field: "Idempotency-Key",
  },
  {
    what: "a read token that nobody gave out",
    method: "GET",
    path: `${nodePath("kept")}?read=session`,
    headers: { "isthmus-session": "AAAA" },
    ...INVALID,
    field: "Isthmus-Session",
  },
];

const names: readonly BadRequest[] = [
  ...["a\u0000b", "a\nb", "a\u001fb", "a\u007fb", "a\u0085b"].map((id) => ({
    what: `an id with the control character ${JSON.stringify(id.slice(1, -1))}`,
    path: nodePath(id),
    body: {},
    ...INVALID,
  })),
  { what: "an id of 257 bytes", path: nodePath(`${"ü".repeat(128)}x`), body: {}, ...INVALID },
  { what: "an id that is no UTF-8", path: "/v1/main/nodes/%ff", body: {}, ...INVALID },
  {
    what: "a control character in a batch's id",
    ...BATCH,
    body: { operations: [{ op: "put_node", id: "a\u0001" }] },
    ...INVALID,
    field: "operations[0].id",
  },
  {
    what: "a control character in a label",
    path: nodePath("bad"),
    body: { labels: ["a\tb"] },
    ...INVALID,
    field: "labels[0]",
  },
  {
    what: "a control character in a property's name",
    path: nodePath("bad"),
    body: { properties: { "a\u0007": 1 } },
    ...INVALID,
    field: "properties",
  },
  {
    what: "a control character in an edge's end",
    path: "/v1/main/edges/e",
    body: { type: "T", from: "a\r", to: "b" },
    ...INVALID,
    field: "from",
  },
];

const unknownPlaces: readonly BadRequest[] = [
  { what: "a read in an unknown database", method: "GET", path: "/v1/mian/nodes/kept" },
  { what: "a write in an unknown database", path: "/v1/mian/nodes/kept", body: {} },
  {
    what: "a batch in an unknown database",
    method: "POST",
    path: "/v1/mian/batch",
    body: { operations: [{ op: "put_node", id: "n" }] },
  },
  { what: "an export of an unknown database", method: "GET", path: "/v1/mian/export" },
  { what: "a database of a name of a JavaScript object", method: "GET", path: "/v1/__proto__/nodes/kept" },
  { what: "a path that nobody serves", method: "GET", path: "/v1/main/noodles/kept", kind: undefined },
].map((row) => ({ kind: "database", ...row, status: 404, code: "not_found" }));

/** By what is wrong with them. They leave a server that holds one node, `kept`, as it is. */
export const BAD_REQUESTS: Readonly<Record<string, readonly BadRequest[]>> = {
  "malformed JSON": malformed,
  "unknown fields": unknownFields,
  "too much": tooMuch,
  "wrong types": wrongTypes,
  "names with what names cannot hold": names,
  "unknown places": unknownPlaces,
};
