import type { ReadView, WriteResult } from "@isthmus/api";
import { VersionVector } from "@isthmus/causality";
import {
  encodeValue,
  IsthmusError,
  must,
  type NodeId,
  type Random,
  seededRandom,
  sha256,
  utf8,
} from "@isthmus/kernel";
import type { NodeCore } from "@isthmus/node";
import type { Operation } from "@isthmus/wire";
import type { Checker, HistoryItem } from "./evidence.ts";
import { operationText, randomOperation, writerOf } from "./operations.ts";
import { readReceipt } from "./receipt.ts";
import type { World } from "./world.ts";

/** How clients behave in one run: drawn from its seed, so that runs differ in kind and not only in detail. */
export interface WorkloadShape {
  readonly clients: number;
  /** Mean pause of a client between two calls. */
  readonly thinkMs: number;
  readonly nodes: number;
  readonly edges: number;
  /** Shares of calls, in [0, 1]. */
  readonly readRate: number;
  readonly keyedRate: number;
  readonly conditionRate: number;
  /** How often a client sends the same keyed write to two regions at once. */
  readonly impatientRate: number;
  readonly timeoutMs: number;
  /** What is written is made at least so long: large enough, and a write to disk can tear in the middle. */
  readonly padBytes: number;
  /** Operations of a write, where all have as many; 0 for one, and now and then two or three. */
  readonly batch: number;
}

export function drawWorkload(random: Random): WorkloadShape {
  const pick = (...of: readonly number[]): number => must(of[random.below(of.length)], "one of several");
  return {
    clients: 2 + random.below(9),
    thinkMs: pick(30, 80, 150, 400),
    nodes: pick(2, 6, 20),
    edges: pick(2, 8, 20),
    readRate: pick(0.1, 0.3, 0.6),
    keyedRate: pick(0.2, 0.5, 0.9),
    conditionRate: pick(0, 0.2, 0.5),
    impatientRate: pick(0, 0.1, 0.4),
    timeoutMs: pick(300, 1000, 5000),
    padBytes: pick(0, 0, 0, 3000),
    batch: 0,
  };
}

/** A client gives up a call so long after the node should have. */
const PATIENCE_MS = 200;
const ATTEMPTS_MAX = 5;

interface Write {
  readonly operations: readonly Operation[];
  readonly retryKey: string | null;
  readonly bodyHash: Uint8Array;
  readonly value: string;
}

/** Seeded clients that call nodes as an application does, and remember what was said. */
export class Workload {
  readonly history: HistoryItem[] = [];
  readonly #world: World;
  readonly #shape: WorkloadShape;
  readonly #seed: string;
  /** Those who judge answers. */
  readonly #checkers: readonly Checker[];
  #running = 0;
  #stopped = false;

  constructor(options: {
    world: World;
    shape: WorkloadShape;
    seed: string;
    checkers: readonly Checker[];
  }) {
    this.#world = options.world;
    this.#shape = options.shape;
    this.#seed = options.seed;
    this.#checkers = options.checkers.filter((checker) => checker.returned !== undefined);
  }

  get isIdle(): boolean {
    return this.#running === 0;
  }

  start(): void {
    for (let number = 1; number <= this.#shape.clients; number++) {
      this.#running += 1;
      const client = `client-${number}`;
      this.#live(client, seededRandom(`${this.#seed} ${client}`)).then(
        () => {
          this.#running -= 1;
        },
        (error: unknown) => this.#world.fail(client, error),
      );
    }
  }

  /** No new calls; those under way end. */
  stop(): void {
    this.#stopped = true;
  }

  /** One keyed write at a node, tried until it is acknowledged or `tries` are over. Tells whether it was. */
  async insist(node: NodeId, name: string, tries: number): Promise<boolean> {
    const write: Write = {
      operations: [
        { op: "put_node", id: name, condition: null, labels: [], properties: [["v", encodeValue(name)]] },
      ],
      retryKey: name,
      bodyHash: sha256(utf8(name)),
      value: name,
    };
    for (let attempt = 0; attempt < tries; attempt++) {
      const { result } = await this.#write("probe", node, write, null);
      if (result === "ok") return true;
      await this.#world.sleep(100);
    }
    return false;
  }

  async #live(client: string, random: Random): Promise<void> {
    const nodes = [...this.#world.machines.keys()];
    const home = nodes[random.below(nodes.length)] as NodeId;
    let session = VersionVector.EMPTY;
    const versions = new Map<string, string>();
    let count = 0;
    while (!this.#stopped) {
      await this.#world.sleep(-Math.log(1 - random.next()) * this.#shape.thinkMs);
      if (this.#stopped) break;
      count += 1;
      // Who was taken away answers nobody: its clients go to somebody else.
      const [another = home] = this.#world.machines.keys();
      const usual = this.#world.machines.has(home) ? home : another;
      const node = random.below(5) === 0 ? (nodes[random.below(nodes.length)] as NodeId) : usual;
      if (random.next() < this.#shape.readRate) {
        const asOf = await this.#read(client, node, random, session, versions);
        if (asOf !== null) session = session.merge(asOf);
        continue;
      }
      const write = this.#nextWrite(client, count, random, versions);
      const asOf = await this.#writeUntilKnown(client, node, write, random, nodes, session);
      if (asOf !== null) session = session.merge(asOf);
    }
  }

  #nextWrite(client: string, count: number, random: Random, versions: ReadonlyMap<string, string>): Write {
    const value = `${client}:${count}`;
    const few = random.below(8) === 0 ? 2 + random.below(2) : 1;
    const operations = Array.from({ length: this.#shape.batch || few }, () =>
      randomOperation(random, this.#shape, value, versions),
    );
    const retryKey = random.next() < this.#shape.keyedRate ? `key ${value}` : null;
    return {
      operations,
      retryKey,
      bodyHash: sha256(utf8(JSON.stringify([value, operations.length]))),
      value,
    };
  }

  /** What has a key is tried again while its outcome is unknown, here or elsewhere; what has none never is. */
  async #writeUntilKnown(
    client: string,
    node: NodeId,
    write: Write,
    random: Random,
    nodes: readonly NodeId[],
    session: VersionVector,
  ): Promise<VersionVector | null> {
    const token = random.below(6) === 0 ? session : null;
    const elsewhere = (): NodeId => nodes[random.below(nodes.length)] as NodeId;
    if (write.retryKey !== null && random.next() < this.#shape.impatientRate) {
      const twice = [this.#write(client, node, write, null), this.#write(client, elsewhere(), write, null)];
      await Promise.all(twice);
      return null;
    }
    let at = node;
    for (let attempt = 1; ; attempt++) {
      const { result, asOf } = await this.#write(client, at, write, token);
      if (result === "ok" || result === "refused") return asOf;
      if (result === "unknown" && write.retryKey === null) return null;
      if (attempt >= ATTEMPTS_MAX) return null;
      await this.#world.sleep(50 * attempt * random.next());
      if (random.below(2) === 0) at = elsewhere();
    }
  }

  async #write(
    client: string,
    node: NodeId,
    write: Write,
    session: VersionVector | null,
  ): Promise<{ result: HistoryItem["result"]; asOf: VersionVector | null }> {
    const { timeoutMs } = this.#shape;
    const text = `${write.operations.map(operationText).join(", ")}${write.retryKey ? ` under "${write.retryKey}"` : ""}`;
    const ask = this.#begin(
      client,
      "write",
      node,
      must(write.operations[0], "a write has an operation").id,
      text,
    );
    const { operations, retryKey, value } = write;
    const facts = { retryKey, operation: text, operations, value };
    try {
      const answer: WriteResult = await this.#within(node, (core) =>
        must(core.database("main"), "the database is there").write({
          operations: write.operations,
          retry: write.retryKey === null ? null : { key: write.retryKey, bodyHash: write.bodyHash },
          timeoutMs,
          ...(session ? { session } : {}),
        }),
      );
      const receipt = readReceipt(answer.receipt);
      const result = answer.status === "applied" ? ("ok" as const) : ("refused" as const);
      const code = answer.status === "refused" ? answer.code : null;
      const versions = answer.status === "applied" ? answer.results.map(({ version }) => version) : [];
      ask({ result, code, write: { ...facts, versions, receipt }, read: null });
      return { result, asOf: answer.asOf };
    } catch (error) {
      const { result, code } = resultOf(error);
      ask({ result, code, write: { ...facts, versions: [], receipt: null }, read: null });
      return { result, asOf: null };
    }
  }

  async #read(
    client: string,
    node: NodeId,
    random: Random,
    session: VersionVector,
    versions: Map<string, string>,
  ): Promise<VersionVector | null> {
    const level = (["local", "session", "leader", "leader"] as const)[random.below(4)] ?? "local";
    const isNode = random.below(2) === 0;
    const id = isNode ? `n${random.below(this.#shape.nodes)}` : `e${random.below(this.#shape.edges)}`;
    const ask = this.#begin(client, "read", node, id, `reads ${id} at ${level}`);
    const token = level === "session" ? session : null;
    const { timeoutMs } = this.#shape;
    try {
      const seen = await this.#within(node, async (core) => {
        const database = must(core.database("main"), "the database is there");
        const view: ReadView = await database.read({
          level,
          timeoutMs,
          ...(token ? { session: token } : {}),
        });
        // The view is good in this turn only.
        const record = isNode ? view.getNode(id) : view.getEdge(id);
        return {
          asOf: view.asOf,
          version: record?.version ?? null,
          value: writerOf(record?.properties ?? {}),
        };
      });
      if (seen.version === null) versions.delete(id);
      else versions.set(id, seen.version);
      ask({ result: "ok", code: null, write: null, read: { level, session: token, ...seen } });
      return seen.asOf;
    } catch (error) {
      const { result, code } = resultOf(error);
      const nothing = { asOf: null, version: null, value: null };
      ask({ result, code, write: null, read: { level, session: token, ...nothing } });
      return null;
    }
  }

  /** Notes the call, and gives the function that notes its end. */
  #begin(client: string, kind: "read" | "write", from: NodeId, key: string, text: string) {
    const world = this.#world;
    const callMs = world.nowMs;
    world.trace.event(callMs, client, `asks ${from}: ${text}`);
    const place = this.history.length;
    const { region } = world.machine(from);
    const open = { client, kind, key, from, region, callMs };
    this.history.push({ ...open, returnMs: null, result: "unknown", code: null, write: null, read: null });
    return (end: Pick<HistoryItem, "result" | "code" | "write" | "read">): void => {
      const item: HistoryItem = { ...open, returnMs: world.nowMs, ...end };
      this.history[place] = item;
      world.trace.event(world.nowMs, client, `hears from ${from}: ${answerText(item)}`);
      try {
        for (const checker of this.#checkers) checker.returned?.(item);
      } catch (error) {
        world.fail("a checker", error);
      }
    };
  }

  /** A call with the client's own patience: a machine that lost its power says nothing. */
  #within<T>(node: NodeId, work: (core: NodeCore) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const patienceMs = this.#shape.timeoutMs + PATIENCE_MS;
      const over = this.#world.scheduler.schedule(patienceMs, () =>
        reject(new IsthmusError("client_timeout", "the client has waited long enough")),
      );
      this.#world.call(node, work).then(
        (value) => {
          over.cancel();
          resolve(value);
        },
        (error: unknown) => {
          over.cancel();
          reject(error);
        },
      );
    });
  }
}

/** Codes that promise that nothing was done. */
const NOT_DONE = new Set(["no_leader", "overloaded", "unreachable", "too_stale", "installing"]);
const NOT_KNOWN = new Set(["timeout", "client_timeout", "connection_lost"]);

/** What a client knows after an error. Any other error than an expected one is the node's own: it goes up. */
function resultOf(error: unknown): { result: "failed" | "unknown"; code: string } {
  if (error instanceof IsthmusError) {
    if (NOT_DONE.has(error.code)) return { result: "failed", code: error.code };
    if (NOT_KNOWN.has(error.code)) return { result: "unknown", code: error.code };
  }
  throw error;
}

function answerText({ result, code, write, read }: HistoryItem): string {
  if (read !== null && result === "ok") return `${read.version ?? "nothing"} as of [${read.asOf}]`;
  const receipt = write?.receipt ? ` in ${write.receipt.origin}:${write.receipt.sequence}` : "";
  return `${result}${code ? ` (${code})` : ""}${receipt}`;
}
