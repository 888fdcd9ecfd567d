import type { VersionVector } from "@isthmus/causality";
import type { GroupId, NodeId, Origin, RegionId } from "@isthmus/kernel";
import type { Batch } from "@isthmus/wire";

/** The data group of this node whose batches are relayed: `replica`'s DataReplica. */
export interface RelayedGroup {
  readonly group: GroupId;
  readonly origin: Origin;
  readonly term: number;
  /** Whether this node leads the group and has applied all that came before its term. */
  readonly leads: boolean;
  readonly vector: VersionVector;
  /** More is applied than the checkpoint has taken: nothing further is to be proposed for now. */
  readonly isCongested: boolean;
  /** The hash of an origin's last applied batch. */
  headOf(origin: Origin): Uint8Array;
  readonly newestBatch: number;
  /** An own batch by number; undefined when it is compacted, which it is only once all other regions have it. */
  batch(sequence: number): Batch | undefined;
  /** False when this node does not lead. */
  proposeAsLeader(entry: Uint8Array): boolean;
}

export interface RelayPeers {
  /** False when the peer is not connected or too far behind: nothing was sent. */
  send(peer: NodeId, kind: number, payload: Uint8Array): boolean;
  isUp(peer: NodeId): boolean;
}

export interface RelayRegion {
  readonly region: RegionId;
  readonly nodes: readonly NodeId[];
}
