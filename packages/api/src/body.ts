import type { IncomingMessage, ServerResponse } from "node:http";
import { IsthmusError } from "@isthmus/kernel";
import { parseJson } from "./json.ts";
import type { ApiLimits } from "./limits.ts";
import { invalid } from "./problem.ts";
import { hasBody } from "./respond.ts";

const MERGE_PATCH = "application/merge-patch+json";

/** The other side went away while it was sending: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/**
 * The JSON document of a request. Throws `unsupported_media_type`, `too_large`, `request_timeout`, `invalid`, and
 * ClientGone.
 */
export async function readJson(
  request: IncomingMessage,
  response: ServerResponse,
  limits: ApiLimits,
): Promise<unknown> {
  checkType(request);
  return parseJson(await readBody(request, response, limits));
}

/** Refuses a body where the route takes none: ignoring it would ignore what somebody meant. */
export function refuseBody(request: IncomingMessage): void {
  if (hasBody(request)) throw invalid("body", `a ${request.method} takes none`);
}

function checkType(request: IncomingMessage): void {
  const { "content-type": type, "content-encoding": encoding } = request.headers;
  if (encoding !== undefined && encoding.toLowerCase() !== "identity")
    throw unsupported("Content-Encoding is not taken");
  if (type === undefined || type === "application/json") return;
  const [essence = "", ...parameters] = type.toLowerCase().split(";");
  const media = essence.trim();
  const known = media === "application/json" || (media === MERGE_PATCH && request.method === "PATCH");
  if (!known) throw unsupported("Content-Type must be application/json");
  for (const parameter of parameters)
    if (!/^\s*(charset="?utf-8"?)?\s*$/.test(parameter)) throw unsupported("the charset of JSON is utf-8");
}

function unsupported(why: string): IsthmusError {
  return new IsthmusError("unsupported_media_type", why, { facts: { field: "Content-Type" } });
}

/**
 * All bytes of a body, at most `limits.bodyBytes`: what is declared larger is refused before any of it is read, what
 * turns out larger is refused at the chunk that goes over.
 */
function readBody(request: IncomingMessage, response: ServerResponse, limits: ApiLimits): Promise<Buffer> {
  const declared = request.headers["content-length"];
  if (declared !== undefined && Number(declared) > limits.bodyBytes)
    return Promise.reject(tooLarge(limits.bodyBytes));
  if (request.headers.expect !== undefined && request.httpVersionMinor > 0) response.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (error: Error | null): void => {
      clearTimeout(timer);
      request.off("data", data).off("end", end).off("error", gone).off("close", gone);
      if (error === null)
        resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes));
      else reject(error);
    };
    const data = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limits.bodyBytes) chunks.push(chunk);
      else {
        // Paused, so that nothing more comes in until whoever answers decides what to do with the rest.
        request.pause();
        settle(tooLarge(limits.bodyBytes));
      }
    };
    const end = (): void => settle(null);
    const gone = (): void => settle(new ClientGone("the connection ended inside a body"));
    const late = (): void =>
      settle(
        new IsthmusError("request_timeout", `the body did not arrive within ${limits.bodyTimeoutMs} ms`),
      );
    const timer = setTimeout(late, limits.bodyTimeoutMs);
    request.on("data", data).on("end", end).on("error", gone).on("close", gone);
  });
}

function tooLarge(limitBytes: number): IsthmusError {
  return new IsthmusError("too_large", `a body has at most ${limitBytes} bytes`, {
    facts: { limit_bytes: limitBytes },
  });
}
