import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { type Api, type ApiOptions, createApi } from "@isthmus/api";
import { Registry } from "@isthmus/kernel";
import { type FakeDatabase, FakeService } from "./fake-service.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export interface Extra {
  /** A string goes as it stands, all else as JSON. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Running {
  readonly api: Api;
  readonly port: number;
  readonly service: FakeService;
  readonly main: FakeDatabase;
  readonly registry: Registry;
  /** `target` is a method and a path. */
  call(target: string, extra?: Extra): Promise<Answer>;
  /** Sends text as it stands and gives all that comes back until the other side ends. */
  raw(text: string | Buffer): Promise<string>;
  /** An open socket, for what `raw` cannot say; the test's end destroys it. */
  socket(): Promise<Socket>;
}

/** A server on a free port over a service of Maps, which ends with the test. */
export async function start(t: TestContext, options: Partial<ApiOptions> = {}): Promise<Running> {
  const service = new FakeService();
  const registry = new Registry();
  let nowMs = 0;
  const clockMs = (): number => {
    nowMs += 5;
    return nowMs;
  };
  const api = createApi({ service, registry, version: "0.1.0", clockMs, ...options });
  api.server.listen(0, "127.0.0.1");
  await once(api.server, "listening");
  const address = api.server.address();
  assert(typeof address === "object" && address !== null);
  const { port } = address;
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    api.server.closeAllConnections();
    await api.close();
  });
  const socket = async (): Promise<Socket> => {
    const opened = connect(port, "127.0.0.1");
    opened.on("error", () => {});
    sockets.push(opened);
    await once(opened, "connect");
    return opened;
  };
  return {
    api,
    port,
    service,
    main: service.main,
    registry,
    call: (target, extra) => call(port, target, extra),
    socket,
    async raw(text) {
      const opened = await socket();
      opened.write(text);
      let got = "";
      for await (const chunk of opened) got += String(chunk);
      return got;
    },
  };
}

function call(port: number, target: string, { body, headers = {} }: Extra = {}): Promise<Answer> {
  const [method = "", path = ""] = target.split(" ");
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, method, path, headers, agent: false },
      async (response) => {
        let got = "";
        response.setEncoding("utf8");
        for await (const chunk of response) got += chunk;
        const isJson =
          /json/.test(response.headers["content-type"] ?? "") &&
          !/ndjson/.test(response.headers["content-type"] ?? "");
        const json = isJson && got !== "" ? JSON.parse(got) : {};
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: got, json });
      },
    );
    sent.on("error", reject);
    if (text !== undefined) sent.setHeader("content-length", Buffer.byteLength(text));
    sent.end(text);
  });
}

/** Asserts a problem document, whole, and gives it back. */
export function assertProblem(answer: Answer, status: number, code: string): Record<string, unknown> {
  const { json } = answer;
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.equal(json.code, code);
  assert.equal(json.status, status);
  assert.equal(json.type, `/problems/${code}`);
  assert.equal(typeof json.title, "string");
  assert.equal(typeof json.detail, "string");
  assert.equal(answer.headers["retry-after"] !== undefined, status === 503 || status === 429);
  return json;
}
