import { type Facts, IsthmusError } from "@isthmus/kernel";

/** An answer that is an error: RFC 9457, with `code` and facts beside the standard members. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  /** The JSON document. */
  readonly body: string;
  /** Name, value, name, value: what the status asks for beside the document. */
  readonly headers: readonly string[];
}

interface Row {
  readonly status: number;
  readonly title: string;
  /** The code that is shown, where it is not the row's own name. */
  readonly shown?: string;
}

/** The one place where codes become statuses. What is thrown under another code is a fault of ours: 500. */
const ROWS = new Map<string, Row>(
  Object.entries({
    invalid: { status: 400, title: "The request is not valid" },
    unauthorized: { status: 401, title: "A token is needed" },
    forbidden: { status: 403, title: "Not allowed" },
    not_found: { status: 404, title: "There is no such thing" },
    method_not_allowed: { status: 405, title: "The method does not apply here" },
    request_timeout: { status: 408, title: "The request came too slowly" },
    refused_by_safety: { status: 409, title: "Refused by a safety rule" },
    not_primary_policy: { status: 409, title: "The database has no primary region" },
    position_expired: { status: 410, title: "The position is no longer kept" },
    version_mismatch: { status: 412, title: "The record has another version" },
    too_large: { status: 413, title: "Too large" },
    unsupported_media_type: { status: 415, title: "The body is of another type", shown: "invalid" },
    invalid_reference: { status: 422, title: "A record that the write names does not exist" },
    idempotency_mismatch: { status: 422, title: "The idempotency key was used for another request" },
    rate_limited: { status: 429, title: "Too many requests" },
    headers_too_large: { status: 431, title: "The request's head is too large", shown: "too_large" },
    internal: { status: 500, title: "A fault of the server" },
    not_available: { status: 501, title: "Not available in this version" },
    overloaded: { status: 503, title: "Too busy" },
    no_leader: { status: 503, title: "The group has no leader now" },
    no_primary: { status: 503, title: "The database has no primary now" },
    fenced: { status: 503, title: "The region is fenced" },
    draining: { status: 503, title: "The node is going away" },
    installing: { status: 503, title: "The node fetches a snapshot of what was asked for" },
    too_stale: { status: 503, title: "The node has not yet seen what was asked for" },
    timeout: { status: 504, title: "No answer in time" },
    guarantee_not_met: { status: 504, title: "The guarantee was not met" },
    disk_full: { status: 507, title: "The disk is full" },
  } satisfies Record<string, Row>),
);

const INTERNAL: Row = { status: 500, title: "A fault of the server" };

/** Whole seconds: what refuses with 503 or 429 tends to be over after an election or a drained queue. */
const RETRY_AFTER_SECONDS = "1";

/** The document for whatever was thrown. What is not an expected failure shows nothing of itself. */
export function problemOf(error: unknown): Problem {
  if (error instanceof IsthmusError) {
    const row = ROWS.get(error.code);
    if (row !== undefined) return document(row, row.shown ?? error.code, error.message, error.facts);
  }
  return document(INTERNAL, "internal", "The request met a fault of the server.", {});
}

function document(row: Row, code: string, detail: string, facts: Facts): Problem {
  const { status, title } = row;
  const headers: string[] = [];
  if (status === 503 || status === 429) headers.push("Retry-After", RETRY_AFTER_SECONDS);
  if (status === 405 && typeof facts.allow === "string") headers.push("Allow", facts.allow);
  // Facts come first, so that none can take the place of a standard member.
  const body = JSON.stringify({ ...facts, type: `/problems/${code}`, title, status, detail, code });
  return { status, code, body, headers };
}

/** A request that is wrong in one place: `field` is its path in the body, or the header's or parameter's name. */
export function invalid(field: string, why: string, cause?: unknown): IsthmusError {
  return new IsthmusError("invalid", `${field}: ${why}`, { facts: { field }, cause });
}

/** Something that the contract names and that is not built. */
export function notAvailable(what: string): IsthmusError {
  return new IsthmusError("not_available", `${what} is not available in this version`, {
    facts: { feature: what },
  });
}

export function methodNotAllowed(method: string, allow: string): IsthmusError {
  return new IsthmusError("method_not_allowed", `${method} does not apply here; ${allow} do`, {
    facts: { allow },
  });
}
