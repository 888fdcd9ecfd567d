import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { it } from "node:test";
import { IsthmusError } from "@isthmus/kernel";
import { Unsent } from "../src/unsent.ts";

const ASKED = 100;
const PAGE = "x".repeat(4 * 1024 * 1024);
/** 64 MiB, and the page that reaches beyond. What the kernel's buffers have taken is not held. */
const HELD_MAX = 17;
const IN_KERNEL_MAX = 4;

it("pages asked for in one piece and not taken are refused past the limit, and room comes back when the client goes", async () => {
  const unsent = new Unsent();
  const waiting: ServerResponse[] = [];
  let refused = 0;
  let closed = 0;
  let admitted = 0;
  const server = createServer((_, response) => {
    waiting.push(response);
    if (waiting.length < ASKED) return;
    // All at once, as a read barrier lets them go.
    for (const each of waiting) answer(each);
    server.emit("answered");
  });
  function answer(response: ServerResponse): void {
    response.once("close", () => {
      closed += 1;
      if (closed === ASKED) server.emit("all_closed");
    });
    try {
      unsent.admit();
      admitted += 1;
      response.end(PAGE);
      unsent.hold(response);
    } catch (error) {
      assert(error instanceof IsthmusError);
      assert.equal(error.code, "overloaded");
      refused += 1;
      response.writeHead(503).end();
    }
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  try {
    const answered = once(server, "answered");
    const allClosed = once(server, "all_closed");
    socket.pause().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(ASKED));
    await answered;
    assert.equal(admitted + refused, ASKED);
    assert(admitted <= HELD_MAX + IN_KERNEL_MAX, `${admitted} pages wait`);
    assert.throws(() => unsent.admit(), { code: "overloaded" });
    socket.destroy();
    await allClosed;
    unsent.admit();
  } finally {
    socket.destroy();
    server.close();
  }
});
