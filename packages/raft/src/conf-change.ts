import { assert, ByteReader, ByteWriter, DecodeError } from "@isthmus/kernel";
import type {
  ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeType,
  ConfChangeV1,
  ConfChangeV2,
  Entry,
  EntryType,
} from "./types.ts";

/** The position in a list is the byte on disk: append to these, never reorder them. */
const TYPES: ConfChangeType[] = [
  "ConfChangeAddNode",
  "ConfChangeRemoveNode",
  "ConfChangeUpdateNode",
  "ConfChangeAddLearnerNode",
];
const TRANSITIONS: ConfChangeTransition[] = [
  "ConfChangeTransitionAuto",
  "ConfChangeTransitionJointImplicit",
  "ConfChangeTransitionJointExplicit",
];

/** The change that leaves a joint configuration. It encodes to no data at all. */
export const LEAVE_JOINT: ConfChangeV2 = { transition: "ConfChangeTransitionAuto", changes: [] };

/**
 * A change as what an entry carries. With `changes` it is V2, without it is V1. decodeConfChange gives back an equal
 * value, a missing context and an empty one kept apart.
 */
export function encodeConfChange(change: ConfChangeV1 | ConfChangeV2): {
  type: "EntryConfChange" | "EntryConfChangeV2";
  data?: Uint8Array;
} {
  const writer = new ByteWriter(16);
  if (!("changes" in change)) {
    writeSingle(writer, change);
    writeContext(writer, change.context);
    return { type: "EntryConfChange", data: writer.finish() };
  }
  assert(Array.isArray(change.changes), "a V2 change has a list of changes");
  if (leavesJoint(change) && change.context === undefined) return { type: "EntryConfChangeV2" };
  writer.u8(placeOf(TRANSITIONS, change.transition)).varint(change.changes.length);
  for (const single of change.changes) writeSingle(writer, single);
  writeContext(writer, change.context);
  return { type: "EntryConfChangeV2", data: writer.finish() };
}

/** Throws DecodeError on bytes that encodeConfChange did not write; asserts that the entry holds a change. */
export function decodeConfChange(entry: Entry): ConfChangeV1 | ConfChangeV2 {
  assert(isConfChange(entry.type), "only a configuration entry holds a configuration change");
  if (entry.data === undefined)
    return entry.type === "EntryConfChange" ? { type: "ConfChangeAddNode", nodeId: 0 } : LEAVE_JOINT;
  const reader = new ByteReader(entry.data);
  const change = entry.type === "EntryConfChange" ? readSingle(reader) : readV2(reader);
  const context = readContext(reader);
  reader.end();
  return context === undefined ? change : { ...change, context };
}

/** Whether an entry of this type changes the configuration as it is applied. */
export function isConfChange(type: EntryType): boolean {
  return type !== "EntryNormal";
}

/** Either form as V2. V1 is one change with an automatic transition. */
export function asV2(change: ConfChangeV1 | ConfChangeV2): ConfChangeV2 {
  if ("changes" in change) return change;
  return { transition: "ConfChangeTransitionAuto", changes: [{ type: change.type, nodeId: change.nodeId }] };
}

/** Whether this is the way out; its context does not matter. */
export function leavesJoint(change: ConfChangeV2): boolean {
  return change.transition === "ConfChangeTransitionAuto" && change.changes.length === 0;
}

/** Whether the change needs a joint configuration, and whether that is left without being asked again. */
export function entersJoint(change: ConfChangeV2): { enters: boolean; autoLeave: boolean } {
  return {
    enters: change.transition !== "ConfChangeTransitionAuto" || change.changes.length > 1,
    autoLeave: change.transition !== "ConfChangeTransitionJointExplicit",
  };
}

function readV2(reader: ByteReader): ConfChangeV2 {
  const transition = named(TRANSITIONS, reader.u8(), "transition");
  const count = reader.varint();
  // Each change takes two bytes or more: a damaged count must not make us reserve memory for it.
  if (count * 2 > reader.remaining) throw new DecodeError("a configuration change ends too early");
  const changes: ConfChangeSingle[] = [];
  for (let at = 0; at < count; at++) changes.push(readSingle(reader));
  return { transition, changes };
}

function writeSingle(writer: ByteWriter, single: ConfChangeSingle): void {
  writer.u8(placeOf(TYPES, single.type)).varint(single.nodeId);
}

function readSingle(reader: ByteReader): ConfChangeSingle {
  const type = named(TYPES, reader.u8(), "type");
  return { type, nodeId: reader.varint() };
}

function writeContext(writer: ByteWriter, context: Uint8Array | undefined): void {
  if (context === undefined) writer.u8(0);
  else writer.u8(1).bytes(context);
}

function readContext(reader: ByteReader): Uint8Array | undefined {
  const present = reader.u8();
  if (present > 1) throw new DecodeError("a configuration change has no such flag");
  return present === 1 ? reader.bytes() : undefined;
}

function placeOf<T extends string>(names: T[], name: T): number {
  const place = names.indexOf(name);
  assert(place >= 0, "a configuration change has a known type and transition");
  return place;
}

function named<T>(names: T[], place: number, what: string): T {
  const name = names[place];
  if (name === undefined) throw new DecodeError(`a configuration change has no such ${what}`);
  return name;
}
