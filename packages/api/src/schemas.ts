/** Schemas, parameters and headers of the OpenAPI document: the shapes that `operations.ts` and `read.ts` hold to. */

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const count = { type: "integer", minimum: 0 } as const;
const maybeCount = { type: ["integer", "null"], minimum: 0 } as const;
const maybeNumber = { type: ["number", "null"], minimum: 0 } as const;
const maybeText = { type: ["string", "null"] } as const;
const name = {
  type: "string",
  minLength: 1,
  maxLength: 256,
  description: "1 to 256 bytes of UTF-8, no control characters",
};

type Schema = Readonly<Record<string, unknown>>;

export function ref(schema: string): Schema {
  return { $ref: `#/components/schemas/${schema}` };
}

function listOf(items: Schema): Schema {
  return { type: "array", items };
}

/** All members are required but those that `optional` names. */
function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((member) => !optional.includes(member));
  return {
    type: "object",
    properties,
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  };
}

function typed(member: string, schema: Schema): Schema {
  return object({ [member]: schema });
}

const vector = { type: "object", additionalProperties: count };
const end = { id: name, version: text };
const edgeEnds = { type: name, from: name, to: name };
const conditions = { if_match: text, if_none_match: { const: "*" } };
const operationOf = (
  op: string,
  fields: Readonly<Record<string, Schema>>,
  optional: readonly string[],
): Schema =>
  object({ op: { const: op }, id: name, ...fields, ...conditions }, [
    "if_match",
    "if_none_match",
    ...optional,
  ]);

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Value: {
    description:
      "A property's value: plain JSON, or an object with one key that begins with $ for a typed one",
    anyOf: [
      { type: ["null", "boolean", "number", "string"] },
      typed("$int", { type: "string", description: "A signed 64-bit integer in decimal" }),
      typed("$bytes", { type: "string", contentEncoding: "base64" }),
      typed("$time", { type: "string", format: "date-time", description: "UTC, milliseconds at most" }),
      typed("$vector", listOf({ type: "number", description: "A 32-bit float" })),
      listOf(ref("Value")),
      { type: "object", additionalProperties: ref("Value") },
    ],
  },
  Properties: { type: "object", propertyNames: name, additionalProperties: ref("Value") },
  Labels: { ...listOf(name), uniqueItems: true },
  LabelChange: object({ add: ref("Labels"), remove: ref("Labels") }, ["add", "remove"]),
  Node: object({ id: name, labels: ref("Labels"), properties: ref("Properties"), version: text }),
  NodeWrite: object({ labels: ref("Labels"), properties: ref("Properties") }, ["labels", "properties"]),
  NodePatch: object({ labels: ref("LabelChange"), properties: ref("Properties") }, ["labels", "properties"]),
  Edge: object({ id: name, ...edgeEnds, properties: ref("Properties"), version: text }),
  EdgeWrite: object({ ...edgeEnds, properties: ref("Properties") }, ["properties"]),
  EdgePatch: object({ properties: ref("Properties") }, ["properties"]),
  Written: object({ ...end, receipt: text }),
  Deleted: object({ version: text, receipt: text }),
  EdgesPage: object({ edges: listOf(ref("Edge")), cursor: maybeText }),
  Operation: {
    oneOf: [
      operationOf("put_node", { labels: ref("Labels"), properties: ref("Properties") }, [
        "labels",
        "properties",
      ]),
      operationOf("patch_node", { labels: ref("LabelChange"), properties: ref("Properties") }, [
        "labels",
        "properties",
      ]),
      operationOf("delete_node", {}, []),
      operationOf("put_edge", { ...edgeEnds, properties: ref("Properties") }, ["id", "properties"]),
      operationOf("patch_edge", { ...edgeEnds, properties: ref("Properties") }, [
        "id",
        "type",
        "from",
        "to",
        "properties",
      ]),
      operationOf("delete_edge", edgeEnds, ["id", "type", "from", "to"]),
    ],
  },
  Batch: object({ operations: { ...listOf(ref("Operation")), minItems: 1, maxItems: 1000 } }),
  BatchWritten: object({ results: listOf(object(end)), receipt: text }),
  Problem: {
    type: "object",
    properties: { type: text, title: text, status: { type: "integer" }, detail: text, code: text },
    required: ["type", "title", "status", "detail", "code"],
    additionalProperties: { type: ["string", "number", "boolean", "null"] },
  },
  Health: object({ ok: { const: true } }),
  Readiness: object({ ready: flag, checks: listOf(object({ name: text, ok: flag, why: text }, ["why"])) }),
  Link: object({
    from: text,
    to: text,
    state: { enum: ["live", "catching_up", "paused", "down"] },
    mode: { const: "async" },
    lag_ops: maybeCount,
    lag_bytes: maybeCount,
    lag_ms: maybeNumber,
    verified_at: maybeText,
    rtt_ms: maybeNumber,
  }),
  Links: object({ links: listOf(ref("Link")) }),
  LinkPatch: object({ paused: flag }),
  LinkPatched: {
    anyOf: [
      ref("Link"),
      object({
        dry_run: { const: true },
        link: ref("Link"),
        changes: object({ paused: object({ from: flag, to: flag }) }, ["paused"]),
      }),
    ],
  },
  Cluster: object({
    cluster: text,
    epoch: count,
    databases: listOf(
      object({
        name: text,
        policy: text,
        primary: maybeText,
        epoch: count,
        sync: object({ mode: text }),
        failover: object({ state: text, since: maybeText }),
      }),
    ),
    regions: listOf(
      object({
        id: text,
        role: { enum: ["writer", "unreachable"] },
        nodes: listOf(object({ id: text, up: flag, groups: listOf(ref("Group")) })),
        vector,
      }),
    ),
    links: listOf(ref("Link")),
  }),
  Group: object({
    group: text,
    role: { enum: ["leader", "follower", "candidate", "learner"] },
    term: count,
    leader: maybeText,
    commit: count,
    applied: count,
    digest: maybeText,
    vector,
    members: object({ voters: listOf(text), learners: listOf(text) }),
  }),
  NewNode: object({ id: name, region: name, api: name, cluster: name }),
  NodePatched: object({ draining: flag }),
  NodeRecord: object({
    id: text,
    region: text,
    api: text,
    cluster: text,
    number: count,
    up: flag,
    state: { enum: ["joining", "active", "draining", "leaving"] },
    leads: listOf(text),
  }),
  Nodes: object({ nodes: listOf(ref("NodeRecord")) }),
  NodeChanged: {
    oneOf: [
      ref("NodeRecord"),
      object({ dry_run: { const: true }, node: ref("NodeRecord"), changes: listOf(text) }),
    ],
  },
  TransferTo: object({ to: name }),
  Transferred: object({ dry_run: { const: true }, group: text, region: text, from: maybeText, to: text }, [
    "dry_run",
  ]),
  SnapshotCut: object({
    group: text,
    id: text,
    index: { type: "integer" },
    term: { type: "integer" },
    chunks: { type: "integer" },
    bytes: { type: "integer" },
  }),
  Document: { type: "object" },
};

interface Parameter {
  readonly in: "query" | "header";
  readonly description: string;
  readonly schema: Schema;
}

const limit = { type: "integer", minimum: 1, maximum: 1000 };

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  read: {
    in: "query",
    description:
      "How fresh: what this node has (local), at least what Isthmus-Session has seen (session), or all that the region has acknowledged (leader)",
    schema: { enum: ["local", "session", "leader"], default: "leader" },
  },
  direction: {
    in: "query",
    description: "Seen from the node",
    schema: { enum: ["out", "in", "both"], default: "both" },
  },
  type: { in: "query", description: "Only edges of this type", schema: name },
  limit: {
    in: "query",
    description: "Records of the page; a page of large ones ends earlier",
    schema: limit,
  },
  cursor: { in: "query", description: "Where the page before ended", schema: text },
  after: { in: "query", description: "Isthmus-Cursor of the page before", schema: text },
  role: { in: "query", description: "Ready for what", schema: { enum: ["primary", "leader"] } },
  db: { in: "query", description: "The database that role=primary is about", schema: text },
  group: { in: "query", description: "The group that role=leader is about", schema: text },
  dry_run: {
    in: "query",
    description: "Only say what would change",
    schema: { type: "boolean", default: false },
  },
  "Isthmus-Session": { in: "header", description: "A read token from an earlier answer", schema: text },
  "Idempotency-Key": {
    in: "header",
    description: "Under one key the request counts once, however often it is sent",
    schema: { type: "string", minLength: 1, maxLength: 256, pattern: "^[ -~]+$" },
  },
  "If-Match": {
    in: "header",
    description: "The version that the record must have, in double quotes",
    schema: text,
  },
  "If-None-Match": {
    in: "header",
    description:
      "* on a write: only if there is no such record. A version on a read: 304 if it has not changed",
    schema: text,
  },
};

export const HEADERS: Readonly<Record<string, string>> = {
  ETag: "The record's version, in double quotes",
  "Isthmus-Session": "A read token that has seen this answer",
  "Isthmus-Guarantee": "What the write had survived when it was answered: region",
  "Isthmus-Region": "Which region answered",
  "Isthmus-As-Of": "The vector of the state that was read: origin:number, separated by spaces",
  "Isthmus-Cursor": "Where the next page begins; not there at the end",
};
