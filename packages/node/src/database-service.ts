import type { DatabaseService, ReadRequest, ReadView, WriteRequest, WriteResult } from "@isthmus/api";
import { formatDot, type VersionVector } from "@isthmus/causality";
import { cursorFromText, cursorText, type RequestResult } from "@isthmus/graph";
import { ByteWriter, type Clock, IsthmusError, type RegionId } from "@isthmus/kernel";
import type { DataReplica } from "@isthmus/replica";

interface SessionWaiter {
  readonly vector: VersionVector;
  readonly deadlineMs: number;
  resolve(): void;
  reject(error: Error): void;
}

/** Sessions that wait for a group to catch up with them, at one node. */
const SESSION_WAITERS_MAX = 10_000;

/** A database as the faces see it, over its one data group. */
export class ReplicaDatabase implements DatabaseService {
  readonly name: string;
  readonly #region: RegionId;
  readonly #replica: DataReplica;
  readonly #clock: Clock;
  readonly #wake: () => void;
  #waiters: SessionWaiter[] = [];

  constructor(options: {
    name: string;
    region: RegionId;
    replica: DataReplica;
    clock: Clock;
    /** Somebody waits here from now on: ticks are needed. */
    wake(): void;
  }) {
    this.name = options.name;
    this.#region = options.region;
    this.#replica = options.replica;
    this.#clock = options.clock;
    this.#wake = () => options.wake();
  }

  async write(request: WriteRequest): Promise<WriteResult> {
    if (request.session) await this.#sessionReached(request.session, request.timeoutMs);
    const { operations, retry, timeoutMs } = request;
    const result = await this.#replica.write({ operations, retry }, timeoutMs);
    return this.#answer(result);
  }

  async read(request: ReadRequest): Promise<ReadView> {
    if (request.session) await this.#sessionReached(request.session, request.timeoutMs);
    if (request.level === "leader") await this.#replica.readBarrier(request.timeoutMs);
    return this.#view();
  }

  /** The group has applied something: sessions that waited for it go on. */
  applied(): void {
    if (this.#waiters.length === 0) return;
    const { vector } = this.#replica.machine;
    this.#waiters = this.#waiters.filter((waiter) => {
      if (!vector.covers(waiter.vector)) return true;
      waiter.resolve();
      return false;
    });
  }

  /** Whether a session waits here for what is to be applied yet. */
  get isAwaited(): boolean {
    return this.#waiters.length > 0;
  }

  tick(): void {
    if (this.#waiters.length === 0) return;
    const nowMs = this.#clock.monotonicMs();
    this.#waiters = this.#waiters.filter((waiter) => {
      if (nowMs < waiter.deadlineMs) return true;
      waiter.reject(
        new IsthmusError("too_stale", "this region has not yet seen what the session has", {
          facts: { vector: String(this.#replica.machine.vector), session: String(waiter.vector) },
        }),
      );
      return false;
    });
  }

  #sessionReached(vector: VersionVector, timeoutMs: number): Promise<void> {
    if (this.#replica.machine.vector.covers(vector)) return Promise.resolve();
    if (this.#waiters.length >= SESSION_WAITERS_MAX)
      return Promise.reject(new IsthmusError("overloaded", "too many sessions are waiting at this node"));
    this.#wake();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ vector, deadlineMs: this.#clock.monotonicMs() + timeoutMs, resolve, reject });
    });
  }

  #answer({ batch, result }: RequestResult): WriteResult {
    const receipt = this.#receipt(batch);
    const asOf = this.#replica.machine.vector;
    if (result.status === "refused") return { ...result, receipt, asOf, guarantee: "region" };
    const results = result.versions.map(({ id, dot }) => ({ id, version: formatDot(dot) }));
    return { status: "applied", results, receipt, asOf, guarantee: "region" };
  }

  #receipt(batch: RequestResult["batch"]): string {
    const writer = new ByteWriter(96);
    writer.u8(1).text(this.#replica.group).text(batch.origin).varint(batch.epoch).varint(batch.sequence);
    return Buffer.from(writer.raw(batch.hash).finish()).toString("base64url");
  }

  #view(): ReadView {
    const reader = this.#replica.reader();
    return {
      region: this.#region,
      asOf: this.#replica.machine.vector,
      getNode: (id) => reader.getNode(id),
      getEdge: (id) => reader.getEdge(id),
      edges: (question) => {
        const after = question.after === null ? null : cursorFromText(question.after);
        const { edges, cursor } = reader.edges({ ...question, after });
        return { edges, cursor: cursor === null ? null : cursorText(cursor) };
      },
      page: (after, limit) => {
        const page = reader.page(after === null ? null : cursorFromText(after), limit);
        return { records: page.records, cursor: page.cursor === null ? null : cursorText(page.cursor) };
      },
    };
  }
}
