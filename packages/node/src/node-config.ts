import type { Topology } from "@isthmus/control";
import type { NodeId, RegionId } from "@isthmus/kernel";

/** Everything that one node needs to know at its start. `config` makes it from a topology file, tests make it by hand. */
export interface NodeConfig {
  readonly topology: Topology;
  readonly region: RegionId;
  readonly node: NodeId;
  readonly timings: Timings;
  readonly limits: Limits;
}

export interface Timings {
  /** One tick of every Raft group. */
  readonly tickMs: number;
  readonly data: RaftTimings;
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
  /** What a stream between regions may have under way. */
  readonly streamCreditBytes: number;
  /** Idempotency keys remembered for each origin. */
  readonly retryKeys: number;
}

export const DEFAULT_TIMINGS: Timings = {
  tickMs: 100,
  data: { heartbeatTicks: 2, electionTicks: 6 },
  control: { heartbeatTicks: 5, electionTicks: 20 },
};

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 4 * 2 ** 20,
  inflight: 1024,
  requestTimeoutMs: 10_000,
  overlayBytes: 64 * 2 ** 20,
  checkpointMs: 10_000,
  segmentBytes: 16 * 2 ** 20,
  streamCreditBytes: 4 * 2 ** 20,
  retryKeys: 1_000_000,
};
