import type { VersionVector } from "@isthmus/causality";
import type { Applied } from "@isthmus/graph";
import { CONTROL_GROUP, type GroupId, IsthmusError, type NodeId, type RegionId } from "@isthmus/kernel";
import type { Operation } from "@isthmus/wire";

/** Where and when something was seen. */
export interface Sighting {
  readonly atMs: number;
  readonly node: NodeId;
  readonly region: RegionId;
  readonly group: GroupId;
}

/** A replica's role, told when it changes. */
export interface RoleSeen extends Sighting {
  readonly leads: boolean;
  readonly term: number;
  /** The number of the node that it takes for the leader; 0 for none. */
  readonly leader: number;
  readonly number: number;
}

/** A replica has applied an entry: what it was, and the state before and after. */
export interface EntryApplied extends Sighting {
  readonly index: number;
  readonly term: number;
  /** Of the entry's bytes. */
  readonly checksum: number;
  readonly applied: Applied;
  readonly before: VersionVector;
  readonly after: VersionVector;
  readonly digest: string;
}

/** From `first` on a node's log of a group holds exactly these entries; what it holds before is as it was. */
export interface LogSeen extends Sighting {
  readonly first: number;
  /** Of the entry before; 0 where none is. */
  readonly previousTerm: number;
  readonly entries: readonly LoggedEntry[];
  /** The log begins here: what was before is in a snapshot, or compacted, and nobody has looked at it. */
  readonly begins?: boolean;
}

export interface LoggedEntry {
  readonly term: number;
  /** Of its bytes; null where only its term was looked at. */
  readonly checksum: number | null;
}

/** A node takes everything up to `index` for committed. */
export interface CommitSeen extends Sighting {
  readonly index: number;
  /** The term in which the node was when it learned so: not earlier than the one that committed. */
  readonly term: number;
}

/** A replica at some index: as a new life takes it up from its checkpoint, or as it stands. */
export interface ReplicaState extends Sighting {
  readonly index: number;
  readonly vector: VersionVector;
  readonly digest: string;
}

/** What a client asked and what came of it. */
export interface HistoryItem {
  readonly client: string;
  readonly kind: "write" | "read";
  /** The record that it is about (of a write of several: the first). */
  readonly key: string;
  readonly from: NodeId;
  readonly region: RegionId;
  readonly callMs: number;
  /** Null while nothing has come back. */
  readonly returnMs: number | null;
  /** `unknown`: it may have been applied, or may yet be. */
  readonly result: "ok" | "refused" | "failed" | "unknown";
  readonly code: string | null;
  readonly write: WriteFacts | null;
  readonly read: ReadFacts | null;
}

export interface WriteFacts {
  readonly retryKey: string | null;
  readonly operation: string;
  readonly operations: readonly Operation[];
  /** What stands in each operation's place now, if it was applied: one version for each. */
  readonly versions: readonly string[];
  /** Told apart from all other writes of the run; several calls under one key have the same. */
  readonly value: string;
  /** The batch in which it counts, if it was acknowledged. */
  readonly receipt: Receipt | null;
}

export interface Receipt {
  readonly group: GroupId;
  readonly origin: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly hash: string;
}

export interface ReadFacts {
  readonly level: "local" | "session" | "leader";
  readonly session: VersionVector | null;
  readonly asOf: VersionVector | null;
  /** The record's version, null when there is none. */
  readonly version: string | null;
  /** The `value` of the write that the record tells of, null where it tells of none. */
  readonly value: string | null;
}

/** A node at the end of a run, when all is quiet. */
export interface NodeAtRest extends ReplicaState {
  /** All records in their fixed order, one line of JSON each. */
  readonly records: readonly string[];
}

/** Everything that a checker is told. Each takes what concerns it, and throws Violation when its property is broken. */
export interface Checker {
  readonly name: string;
  role?(seen: RoleSeen): void;
  /** A node's log has changed, or a new life has taken it up. Before `role` and `committed` of the same turn. */
  logged?(seen: LogSeen): void;
  committed?(seen: CommitSeen): void;
  opened?(state: ReplicaState): void;
  applied?(entry: EntryApplied): void;
  /** Each virtual second, of every node that runs. */
  sampled?(node: NodeId, values: ReadonlyMap<string, number>): void;
  returned?(item: HistoryItem): void;
  finished?(nodes: readonly NodeAtRest[]): void;
}

/** Names the log that a sighting is about: the control group is one over all regions, a data group one in each. */
export function logOf({ group, region }: Pick<Sighting, "group" | "region">): string {
  return group === CONTROL_GROUP ? group : joined(group, region);
}

/** Names one node's log of a group. */
export function nodeLogOf({ group, node }: Pick<Sighting, "group" | "node">): string {
  return joined(node, group);
}

/** There are few of these names, and they are asked for at every sighting: a text made anew would have to be hashed anew. */
const names = new Map<string, Map<string, string>>();

function joined(first: string, second: string): string {
  let behind = names.get(first);
  if (behind === undefined) {
    behind = new Map();
    names.set(first, behind);
  }
  let name = behind.get(second);
  if (name === undefined) {
    name = `${first} ${second}`;
    behind.set(second, name);
  }
  return name;
}

/** A property that must always hold does not. */
export class Violation extends IsthmusError {
  override readonly name = "Violation";

  constructor(checker: string, message: string) {
    super("violation", `${checker}: ${message}`, { facts: { checker } });
  }
}
