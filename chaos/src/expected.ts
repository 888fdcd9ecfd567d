import {
  compareDots,
  compareStamps,
  type Dot,
  formatDot,
  type Stamp,
  type VersionVector,
} from "@isthmus/causality";
import { decodeValue, hex, must, type Origin, type Value, valueToJson } from "@isthmus/kernel";
import type { Dependents, Operation, Request, RequestOutcome } from "@isthmus/wire";

/** A batch as far as its effect goes. */
export interface ExpectedBatch {
  readonly origin: Origin;
  readonly epoch: number;
  readonly sequence: number;
  readonly stamp: Stamp;
  readonly context: VersionVector;
  readonly content: readonly { readonly request: Request; readonly outcome: RequestOutcome }[];
}

/** One operation's word on one record. */
interface Word {
  readonly dot: Dot;
  readonly stamp: Stamp;
  readonly context: VersionVector;
  readonly present: boolean;
  readonly labels: readonly string[];
  readonly ends: { readonly type: string; readonly from: string; readonly to: string } | null;
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** The properties whose older versions it replaces or removes; null for all. */
  readonly names: ReadonlySet<string> | null;
  /** The later of two requests under one key: what it had seen is gone, itself it is seen only where nothing else stands. */
  readonly echo: boolean;
}

/**
 * The records that a set of batches makes, as lines of JSON in their fixed order. A plain twin of the state machine:
 * it looks at all writes of a record at once, and a version stands exactly if no other write of its register had seen
 * it (DESIGN §6). Quadratic, and without any notion of arrival.
 */
export function expectedRecords(batches: readonly ExpectedBatch[]): string[] {
  const losers = losingRequests(batches);
  const nodes = new Map<string, Word[]>();
  const edges = new Map<string, Word[]>();
  for (const batch of batches) {
    let position = 0;
    for (const { request, outcome } of batch.content) {
      if (outcome.status === "applied")
        for (const [place, operation] of request.operations.entries())
          speak(
            nodes,
            edges,
            batch,
            position + place,
            operation,
            must(outcome.dependents[place], "a part for each"),
            {
              echo: losers.has(request),
            },
          );
      position += request.operations.length;
    }
  }
  const shownEdges = [...edges].flatMap(([id, words]) => {
    const existence = chosenExistence(words);
    return existence?.present && existence.ends ? [{ id, words, ends: existence.ends }] : [];
  });
  const restored = new Set(shownEdges.flatMap(({ ends }) => [ends.from, ends.to]));
  const nodeLines = [...nodes].flatMap(([id, words]) => {
    const existence = chosenExistence(words);
    if (!existence || !(existence.present || restored.has(id))) return [];
    const { labels } = existence;
    return [
      [id, { kind: "node", id, labels, properties: propertiesOf(words), version: versionOf(words) }] as const,
    ];
  });
  const edgeLines = shownEdges.map(
    ({ id, words, ends: { type, from, to } }) =>
      [
        id,
        { kind: "edge", id, type, from, to, properties: propertiesOf(words), version: versionOf(words) },
      ] as const,
  );
  const inOrder = (lines: readonly (readonly [string, object])[]): string[] =>
    [...lines]
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(([, line]) => JSON.stringify(line));
  return [...inOrder(nodeLines), ...inOrder(edgeLines)];
}

function speak(
  nodes: Map<string, Word[]>,
  edges: Map<string, Word[]>,
  batch: ExpectedBatch,
  position: number,
  operation: Operation,
  dependents: Dependents,
  { echo }: { echo: boolean },
): void {
  const { origin, epoch, sequence, stamp, context } = batch;
  const common = { dot: { origin, epoch, sequence, position }, stamp, context, echo };
  const add = (
    records: Map<string, Word[]>,
    id: string,
    word: Omit<Word, keyof typeof common>,
    of = common,
  ) => {
    const words = records.get(id) ?? [];
    words.push({ ...of, ...word });
    records.set(id, words);
  };
  const gone = { present: false, ends: null, values: new Map<string, Uint8Array>(), names: null };
  switch (operation.op) {
    case "put_node": {
      const values = new Map(operation.properties);
      add(nodes, operation.id, { present: true, labels: operation.labels, ends: null, values, names: null });
      break;
    }
    case "put_edge": {
      const { type, from, to } = operation;
      const values = new Map(operation.properties);
      add(edges, operation.id, { present: true, labels: [], ends: { type, from, to }, values, names: null });
      break;
    }
    case "patch_node":
    case "patch_edge": {
      const { set, merge, unset } = operation.properties;
      const merged = merge.map(
        ([name], place) => [name, must(dependents.merged[place], "a result")] as const,
      );
      const values = new Map([...set, ...merged]);
      const names = new Set([...values.keys(), ...unset]);
      const { labels, ends } = dependents;
      if (operation.op === "patch_node")
        add(nodes, operation.id, { present: true, labels, ends: null, values, names });
      else add(edges, operation.id, { present: true, labels: [], ends, values, names });
      break;
    }
    case "delete_node":
      add(nodes, operation.id, { ...gone, labels: dependents.labels });
      for (const edge of dependents.edges)
        add(edges, edge, { ...gone, labels: [] }, { ...common, echo: false });
      break;
    case "delete_edge":
      add(edges, operation.id, { ...gone, labels: [] });
      break;
  }
}

function hadSeen(later: Word, earlier: Word): boolean {
  if (later.context.includes(earlier.dot)) return true;
  const { origin, sequence, position } = later.dot;
  return (
    earlier.dot.origin === origin && earlier.dot.sequence === sequence && earlier.dot.position < position
  );
}

function standingExistence(words: readonly Word[]): Word[] {
  return words.filter((word) => !isSeen(words, word));
}

/** Whether one of the words had seen this one: one of the last is the likeliest. */
function isSeen(words: readonly Word[], word: Word): boolean {
  return words.findLastIndex((other) => hadSeen(other, word)) >= 0;
}

/** Who is there wins over who is not, then the later write. */
function chosenExistence(words: readonly Word[]): Word | undefined {
  const standing = counted(standingExistence(words));
  const present = standing.filter((word) => word.present);
  return latest(present.length > 0 ? present : standing);
}

function versionOf(words: readonly Word[]): string {
  const dots = standingExistence(words).map((word) => word.dot);
  return dots.sort(compareDots).map(formatDot).join("+");
}

function propertiesOf(words: readonly Word[]): unknown {
  const names = new Set(words.flatMap((word) => [...word.values.keys()]));
  const values: Record<string, Value> = {};
  for (const name of [...names].sort()) {
    const concerned = words.filter((word) => word.names === null || word.names.has(name));
    const standing = concerned.filter((word) => word.values.has(name) && !isSeen(concerned, word));
    const value = latest(counted(standing))?.values.get(name);
    if (value !== undefined) values[name] = decodeValue(value);
  }
  return valueToJson(values);
}

function counted(words: readonly Word[]): readonly Word[] {
  const own = words.filter((word) => !word.echo);
  return own.length > 0 ? own : words;
}

function latest(words: readonly Word[]): Word | undefined {
  return [...words].sort((a, b) => compareStamps(a.stamp, b.stamp) || compareDots(a.dot, b.dot)).at(-1);
}

/** Of the requests that were applied under one key in several regions all but the earliest. */
function losingRequests(batches: readonly ExpectedBatch[]): Set<Request> {
  const byKey = new Map<string, { readonly batch: ExpectedBatch; readonly request: Request }[]>();
  for (const batch of batches)
    for (const { request, outcome } of batch.content) {
      if (request.retry === null || outcome.status !== "applied") continue;
      const key = `${request.retry.key} ${hex(request.retry.bodyHash)}`;
      byKey.set(key, [...(byKey.get(key) ?? []), { batch, request }]);
    }
  const losers = new Set<Request>();
  for (const rivals of byKey.values()) {
    const inOrder = [...rivals].sort(
      (a, b) => compareStamps(a.batch.stamp, b.batch.stamp) || (a.batch.origin < b.batch.origin ? -1 : 1),
    );
    for (const { request } of inOrder.slice(1)) losers.add(request);
  }
  return losers;
}
