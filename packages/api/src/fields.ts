import { DecodeError, recordIdFault, type Value, valueFromJson } from "@isthmus/kernel";
import { invalid, notAvailable } from "./problem.ts";

/** A JSON object whose members' names are known to be allowed. */
export type Fields = Readonly<Record<string, unknown>>;

/** `where` is the object's path, empty for the whole body; `unbuilt` are members that the contract names. */
export function fieldsOf(
  json: unknown,
  where: string,
  allowed: readonly string[],
  unbuilt: readonly string[] = [],
): Fields {
  const fields = objectOf(json, where);
  for (const name of Object.keys(fields)) {
    if (allowed.includes(name)) continue;
    if (unbuilt.includes(name)) throw notAvailable(`the field ${inside(where, name)}`);
    throw invalid(inside(where, name), `not a field of this request (known: ${allowed.join(", ")})`);
  }
  return fields;
}

export function objectOf(json: unknown, where: string): Fields {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw invalid(where === "" ? "body" : where, "must be an object");
  return json as Fields;
}

export function inside(where: string, name: string): string {
  return where === "" ? name : `${where}.${name}`;
}

/** Text under the rules of ids: 1 to 256 bytes of UTF-8, no control characters. `noun` names it in messages. */
export function nameOf(json: unknown, where: string, noun: string): string {
  if (typeof json !== "string") throw invalid(where, `${noun} is a string`);
  const fault = recordIdFault(json);
  if (fault !== null) throw invalid(where, fault.replace(/^an id/, noun));
  return json;
}

/** Labels, each once, in order. */
export function labelsOf(json: unknown, where: string): string[] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) throw invalid(where, "must be a list of strings");
  const labels = json.map((label, index) => nameOf(label, `${where}[${index}]`, "a label"));
  return labels.length < 2 ? labels : [...new Set(labels)].sort();
}

export function valueAt(json: unknown, where: string): Value {
  try {
    return valueFromJson(json, where);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    // The message begins with the path inside the value; the fact names the property.
    const why = error.message.startsWith(`${where}: `)
      ? error.message.slice(where.length + 2)
      : error.message;
    throw invalid(where, why, error);
  }
}
