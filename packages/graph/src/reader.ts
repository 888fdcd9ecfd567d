import { DecodeError, type Key, type StoreReader, type ValueMap } from "@isthmus/kernel";
import { isNodeSeen } from "./decide.ts";
import {
  adjacencyRange,
  EDGE_RANGE,
  edgeOfAdjacency,
  NODE_RANGE,
  type RecordKind,
  recordIdOf,
  recordKey,
} from "./keys.ts";
import { decodeRecord, type GraphRecord, recordVersion } from "./record.ts";
import { type ViewPolicy, visibleExistence, visibleProperties } from "./view.ts";

export interface NodeRead {
  readonly id: string;
  readonly labels: readonly string[];
  readonly properties: ValueMap;
  readonly version: string;
}

export interface EdgeRead {
  readonly id: string;
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly properties: ValueMap;
  readonly version: string;
}

/** Reads of a group's state as its policy shows it. Consistent within one turn. */
export class GraphReader {
  readonly #state: StoreReader;
  readonly #policy: ViewPolicy;

  constructor(state: StoreReader, policy: ViewPolicy) {
    this.#state = state;
    this.#policy = policy;
  }

  getNode(id: string): NodeRead | undefined {
    const record = this.#record("node", id);
    return record && this.#node(id, record);
  }

  getEdge(id: string): EdgeRead | undefined {
    const record = this.#record("edge", id);
    return record && this.#edge(id, record);
  }

  /**
   * Edges at a node: outgoing ones by type and id, then incoming ones. A cursor is the place of the last edge given,
   * and stays good while edges come and go.
   */
  edges(question: {
    node: string;
    direction: "out" | "in" | "both";
    type: string | null;
    limit: number;
    after: string | null;
  }): { edges: EdgeRead[]; cursor: string | null } {
    const { node, direction, type, limit, after } = question;
    const edges: EdgeRead[] = [];
    let last: Key | null = null;
    for (const way of direction === "both" ? (["out", "in"] as const) : [direction]) {
      const range = adjacencyRange(way, node, type);
      // Outgoing edges come first: a cursor among the incoming ones has all of them behind it.
      if (after !== null && way === "out" && direction === "both" && !sameKind(after, range.from)) continue;
      const from = sameKind(after, range.from) ? afterKey(range.from, after) : range.from;
      for (const [key] of this.#state.range(from, range.to)) {
        if (edges.length === limit) return { edges, cursor: last };
        const edge = this.getEdge(edgeOfAdjacency(key));
        // A loop is seen from both its ends; once is enough.
        if (edge && !(direction === "both" && way === "in" && edge.from === edge.to)) edges.push(edge);
        last = key;
      }
    }
    return { edges, cursor: null };
  }

  /** All records that are seen: nodes by id, then edges by id (byte order). `after` is an earlier page's cursor. */
  page(
    after: string | null,
    limit: number,
  ): { records: (({ kind: "node" } & NodeRead) | ({ kind: "edge" } & EdgeRead))[]; cursor: string | null } {
    const records: (({ kind: "node" } & NodeRead) | ({ kind: "edge" } & EdgeRead))[] = [];
    let last: Key | null = null;
    for (const [kind, range] of [["node", NODE_RANGE] as const, ["edge", EDGE_RANGE] as const]) {
      // Edges follow nodes, though their keys sort before: a cursor among the edges has all nodes behind it.
      if (after !== null && kind === "node" && !sameKind(after, range.from)) continue;
      const from = sameKind(after, range.from) ? afterKey(range.from, after) : range.from;
      for (const [key, bytes] of this.#state.range(from, range.to)) {
        if (records.length === limit) return { records, cursor: last };
        const id = recordIdOf(key);
        const record = decodeRecord(bytes);
        if (kind === "node") {
          const node = this.#node(id, record);
          if (node) records.push({ kind, ...node });
        } else {
          const edge = this.#edge(id, record);
          if (edge) records.push({ kind, ...edge });
        }
        last = key;
      }
    }
    return { records, cursor: null };
  }

  #record(kind: RecordKind, id: string): GraphRecord | undefined {
    const bytes = this.#state.get(recordKey(kind, id));
    return bytes && decodeRecord(bytes);
  }

  #node(id: string, record: GraphRecord): NodeRead | undefined {
    if (!isNodeSeen(this.#state, id, record.existence, this.#policy)) return undefined;
    const labels = visibleExistence(record, this.#policy)?.labels ?? [];
    return { id, labels, properties: visibleProperties(record), version: recordVersion(record) };
  }

  #edge(id: string, record: GraphRecord): EdgeRead | undefined {
    const existence = visibleExistence(record, this.#policy);
    if (!existence?.present || !existence.ends) return undefined;
    return { id, ...existence.ends, properties: visibleProperties(record), version: recordVersion(record) };
  }
}

function sameKind(after: string | null, from: Key): after is string {
  return after !== null && after[0] === from[0];
}

/** The least key behind a cursor, but never before the range: a made-up cursor reads nothing that is not its own. */
function afterKey(from: Key, after: string): Key {
  const next = `${after}\0` as Key;
  return next > from ? next : from;
}

/** Longer than any key of a record or an edge can make it. */
const CURSOR_MAX_CHARACTERS = 2000;

/** A cursor is a key, whose characters are bytes: as text for a URL and back. */
export function cursorText(cursor: string): string {
  return Buffer.from(cursor, "latin1").toString("base64url");
}

export function cursorFromText(text: string): Key {
  if (text.length > CURSOR_MAX_CHARACTERS)
    throw new DecodeError("a cursor is one that an earlier answer gave");
  return Buffer.from(text, "base64url").toString("latin1") as Key;
}
