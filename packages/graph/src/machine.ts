import {
  CONTROL_COMPONENT,
  type Dot,
  maxStamp,
  nextStamp,
  type Stamp,
  VersionVector,
} from "@isthmus/causality";
import type { Write } from "@isthmus/conflict";
import {
  assert,
  DecodeError,
  equalBytes,
  type GroupId,
  type Key,
  type Origin,
  type Registry,
} from "@isthmus/kernel";
import {
  type Batch,
  type BatchHead,
  decodeDataEntry,
  decodeRequests,
  encodeOutcomes,
  HASH_ZERO,
  hashBatch,
  type Operation,
  OUTCOME_MAX_BYTES,
  type Request,
  type RequestId,
  type RequestOutcome,
} from "@isthmus/wire";
import { contentOf } from "./batch-content.ts";
import { decide } from "./decide.ts";
import { Digest } from "./digest.ts";
import { Draft, type StateWriter } from "./draft.ts";
import { applyOperation, changeRecord } from "./effect.ts";
import { META_KEY, recordKey } from "./keys.ts";
import { decodeMeta, EMPTY_META, encodeMeta, type Meta } from "./meta.ts";
import { RECORD_MAX_BYTES, recordBytes, withEcho } from "./record.ts";
import { earlierFirst, type RetryEntry, RetryTable } from "./retry-table.ts";
import { DEFAULT_VIEW, type ViewPolicy } from "./view.ts";

export interface MachineOptions {
  readonly group: GroupId;
  /** Whose batches this replica's local entries become. */
  readonly origin: Origin;
  readonly state: StateWriter;
  readonly registry: Registry;
  readonly retryKeys: number;
  /** The origins of all regions. */
  readonly members: readonly Origin[];
}

/** What a committed entry turned out to be. */
export type Applied =
  | { readonly kind: "local"; readonly batch: Batch; readonly results: readonly RequestResult[] }
  | { readonly kind: "remote"; readonly batch: Batch }
  | { readonly kind: "position"; readonly position: number }
  | { readonly kind: "empty" }
  /** A no-op that took no number; who waits for one of its requests is told that it was not applied. */
  | { readonly kind: "skipped"; readonly why: SkipReason; readonly requests: readonly RequestId[] };

export type SkipReason =
  | "stale_epoch"
  | "own_origin"
  | "repeated"
  | "gap"
  | "broken_chain"
  | "unmet_context"
  | "malformed"
  | "stale_position";

/** The answer to one request, for the node that took it. */
export interface RequestResult {
  readonly id: RequestId;
  /** The batch in which it counts: this one, or the earlier one for a repeated key. */
  readonly batch: Pick<BatchHead, "origin" | "epoch" | "sequence"> & { readonly hash: Uint8Array };
  readonly result:
    | { readonly status: "applied"; readonly versions: readonly { readonly id: string; readonly dot: Dot }[] }
    | { readonly status: "refused"; readonly code: RetryRefusal; readonly operation: number };
}

type RetryRefusal = Extract<RequestOutcome, { status: "refused" }>["code"];

/**
 * The state machine of a data group. `apply` is a pure function of the log before the entry: no clock, no randomness, no
 * I/O beyond the state that it was given.
 *
 * Invariant: a local entry becomes the origin's next batch here and only here: number, stamp, context and hash are given
 * to what is committed, never to what is proposed (TRAPS T8).
 */
export class GraphMachine {
  readonly group: GroupId;
  readonly origin: Origin;
  readonly #state: StateWriter;
  readonly #registry: Registry;
  readonly #retryKeys: number;
  readonly #members: readonly Origin[];
  readonly #policy: ViewPolicy = DEFAULT_VIEW;
  #meta: Meta;
  #digest: Digest;

  /** Takes up the state where its last checkpoint left it. */
  constructor(options: MachineOptions) {
    this.group = options.group;
    this.origin = options.origin;
    this.#state = options.state;
    this.#registry = options.registry;
    this.#retryKeys = options.retryKeys;
    this.#members = options.members;
    const bytes = options.state.get(META_KEY);
    this.#meta = bytes ? decodeMeta(bytes) : EMPTY_META;
    this.#digest = new Digest(this.#meta.digest);
  }

  get appliedIndex(): number {
    return this.#meta.appliedIndex;
  }

  get epoch(): number {
    return this.#meta.epoch;
  }

  get vector(): VersionVector {
    return this.#meta.vector;
  }

  get stamp(): Stamp {
    return this.#meta.stamp;
  }

  get policy(): ViewPolicy {
    return this.#policy;
  }

  digest(): Uint8Array {
    return this.#digest.bytes();
  }

  /** The hash of an origin's last applied batch: what its next one must name. */
  headOf(origin: Origin): Uint8Array {
    return this.#meta.heads.get(origin) ?? HASH_ZERO;
  }

  /** How many keys of this origin are remembered, and since when (milliseconds since 1970; null when none is). */
  retryMemory(): { keys: number; sinceMs: number | null } {
    const count = this.#meta.retryCounts.get(this.origin);
    const table = this.#retryTable();
    const oldest = table.oldest(this.#state, this.origin);
    return { keys: count ? count.next - count.first : 0, sinceMs: oldest?.wallMs ?? null };
  }

  /** How many batches of other regions are applied here that this origin's last batch does not yet tell of. */
  get untold(): number {
    const told = this.#meta.contexts.get(this.origin) ?? VersionVector.EMPTY;
    return this.#meta.vector
      .entries()
      .filter(([origin]) => origin !== this.origin)
      .reduce((sum, [origin, sequence]) => sum + sequence - told.get(origin), 0);
  }

  #retryTable(): RetryTable {
    return new RetryTable(this.#meta.retryCounts, this.#retryKeys, (origin, sequence) =>
      this.#members.every((member) => {
        // What this region applies next will have seen it, and a region's own next batch as well.
        if (member === origin || member === this.origin) return true;
        return (this.#meta.contexts.get(member)?.get(origin) ?? 0) >= sequence;
      }),
    );
  }

  /** Applies the next committed entry. `data` is absent for entries that Raft makes for itself. */
  apply(index: number, term: number, data: Uint8Array | undefined): Applied {
    assert(index === this.#meta.appliedIndex + 1, "entries are applied in order, each once");
    const applied =
      data === undefined || data.length === 0 ? ({ kind: "empty" } as const) : this.#applyEntry(data);
    if (applied.kind === "skipped")
      this.#registry.counter("isthmus.apply.skipped", { why: applied.why }).add();
    this.#meta = { ...this.#meta, appliedIndex: index, appliedTerm: term };
    return applied;
  }

  /** Puts what the state knows of itself into the state: right before a checkpoint, so that both go in one commit. */
  writeMeta(): void {
    this.#state.set(META_KEY, encodeMeta({ ...this.#meta, digest: this.#digest.bytes() }));
  }

  #applyEntry(data: Uint8Array): Applied {
    const entry = decodeDataEntry(data);
    switch (entry.kind) {
      case "local": {
        const requests = decodeRequests(entry.requests);
        if (entry.epoch !== this.#meta.epoch)
          return { kind: "skipped", why: "stale_epoch", requests: requests.map((request) => request.id) };
        return this.#applyLocal(entry.requests, requests, entry.wallMs);
      }
      case "remote":
        return this.#applyRemote(entry.batch);
      case "position":
        if (entry.position <= this.#meta.vector.get(CONTROL_COMPONENT)) return skipped("stale_position");
        this.#meta = { ...this.#meta, vector: this.#meta.vector.with(CONTROL_COMPONENT, entry.position) };
        return { kind: "position", position: entry.position };
    }
  }

  #applyLocal(bytes: Uint8Array, requests: readonly Request[], wallMs: number): Applied {
    const head: BatchHead = {
      group: this.group,
      origin: this.origin,
      epoch: this.#meta.epoch,
      sequence: this.#meta.vector.get(this.origin) + 1,
      stamp: nextStamp(this.#meta.stamp, wallMs),
      context: this.#meta.vector,
      previousHash: this.headOf(this.origin),
    };
    const draft = new Draft(this.#state);
    const retries = this.#retryTable();
    const decided: Decided[] = [];
    const budget = { outcomeBytes: OUTCOME_MAX_BYTES };
    let position = 0;
    for (const request of requests) {
      draft.mark();
      decided.push(this.#decideRequest(draft, retries, request, head, position, decided, budget));
      position += request.operations.length;
    }
    const outcome = encodeOutcomes(decided.map((each) => each.outcome));
    const batch: Batch = { ...head, requests: bytes, outcome, hash: hashBatch(head, bytes, outcome) };
    for (const { request, fresh } of decided)
      if (fresh && request.retry) retries.add(draft, request.retry.key, { ...fresh, hash: batch.hash });
    this.#finish(draft, retries, batch);
    return { kind: "local", batch, results: decided.map((each) => resultOf(each, batch)) };
  }

  /** Decides one request and leaves its effects in the draft, or none of them. */
  #decideRequest(
    draft: Draft,
    retries: RetryTable,
    request: Request,
    head: BatchHead,
    first: number,
    before: readonly Decided[],
    budget: { outcomeBytes: number },
  ): Decided {
    const { retry } = request;
    if (retry) {
      const inThisBatch = before.find(
        (other) => other.fresh && other.request.retry?.key === retry.key,
      )?.fresh;
      const known = inThisBatch ?? retries.find(draft, retry.key)[0];
      if (known) {
        if (!equalBytes(known.bodyHash, retry.bodyHash))
          return {
            request,
            outcome: { status: "refused", code: "idempotency_mismatch", operation: 0 },
            first,
          };
        const outcome = { status: "duplicate", origin: known.origin, sequence: known.sequence } as const;
        return { request, outcome, first, known };
      }
    }
    let outcome = this.#decideOperations(draft, request.operations, head, first);
    const outcomeBytes = encodeOutcomes([outcome]).length;
    if (outcomeBytes > budget.outcomeBytes) {
      // What it takes from the state must ship with the batch, and the batch must fit a frame.
      draft.rollBack();
      outcome = { status: "refused", code: "too_large", operation: 0 };
    } else budget.outcomeBytes -= outcomeBytes;
    if (!retry) return { request, outcome, first };
    const result = outcome.status === "applied" ? ({ status: "applied" } as const) : outcome;
    const { origin, epoch, sequence, stamp } = head;
    const fresh = {
      origin,
      epoch,
      sequence,
      stamp,
      position: first,
      ordinal: 0,
      bodyHash: retry.bodyHash,
      hash: HASH_ZERO,
      result,
    };
    return { request, outcome, first, fresh };
  }

  #decideOperations(
    draft: Draft,
    operations: readonly Operation[],
    head: BatchHead,
    first: number,
  ): Exclude<RequestOutcome, { status: "duplicate" }> {
    const dependents = [];
    for (const [index, operation] of operations.entries()) {
      const decision = decide(draft, operation, this.#policy);
      if ("refusal" in decision) {
        draft.rollBack();
        return { status: "refused", code: decision.refusal, operation: index };
      }
      dependents.push(decision.dependents);
      applyOperation(
        draft,
        operation,
        decision.dependents,
        writeAt(head, first + index),
        head.context,
        this.#policy,
      );
      if (recordBytes(draft.record(keyOfRecord(operation))) > RECORD_MAX_BYTES) {
        draft.rollBack();
        return { status: "refused", code: "too_large", operation: index };
      }
    }
    return { status: "applied", dependents };
  }

  #applyRemote(batch: Batch): Applied {
    if (batch.group !== this.group) return skipped("malformed");
    if (batch.origin === this.origin) return skipped("own_origin");
    const applied = this.#meta.vector.get(batch.origin);
    if (batch.sequence <= applied) return skipped("repeated");
    if (batch.sequence !== applied + 1) return skipped("gap");
    if (!equalBytes(batch.previousHash, this.headOf(batch.origin))) return skipped("broken_chain");
    if (!this.#meta.vector.covers(batch.context)) return skipped("unmet_context");
    let content: ReturnType<typeof contentOf>;
    try {
      content = contentOf(batch);
    } catch (error) {
      if (error instanceof DecodeError) return skipped("malformed");
      throw error;
    }
    const draft = new Draft(this.#state);
    const retries = this.#retryTable();
    let first = 0;
    for (const { request, outcome } of content) {
      this.#obey(draft, retries, batch, request, outcome, first);
      first += request.operations.length;
    }
    this.#finish(draft, retries, batch);
    return { kind: "remote", batch };
  }

  /** Does in another region what the origin decided. */
  #obey(
    draft: Draft,
    retries: RetryTable,
    batch: Batch,
    request: Request,
    outcome: RequestOutcome,
    first: number,
  ): void {
    const { operations, retry } = request;
    if (outcome.status === "applied")
      for (const [index, operation] of operations.entries()) {
        const dependents = outcome.dependents[index];
        assert(dependents, "a checked outcome has one part for each operation");
        applyOperation(
          draft,
          operation,
          dependents,
          writeAt(batch, first + index),
          batch.context,
          this.#policy,
        );
      }
    if (!retry || outcome.status === "duplicate") return;
    if (outcome.status === "refused" && outcome.code === "idempotency_mismatch") return;
    const { origin, epoch, sequence, stamp, hash } = batch;
    const result = outcome.status === "applied" ? ({ status: "applied" } as const) : outcome;
    const entry = { origin, epoch, sequence, stamp, position: first, bodyHash: retry.bodyHash, hash, result };
    if (result.status === "applied")
      for (const rival of retries.find(draft, retry.key))
        if (
          rival.result.status === "applied" &&
          // What this request's region had seen it would have recognised: the key was free again there.
          rival.sequence > batch.context.get(rival.origin) &&
          equalBytes(rival.bodyHash, retry.bodyHash)
        )
          this.#makeEcho(draft, operations, earlierFirst(rival, entry) < 0 ? entry : rival);
    retries.add(draft, retry.key, entry);
  }

  /**
   * Two regions took the same request under one key before they heard of each other: it counts once, as the earlier of
   * the two. The other one's versions become echoes, in whatever order the two arrive.
   */
  #makeEcho(
    draft: Draft,
    operations: readonly Operation[],
    loser: Pick<RetryEntry, "origin" | "epoch" | "sequence" | "position">,
  ): void {
    const { origin, epoch, sequence } = loser;
    for (const [index, operation] of operations.entries()) {
      const dot = { origin, epoch, sequence, position: loser.position + index };
      const kind = operation.op.endsWith("_node") ? "node" : "edge";
      if (draft.record(keyOfRecord(operation)).existence.length === 0) continue;
      changeRecord(draft, kind, operation.id, this.#policy, (record) => withEcho(record, dot));
    }
  }

  #finish(draft: Draft, retries: RetryTable, batch: Batch): void {
    draft.commit(this.#digest);
    const heads = new Map(this.#meta.heads);
    heads.set(batch.origin, batch.hash);
    const contexts = new Map(this.#meta.contexts);
    contexts.set(batch.origin, batch.context);
    this.#meta = {
      ...this.#meta,
      vector: this.#meta.vector.with(batch.origin, batch.sequence),
      stamp: maxStamp(this.#meta.stamp, batch.stamp),
      heads,
      contexts,
      retryCounts: retries.counts,
    };
  }
}

interface Decided {
  readonly request: Request;
  readonly outcome: RequestOutcome;
  /** The place of its first operation in the batch. */
  readonly first: number;
  /** What will be remembered under its key. */
  readonly fresh?: RetryEntry;
  /** What was remembered under its key. */
  readonly known?: RetryEntry;
}

function resultOf({ request, outcome, first, known }: Decided, batch: Batch): RequestResult {
  const here = { origin: batch.origin, epoch: batch.epoch, sequence: batch.sequence, hash: batch.hash };
  if (outcome.status === "refused") return { id: request.id, batch: here, result: outcome };
  if (outcome.status === "applied")
    return {
      id: request.id,
      batch: here,
      result: { status: "applied", versions: versionsOf(request, here, first) },
    };
  assert(known, "a duplicate has its original");
  // A repetition inside one batch: its original's hash is this batch's.
  const hash = known.hash === HASH_ZERO ? batch.hash : known.hash;
  const there = { origin: known.origin, epoch: known.epoch, sequence: known.sequence, hash };
  if (known.result.status === "refused") return { id: request.id, batch: there, result: known.result };
  const versions = versionsOf(request, there, known.position);
  return { id: request.id, batch: there, result: { status: "applied", versions } };
}

function versionsOf(
  request: Request,
  { origin, epoch, sequence }: Pick<BatchHead, "origin" | "epoch" | "sequence">,
  first: number,
): { id: string; dot: Dot }[] {
  return request.operations.map((operation, index) => ({
    id: operation.id,
    dot: { origin, epoch, sequence, position: first + index },
  }));
}

function keyOfRecord({ op, id }: Operation): Key {
  return recordKey(op.endsWith("_node") ? "node" : "edge", id);
}

function writeAt(head: BatchHead, position: number): Write {
  const { origin, epoch, sequence, stamp } = head;
  return { dot: { origin, epoch, sequence, position }, stamp, echo: false };
}

function skipped(why: SkipReason): Applied {
  return { kind: "skipped", why, requests: [] };
}
