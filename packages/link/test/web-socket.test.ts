import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { Registry } from "@isthmus/kernel";
import { webSocketNetwork } from "@isthmus/link";
import { type ClientOptions, WebSocket } from "ws";
import { freeAddress } from "./world.ts";

test("a text message closes its socket and is counted", async () => {
  await withListener(async (address, registry, messages) => {
    const socket = await opened(new WebSocket(`${address}/cluster`));
    socket.send("hello");
    assert.deepEqual(await ended(socket), [1000, "refused: text_message"]);
    assert.equal(refusals(registry, "text_message"), 1);
    assert.deepEqual(messages, []);
  });
});

test("a message beyond the limit closes its socket and is counted, before it is held", async () => {
  await withListener(async (address, registry, messages) => {
    const socket = await opened(new WebSocket(`${address}/cluster`));
    socket.send(new Uint8Array(1001));
    assert.equal((await ended(socket))[0], 1009);
    assert.equal(refusals(registry, "oversized"), 1);
    assert.deepEqual(messages, []);
  });
});

test("another path, a browser and a plain request are refused and counted", async () => {
  await withListener(async (address, registry) => {
    await ended(new WebSocket(`${address}/`));
    assert.equal(refusals(registry, "wrong_path"), 1);
    await ended(new WebSocket(`${address}/cluster`, { origin: "http://127.0.0.1" }));
    assert.equal(refusals(registry, "browser"), 1);
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${address.replace("ws:", "http:")}/cluster`, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.once("error", reject).end();
    });
    assert.equal(status, 426);
    assert.equal(refusals(registry, "not_an_upgrade"), 1);
  });
});

test("a handshake with a broken key is refused and counted", async () => {
  await withListener(async (address, registry) => {
    await new Promise<void>((resolve) => {
      const headers = {
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-key": "short",
        "sec-websocket-version": "13",
      };
      const asked = request(`${address.replace("ws:", "http:")}/cluster`, { headers });
      asked.once("error", () => resolve()).end();
    });
    assert.equal(refusals(registry, "bad_handshake"), 1);
  });
});

test("neither compression nor a subprotocol is agreed, whatever is offered", async () => {
  await withListener(async (address) => {
    const offers: ClientOptions = { perMessageDeflate: true };
    const socket = new WebSocket(`${address}/cluster`, offers);
    await opened(socket);
    assert.equal(socket.extensions, "");
    socket.close();
    await ended(socket);
    const other = new WebSocket(`${address}/cluster`, "chat");
    await ended(other);
    assert.equal(other.protocol, "");
  });
});

async function withListener(
  body: (address: string, registry: Registry, messages: Uint8Array[]) => Promise<void>,
): Promise<void> {
  const registry = new Registry();
  const address = await freeAddress();
  const messages: Uint8Array[] = [];
  const listener = await webSocketNetwork({ maxMessageBytes: 1000, registry }).listen(address, (socket) => {
    socket.handle({ onOpen() {}, onMessage: (bytes) => messages.push(bytes), onClose() {} });
  });
  await body(address, registry, messages).finally(() => listener.close());
}

function opened(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });
}

function ended(socket: WebSocket): Promise<[number, string]> {
  return new Promise((resolve) => {
    socket.on("error", () => {});
    socket.once("close", (code, reason) => resolve([code, reason.toString("utf8")]));
  });
}

function refusals(registry: Registry, cause: string): number {
  return registry.counter("isthmus.link.refused", { cause }).value;
}
