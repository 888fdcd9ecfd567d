import { decodeValue, encodeValue, isValueMap, type Value, type ValueMap } from "@isthmus/kernel";

/** JSON merge patch (RFC 7396) of a present value, both in canonical bytes. Typed values count as scalars. */
export function mergeValue(present: Uint8Array | undefined, patch: Uint8Array): Uint8Array {
  return encodeValue(merge(present === undefined ? null : decodeValue(present), decodeValue(patch)));
}

function merge(target: Value, patch: Value): Value {
  if (!isValueMap(patch)) return patch;
  const result: Record<string, Value> = Object.create(null);
  if (isValueMap(target)) for (const key of Object.keys(target)) result[key] = target[key] as Value;
  for (const key of Object.keys(patch)) {
    const value = (patch as ValueMap)[key] as Value;
    if (value === null) delete result[key];
    else result[key] = merge(result[key] ?? null, value);
  }
  return result;
}
