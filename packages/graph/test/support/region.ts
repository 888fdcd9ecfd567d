import { type Applied, GraphMachine, GraphReader, type StateWriter } from "@isthmus/graph";
import {
  encodeValue,
  type GroupId,
  hex,
  type Key,
  type Origin,
  Registry,
  sha256,
  utf8,
  type Value,
} from "@isthmus/kernel";
import {
  type Assignment,
  type Batch,
  decodeDataEntry,
  encodeDataEntry,
  encodeRequest,
  encodeRequests,
  type Operation,
} from "@isthmus/wire";

const GROUP = "main/0" as GroupId;

/** The dumbest state there is. */
export class MapState implements StateWriter {
  readonly content = new Map<Key, Uint8Array>();

  get(key: Key): Uint8Array | undefined {
    return this.content.get(key);
  }

  set(key: Key, value: Uint8Array | undefined): void {
    if (value === undefined) this.content.delete(key);
    else this.content.set(key, value);
  }

  *range(from: Key, to: Key): Iterable<readonly [Key, Uint8Array]> {
    for (const key of [...this.content.keys()].sort())
      if (key >= from && key < to) yield [key, this.content.get(key) as Uint8Array];
  }
}

/** One replica of a region, fed with the log that the region would have committed. */
export class Region {
  readonly machine: GraphMachine;
  readonly state = new MapState();
  readonly batches: Batch[] = [];
  readonly log: Uint8Array[] = [];
  #counter = 0;
  clockMs = 1_000;

  constructor(name: string, retryKeys = 100, members = ["us", "eu"] as Origin[]) {
    this.machine = new GraphMachine({
      group: GROUP,
      origin: name as Origin,
      state: this.state,
      registry: new Registry(),
      retryKeys,
      members,
    });
  }

  get reader(): GraphReader {
    return new GraphReader(this.state, this.machine.policy);
  }

  get digest(): string {
    return hex(this.machine.digest());
  }

  entry(data: Uint8Array, term = 1): Applied {
    this.log.push(data);
    return this.machine.apply(this.log.length, term, data);
  }

  /** A local entry of one request for each list of operations. */
  write(...requests: { operations: Operation[]; key?: string }[]) {
    const applied = this.entry(this.localEntry(requests));
    if (applied.kind !== "local") throw new Error(`a local entry became ${applied.kind}`);
    this.batches.push(applied.batch);
    return applied.results.map(({ result, batch }) => ({ ...result, batch }));
  }

  localEntry(requests: { operations: Operation[]; key?: string }[], epoch = 1): Uint8Array {
    const encoded = requests.map(({ operations, key }) => {
      this.#counter += 1;
      const id = { node: 1, nonce: 7, counter: this.#counter };
      const retry = key === undefined ? null : { key, bodyHash: sha256(utf8(JSON.stringify(operations))) };
      return encodeRequest({ id, retry, operations });
    });
    return encodeDataEntry({
      kind: "local",
      epoch,
      wallMs: this.clockMs++,
      requests: encodeRequests(encoded),
    });
  }

  /** Takes another region's batch, through the bytes that would have travelled. */
  receive(batch: Batch): Applied {
    const entry = encodeDataEntry({ kind: "remote", batch });
    const decoded = decodeDataEntry(entry);
    if (decoded.kind !== "remote") throw new Error("a remote entry stays one");
    return this.entry(entry);
  }
}

export function put(id: string, properties: Record<string, Value> = {}, labels: string[] = []): Operation {
  return { op: "put_node", id, condition: null, labels, properties: assignments(properties) };
}

export function patch(id: string, set: Record<string, Value>, unset: string[] = []): Operation {
  const properties = { set: assignments(set), merge: [], unset };
  return { op: "patch_node", id, condition: null, labelsAdded: [], labelsRemoved: [], properties };
}

export function remove(id: string): Operation {
  return { op: "delete_node", id, condition: null };
}

export function connect(id: string, from: string, to: string, type = "KNOWS"): Operation {
  return { op: "put_edge", id, condition: null, type, from, to, properties: [] };
}

export function disconnect(id: string): Operation {
  return { op: "delete_edge", id, condition: null };
}

export function assignments(properties: Record<string, Value>): Assignment[] {
  return Object.entries(properties).map(([name, value]) => [name, encodeValue(value)] as const);
}

/** Every region receives what it lacks, in an order that respects contexts. */
export function exchange(...regions: Region[]): void {
  for (let progress = true; progress; ) {
    progress = false;
    for (const to of regions)
      for (const from of regions) {
        if (from === to) continue;
        const next = from.batches[to.machine.vector.get(from.machine.origin)];
        if (!next || !to.machine.vector.covers(next.context)) continue;
        to.receive(next);
        progress = true;
      }
  }
}
