/** What one route is, for the OpenAPI document; express takes its paths from here, too. */
export interface RouteSpec {
  readonly method: "get" | "put" | "patch" | "post" | "delete";
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  /** Names of PARAMETERS, beside those in the path. */
  readonly parameters?: readonly string[];
  /** Names of schemas. */
  readonly body?: string;
  readonly answer: string;
  /** Names of HEADERS in the answer. */
  readonly headers?: readonly string[];
  /** Statuses of problems. */
  readonly problems: readonly number[];
}

const LEVEL = ["read", "Isthmus-Session"];
const RECORD_READ = [...LEVEL, "If-Match", "If-None-Match"];
const WRITE = ["Isthmus-Session", "Idempotency-Key"];
const RECORD_WRITE = [...WRITE, "If-Match", "If-None-Match"];
const SEEN = ["Isthmus-Region", "Isthmus-As-Of", "Isthmus-Session"];
const WRITTEN = ["Isthmus-Session", "Isthmus-Guarantee"];
const READ_PROBLEMS = [400, 403, 404, 501, 503, 504];
const WRITE_PROBLEMS = [400, 403, 404, 408, 412, 413, 415, 422, 501, 503, 504, 507];

const NODE = "/v1/{db}/nodes/{id}";
const EDGE = "/v1/{db}/edges/{id}";

/** The data path: `data-router.ts` serves it, and a test holds the two together. */
export const DATA_ROUTES: readonly RouteSpec[] = [
  {
    method: "get",
    path: NODE,
    operation: "getNode",
    summary: "Reads a node",
    parameters: RECORD_READ,
    answer: "Node",
    headers: ["ETag", ...SEEN],
    problems: [...READ_PROBLEMS, 412],
  },
  {
    method: "put",
    path: NODE,
    operation: "putNode",
    summary: "Writes a node whole: what it had before and the body does not name goes",
    parameters: RECORD_WRITE,
    body: "NodeWrite",
    answer: "Written",
    headers: ["ETag", ...WRITTEN],
    problems: WRITE_PROBLEMS,
  },
  {
    method: "patch",
    path: NODE,
    operation: "patchNode",
    summary: "Changes properties by JSON merge patch, and adds and removes labels",
    parameters: RECORD_WRITE,
    body: "NodePatch",
    answer: "Written",
    headers: ["ETag", ...WRITTEN],
    problems: WRITE_PROBLEMS,
  },
  {
    method: "delete",
    path: NODE,
    operation: "deleteNode",
    summary: "Deletes a node, and the edges at it",
    parameters: RECORD_WRITE,
    answer: "Deleted",
    headers: WRITTEN,
    problems: WRITE_PROBLEMS,
  },
  {
    method: "get",
    path: `${NODE}/edges`,
    operation: "getNodeEdges",
    summary: "Reads a page of the edges at a node",
    parameters: [...LEVEL, "direction", "type", "limit", "cursor"],
    answer: "EdgesPage",
    headers: SEEN,
    problems: READ_PROBLEMS,
  },
  {
    method: "get",
    path: EDGE,
    operation: "getEdge",
    summary: "Reads an edge",
    parameters: RECORD_READ,
    answer: "Edge",
    headers: ["ETag", ...SEEN],
    problems: [...READ_PROBLEMS, 412],
  },
  {
    method: "put",
    path: EDGE,
    operation: "putEdge",
    summary: "Writes an edge whole",
    parameters: RECORD_WRITE,
    body: "EdgeWrite",
    answer: "Written",
    headers: ["ETag", ...WRITTEN],
    problems: WRITE_PROBLEMS,
  },
  {
    method: "patch",
    path: EDGE,
    operation: "patchEdge",
    summary: "Changes an edge's properties by JSON merge patch",
    parameters: RECORD_WRITE,
    body: "EdgePatch",
    answer: "Written",
    headers: ["ETag", ...WRITTEN],
    problems: WRITE_PROBLEMS,
  },
  {
    method: "delete",
    path: EDGE,
    operation: "deleteEdge",
    summary: "Deletes an edge",
    parameters: RECORD_WRITE,
    answer: "Deleted",
    headers: WRITTEN,
    problems: WRITE_PROBLEMS,
  },
  {
    method: "post",
    path: "/v1/{db}/batch",
    operation: "postBatch",
    summary: "Applies 1 to 1,000 operations in their order, all or none",
    parameters: WRITE,
    body: "Batch",
    answer: "BatchWritten",
    headers: WRITTEN,
    problems: WRITE_PROBLEMS,
  },
  {
    method: "get",
    path: "/v1/{db}/export",
    operation: "getExport",
    summary: "Reads a page of all records: nodes by id, then edges by id",
    parameters: [...LEVEL, "after", "limit"],
    answer: "ndjson",
    headers: ["Isthmus-Cursor", ...SEEN],
    problems: READ_PROBLEMS,
  },
];

export type AdminOperation =
  | "getHealth"
  | "getReadiness"
  | "getMetrics"
  | "getCluster"
  | "getLinks"
  | "patchLink"
  | "getMembers"
  | "postMember"
  | "patchMember"
  | "deleteMember"
  | "postTransfer"
  | "postSnapshot"
  | "getTopology"
  | "getOpenapi";

type AdminRoute = RouteSpec & {
  readonly method: "get" | "patch" | "post" | "delete";
  readonly operation: AdminOperation;
};

const CHANGE_PROBLEMS = [400, 403, 404, 408, 409, 413, 415, 503, 504];

export const ADMIN_ROUTES: readonly AdminRoute[] = [
  {
    method: "get",
    path: "/healthz",
    operation: "getHealth",
    summary: "Says that the process serves",
    answer: "Health",
    problems: [403],
  },
  {
    method: "get",
    path: "/readyz",
    operation: "getReadiness",
    summary: "Says whether the node is ready, or ready for a role",
    parameters: ["role", "db", "group"],
    answer: "Readiness",
    problems: [400, 403],
  },
  {
    method: "get",
    path: "/metrics",
    operation: "getMetrics",
    summary: "Shows the node's counters and gauges in Prometheus' text format",
    answer: "prometheus",
    problems: [403],
  },
  {
    method: "get",
    path: "/admin/v1/cluster",
    operation: "getCluster",
    summary: "Shows regions, nodes, groups, databases and links as this node knows them",
    answer: "Cluster",
    problems: [403],
  },
  {
    method: "get",
    path: "/admin/v1/links",
    operation: "getLinks",
    summary: "Shows the links between regions",
    answer: "Links",
    problems: [403],
  },
  {
    method: "patch",
    path: "/admin/v1/links/{from}/{to}",
    operation: "patchLink",
    summary: "Pauses or resumes a link",
    parameters: ["dry_run"],
    body: "LinkPatch",
    answer: "LinkPatched",
    problems: [400, 403, 404, 408, 413, 415, 501, 503, 504],
  },
  {
    method: "get",
    path: "/admin/v1/nodes",
    operation: "getMembers",
    summary: "Shows who takes part, and who is on its way in or out",
    answer: "Nodes",
    problems: [403],
  },
  {
    method: "post",
    path: "/admin/v1/nodes",
    operation: "postMember",
    summary: "Takes a new node into a region, under a new number; it votes once it has caught up",
    parameters: ["dry_run"],
    body: "NewNode",
    answer: "NodeChanged",
    problems: CHANGE_PROBLEMS,
  },
  {
    method: "patch",
    path: "/admin/v1/nodes/{id}",
    operation: "patchMember",
    summary: "Drains a node, so that it leads nothing, or lets it lead again",
    parameters: ["dry_run"],
    body: "NodePatched",
    answer: "NodeChanged",
    problems: CHANGE_PROBLEMS,
  },
  {
    method: "delete",
    path: "/admin/v1/nodes/{id}",
    operation: "deleteMember",
    summary: "Removes a node for good: neither its name nor its number comes back",
    parameters: ["dry_run"],
    answer: "NodeChanged",
    problems: CHANGE_PROBLEMS,
  },
  {
    method: "post",
    path: "/admin/v1/groups/{group}/transfer",
    operation: "postTransfer",
    summary: "Hands the leadership of a group to a node",
    parameters: ["dry_run"],
    body: "TransferTo",
    answer: "Transferred",
    problems: CHANGE_PROBLEMS,
  },
  {
    method: "post",
    path: "/admin/v1/groups/{group}/snapshot",
    operation: "postSnapshot",
    summary: "Writes a snapshot of a group's state to this node's disk, while the group goes on",
    answer: "SnapshotCut",
    problems: [400, 403, 404, 501, 503],
  },
  {
    method: "get",
    path: "/admin/v1/topology",
    operation: "getTopology",
    summary: "Shows the founding topology and the one agreed now: what a node that joins has to know",
    answer: "Document",
    problems: [403],
  },
  {
    method: "get",
    path: "/admin/v1/openapi.json",
    operation: "getOpenapi",
    summary: "Shows this document",
    answer: "Document",
    problems: [403],
  },
];
