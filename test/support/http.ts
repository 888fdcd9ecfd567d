import { Agent, type IncomingHttpHeaders, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; null where it is none. */
  readonly json: unknown;
}

export interface Call {
  readonly body?: unknown;
  /** Bytes in the place of `body`, sent as they are. */
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export type Properties = Readonly<Record<string, unknown>>;

/** What a node or an edge looks like when it is read; an edge has no labels, a node no ends. */
export interface RecordView {
  readonly id: string;
  readonly version: string;
  readonly labels?: readonly string[];
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
  readonly properties: Properties;
}

export interface Written {
  readonly id?: string;
  readonly version: string;
  readonly receipt: string;
}

export type ReadLevel = "local" | "session" | "leader";

/** Longer than the 10 s after which a node itself says that it does not know. */
const TIMEOUT_MS = 15_000;
const CONNECTIONS = 64;

/** An answer that the caller took for a success and that is none. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(what: string, answer: Answer) {
    const code = codeOf(answer);
    super(`${what}: ${answer.status} ${code}: ${answer.text.slice(0, 300)}`);
    this.status = answer.status;
    this.code = code;
  }
}

/** One node's API over kept connections. A broken socket or a time-out rejects with the socket's error. */
export class NodeClient {
  readonly api: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

  constructor(api: string) {
    this.api = api;
  }

  call(
    method: string,
    path: string,
    { body, raw, headers, timeoutMs = TIMEOUT_MS }: Call = {},
  ): Promise<Answer> {
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.api}${path}`,
        {
          method,
          agent: this.#agent,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            ...(text === undefined ? {} : { "content-type": "application/json", ...lengthOf(text, headers) }),
            ...headers,
          },
        },
        (incoming) => {
          const pieces: Buffer[] = [];
          incoming.on("data", (piece: Buffer) => pieces.push(piece));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const answered = Buffer.concat(pieces).toString("utf8");
            const { statusCode = 0, headers: received } = incoming;
            resolve({
              status: statusCode,
              headers: received,
              text: answered,
              json: parsed(answered, received),
            });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(text);
    });
  }

  /** The answer's JSON. Throws Refused from status 400 on. */
  async json(method: string, path: string, call: Call = {}): Promise<unknown> {
    const answer = await this.call(method, path, call);
    if (answer.status >= 400) throw new Refused(`${method} ${path} at ${this.api}`, answer);
    return answer.json;
  }

  async putNode(
    id: string,
    properties: Properties,
    { labels = [], ...call }: Call & { labels?: readonly string[] } = {},
  ): Promise<Written> {
    return (await this.json("PUT", nodePath(id), { ...call, body: { labels, properties } })) as Written;
  }

  async patchNode(id: string, properties: Properties): Promise<Written> {
    return (await this.json("PATCH", nodePath(id), { body: { properties } })) as Written;
  }

  async delete(path: string): Promise<Written> {
    return (await this.json("DELETE", path)) as Written;
  }

  /** The record, or null where there is none. */
  async read(path: string, level: ReadLevel = "leader", call: Call = {}): Promise<RecordView | null> {
    const answer = await this.call("GET", `${path}?read=${level}`, call);
    if (answer.status === 404) return null;
    if (answer.status >= 400) throw new Refused(`GET ${path} (${level}) at ${this.api}`, answer);
    return answer.json as RecordView;
  }

  /** Everything that this replica has, by kind and id: `node:ID` or `edge:ID`. */
  async everything(): Promise<Map<string, RecordView>> {
    const records = new Map<string, RecordView>();
    for (let after: string | null = ""; after !== null; ) {
      const query = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
      const path = `/v1/main/export?read=local&limit=1000${query}`;
      const answer: Answer = await this.call("GET", path, { timeoutMs: 60_000 });
      if (answer.status !== 200) throw new Refused(`GET ${path} at ${this.api}`, answer);
      for (const line of answer.text.split("\n").filter((each) => each !== "")) {
        const record = JSON.parse(line) as RecordView & { readonly kind: string };
        records.set(`${record.kind}:${record.id}`, record);
      }
      const cursor = answer.headers["isthmus-cursor"];
      after = typeof cursor === "string" ? cursor : null;
    }
    return records;
  }

  close(): void {
    this.#agent.destroy();
  }
}

export function nodePath(id: string): string {
  return `/v1/main/nodes/${encodeURIComponent(id)}`;
}

export function edgePath(id: string): string {
  return `/v1/main/edges/${encodeURIComponent(id)}`;
}

/** The problem's code, or `http_STATUS` where the answer names none. */
export function codeOf({ status, json }: Answer): string {
  if (typeof json === "object" && json !== null && "code" in json) return String(json.code);
  return `http_${status}`;
}

/** Nothing where the caller sends in chunks. */
function lengthOf(body: string | Buffer, headers: Call["headers"]): { "content-length"?: number } {
  return headers?.["transfer-encoding"] === undefined ? { "content-length": Buffer.byteLength(body) } : {};
}

function parsed(text: string, headers: IncomingHttpHeaders): unknown {
  if (!/^application\/(problem\+)?json/.test(headers["content-type"] ?? "")) return null;
  return JSON.parse(text) as unknown;
}
