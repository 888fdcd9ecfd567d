import type {
  ClusterStatus,
  DatabaseService,
  EdgesPage,
  EdgesQuestion,
  EdgeView,
  LinkStatus,
  MembershipService,
  NewNode,
  NodeChange,
  NodeRecord,
  NodeService,
  NodeView,
  Readiness,
  ReadinessQuestion,
  ReadRequest,
  ReadView,
  RecordsPage,
  SnapshotCut,
  TopologyStatus,
  Transfer,
  WriteRefusal,
  WriteRequest,
  WriteResult,
} from "@isthmus/api";
import { VersionVector } from "@isthmus/causality";
import {
  decodeValue,
  equalBytes,
  IsthmusError,
  isValueMap,
  type Origin,
  originOf,
  type RegionId,
  type Sample,
  type Value,
  type ValueMap,
} from "@isthmus/kernel";
import type { Operation, PropertyPatch } from "@isthmus/wire";

export const REGION = "us-east" as RegionId;
const ORIGIN: Origin = originOf(REGION);

const LINK: LinkStatus = {
  from: "us-east",
  to: "eu-west",
  state: "live",
  mode: "async",
  lag_ops: 0,
  lag_bytes: null,
  lag_ms: 1.5,
  verified_at: "2026-11-22T10:00:00.000Z",
  rtt_ms: 80,
};

/** A node that keeps one database, `main`, in Maps, and does what a test tells it. */
export class FakeService implements NodeService {
  readonly region = REGION;
  readonly node = "us-east-1";
  readonly main = new FakeDatabase();
  link: LinkStatus = LINK;
  ready: Readiness = { ready: true, checks: [{ name: "log", ok: true }] };
  readonly questions: ReadinessQuestion[] = [];
  shown: Sample[] = [];

  database(name: string): DatabaseService | undefined {
    return name === "main" ? this.main : undefined;
  }

  async cluster(): Promise<ClusterStatus> {
    return { cluster: "acme", epoch: 3, databases: [], regions: [], links: [this.link] };
  }

  async setLink(from: string, to: string, change: { paused: boolean }): Promise<LinkStatus> {
    if (from !== this.link.from || to !== this.link.to)
      throw new IsthmusError("not_found", "there is no such link");
    this.link = { ...this.link, state: change.paused ? "paused" : "live" };
    return this.link;
  }

  readonly membership = new FakeMembership();

  async cutSnapshot(group: string): Promise<SnapshotCut> {
    if (group !== "main/0") throw new IsthmusError("not_found", "there is no such group");
    return { group, id: "7-2-00c0ffee", index: 7, term: 2, chunks: 1, bytes: 100 };
  }

  readiness(question: ReadinessQuestion): Readiness {
    this.questions.push(question);
    return this.ready;
  }

  samples(): Sample[] {
    return this.shown;
  }
}

/** Nodes in a Map; a change is refused as a test tells it. */
export class FakeMembership implements MembershipService {
  readonly members = new Map<string, NodeRecord>();
  refusal: IsthmusError | null = null;
  readonly asked: unknown[] = [];

  async nodes(): Promise<readonly NodeRecord[]> {
    return [...this.members.values()];
  }

  async add(node: NewNode, { dryRun }: { dryRun: boolean }): Promise<NodeChange> {
    this.#ask("add", node, dryRun);
    const record = {
      ...node,
      number: this.members.size + 1,
      up: false,
      state: "joining",
      leads: [],
    } as const;
    if (!dryRun) this.members.set(node.id, record);
    return { node: record, changes: [`${node.id} joins`] };
  }

  async remove(id: string, { dryRun }: { dryRun: boolean }): Promise<NodeChange> {
    this.#ask("remove", id, dryRun);
    const node = this.#member(id);
    if (!dryRun) this.members.delete(id);
    return { node: { ...node, state: "leaving" }, changes: [`${id} leaves`] };
  }

  async drain(id: string, draining: boolean, { dryRun }: { dryRun: boolean }): Promise<NodeChange> {
    this.#ask("drain", id, draining, dryRun);
    const node = { ...this.#member(id), state: draining ? "draining" : "active" } as const;
    if (!dryRun) this.members.set(id, node);
    return { node, changes: [] };
  }

  async transfer(group: string, to: string, { dryRun }: { dryRun: boolean }): Promise<Transfer> {
    this.#ask("transfer", group, to, dryRun);
    return { group, region: this.#member(to).region, from: null, to };
  }

  topology(): TopologyStatus {
    return { founding: { cluster: "acme" }, topology: { cluster: "acme" }, position: 7 };
  }

  #ask(...call: unknown[]): void {
    this.asked.push(call);
    if (this.refusal !== null) throw this.refusal;
  }

  #member(id: string): NodeRecord {
    const node = this.members.get(id);
    if (!node) throw new IsthmusError("not_found", `there is no node ${id}`, { facts: { kind: "node" } });
    return node;
  }
}

export class FakeDatabase implements DatabaseService {
  readonly name = "main";
  nodes = new Map<string, NodeView>();
  edges = new Map<string, EdgeView>();
  #sequence = 0;
  readonly #kept = new Map<string, { hash: Uint8Array; result: WriteResult }>();
  readonly writes: WriteRequest[] = [];
  readonly reads: ReadRequest[] = [];
  /** Thrown instead of an answer. */
  failure: unknown = null;
  /** Refuses every write. */
  refusal: WriteRefusal | null = null;
  /** Waited for before an answer. */
  gate: Promise<void> | null = null;
  /** Called when somebody waits at the gate. */
  onWait: () => void = () => {};

  async write(request: WriteRequest): Promise<WriteResult> {
    this.writes.push(request);
    await this.#pass();
    const { retry } = request;
    const known = retry === null ? undefined : this.#kept.get(retry.key);
    if (known !== undefined && retry !== null)
      return equalBytes(known.hash, retry.bodyHash) ? known.result : this.#refused("idempotency_mismatch", 0);
    const result = this.#apply(request.operations);
    if (retry !== null) this.#kept.set(retry.key, { hash: retry.bodyHash, result });
    return result;
  }

  async read(request: ReadRequest): Promise<ReadView> {
    this.reads.push(request);
    await this.#pass();
    return new FakeView(this, this.#vector());
  }

  async #pass(): Promise<void> {
    if (this.failure !== null) throw this.failure;
    if (this.gate === null) return;
    this.onWait();
    await this.gate;
  }

  #vector(): VersionVector {
    return VersionVector.of([[ORIGIN, this.#sequence]]);
  }

  #refused(code: WriteRefusal, operation: number): WriteResult {
    return { status: "refused", code, operation, receipt: "r0", asOf: this.#vector(), guarantee: "region" };
  }

  #apply(operations: readonly Operation[]): WriteResult {
    if (this.refusal !== null) return this.#refused(this.refusal, operations.length - 1);
    // One operation fails before it changes anything: only a batch needs a way back.
    const before = operations.length > 1 ? { nodes: new Map(this.nodes), edges: new Map(this.edges) } : {};
    this.#sequence += 1;
    const results: { id: string; version: string }[] = [];
    for (const [index, operation] of operations.entries()) {
      const version = `v${this.#sequence}.${index}`;
      const code = this.#applyOne(operation, version);
      if (code !== null) {
        Object.assign(this, before);
        return this.#refused(code, index);
      }
      results.push({ id: operation.id, version });
    }
    const receipt = `r${this.#sequence}`;
    return { status: "applied", results, receipt, asOf: this.#vector(), guarantee: "region" };
  }

  #applyOne(operation: Operation, version: string): WriteRefusal | null {
    const { id, condition } = operation;
    const isNode = operation.op.endsWith("node");
    const present = isNode ? this.nodes.get(id) : this.edges.get(id);
    if (condition?.kind === "absent" && present !== undefined) return "version_mismatch";
    if (condition?.kind === "match" && present?.version !== condition.version) return "version_mismatch";
    switch (operation.op) {
      case "put_node":
        this.nodes.set(id, {
          id,
          labels: operation.labels,
          properties: assigned(operation.properties),
          version,
        });
        return null;
      case "patch_node": {
        const node = this.nodes.get(id);
        if (node === undefined) return "not_found";
        const { labelsAdded, labelsRemoved } = operation;
        const labels = [...new Set([...node.labels, ...labelsAdded])].filter(
          (label) => !labelsRemoved.includes(label),
        );
        this.nodes.set(id, {
          id,
          labels,
          properties: patched(node.properties, operation.properties),
          version,
        });
        return null;
      }
      case "delete_node":
        for (const edge of this.edges.values())
          if (edge.from === id || edge.to === id) this.edges.delete(edge.id);
        return this.nodes.delete(id) ? null : "not_found";
      case "put_edge": {
        const { type, from, to } = operation;
        if (!this.nodes.has(from) || !this.nodes.has(to)) return "invalid_reference";
        this.edges.set(id, { id, type, from, to, properties: assigned(operation.properties), version });
        return null;
      }
      case "patch_edge": {
        const edge = this.edges.get(id);
        if (edge === undefined) return "not_found";
        this.edges.set(id, { ...edge, properties: patched(edge.properties, operation.properties), version });
        return null;
      }
      case "delete_edge":
        return this.edges.delete(id) ? null : "not_found";
    }
  }
}

class FakeView implements ReadView {
  readonly region = REGION;
  readonly asOf: VersionVector;
  readonly #database: FakeDatabase;

  constructor(database: FakeDatabase, asOf: VersionVector) {
    this.#database = database;
    this.asOf = asOf;
  }

  getNode(id: string): NodeView | undefined {
    return this.#database.nodes.get(id);
  }

  getEdge(id: string): EdgeView | undefined {
    return this.#database.edges.get(id);
  }

  edges({ node, direction, type, limit, after }: EdgesQuestion): EdgesPage {
    const all = sorted(this.#database.edges).filter(
      (edge) =>
        ((direction !== "in" && edge.from === node) || (direction !== "out" && edge.to === node)) &&
        (type === null || edge.type === type) &&
        (after === null || edge.id > after),
    );
    const edges = all.slice(0, limit);
    return { edges, cursor: all.length > limit ? (edges.at(-1)?.id ?? null) : null };
  }

  page(after: string | null, limit: number): RecordsPage {
    const nodes = sorted(this.#database.nodes).map((node) => ({ kind: "node" as const, ...node }));
    const edges = sorted(this.#database.edges).map((edge) => ({ kind: "edge" as const, ...edge }));
    const start = after === null ? 0 : Number(after.slice("é".length));
    const records = [...nodes, ...edges].slice(start, start + limit);
    const end = start + records.length;
    // A cursor that no header could carry as it stands.
    return { records, cursor: end < nodes.length + edges.length ? `é${end}` : null };
  }
}

function sorted<Item extends { id: string }>(items: ReadonlyMap<string, Item>): Item[] {
  return [...items.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function assigned(assignments: readonly (readonly [string, Uint8Array])[]): ValueMap {
  const properties: Record<string, Value> = Object.create(null);
  for (const [name, bytes] of assignments) properties[name] = decodeValue(bytes);
  return properties;
}

function patched(present: ValueMap, patch: PropertyPatch): ValueMap {
  const properties: Record<string, Value> = Object.assign(Object.create(null), present);
  for (const name of patch.unset) delete properties[name];
  Object.assign(properties, assigned(patch.set));
  for (const [name, bytes] of patch.merge) properties[name] = merged(properties[name], decodeValue(bytes));
  return properties;
}

function merged(present: Value | undefined, patch: Value): Value {
  if (!isValueMap(patch)) return patch;
  const result: Record<string, Value> = Object.create(null);
  if (present !== undefined && isValueMap(present)) Object.assign(result, present);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
