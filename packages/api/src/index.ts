/**
 * The HTTP face of a node: the data path, administration, readiness and metrics, over an interface.
 *
 *     const api = createApi({ service, registry, version: "0.1.0", clockMs: () => performance.now() });
 *     api.server.listen(7411, "127.0.0.1");
 *     // PUT /v1/main/nodes/ada {"labels":["Person"],"properties":{"born":1815}}
 *     await api.close();
 *
 * It leaves to others: what a write or a read does (`NodeService`), listening, and which limits a topology sets.
 */
export { type Api, type ApiOptions, createApi } from "./api.ts";
export { type ApiLimits, DEFAULT_API_LIMITS } from "./limits.ts";
export { openapiDocument } from "./openapi.ts";
export { type Problem, problemOf } from "./problem.ts";
export { prometheusText } from "./prometheus.ts";
export type {
  ClusterStatus,
  DatabaseService,
  EdgesPage,
  EdgesQuestion,
  EdgeView,
  GroupStatus,
  LinkStatus,
  MembershipService,
  NewNode,
  NodeChange,
  NodeRecord,
  NodeService,
  NodeStatus,
  NodeView,
  Readiness,
  ReadinessQuestion,
  ReadLevel,
  ReadRequest,
  ReadView,
  RecordsPage,
  RegionStatus,
  SnapshotCut,
  TopologyStatus,
  Transfer,
  WriteRefusal,
  WriteRequest,
  WriteResult,
} from "./service.ts";
export { parseSession, SessionTokens } from "./tokens.ts";
