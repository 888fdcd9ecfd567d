import { assert } from "./assert.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { DecodeError } from "./errors.ts";

/**
 * What a property can hold. The typed values beyond JSON's are `bigint` (a signed 64-bit integer), `Uint8Array` (bytes),
 * `Instant` (a point in time, in milliseconds) and `Float32Array` (a vector).
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | bigint
  | Uint8Array
  | Instant
  | Float32Array
  | readonly Value[]
  | ValueMap;

export interface ValueMap {
  readonly [key: string]: Value;
}

/** A point in time. A class of its own, so that no number or Date is taken for one by accident. */
export class Instant {
  readonly epochMs: number;

  constructor(epochMs: number) {
    assert(
      Number.isSafeInteger(epochMs) && Math.abs(epochMs) <= INSTANT_MAX_MS,
      "an instant is a date in range",
    );
    this.epochMs = epochMs;
  }

  toString(): string {
    return new Date(this.epochMs).toISOString();
  }
}

const INSTANT_MAX_MS = 8_640_000_000_000_000;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** How deep lists and objects may nest: enough for any honest document, too little to exhaust a stack. */
export const VALUE_MAX_DEPTH = 64;

// ---- bytes: one canonical form, so that equal values are equal bytes (docs/formats/values.md) ----

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  double: 3,
  natural: 4,
  text: 5,
  list: 6,
  map: 7,
  int64: 8,
  bytes: 9,
  instant: 10,
  vector: 11,
} as const;

export function encodeValue(value: Value): Uint8Array {
  const writer = new ByteWriter(32);
  writeValue(writer, value, 0);
  return writer.finish();
}

export function decodeValue(bytes: Uint8Array): Value {
  const reader = new ByteReader(bytes);
  const value = readValue(reader, 0);
  reader.end();
  return value;
}

function writeValue(writer: ByteWriter, value: Value, depth: number): void {
  assert(depth <= VALUE_MAX_DEPTH, "a value's depth was checked when it came in");
  if (value === null) writer.u8(TAG.null);
  else if (typeof value === "boolean") writer.u8(value ? TAG.true : TAG.false);
  else if (typeof value === "number") {
    if (Number.isSafeInteger(value) && value >= 0) writer.u8(TAG.natural).varint(value === 0 ? 0 : value);
    else writer.u8(TAG.double).f64(value);
  } else if (typeof value === "string") writer.u8(TAG.text).text(value);
  else if (typeof value === "bigint") writer.u8(TAG.int64).i64(value);
  else if (value instanceof Uint8Array) writer.u8(TAG.bytes).bytes(value);
  else if (value instanceof Instant) writer.u8(TAG.instant).f64(value.epochMs);
  else if (value instanceof Float32Array) {
    writer.u8(TAG.vector).varint(value.length);
    const floats = Buffer.allocUnsafe(value.length * 4);
    for (let index = 0; index < value.length; index++) floats.writeFloatLE(value[index] as number, index * 4);
    writer.raw(floats);
  } else if (isList(value)) {
    writer.u8(TAG.list).varint(value.length);
    for (const item of value) writeValue(writer, item, depth + 1);
  } else {
    const keys = Object.keys(value).sort();
    writer.u8(TAG.map).varint(keys.length);
    for (const key of keys) {
      writer.text(key);
      writeValue(writer, value[key] as Value, depth + 1);
    }
  }
}

function readValue(reader: ByteReader, depth: number): Value {
  if (depth > VALUE_MAX_DEPTH) throw new DecodeError(`a value nests deeper than ${VALUE_MAX_DEPTH}`);
  const tag = reader.u8();
  switch (tag) {
    case TAG.null:
      return null;
    case TAG.false:
      return false;
    case TAG.true:
      return true;
    case TAG.double: {
      const number = reader.f64();
      if (!Number.isFinite(number)) throw new DecodeError("a number is finite");
      return number;
    }
    case TAG.natural:
      return reader.varint();
    case TAG.text:
      return reader.text();
    case TAG.int64:
      return reader.i64();
    case TAG.bytes:
      return reader.bytes();
    case TAG.instant: {
      const epochMs = reader.f64();
      if (!Number.isSafeInteger(epochMs) || Math.abs(epochMs) > INSTANT_MAX_MS)
        throw new DecodeError("a time is out of range");
      return new Instant(epochMs);
    }
    case TAG.vector: {
      const length = reader.varint();
      const raw = reader.raw(length * 4);
      const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
      return Float32Array.from({ length }, (_, index) => view.getFloat32(index * 4, true));
    }
    case TAG.list: {
      const length = reader.varint();
      if (length > reader.remaining) throw new DecodeError("a list is longer than its bytes");
      const items: Value[] = [];
      for (let index = 0; index < length; index++) items.push(readValue(reader, depth + 1));
      return items;
    }
    case TAG.map: {
      const size = reader.varint();
      if (size > reader.remaining) throw new DecodeError("an object is larger than its bytes");
      const map: Record<string, Value> = Object.create(null);
      for (let index = 0; index < size; index++) map[reader.text()] = readValue(reader, depth + 1);
      return map;
    }
    default:
      throw new DecodeError(`no value has the tag ${tag}`);
  }
}

// ---- JSON: plain values as themselves, typed ones as an object with one key that begins with `$` ----

/** A value from parsed JSON. `where` names the place in messages. */
export function valueFromJson(json: unknown, where: string, depth = 0): Value {
  if (depth > VALUE_MAX_DEPTH) throw new DecodeError(`${where}: nests deeper than ${VALUE_MAX_DEPTH}`);
  switch (typeof json) {
    case "boolean":
      return json;
    case "string":
      if (!json.isWellFormed()) throw new DecodeError(`${where}: not well-formed Unicode`);
      return json;
    case "number":
      if (!Number.isFinite(json)) throw new DecodeError(`${where}: a number is finite`);
      return json === 0 ? 0 : json;
    case "object":
      break;
    default:
      throw new DecodeError(`${where}: not a JSON value`);
  }
  if (json === null) return null;
  if (Array.isArray(json))
    return json.map((item, index) => valueFromJson(item, `${where}[${index}]`, depth + 1));
  const entries = Object.entries(json);
  const sole = entries.length === 1 ? entries[0] : undefined;
  if (sole?.[0].startsWith("$")) return typedFromJson(sole[0], sole[1], where);
  const map: Record<string, Value> = Object.create(null);
  for (const [key, item] of entries) {
    if (!key.isWellFormed()) throw new DecodeError(`${where}: a key is not well-formed Unicode`);
    // Reserved: merges and later versions must not turn a plain object into a typed value.
    if (key.startsWith("$")) throw new DecodeError(`${where}: the key ${key} begins with $, which types use`);
    map[key] = valueFromJson(item, `${where}.${key}`, depth + 1);
  }
  return map;
}

function typedFromJson(type: string, json: unknown, where: string): Value {
  switch (type) {
    case "$int":
      if (typeof json === "string" && /^(0|-?[1-9][0-9]{0,18})$/.test(json)) {
        const integer = BigInt(json);
        if (integer >= INT64_MIN && integer <= INT64_MAX) return integer;
      }
      throw new DecodeError(`${where}: $int takes a decimal string within 64 bits`);
    case "$bytes":
      if (typeof json === "string") {
        const bytes = Buffer.from(json, "base64");
        if (bytes.toString("base64") === json) return bytes;
      }
      throw new DecodeError(`${where}: $bytes takes padded base64`);
    case "$time": {
      const match =
        typeof json === "string" && /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(json);
      const epochMs = match ? Date.parse(json) : Number.NaN;
      // A day that does not exist (30 February) is rolled over by Date: what is read back must be what was written.
      if (
        !Number.isNaN(epochMs) &&
        new Date(epochMs).toISOString().slice(0, -5) === secondsOf(json as string)
      )
        return new Instant(epochMs);
      throw new DecodeError(`${where}: $time takes an ISO 8601 time in UTC with at most milliseconds`);
    }
    case "$vector":
      if (
        Array.isArray(json) &&
        json.every((item) => Number.isFinite(Math.fround(item as number)) && typeof item === "number")
      )
        return Float32Array.from(json as number[], (item) => (item === 0 ? 0 : item));
      throw new DecodeError(`${where}: $vector takes a list of numbers within float 32`);
    default:
      throw new DecodeError(`${where}: ${type} is no type of value (known: $int, $bytes, $time, $vector)`);
  }
}

function secondsOf(time: string): string {
  return time.replace(/(\.\d+)?Z$/, "");
}

/** The JSON form of a value, for JSON.stringify. Keys come out in canonical order. */
export function valueToJson(value: Value): unknown {
  if (typeof value === "bigint") return { $int: String(value) };
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Instant) return { $time: value.toString() };
  if (value instanceof Float32Array) return { $vector: Array.from(value, shortestFloat32) };
  if (isList(value)) return value.map(valueToJson);
  const json: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value).sort()) json[key] = valueToJson(value[key] as Value);
  return json;
}

/** The number with the fewest digits that is the same float 32: what a person wrote comes back as written. */
function shortestFloat32(float: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return Number(float.toPrecision(9));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isValueMap(value: Value): value is ValueMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array || value instanceof Instant || value instanceof Float32Array)
  );
}
