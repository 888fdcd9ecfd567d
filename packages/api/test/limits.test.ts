import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { createApi } from "@isthmus/api";
import { Registry } from "@isthmus/kernel";
import { FakeService } from "./fake-service.ts";
import { assertProblem, type Running, start } from "./harness.ts";

const ADA = "/v1/main/nodes/ada";

function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, passed: promise };
}

/** Resolves when the service has been asked for the nth time and waits. */
function waiting({ main }: Running, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  main.onWait = () => {
    seen += 1;
    if (seen === count) resolve();
  };
  return promise;
}

async function textUntil(socket: Socket, pattern: RegExp): Promise<string> {
  let got = "";
  for await (const [chunk] of chunksOf(socket)) {
    got += String(chunk);
    if (pattern.test(got)) return got;
  }
  return got;
}

async function* chunksOf(socket: Socket): AsyncGenerator<[Buffer]> {
  while (!socket.readableEnded && !socket.destroyed) {
    const chunk: Buffer | null = socket.read();
    if (chunk !== null) yield [chunk];
    else await Promise.race([once(socket, "readable"), once(socket, "close"), once(socket, "end")]);
  }
}

function refused({ registry }: Running, cause: string): number {
  return registry.counter("isthmus.api.refused", { cause }).value;
}

function inflight({ registry }: Running): number | undefined {
  return registry.samples().find(({ name }) => name === "isthmus.api.inflight")?.value;
}

const head = (port: number, rest: string): string =>
  `PUT ${ADA} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${rest}\r\n\r\n`;

test("a body that declares too much is refused before it is read", async (t) => {
  const running = await start(t, { limits: { bodyBytes: 100 } });
  const got = await running.raw(head(running.port, "Content-Length: 101"));
  assert.match(got, /^HTTP\/1.1 413 /);
  assert.match(got, /"code":"too_large"/);
  assert.match(got, /\r\nConnection: close\r\n/i);
  assert.match(got, /"limit_bytes":100/);
});

test("a body that turns out too large is refused at the limit, and the connection ends", async (t) => {
  const running = await start(t, { limits: { bodyBytes: 100 } });
  const socket = await running.socket();
  socket.write(
    `${head(running.port, "Transfer-Encoding: chunked")}50\r\n${"x".repeat(80)}\r\n50\r\n${"x".repeat(80)}\r\n`,
  );
  const got = await textUntil(socket, /"too_large"\}|detail.*code/);
  assert.match(got, /^HTTP\/1.1 413 /);
  socket.end("0\r\n\r\n");
  await once(socket.resume(), "close");
  assert.equal(running.main.writes.length, 0);
});

test("a body of exactly the limit is taken, and an endless one does not fill memory", async (t) => {
  const running = await start(t, { limits: { bodyBytes: 100 } });
  const body = `{"properties":{"a":"${"x".repeat(77)}"}}`;
  assert.equal(body.length, 100);
  assert.equal((await running.call(`PUT ${ADA}`, { body })).status, 200);
  const socket = await running.socket();
  socket.write(head(running.port, "Transfer-Encoding: chunked"));
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const pump = (): void => {
    while (!socket.destroyed && socket.writable) if (!socket.write(chunk)) return;
  };
  socket.on("drain", pump).resume();
  pump();
  await closed;
  assert.equal(refused(running, "too_large"), 1);
});

test("a body that stops coming is refused with 408", async (t) => {
  const running = await start(t, { limits: { bodyTimeoutMs: 30 } });
  const socket = await running.socket();
  socket.write(`${head(running.port, "Content-Length: 50")}{"prop`);
  const got = await textUntil(socket, /"code":"request_timeout"/);
  assert.match(got, /^HTTP\/1.1 408 /);
  socket.end();
  await once(socket.resume(), "close");
  assert.equal(inflight(running), 0);
});

test("a client that goes away inside its body leaves nothing behind", async (t) => {
  const running = await start(t);
  const socket = await running.socket();
  const asked = once(running.api.server, "request");
  socket.write(`${head(running.port, "Content-Length: 50")}{"prop`);
  const [, response] = await asked;
  assert.equal(inflight(running), 1);
  const closed = once(response, "close");
  socket.destroy();
  await closed;
  await running.call("GET /healthz");
  assert.equal(inflight(running), 0);
  assert.equal(refused(running, "client_gone"), 1);
});

test("a client that goes away before its answer leaves nothing behind", async (t) => {
  const running = await start(t);
  const { open, passed } = gate();
  running.main.gate = passed;
  const waits = waiting(running, 1);
  const socket = await running.socket();
  const asked = once(running.api.server, "request");
  socket.write(`${head(running.port, "Content-Length: 2")}{}`);
  const [, response] = await asked;
  await waits;
  const closed = once(response, "close");
  socket.destroy();
  await closed;
  open();
  await passed;
  assert.equal((await running.call(`GET ${ADA}`)).status, 200);
  assert.equal(inflight(running), 0);
});

test("beyond the bound of requests in flight the next is refused at once, without its body", async (t) => {
  const running = await start(t, { limits: { inflight: 2 } });
  const { open, passed } = gate();
  running.main.gate = passed;
  const waits = waiting(running, 2);
  const held = [running.call(`PUT ${ADA}`, { body: {} }), running.call(`GET ${ADA}`)];
  await waits;
  const socket = await running.socket();
  socket.write(head(running.port, "Content-Length: 1000000"));
  const got = await textUntil(socket, /"code":"overloaded"/);
  assert.match(got, /^HTTP\/1.1 503 .*\r\nRetry-After: 1\r\n/s);
  socket.destroy();
  assertProblem(await running.call(`GET ${ADA}`), 503, "overloaded");
  assert.equal((await running.call("GET /healthz")).status, 200);
  open();
  assert.equal((await held[0])?.status, 200);
  await held[1];
  running.main.gate = null;
  assert.equal((await running.call(`GET ${ADA}`)).status, 200);
  assert.equal(refused(running, "overloaded"), 2);
});

test("a connection is used again after answers and refusals of small bodies", async (t) => {
  const running = await start(t);
  const { port } = running;
  const put = (id: string, body: string): string =>
    `PUT /v1/main/nodes/${id} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const socket = await running.socket();
  socket.write(put("a", "{}") + put("b", "{") + put("%ff", "{}") + put("c", "{}"));
  const got = await textUntil(socket, /"id":"c"/);
  assert.deepEqual(got.match(/HTTP\/1.1 \d+/g), [
    "HTTP/1.1 200",
    "HTTP/1.1 400",
    "HTTP/1.1 400",
    "HTTP/1.1 200",
  ]);
});

test("who waits for 100-continue is told to go on only if the body is wanted", async (t) => {
  const running = await start(t, { limits: { bodyBytes: 100 } });
  const wanted = await running.socket();
  wanted.write(head(running.port, "Content-Length: 2\r\nExpect: 100-continue"));
  assert.match(await textUntil(wanted, /\r\n\r\n/), /^HTTP\/1.1 100 Continue/);
  wanted.write("{}");
  assert.match(await textUntil(wanted, /receipt/), /^HTTP\/1.1 200/);
  const unwanted = await running.raw(head(running.port, "Content-Length: 200\r\nExpect: 100-continue"));
  assert.match(unwanted, /^HTTP\/1.1 413/);
});

test("bytes that are not HTTP, and heads that are too large, get a problem and the end", async (t) => {
  const running = await start(t);
  assert.match(await running.raw("\u0016\u0003\u0001 hello\r\n\r\n"), /^HTTP\/1.1 400 .*"code":"invalid"/s);
  const long = await running.raw(
    `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`,
  );
  assert.match(long, /^HTTP\/1.1 431 .*"code":"too_large"/s);
  const absolute = await running.raw(
    "GET http://x/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  );
  assert.match(absolute, /^HTTP\/1.1 400 /);
});

test("only loopback names and pages are served while there are no tokens", async (t) => {
  const { call, main } = await start(t);
  for (const host of ["localhost", "LOCALHOST:7411", "127.0.0.1", "127.255.0.9:1", "[::1]", "[::1]:7411"])
    assert.equal((await call("GET /healthz", { headers: { host } })).status, 200, host);
  for (const host of [
    "example.org",
    "localhost.example.org",
    "127.0.0.1.example.org",
    "127.0.0.256",
    "10.0.0.1",
    "[::2]",
    "localhost:x",
    "a@localhost",
  ])
    for (const target of ["GET /healthz", `GET ${ADA}`, `PUT ${ADA}`])
      assertProblem(await call(target, { headers: { host }, body: "{}" }), 403, "forbidden");
  for (const origin of ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:1"])
    assert.equal((await call("GET /healthz", { headers: { origin } })).status, 200, origin);
  for (const origin of [
    "https://example.org",
    "null",
    "http://localhost.example.org",
    "file://",
    "http://localhost/x",
  ])
    assertProblem(await call(`PUT ${ADA}`, { headers: { origin }, body: "{}" }), 403, "forbidden");
  assert.equal(main.writes.length, 0);
});

test("a server that checks who calls by other means serves every host", async (t) => {
  const { call } = await start(t, { hosts: "any" });
  assert.equal(
    (await call("GET /healthz", { headers: { host: "example.org", origin: "https://example.org" } })).status,
    200,
  );
});

test("a slow reader of large answers keeps its place among the requests in flight", async (t) => {
  const running = await start(t);
  const text = "x".repeat(3_000_000);
  await running.call(`PUT ${ADA}`, { body: { properties: { text } } });
  const socket = await running.socket();
  socket.pause();
  const line = `GET ${ADA} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const asked = once(running.api.server, "request");
  socket.write(line.repeat(8));
  const [, response] = await asked;
  await running.call("GET /healthz");
  assert((inflight(running) ?? 0) >= 1);
  const closed = response.closed ? null : once(response, "close");
  socket.destroy();
  await closed;
  await running.call("GET /healthz");
  assert.equal(inflight(running), 0);
});

test("close ends idle connections, lets running requests finish, and resolves", async (t) => {
  const running = await start(t);
  const { open, passed } = gate();
  running.main.gate = passed;
  const idle = await running.socket();
  idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await textUntil(idle, /true\}/);
  const idleClosed = once(idle.resume(), "close");
  const waits = waiting(running, 1);
  const held = running.call(`PUT ${ADA}`, { body: {} });
  await waits;
  const closed = running.api.close();
  await idleClosed;
  open();
  const answer = await held;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, "close");
  await closed;
  await assert.rejects(running.call("GET /healthz"));
});

test("close cuts what does not finish within its bound", async (t) => {
  const running = await start(t, { limits: { closeTimeoutMs: 20 } });
  running.main.gate = new Promise(() => {});
  const waits = waiting(running, 1);
  const held = assert.rejects(running.call(`PUT ${ADA}`, { body: {} }));
  await waits;
  await running.api.close();
  await held;
});

test("close of a server that never listened resolves", async () => {
  const options = { service: new FakeService(), registry: new Registry(), version: "1", clockMs: () => 0 };
  await createApi(options).close();
});
