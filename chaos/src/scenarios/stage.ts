import assert from "node:assert/strict";
import type { WriteResult } from "@isthmus/api";
import type { VersionVector } from "@isthmus/causality";
import {
  dataGroup,
  encodeValue,
  type IsthmusError,
  type NodeId,
  type Origin,
  originOf,
  type RegionId,
  sha256,
  utf8,
  type Value,
} from "@isthmus/kernel";
import type { NodeCore } from "@isthmus/node";
import type { Operation } from "@isthmus/wire";
import { atRest, isQuiet, unrest } from "../at-rest.ts";
import type { BatchBook } from "../batch-book.ts";
import type { Checker, NodeAtRest } from "../evidence.ts";
import { setLink } from "../faults.ts";
import { allJudges } from "../judges.ts";
import { readReceipt } from "../receipt.ts";
import { gridTopology } from "../topology.ts";
import { World, type WorldOptions } from "../world.ts";

/** The one data group of these worlds. */
export const MAIN = dataGroup("main", 0);
const QUIET_WITHIN_MS = 60_000;

/** What became of a call: still open, an answer, or an error. */
export interface Outcome<T> {
  value: T | null;
  error: IsthmusError | null;
  done: boolean;
}

/** A world for a story that is told step by step, with all the checkers looking on. */
export class Stage {
  readonly world: World;
  readonly book: BatchBook;
  readonly #checkers: readonly Checker[];

  private constructor(regions: number, nodes: number, options: Partial<WorldOptions>) {
    const { checkers, book } = allJudges({ retryKeys: options.limits?.retryKeys });
    this.book = book;
    this.#checkers = checkers;
    this.world = new World({
      seed: "scenario",
      topology: gridTopology({ regions, nodes }),
      checkers,
      ...options,
    });
  }

  /** A world in which all nodes run and all groups are led. */
  static async open(regions: number, nodes: number, options: Partial<WorldOptions> = {}): Promise<Stage> {
    const stage = new Stage(regions, nodes, options);
    stage.world.startAll();
    await stage.quiet();
    return stage;
  }

  nodes(region: string): NodeId[] {
    return this.world.regionNodes(region as RegionId);
  }

  /** The node that leads a region's data group: of those that believe so the one with the highest term. */
  leaderOf(region: string): NodeId {
    const leaders = this.nodes(region).flatMap((id) => {
      const replica = this.world.machine(id).core?.replica(MAIN);
      return replica?.leads ? [{ id, term: replica.role.term }] : [];
    });
    const [first] = leaders.sort((a, b) => b.term - a.term);
    assert.ok(first, `${region} has a leader`);
    return first.id;
  }

  leads(node: NodeId): boolean {
    return this.world.machine(node).core?.replica(MAIN).leads ?? false;
  }

  origin(region: string): Origin {
    return originOf(region as RegionId);
  }

  /** A node of the region that does not lead. */
  followerOf(region: string): NodeId {
    const leader = this.leaderOf(region);
    const follower = this.nodes(region).find((id) => id !== leader);
    assert.ok(follower);
    return follower;
  }

  write(
    node: NodeId,
    operations: readonly Operation[],
    options: { key?: string; timeoutMs?: number; session?: VersionVector } = {},
  ): Outcome<WriteResult> {
    const { key, timeoutMs = 5000, session } = options;
    const callMs = this.world.nowMs;
    const retry = key === undefined ? null : { key, bodyHash: sha256(utf8(key)) };
    return this.call(
      node,
      (core) => databaseOf(core).write({ operations, retry, timeoutMs, ...(session ? { session } : {}) }),
      (answer) => this.#acknowledged(answer, node, callMs),
    );
  }

  /** A node's version and properties as a read at this level shows them; version null when it is not there. */
  read(node: NodeId, id: string, level: "local" | "leader" = "local", timeoutMs = 5000) {
    return this.call(node, async (core) => {
      const view = await databaseOf(core).read({ level, timeoutMs });
      const record = view.getNode(id);
      return { asOf: view.asOf, version: record?.version ?? null, properties: { ...record?.properties } };
    });
  }

  call<T>(
    node: NodeId,
    work: (core: NodeCore) => Promise<T>,
    told: (value: T) => void = () => {},
  ): Outcome<T> {
    const outcome: Outcome<T> = { value: null, error: null, done: false };
    this.world.call(node, work).then(
      (value) => {
        told(value);
        Object.assign(outcome, { value, done: true });
      },
      (error: unknown) => Object.assign(outcome, { error, done: true }),
    );
    return outcome;
  }

  /** Turns the world until a call has its answer, which must be a good one. */
  async answer<T>(outcome: Outcome<T>): Promise<T> {
    assert.ok(await this.world.runUntil(() => outcome.done, 30_000), "the call was answered");
    if (outcome.value === null) throw outcome.error;
    return outcome.value;
  }

  /** Writes and waits for the answer, which must be `applied`. */
  async put(node: NodeId, id: string, properties: Readonly<Record<string, Value>>): Promise<void> {
    const answer = await this.answer(this.write(node, [putNode(id, properties)]));
    assert.equal(answer.status, "applied");
  }

  setLink(from: string, to: string, paused: boolean): Promise<boolean> {
    setLink(this.world, from as RegionId, to as RegionId, paused);
    const link = `${from}>${to}`;
    return this.until(() =>
      this.#cores().every((core) => core.control.state.pausedLinks.includes(link) === paused),
    );
  }

  /** Cuts a region off from all others, or heals it. */
  cutOff(region: string): void {
    this.world.cut(this.nodes(region), this.#others(region), "both");
  }

  rejoin(region: string): void {
    this.world.heal(this.nodes(region), this.#others(region));
  }

  async until(done: () => boolean, withinMs = QUIET_WITHIN_MS): Promise<boolean> {
    const held = await this.world.runUntil(done, withinMs);
    assert.ok(held, `came about within ${withinMs} ms:\n${unrest(this.world)}`);
    return held;
  }

  /** Turns the world until all replicas of all regions agree. */
  async quiet(): Promise<void> {
    await this.until(() => isQuiet(this.world));
  }

  /** The end of a story: all agree, and every checker is content. */
  async end(): Promise<readonly NodeAtRest[]> {
    await this.quiet();
    const state = await atRest(this.world);
    for (const checker of this.#checkers) checker.finished?.(state);
    return state;
  }

  #cores(): NodeCore[] {
    return [...this.world.machines.values()].flatMap(({ core }) => (core ? [core] : []));
  }

  #others(region: string): NodeId[] {
    const inside = new Set(this.nodes(region));
    return [...this.world.machines.keys()].filter((id) => !inside.has(id));
  }

  #acknowledged(answer: WriteResult, from: NodeId, callMs: number): void {
    const receipt = readReceipt(answer.receipt);
    for (const checker of this.#checkers)
      checker.returned?.({
        client: "story",
        kind: "write",
        key: "",
        from,
        region: this.world.machine(from).region,
        callMs,
        returnMs: this.world.nowMs,
        result: answer.status === "applied" ? "ok" : "refused",
        code: null,
        write: { retryKey: null, operation: "", operations: [], versions: [], value: "", receipt },
        read: null,
      });
  }
}

/** What a node's counter tells of its present life; 0 where it has counted nothing. */
export function counted(stage: Stage, node: NodeId, name: string, label?: string): number {
  const samples = stage.world.machine(node).registry?.samples() ?? [];
  return samples
    .filter((each) => each.name === name && (!label || Object.values(each.labels).includes(label)))
    .reduce((sum, { value }) => sum + value, 0);
}

/** The operation that makes a node what these properties say. */
export function putNode(
  id: string,
  properties: Readonly<Record<string, Value>>,
  labels: string[] = [],
): Operation {
  return { op: "put_node", id, condition: null, labels, properties: assigned(properties) };
}

export function putEdge(id: string, type: string, from: string, to: string): Operation {
  return { op: "put_edge", id, condition: null, type, from, to, properties: [] };
}

export function deleteNode(id: string): Operation {
  return { op: "delete_node", id, condition: null };
}

export function patchNode(id: string, set: Readonly<Record<string, Value>>): Operation {
  const properties = { set: assigned(set), merge: [], unset: [] };
  return { op: "patch_node", id, condition: null, labelsAdded: [], labelsRemoved: [], properties };
}

function assigned(properties: Readonly<Record<string, Value>>): [string, Uint8Array][] {
  return Object.entries(properties).map(([name, value]) => [name, encodeValue(value)]);
}

function databaseOf(core: NodeCore) {
  const database = core.database("main");
  assert.ok(database);
  return database;
}
