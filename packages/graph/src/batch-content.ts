import { checkRecordId, DecodeError, decodeValue } from "@isthmus/kernel";
import {
  type Assignment,
  type Batch,
  type Dependents,
  decodeOutcomes,
  decodeRequests,
  type Operation,
  type Request,
  type RequestOutcome,
} from "@isthmus/wire";

interface Content {
  readonly request: Request;
  readonly outcome: RequestOutcome;
}

/** The year 9999 ends before this; no honest clock is beyond. */
const STAMP_MAX_MS = 253_402_300_800_000;
const STAMP_MAX_LOGICAL = 2 ** 32;
const BODY_HASH_MAX_BYTES = 64;

/** The requests of a batch with their outcomes, which fit each other. Throws DecodeError. */
export function contentOf(batch: Batch): Content[] {
  const requests = decodeRequests(batch.requests);
  const outcomes = decodeOutcomes(batch.outcome);
  if (requests.length !== outcomes.length) throw new DecodeError("a batch has one outcome for each request");
  return requests.map((request, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) throw new DecodeError("an outcome is missing");
    if (outcome.status === "applied") checkDependents(request, outcome.dependents);
    return { request, outcome };
  });
}

/**
 * All that applying and reading a batch takes for granted, checked to the last value. A relay asks before it proposes a
 * batch of another region: what this lets through must never stop a replica, since it would stop all of them, at each
 * start. Throws DecodeError.
 */
export function checkedContent(batch: Batch): Content[] {
  const { wallMs, logical } = batch.stamp;
  if (wallMs > STAMP_MAX_MS || logical > STAMP_MAX_LOGICAL) throw new DecodeError("a stamp is out of range");
  const content = contentOf(batch);
  const keys = new Set<string>();
  for (const { request, outcome } of content) {
    if (request.retry && outcome.status !== "duplicate" && !isMismatch(outcome)) {
      const { key, bodyHash } = request.retry;
      checkRecordId(key);
      if (bodyHash.length > BODY_HASH_MAX_BYTES)
        throw new DecodeError("a hash of what was asked is too long");
      if (keys.has(key)) throw new DecodeError("a batch has one request under a key");
      keys.add(key);
    }
    for (const operation of request.operations) checkOperation(operation);
    if (outcome.status === "applied") outcome.dependents.forEach(checkValues);
  }
  return content;
}

function isMismatch(outcome: RequestOutcome): boolean {
  return outcome.status === "refused" && outcome.code === "idempotency_mismatch";
}

function checkOperation(operation: Operation): void {
  if (operation.op === "put_node") operation.labels.forEach(checkRecordId);
  if (operation.op === "put_node" || operation.op === "put_edge")
    operation.properties.forEach(checkAssignment);
  if (operation.op === "patch_node" || operation.op === "patch_edge") {
    operation.properties.set.forEach(checkAssignment);
    operation.properties.merge.forEach(checkAssignment);
  }
}

function checkAssignment([name, value]: Assignment): void {
  checkRecordId(name);
  decodeValue(value);
}

function checkValues({ labels, merged, edges, ends }: Dependents): void {
  labels.forEach(checkRecordId);
  for (const value of merged) decodeValue(value);
  edges.forEach(checkRecordId);
  if (ends) [ends.type, ends.from, ends.to].forEach(checkRecordId);
}

function checkDependents(request: Request, dependents: readonly Dependents[]): void {
  if (dependents.length !== request.operations.length)
    throw new DecodeError("an outcome has one part for each operation");
  for (const [index, operation] of request.operations.entries()) {
    const merges =
      "properties" in operation && "merge" in operation.properties ? operation.properties.merge.length : 0;
    if (dependents[index]?.merged.length !== merges)
      throw new DecodeError("an outcome has one result for each merge");
  }
}
