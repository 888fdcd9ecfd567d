import { IsthmusError } from "@isthmus/kernel";

/**
 * One operation of a client on one register, as it stands in a history: a line of JSON. The register is absent at first.
 *
 * | op             | ok                                        | not ok, as an observation                     |
 * | -------------- | ----------------------------------------- | --------------------------------------------- |
 * | `read`         | `out` is `{"value","version"}`, or null   |                                               |
 * | `put`          | `value` stands under the version `out`    |                                               |
 * | `put_if_match` | the same; it had the version `from`       | `version_mismatch`: it had not                |
 * | `create`       | the same; it was absent                   | `version_mismatch`: it was there              |
 * | `update`       | the same; it was there                    |                                               |
 * | `delete`       | it was there (with the version `from`, if | `not_found`: it was absent; with a `from`     |
 * |                | that is named) and is absent              | also `version_mismatch`: it had not that one  |
 *
 * What is not ok with any other code in `out` was refused: it has no effect and tells nothing.
 */
export interface HistoryEntry {
  /** Who asked, for a reader's eyes. */
  readonly client: string;
  readonly key: string;
  readonly op: HistoryOp;
  /** What is written; no two writes of one key have the same. Null where nothing is. */
  readonly value: HistoryValue;
  /** The version on which the write depends, if it depends on one. */
  readonly from: string | null;
  /** When it was sent and answered, on one monotonic clock, in any unit. */
  readonly call: number;
  /** Null if and only if the outcome is unknown. */
  readonly ret: number | null;
  readonly ok: boolean;
  /** What the answer said; of an unknown outcome, why it is unknown. */
  readonly out: HistoryOut;
  /** It may have taken effect at any time after its call, or never. */
  readonly unknown: boolean;
}

export type HistoryOp = "read" | "put" | "put_if_match" | "create" | "update" | "delete";
export type HistoryValue = string | number | null;
export type HistoryOut = string | ReadOut | null;

export interface ReadOut {
  readonly value: HistoryValue;
  readonly version: string;
}

const OPS: readonly string[] = [
  "read",
  "put",
  "put_if_match",
  "create",
  "update",
  "delete",
] satisfies HistoryOp[];

/** A line of a history file that is none. Its code is `invalid_history`; the message names the line, from 1. */
export class HistoryError extends IsthmusError {
  override readonly name = "HistoryError";

  constructor(line: number, message: string) {
    super("invalid_history", `line ${line}: ${message}`, { facts: { line } });
  }
}

/** A history from JSON lines; empty lines are passed over. Throws HistoryError. */
export function parseHistory(text: string): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const [index, line] of text.split("\n").entries())
    if (line.trim() !== "") entries.push(parseEntry(line, index + 1));
  return entries;
}

/** The entry as a line, without its end, members in the order of the documented form. */
export function formatEntry(entry: HistoryEntry): string {
  const { client, key, op, value, from, call, ret, ok, out, unknown } = entry;
  return JSON.stringify({ client, key, op, value, from, call, ret, ok, out, unknown });
}

function parseEntry(line: string, number: number): HistoryEntry {
  const fields = objectOf(line, number);
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new HistoryError(number, what);
  };
  const { client, key, op, value = null, from = null, call, ret = null, ok, out = null, unknown } = fields;
  check(typeof client === "string", "`client` is text");
  check(typeof key === "string", "`key` is text");
  check(typeof op === "string" && OPS.includes(op), `\`op\` is one of ${OPS.join(", ")}`);
  check(isValue(value), "`value` is text, a number or null");
  check(from === null || typeof from === "string", "`from` is a version or null");
  check(typeof call === "number", "`call` is a number");
  check(
    ret === null || (typeof ret === "number" && ret >= Number(call)),
    "`ret` is null or not before `call`",
  );
  check(typeof ok === "boolean" && typeof unknown === "boolean", "`ok` and `unknown` are booleans");
  check(unknown === (ret === null), "`ret` is null if and only if the outcome is unknown");
  check(!(unknown === true && ok === true), "what is unknown is not ok");
  check(op !== "put_if_match" || from !== null, "`put_if_match` names the version in `from`");
  check(out === null || typeof out === "string" || isReadOut(out), "`out` is text, what was read, or null");
  check(op === "read" || out === null || typeof out === "string", "only a read has a record in `out`");
  check(op !== "read" || ok === false || typeof out !== "string", "`out` of a read is a record or null");
  const isWrite = op !== "read" && op !== "delete";
  check(!isWrite || value !== null, "a write has a `value`");
  return { client, key, op, value, from, call, ret, ok, out, unknown } as HistoryEntry;
}

function objectOf(line: string, number: number): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    throw new HistoryError(number, `no JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new HistoryError(number, "an entry is an object");
  return parsed as Record<string, unknown>;
}

function isValue(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "number";
}

function isReadOut(out: unknown): boolean {
  return (
    typeof out === "object" &&
    out !== null &&
    "value" in out &&
    isValue(out.value) &&
    "version" in out &&
    typeof out.version === "string"
  );
}
