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
  /** Who takes part. */
  readonly membership: MembershipService;
  /**
   * Writes a snapshot of a group's state to this node's disk; resolves when it is durable. Rejects with `not_found`, and
   * with `not_available` when there is nothing here to make one of.
   */
  cutSnapshot(group: string): Promise<SnapshotCut>;
  readiness(question: ReadinessQuestion): Readiness;
  samples(): Sample[];
}

/**
 * Nodes that come, go and rest. A change resolves when the control log has it; the groups follow by themselves, one
 * step at a time, and the node's state tells how far they are. With `dryRun` nothing changes. All reject with IsthmusError
 * `invalid`, `not_found`, `refused_by_safety`, `no_leader`, `timeout` (whether the change holds is not known).
 */
export interface MembershipService {
  nodes(): Promise<readonly NodeRecord[]>;
  add(node: NewNode, options: { dryRun: boolean }): Promise<NodeChange>;
  remove(id: string, options: { dryRun: boolean }): Promise<NodeChange>;
  drain(id: string, draining: boolean, options: { dryRun: boolean }): Promise<NodeChange>;
  /** Resolves when `to` leads the group. */
  transfer(group: string, to: string, options: { dryRun: boolean }): Promise<Transfer>;
  /** What a node that joins has to know. */
  topology(): TopologyStatus;
}

export interface SnapshotCut {
  readonly group: string;
  readonly id: string;
  /** The last entry of the group's log that is in it. */
  readonly index: number;
  readonly term: number;
  readonly chunks: number;
  readonly bytes: number;
}

export interface NewNode {
  readonly id: string;
  readonly region: string;
  readonly api: string;
  readonly cluster: string;
}

export interface NodeRecord extends NewNode {
  readonly number: number;
  readonly up: boolean;
  /** `joining`: not yet a voter of all its region's groups; `leaving`: removed, and not yet out of all groups. */
  readonly state: "joining" | "active" | "draining" | "leaving";
  /** The groups that it leads. */
  readonly leads: readonly string[];
}

export interface NodeChange {
  /** As it is afterwards; of a dry run, as it would be. */
  readonly node: NodeRecord;
  /** In words; empty when all is so already. */
  readonly changes: readonly string[];
}

export interface Transfer {
  readonly group: string;
  readonly region: string;
  readonly from: string | null;
  readonly to: string;
}

export interface TopologyStatus {
  /** By which the cluster is recognised. */
  readonly founding: unknown;
  /** As agreed at `position` of the control log. */
  readonly topology: unknown;
  readonly position: number;
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
   * IsthmusError `no_leader`, `too_stale`, `timeout`, `installing` (there is no state here, a snapshot is fetched).
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
  /** Who belongs to the group, as this replica knows it. */
  readonly members: { readonly voters: readonly string[]; readonly learners: readonly string[] };
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
