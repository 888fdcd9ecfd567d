import type { VersionVector } from "@isthmus/causality";
import type { RegionId, Sample, ValueMap } from "@isthmus/kernel";
import type { Operation } from "@isthmus/wire";

/** What the faces need of a node. `node` implements it over replicas; tests implement it over a Map. */
export interface NodeService {
  readonly region: RegionId;
  readonly node: string;
  /** The databases that this node serves, by name. */
  database(name: string): DatabaseService | undefined;
  /** Asks the other nodes what they know of themselves; who does not answer soon is down. */
  cluster(): Promise<ClusterStatus>;
  /** Sets a link's agreed state; resolves when the control log has it and this node has applied it. */
  setLink(from: string, to: string, change: { paused: boolean }): Promise<LinkStatus>;
  readiness(question: ReadinessQuestion): Readiness;
  samples(): Sample[];
}

export interface DatabaseService {
  readonly name: string;
  /**
   * All operations or none, ordered by the region's log; resolves when they are committed and applied here. Throws
   * IsthmusError `no_leader`, `overloaded`, `timeout` (outcome unknown), `draining`.
   */
  write(request: WriteRequest): Promise<WriteResult>;
  /**
   * Resolves when this node may answer at the level that was asked for. The view is to be used in the same turn. Throws
   * IsthmusError `no_leader`, `too_stale`, `timeout`.
   */
  read(request: ReadRequest): Promise<ReadView>;
}

export interface WriteRequest {
  readonly operations: readonly Operation[];
  readonly retry: { readonly key: string; readonly bodyHash: Uint8Array } | null;
  readonly timeoutMs: number;
  /** A read token: the write is ordered after everything that it has seen. */
  readonly session?: VersionVector;
}

export type WriteResult = {
  /** Names the batch that holds the write, for asking later where it is. */
  readonly receipt: string;
  /** The region's vector with this write in it: the read token. */
  readonly asOf: VersionVector;
  readonly guarantee: "region";
} & (
  | {
      readonly status: "applied";
      readonly results: readonly { readonly id: string; readonly version: string }[];
    }
  | { readonly status: "refused"; readonly code: WriteRefusal; readonly operation: number }
);

export type WriteRefusal =
  | "not_found"
  | "version_mismatch"
  | "invalid_reference"
  | "idempotency_mismatch"
  | "too_large";

export type ReadLevel = "local" | "session" | "leader";

export interface ReadRequest {
  readonly level: ReadLevel;
  readonly session?: VersionVector;
  readonly timeoutMs: number;
}

/** A consistent look at the state, for one turn. */
export interface ReadView {
  readonly region: RegionId;
  readonly asOf: VersionVector;
  getNode(id: string): NodeView | undefined;
  getEdge(id: string): EdgeView | undefined;
  /** Adjacent edges in a fixed order; `after` continues behind a cursor that an earlier page gave. */
  edges(question: EdgesQuestion): EdgesPage;
  /** All records in a fixed order: nodes by id, then edges by id. */
  page(after: string | null, limit: number): RecordsPage;
}

export interface NodeView {
  readonly id: string;
  readonly labels: readonly string[];
  readonly properties: ValueMap;
  readonly version: string;
}

export interface EdgeView {
  readonly id: string;
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly properties: ValueMap;
  readonly version: string;
}

export interface EdgesQuestion {
  readonly node: string;
  readonly direction: "out" | "in" | "both";
  readonly type: string | null;
  readonly limit: number;
  readonly after: string | null;
}

export interface EdgesPage {
  readonly edges: readonly EdgeView[];
  /** Where the next page begins, or null at the end. */
  readonly cursor: string | null;
}

export interface RecordsPage {
  readonly records: readonly (
    | ({ readonly kind: "node" } & NodeView)
    | ({ readonly kind: "edge" } & EdgeView)
  )[];
  readonly cursor: string | null;
}

export interface ReadinessQuestion {
  readonly role?: "primary" | "leader";
  readonly database?: string;
  readonly group?: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly why?: string }[];
}

/** The answer of `GET /admin/v1/cluster`: see the surface. */
export interface ClusterStatus {
  readonly cluster: string;
  readonly epoch: number;
  readonly databases: readonly {
    readonly name: string;
    readonly policy: string;
    readonly primary: string | null;
    readonly epoch: number;
    readonly sync: { readonly mode: string };
    readonly failover: { readonly state: string; readonly since: string | null };
  }[];
  readonly regions: readonly RegionStatus[];
  readonly links: readonly LinkStatus[];
}

export interface RegionStatus {
  readonly id: string;
  readonly role: "writer" | "unreachable";
  readonly nodes: readonly NodeStatus[];
  /** The newest vector known of the region's data, by component. */
  readonly vector: Readonly<Record<string, number>>;
}

export interface NodeStatus {
  readonly id: string;
  readonly up: boolean;
  readonly groups: readonly GroupStatus[];
}

export interface GroupStatus {
  readonly group: string;
  readonly role: "leader" | "follower" | "candidate" | "learner";
  readonly term: number;
  readonly leader: string | null;
  readonly commit: number;
  readonly applied: number;
  /** Hexadecimal; null for groups without data. */
  readonly digest: string | null;
  readonly vector: Readonly<Record<string, number>>;
  /** How far back the region's idempotency keys are remembered; null for groups without data. */
  readonly idempotency: { readonly keys: number; readonly since: string | null } | null;
}

export interface LinkStatus {
  readonly from: string;
  readonly to: string;
  readonly state: "live" | "catching_up" | "paused" | "down";
  readonly mode: "async";
  readonly lag_ops: number | null;
  readonly lag_bytes: number | null;
  readonly lag_ms: number | null;
  readonly verified_at: string | null;
  readonly rtt_ms: number | null;
}
