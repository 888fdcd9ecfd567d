import { must } from "@isthmus/kernel";
import type { Operation } from "@isthmus/wire";
import type { HistoryItem } from "./evidence.ts";
import type { HistoryEntry, HistoryOp } from "./history.ts";

/**
 * What clients saw of single nodes, as histories of registers (history.ts), for the check of linearizability.
 *
 * - Several calls under one key are one operation, from the first call to the first answer that settles it.
 * - A request of several operations is one step for each node that it names. A condition that failed in it says of no
 *   node in particular why it did; where the steps for a node have no form as a register's operation, the node is left out.
 * - Edges are left out: deleting a node takes them along.
 * - Of reads only those at `leader` promise anything here. But every read shows only what is committed: a write whose
 *   outcome nobody was told, and which any read shows, has taken effect before that read returned, under the version
 *   that it shows. A client may put a condition on that version as on any other.
 */
export function registerHistory(items: readonly HistoryItem[]): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const leftOut = new Set<string>();
  const writes = new Map<string, HistoryItem[]>();
  const sightings = new Map<string, Sighting>();
  for (const item of items) {
    if (item.kind === "read") {
      entries.push(...readEntry(item));
      noteSighting(sightings, item);
    } else {
      const value = must(item.write, "a write says what it wrote").value;
      const attempts = writes.get(value);
      if (attempts) attempts.push(item);
      else writes.set(value, [item]);
    }
  }
  for (const attempts of writes.values())
    for (const entry of writeEntries(attempts, sightings))
      if ("leftOut" in entry) leftOut.add(entry.leftOut);
      else entries.push(entry);
  return entries.filter(({ key }) => !leftOut.has(key));
}

function readEntry({ client, key, callMs, returnMs, result, read }: HistoryItem): HistoryEntry[] {
  if (read?.level !== "leader" || result !== "ok" || !isNode(key)) return [];
  const { value, version } = read;
  const out = version === null ? null : { value, version };
  const known = { ok: true, unknown: false, call: callMs, ret: returnMs };
  return [{ client, key, op: "read", value: null, from: null, out, ...known }];
}

/** A write as the first read that shows it on a node. */
interface Sighting {
  readonly returnMs: number;
  readonly version: string;
}

const sightingName = (key: string, value: string): string => `${key} ${value}`;

function noteSighting(sightings: Map<string, Sighting>, { key, result, returnMs, read }: HistoryItem): void {
  if (result !== "ok" || returnMs === null || !read || read.version === null || read.value === null) return;
  const name = sightingName(key, read.value);
  const known = sightings.get(name);
  if (known === undefined || returnMs < known.returnMs)
    sightings.set(name, { returnMs, version: read.version });
}

type WriteEntry = HistoryEntry | { readonly leftOut: string };

function writeEntries(
  attempts: readonly HistoryItem[],
  sightings: ReadonlyMap<string, Sighting>,
): WriteEntry[] {
  const first = must(attempts[0], "a write was tried");
  const { operations, value } = must(first.write, "a write says what it wrote");
  const answers = attempts.filter(({ result }) => result === "ok" || result === "refused");
  const settled = answers.sort((a, b) => (a.returnMs ?? 0) - (b.returnMs ?? 0))[0];
  // Every attempt was turned away before anything was done.
  if (!settled && attempts.every(({ result }) => result === "failed")) return [];
  const call = Math.min(...attempts.map(({ callMs }) => callMs));
  const keys = new Set(operations.map(({ id }) => id).filter(isNode));
  return [...keys].flatMap((key): WriteEntry[] => {
    const own = operations.filter((operation) => operation.id === key && operation.op.endsWith("_node"));
    const step = registerStep(own);
    if (step === "never") return settled?.result === "ok" ? [{ leftOut: key }] : [];
    const common = { client: first.client, key, value, call };
    if (settled?.result === "refused") {
      const told = operations.length === 1 ? refusedStep(must(own[0], "the operation"), settled.code) : null;
      const known = { ok: false, unknown: false, ret: settled.returnMs };
      return told ? [{ ...common, ...told, ...known, out: settled.code }] : [];
    }
    if (step === null) return [{ leftOut: key }];
    const seen = sightings.get(sightingName(key, value));
    if (!settled && seen)
      return [{ ...common, ...step, ok: true, unknown: false, ret: seen.returnMs, out: seen.version }];
    if (!settled) return [{ ...common, ...step, ok: false, unknown: true, ret: null, out: "timeout" }];
    const place = operations.lastIndexOf(must(own.at(-1), "an operation on the key"));
    const version = must(settled.write?.versions[place], "a version for each operation");
    return [{ ...common, ...step, ok: true, unknown: false, ret: settled.returnMs, out: version }];
  });
}

type StepForm = Pick<HistoryEntry, "op" | "from">;

/** What a request's operations on one node need of it and make of it; null has no form, "never" can never be applied. */
function registerStep(operations: readonly Operation[]): StepForm | "never" | null {
  const first = must(operations[0], "an operation on the key");
  const last = must(operations.at(-1), "an operation on the key");
  const removes = last.op === "delete_node";
  const { condition } = first;
  if (condition?.kind === "match")
    return { op: removes ? "delete" : "put_if_match", from: condition.version };
  if (first.op === "put_node") {
    if (removes) return null;
    return { op: condition === null ? "put" : "create", from: null };
  }
  // A patch or a delete of what is not there is refused, and of what is there too.
  if (condition !== null) return "never";
  return { op: removes ? "delete" : "update", from: null };
}

/** What a refusal of one operation tells of its node. */
function refusedStep({ op, condition }: Operation, code: string | null): StepForm | null {
  const from = condition?.kind === "match" ? condition.version : null;
  if (code === "not_found") return { op: "delete", from: null };
  if (code !== "version_mismatch" || condition === null) return null;
  const matching: HistoryOp = op === "delete_node" ? "delete" : "put_if_match";
  return condition.kind === "match" ? { op: matching, from } : { op: "create", from: null };
}

function isNode(key: string): boolean {
  return key.startsWith("n");
}
