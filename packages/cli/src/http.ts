import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Call {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Path and query as they go on the wire: already encoded, never normalised (an id may be `..`). */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** No answer is larger: a page of an export is a few MiB. */
const ANSWER_MAX_BYTES = 256 * 2 ** 20;

/** One HTTP exchange. Rejects with the socket's error, or after `timeoutMs` in all. */
export function exchange(
  endpoint: string,
  call: Call,
  options: { agent: Agent; timeoutMs: number },
): Promise<Answer> {
  const { hostname, port } = new URL(endpoint);
  const body = call.body === undefined ? undefined : Buffer.from(call.body, "utf8");
  const headers: Record<string, string | number> = { accept: "application/json", ...call.headers };
  if (body !== undefined) {
    headers["content-type"] ??= "application/json";
    headers["content-length"] = body.length;
  }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const outgoing = request({
      agent: options.agent,
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? 80 : Number(port),
      method: call.method,
      path: call.path,
      headers,
      signal,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      collect(incoming).then(resolve, reject);
    });
    outgoing.end(body);
  });
}

async function collect(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_MAX_BYTES) throw new Error(`the answer is larger than ${ANSWER_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) };
}

export function keepAliveAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 16 });
}
