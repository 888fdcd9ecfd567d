import { ByteReader, ByteWriter, checkRecordId, DecodeError } from "@isthmus/kernel";

/**
 * Who waits for a request's result: the node that took it, in that life of its process, under that number. Every
 * replica learns every result by applying the log; the one that is meant recognises itself.
 */
export interface RequestId {
  readonly node: number;
  readonly nonce: number;
  readonly counter: number;
}

/** What one client asked for in one call: all of its operations are applied, or none. */
export interface Request {
  readonly id: RequestId;
  /** The idempotency key, with a digest of what was asked under it. */
  readonly retry: { readonly key: string; readonly bodyHash: Uint8Array } | null;
  readonly operations: readonly Operation[];
}

/** Decided where the write is ordered: on a version that the record must have, or on its absence. */
export type Condition =
  | { readonly kind: "match"; readonly version: string }
  | { readonly kind: "absent" }
  | null;

/** A property's name and its value in canonical bytes. */
export type Assignment = readonly [name: string, value: Uint8Array];

export interface PropertyPatch {
  readonly set: readonly Assignment[];
  /** Objects to be merged into the present value (JSON merge patch): the result depends on the state. */
  readonly merge: readonly Assignment[];
  readonly unset: readonly string[];
}

export type Operation = { readonly id: string; readonly condition: Condition } & (
  | {
      readonly op: "put_node";
      readonly labels: readonly string[];
      readonly properties: readonly Assignment[];
    }
  | {
      readonly op: "patch_node";
      readonly labelsAdded: readonly string[];
      readonly labelsRemoved: readonly string[];
      readonly properties: PropertyPatch;
    }
  | { readonly op: "delete_node" }
  | {
      readonly op: "put_edge";
      readonly type: string;
      readonly from: string;
      readonly to: string;
      readonly properties: readonly Assignment[];
    }
  | { readonly op: "patch_edge"; readonly properties: PropertyPatch }
  | { readonly op: "delete_edge" }
);

export type OperationName = Operation["op"];

const OPCODES: Record<OperationName, number> = {
  put_node: 1,
  patch_node: 2,
  delete_node: 3,
  put_edge: 4,
  patch_edge: 5,
  delete_edge: 6,
};

export const REQUEST_MAX_OPERATIONS = 1000;

/** Encoded once, where the client's call arrives; these bytes go through the log and to every region. */
export function encodeRequest(request: Request): Uint8Array {
  const writer = new ByteWriter(256);
  writeRequestId(writer, request.id);
  if (request.retry === null) writer.u8(0);
  else writer.u8(1).text(request.retry.key).bytes(request.retry.bodyHash);
  writer.varint(request.operations.length);
  for (const operation of request.operations) writeOperation(writer, operation);
  return writer.finish();
}

export function decodeRequest(bytes: Uint8Array): Request {
  const reader = new ByteReader(bytes);
  const id = readRequestId(reader);
  const hasKey = reader.u8();
  if (hasKey > 1) throw new DecodeError("a request has a key or none");
  const retry = hasKey === 1 ? { key: reader.text(), bodyHash: reader.bytes() } : null;
  const count = reader.varint();
  if (count < 1 || count > REQUEST_MAX_OPERATIONS)
    throw new DecodeError(`a request has 1 to ${REQUEST_MAX_OPERATIONS} operations`);
  const operations: Operation[] = [];
  for (let index = 0; index < count; index++) operations.push(readOperation(reader));
  reader.end();
  return { id, retry, operations };
}

/** Only the id: for the node that hands a request on without looking into it. */
export function requestIdOf(bytes: Uint8Array): RequestId {
  return readRequestId(new ByteReader(bytes));
}

export function encodeRequestId(id: RequestId): Uint8Array {
  const writer = new ByteWriter(16);
  writeRequestId(writer, id);
  return writer.finish();
}

export function decodeRequestId(bytes: Uint8Array): RequestId {
  const reader = new ByteReader(bytes);
  const id = readRequestId(reader);
  reader.end();
  return id;
}

/** Several requests as one field of an entry: count, then each with its length. */
export function encodeRequests(requests: readonly Uint8Array[]): Uint8Array {
  const size = requests.reduce((sum, request) => sum + request.length + 5, 5);
  const writer = new ByteWriter(size);
  writer.varint(requests.length);
  for (const request of requests) writer.bytes(request);
  return writer.finish();
}

export function decodeRequests(bytes: Uint8Array): Request[] {
  const reader = new ByteReader(bytes);
  const count = reader.varint();
  if (count > reader.remaining) throw new DecodeError("more requests than bytes");
  const requests: Request[] = [];
  for (let index = 0; index < count; index++) requests.push(decodeRequest(reader.bytes()));
  reader.end();
  return requests;
}

function writeRequestId(writer: ByteWriter, id: RequestId): void {
  writer.varint(id.node).u32(id.nonce).varint(id.counter);
}

function readRequestId(reader: ByteReader): RequestId {
  return { node: reader.varint(), nonce: reader.u32(), counter: reader.varint() };
}

function writeOperation(writer: ByteWriter, operation: Operation): void {
  writer.u8(OPCODES[operation.op]);
  const { condition } = operation;
  if (condition === null) writer.u8(0);
  else if (condition.kind === "match") writer.u8(1).text(condition.version);
  else writer.u8(2);
  writer.text(operation.id);
  switch (operation.op) {
    case "put_node":
      writeTexts(writer, operation.labels);
      writeAssignments(writer, operation.properties);
      break;
    case "patch_node":
      writeTexts(writer, operation.labelsAdded);
      writeTexts(writer, operation.labelsRemoved);
      writePatch(writer, operation.properties);
      break;
    case "put_edge":
      writer.text(operation.type).text(operation.from).text(operation.to);
      writeAssignments(writer, operation.properties);
      break;
    case "patch_edge":
      writePatch(writer, operation.properties);
      break;
    case "delete_node":
    case "delete_edge":
      break;
  }
}

function readOperation(reader: ByteReader): Operation {
  const opcode = reader.u8();
  const condition = readCondition(reader);
  const id = checkRecordId(reader.text());
  switch (opcode) {
    case OPCODES.put_node:
      return {
        op: "put_node",
        condition,
        id,
        labels: readTexts(reader),
        properties: readAssignments(reader),
      };
    case OPCODES.patch_node:
      return {
        op: "patch_node",
        condition,
        id,
        labelsAdded: readTexts(reader),
        labelsRemoved: readTexts(reader),
        properties: readPatch(reader),
      };
    case OPCODES.delete_node:
      return { op: "delete_node", condition, id };
    case OPCODES.put_edge:
      return {
        op: "put_edge",
        condition,
        id,
        type: checkRecordId(reader.text()),
        from: checkRecordId(reader.text()),
        to: checkRecordId(reader.text()),
        properties: readAssignments(reader),
      };
    case OPCODES.patch_edge:
      return { op: "patch_edge", condition, id, properties: readPatch(reader) };
    case OPCODES.delete_edge:
      return { op: "delete_edge", condition, id };
    default:
      throw new DecodeError(`no operation has the code ${opcode}`);
  }
}

function readCondition(reader: ByteReader): Condition {
  const kind = reader.u8();
  if (kind === 0) return null;
  if (kind === 1) return { kind: "match", version: reader.text() };
  if (kind === 2) return { kind: "absent" };
  throw new DecodeError(`no condition has the code ${kind}`);
}

function writeTexts(writer: ByteWriter, texts: readonly string[]): void {
  writer.varint(texts.length);
  for (const text of texts) writer.text(text);
}

function readTexts(reader: ByteReader): string[] {
  const count = reader.varint();
  if (count > reader.remaining) throw new DecodeError("a list is longer than its bytes");
  const texts: string[] = [];
  for (let index = 0; index < count; index++) texts.push(reader.text());
  return texts;
}

function writeAssignments(writer: ByteWriter, assignments: readonly Assignment[]): void {
  writer.varint(assignments.length);
  for (const [name, value] of assignments) writer.text(name).bytes(value);
}

function readAssignments(reader: ByteReader): Assignment[] {
  const count = reader.varint();
  if (count > reader.remaining) throw new DecodeError("a list is longer than its bytes");
  const assignments: Assignment[] = [];
  for (let index = 0; index < count; index++) assignments.push([reader.text(), reader.bytes()]);
  return assignments;
}

function writePatch(writer: ByteWriter, patch: PropertyPatch): void {
  writeAssignments(writer, patch.set);
  writeAssignments(writer, patch.merge);
  writeTexts(writer, patch.unset);
}

function readPatch(reader: ByteReader): PropertyPatch {
  return { set: readAssignments(reader), merge: readAssignments(reader), unset: readTexts(reader) };
}
