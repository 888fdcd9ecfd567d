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
  encodeOutcome,
  HASH_ZERO,
  hashBatch,
  joinOutcomes,
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
  readonly #members: readonly Origin[];
  readonly #policy: ViewPolicy = DEFAULT_VIEW;
  #appliedIndex: number;
  #appliedTerm: number;
  readonly #epoch: number;
  #vector: VersionVector;
  #stamp: Stamp;
  // As in Meta; these change in place, and nobody outside sees them.
  readonly #heads: Map<Origin, Uint8Array>;
  readonly #contexts: Map<Origin, VersionVector>;
  readonly #retries: RetryTable;
  readonly #digest: Digest;

  /** Takes up the state where its last checkpoint left it. */
  constructor(options: MachineOptions) {
    this.group = options.group;
    this.origin = options.origin;
    this.#state = options.state;
    this.#registry = options.registry;
    this.#members = options.members;
    const bytes = options.state.get(META_KEY);
    const meta = bytes ? decodeMeta(bytes) : EMPTY_META;
    this.#appliedIndex = meta.appliedIndex;
    this.#appliedTerm = meta.appliedTerm;
    this.#epoch = meta.epoch;
    this.#vector = meta.vector;
    this.#stamp = meta.stamp;
    this.#heads = new Map(meta.heads);
    this.#contexts = new Map(meta.contexts);
    this.#retries = new RetryTable(meta.retryCounts, options.retryKeys, (origin, sequence) =>
      this.#isSeenByAll(origin, sequence),
    );
    this.#digest = new Digest(meta.digest);
  }

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  /** The term of the entry at `appliedIndex`. */
  get appliedTerm(): number {
    return this.#appliedTerm;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get vector(): VersionVector {
    return this.#vector;
  }

  get stamp(): Stamp {
    return this.#stamp;
  }

  get policy(): ViewPolicy {
    return this.#policy;
  }

  digest(): Uint8Array {
    return this.#digest.bytes();
  }

  /** The hash of an origin's last applied batch: what its next one must name. */
  headOf(origin: Origin): Uint8Array {
    return this.#heads.get(origin) ?? HASH_ZERO;
  }

  /** How many keys of this origin are remembered, and since when (milliseconds since 1970; null when none is). */
  retryMemory(): { keys: number; sinceMs: number | null } {
    const count = this.#retries.counts.get(this.origin);
    const oldest = this.#retries.oldest(this.#state, this.origin);
    return { keys: count ? count.next - count.first : 0, sinceMs: oldest?.wallMs ?? null };
  }

  /** How many batches of other regions are applied here that this origin's last batch does not yet tell of. */
  get untold(): number {
    const told = this.#contexts.get(this.origin) ?? VersionVector.EMPTY;
    let untold = 0;
    for (const [origin, sequence] of this.#vector.entries())
      if (origin !== this.origin) untold += sequence - told.get(origin);
    return untold;
  }

  /** Whether every other region is known to have seen an origin's batch. */
  #isSeenByAll(origin: Origin, sequence: number): boolean {
    return this.#members.every((member) => {
      // What this region applies next will have seen it, and a region's own next batch as well.
      if (member === origin || member === this.origin) return true;
      return (this.#contexts.get(member)?.get(origin) ?? 0) >= sequence;
    });
  }

  /**
   * Up to which number every other region is known to have this origin's batches: by the contexts in the state, so that
   * all replicas of one state know the same. Infinity where there is no other region.
   */
  get seenElsewhere(): number {
    const others = this.#members.filter((member) => member !== this.origin);
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...others.map((member) => this.#contexts.get(member)?.get(this.origin) ?? 0),
    );
  }

  /** Applies the next committed entry. `data` is absent for entries that Raft makes for itself. */
  apply(index: number, term: number, data: Uint8Array | undefined): Applied {
    assert(index === this.#appliedIndex + 1, "entries are applied in order, each once");
    const applied =
      data === undefined || data.length === 0 ? ({ kind: "empty" } as const) : this.#applyEntry(data);
    if (applied.kind === "skipped")
      this.#registry.counter("isthmus.apply.skipped", { why: applied.why }).add();
    this.#appliedIndex = index;
    this.#appliedTerm = term;
    return applied;
  }

  /** Puts what the state knows of itself into the state: right before a checkpoint, so that both go in one commit. */
  writeMeta(): void {
    const meta: Meta = {
      appliedIndex: this.#appliedIndex,
      appliedTerm: this.#appliedTerm,
      epoch: this.#epoch,
      vector: this.#vector,
      stamp: this.#stamp,
      heads: this.#heads,
      contexts: this.#contexts,
      retryCounts: this.#retries.counts,
      digest: this.#digest.bytes(),
    };
    this.#state.set(META_KEY, encodeMeta(meta));
  }

  #applyEntry(data: Uint8Array): Applied {
    const entry = decodeDataEntry(data);
    switch (entry.kind) {
      case "local": {
        const requests = decodeRequests(entry.requests);
        if (entry.epoch !== this.#epoch)
          return { kind: "skipped", why: "stale_epoch", requests: requests.map((request) => request.id) };
        return this.#applyLocal(entry.requests, requests, entry.wallMs);
      }
      case "remote":
        return this.#applyRemote(entry.batch);
      case "position":
        if (entry.position <= this.#vector.get(CONTROL_COMPONENT)) return skipped("stale_position");
        this.#vector = this.#vector.with(CONTROL_COMPONENT, entry.position);
        return { kind: "position", position: entry.position };
    }
  }

  #applyLocal(bytes: Uint8Array, requests: readonly Request[], wallMs: number): Applied {
    const head: BatchHead = {
      group: this.group,
      origin: this.origin,
      epoch: this.#epoch,
      sequence: this.#vector.get(this.origin) + 1,
      stamp: nextStamp(this.#stamp, wallMs),
      context: this.#vector,
      previousHash: this.headOf(this.origin),
    };
    const draft = new Draft(this.#state);
    const decided: Decided[] = [];
    const underKeys: UnderKeys = new Map();
    const budget = { outcomeBytes: OUTCOME_MAX_BYTES };
    let position = 0;
    for (const request of requests) {
      draft.mark();
      decided.push(this.#decideRequest(draft, request, head, position, underKeys, budget));
      position += request.operations.length;
    }
    const outcome = joinOutcomes(decided.map((each) => each.outcomeBytes));
    const batch: Batch = { ...head, requests: bytes, outcome, hash: hashBatch(head, bytes, outcome) };
    // Nothing was known under a key that is fresh.
    for (const [key, fresh] of underKeys) this.#retries.add(draft, key, { ...fresh, hash: batch.hash }, []);
    this.#finish(draft, batch);
    return { kind: "local", batch, results: decided.map((each) => resultOf(each, batch)) };
  }

  /** Decides one request and leaves its effects in the draft, or none of them. */
  #decideRequest(
    draft: Draft,
    request: Request,
    head: BatchHead,
    first: number,
    underKeys: UnderKeys,
    budget: { outcomeBytes: number },
  ): Decided {
    const { retry } = request;
    if (retry) {
      const known = underKeys.get(retry.key) ?? this.#retries.find(draft, retry.key)[0];
      if (known) {
        if (!equalBytes(known.bodyHash, retry.bodyHash))
          return decidedAs(request, first, {
            status: "refused",
            code: "idempotency_mismatch",
            operation: 0,
          });
        const { origin, sequence } = known;
        return { ...decidedAs(request, first, { status: "duplicate", origin, sequence }), known };
      }
    }
    const outcome = this.#decideOperations(draft, request.operations, head, first);
    let decided = decidedAs(request, first, outcome);
    // What it takes from the state must ship with the batch, and the batch must fit a frame.
    const bytes = decided.outcomeBytes.length + OUTCOME_OVERHEAD_BYTES;
    if (bytes > budget.outcomeBytes) {
      draft.rollBack();
      decided = decidedAs(request, first, { status: "refused", code: "too_large", operation: 0 });
    } else budget.outcomeBytes -= bytes;
    if (retry) underKeys.set(retry.key, freshEntry(head, first, retry.bodyHash, decided.outcome));
    return decided;
  }

  #decideOperations(
    draft: Draft,
    operations: readonly Operation[],
    head: BatchHead,
    first: number,
  ): Exclude<RequestOutcome, { status: "duplicate" }> {
    const dependents = [];
    let index = 0;
    for (const operation of operations) {
      const key = keyOfRecord(operation);
      const decision = decide(draft, key, operation, this.#policy);
      if ("refusal" in decision) {
        draft.rollBack();
        return { status: "refused", code: decision.refusal, operation: index };
      }
      dependents.push(decision.dependents);
      const write = writeAt(head, first + index);
      applyOperation(draft, key, operation, decision.dependents, write, head.context, this.#policy);
      if (recordBytes(draft.record(key)) > RECORD_MAX_BYTES) {
        draft.rollBack();
        return { status: "refused", code: "too_large", operation: index };
      }
      index += 1;
    }
    return { status: "applied", dependents };
  }

  #applyRemote(batch: Batch): Applied {
    if (batch.group !== this.group) return skipped("malformed");
    if (batch.origin === this.origin) return skipped("own_origin");
    const applied = this.#vector.get(batch.origin);
    if (batch.sequence <= applied) return skipped("repeated");
    if (batch.sequence !== applied + 1) return skipped("gap");
    if (!equalBytes(batch.previousHash, this.headOf(batch.origin))) return skipped("broken_chain");
    if (!this.#vector.covers(batch.context)) return skipped("unmet_context");
    let content: ReturnType<typeof contentOf>;
    try {
      content = contentOf(batch);
    } catch (error) {
      if (error instanceof DecodeError) return skipped("malformed");
      throw error;
    }
    const draft = new Draft(this.#state);
    let first = 0;
    for (const { request, outcome } of content) {
      this.#obey(draft, batch, request, outcome, first);
      first += request.operations.length;
    }
    this.#finish(draft, batch);
    return { kind: "remote", batch };
  }

  /** Does in another region what the origin decided. */
  #obey(draft: Draft, batch: Batch, request: Request, outcome: RequestOutcome, first: number): void {
    const { operations, retry } = request;
    if (outcome.status === "applied")
      for (const [index, operation] of operations.entries()) {
        const dependents = outcome.dependents[index];
        assert(dependents, "a checked outcome has one part for each operation");
        const write = writeAt(batch, first + index);
        const key = keyOfRecord(operation);
        applyOperation(draft, key, operation, dependents, write, batch.context, this.#policy);
      }
    if (!retry || outcome.status === "duplicate") return;
    if (outcome.status === "refused" && outcome.code === "idempotency_mismatch") return;
    const { origin, epoch, sequence, stamp, hash } = batch;
    const result = outcome.status === "applied" ? ({ status: "applied" } as const) : outcome;
    const entry = { origin, epoch, sequence, stamp, position: first, bodyHash: retry.bodyHash, hash, result };
    const known = this.#retries.find(draft, retry.key);
    if (result.status === "applied")
      for (const rival of known)
        if (
          rival.result.status === "applied" &&
          // What this request's region had seen it would have recognised: the key was free again there.
          rival.sequence > batch.context.get(rival.origin) &&
          equalBytes(rival.bodyHash, retry.bodyHash)
        )
          this.#makeEcho(draft, operations, earlierFirst(rival, entry) < 0 ? entry : rival);
    this.#retries.add(draft, retry.key, entry, known);
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
      const key = keyOfRecord(operation);
      if (draft.record(key).existence.length === 0) continue;
      changeRecord(draft, key, kind, operation.id, this.#policy, (record) => withEcho(record, dot));
    }
  }

  #finish(draft: Draft, batch: Batch): void {
    draft.commit(this.#digest);
    this.#heads.set(batch.origin, batch.hash);
    this.#contexts.set(batch.origin, batch.context);
    this.#vector = this.#vector.with(batch.origin, batch.sequence);
    this.#stamp = maxStamp(this.#stamp, batch.stamp);
  }
}

/** How many outcomes there are, in front of them. */
const OUTCOME_OVERHEAD_BYTES = 1;

/** What a batch's own requests will be remembered by, once its hash is known. */
type UnderKeys = Map<string, Omit<RetryEntry, "ordinal">>;

interface Decided {
  readonly request: Request;
  readonly outcome: RequestOutcome;
  readonly outcomeBytes: Uint8Array;
  /** The place of its first operation in the batch. */
  readonly first: number;
  /** What was remembered under its key. */
  readonly known?: Omit<RetryEntry, "ordinal">;
}

function decidedAs<T extends RequestOutcome>(request: Request, first: number, outcome: T) {
  return { request, outcome, outcomeBytes: encodeOutcome(outcome), first };
}

function freshEntry(
  { origin, epoch, sequence, stamp }: BatchHead,
  position: number,
  bodyHash: Uint8Array,
  outcome: Exclude<RequestOutcome, { status: "duplicate" }>,
): Omit<RetryEntry, "ordinal"> {
  const result = outcome.status === "applied" ? ({ status: "applied" } as const) : outcome;
  return { origin, epoch, sequence, stamp, position, bodyHash, hash: HASH_ZERO, result };
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
