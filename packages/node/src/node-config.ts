import type { Topology } from "@isthmus/control";
import type { NodeId, RegionId } from "@isthmus/kernel";
import type { JoinedAt } from "./cluster-members.ts";

/** Everything that one node needs to know at its start. `config` makes it from a topology file, tests make it by hand. */
export interface NodeConfig {
  /** The founding topology: by it the cluster is recognised, and from it its logs begin. */
  readonly topology: Topology;
  /** For a node that came after the founding: what it was told then. */
  readonly joined?: JoinedAt;
  readonly region: RegionId;
  readonly node: NodeId;
  readonly timings: Timings;
  readonly limits: Limits;
}

export interface Timings {
  /** One tick of every Raft group. */
  readonly tickMs: number;
  /** A data group that is quiet for `restTicks` rests: it sends nothing, and nobody's clock runs for it. */
  readonly data: RaftTimings & { readonly restTicks: number };
  /** The control group spans the regions: its timings bear their round trips. */
  readonly control: RaftTimings;
}

export interface RaftTimings {
  readonly heartbeatTicks: number;
  /** A follower waits between this and twice this for its leader. */
  readonly electionTicks: number;
}

export interface Limits {
  /** Largest body of a request, in bytes. */
  readonly bodyBytes: number;
  /** Requests under way at one node. */
  readonly inflight: number;
  readonly requestTimeoutMs: number;
  /** What is recent and not yet in the checkpoint, for one group: past it a flush begins. */
  readonly overlayBytes: number;
  /** Longest time that something applied waits for the checkpoint. */
  readonly checkpointMs: number;
  readonly segmentBytes: number;
  /** Bytes of a group's newest entries that stay in the log when all that is older is in its checkpoint. */
  readonly logKeepBytes: number;
  /** What a snapshot's chunk holds, unless a single record is larger. */
  readonly snapshotChunkBytes: number;
  /** What the receiver of a snapshot puts into its store in one transaction, about. */
  readonly snapshotTransactionBytes: number;
  /** What a stream between regions may have under way. */
  readonly streamCreditBytes: number;
  /** Idempotency keys remembered for each origin. */
  readonly retryKeys: number;
}

export const DEFAULT_TIMINGS: Timings = {
  tickMs: 100,
  data: { heartbeatTicks: 2, electionTicks: 6, restTicks: 30 },
  control: { heartbeatTicks: 5, electionTicks: 20 },
};

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 4 * 2 ** 20,
  inflight: 1024,
  requestTimeoutMs: 10_000,
  overlayBytes: 64 * 2 ** 20,
  checkpointMs: 10_000,
  segmentBytes: 16 * 2 ** 20,
  logKeepBytes: 64 * 2 ** 20,
  snapshotChunkBytes: 256 * 2 ** 10,
  snapshotTransactionBytes: 4 * 2 ** 20,
  streamCreditBytes: 4 * 2 ** 20,
  retryKeys: 1_000_000,
};
