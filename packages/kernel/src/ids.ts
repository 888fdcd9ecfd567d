import { DecodeError } from "./errors.ts";

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A region's name in the topology, such as `us-east`. */
export type RegionId = Branded<string, "RegionId">;
/** A node's name in the topology, such as `us-east-1`. */
export type NodeId = Branded<string, "NodeId">;
/** `_control`, or a data group such as `main/0` (shard 0 of database `main`). */
export type GroupId = Branded<string, "GroupId">;
/** Whose batches: a region, in one incarnation. The first incarnation's name is the region's own. */
export type Origin = Branded<string, "Origin">;

export const CONTROL_GROUP = "_control" as GroupId;

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Whether a text can name a region, node or database: lower-case letters, digits and dashes, 63 at most. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

export function dataGroup(database: string, shard: number): GroupId {
  return `${database}/${shard}` as GroupId;
}

export function databaseOf(group: GroupId): string {
  return group.slice(0, group.indexOf("/"));
}

export function originOf(region: RegionId): Origin {
  return region as string as Origin;
}

export function regionOfOrigin(origin: Origin): RegionId {
  const mark = origin.indexOf("~");
  return (mark < 0 ? origin : origin.slice(0, mark)) as string as RegionId;
}

export const RECORD_ID_MAX_BYTES = 256;

/** Why a text cannot be a record's id, or null if it can: 1 to 256 bytes of UTF-8, no control characters. */
export function recordIdFault(id: string): string | null {
  if (id.length === 0) return "an id is not empty";
  if (Buffer.byteLength(id, "utf8") > RECORD_ID_MAX_BYTES)
    return `an id has at most ${RECORD_ID_MAX_BYTES} bytes`;
  if (!id.isWellFormed()) return "an id is well-formed Unicode";
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return "an id has no control characters";
  }
  return null;
}

export function checkRecordId(id: string): string {
  const fault = recordIdFault(id);
  if (fault) throw new DecodeError(fault);
  return id;
}
