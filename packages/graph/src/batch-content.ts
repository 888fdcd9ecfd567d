import { DecodeError } from "@isthmus/kernel";
import { type Batch, decodeOutcomes, decodeRequests, type Request, type RequestOutcome } from "@isthmus/wire";

/**
 * The requests of a batch with their outcomes, checked to fit each other. Throws DecodeError. A relay asks before it
 * proposes a batch, so that one that cannot be applied never reaches a log.
 */
export function checkedContent(batch: Batch): { request: Request; outcome: RequestOutcome }[] {
  const requests = decodeRequests(batch.requests);
  const outcomes = decodeOutcomes(batch.outcome);
  if (requests.length !== outcomes.length) throw new DecodeError("a batch has one outcome for each request");
  return requests.map((request, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) throw new DecodeError("an outcome is missing");
    if (outcome.status === "applied") checkDependents(request, outcome);
    return { request, outcome };
  });
}

function checkDependents(request: Request, outcome: Extract<RequestOutcome, { status: "applied" }>): void {
  if (outcome.dependents.length !== request.operations.length)
    throw new DecodeError("an outcome has one part for each operation");
  for (const [index, operation] of request.operations.entries()) {
    const merges =
      "properties" in operation && "merge" in operation.properties ? operation.properties.merge.length : 0;
    if (outcome.dependents[index]?.merged.length !== merges)
      throw new DecodeError("an outcome has one result for each merge");
  }
}
