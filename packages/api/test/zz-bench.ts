import { createApi } from "@isthmus/api";
import { Registry } from "@isthmus/kernel";
import { createServer } from "node:http";
import { connect } from "node:net";
import { fork } from "node:child_process";
import { FakeService } from "./fake-service.ts";
const mode = process.argv[2];
if (mode === "client") {
  const port = Number(process.argv[3]); const total = 30000; let sent = 0, got = 0;
  const body = JSON.stringify({ labels: ["Person"], properties: { a: 1, text: "x".repeat(200) } });
  for (let i = 0; i < 64; i++) {
    const s = connect(port, "127.0.0.1");
    const next = () => { if (sent++ < total) s.write(`PUT /v1/main/nodes/n${sent % 10000} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`); };
    s.on("data", () => { if (++got === total) process.exit(0); next(); });
    s.on("connect", next);
  }
} else {
  const service = new FakeService();
  const api = createApi({ service, registry: new Registry(), version: "1", clockMs: () => performance.now() });
  const plain = createServer((req, res) => { const c: Buffer[] = []; req.on("data", (d) => c.push(d)); req.on("end", () => { JSON.parse(Buffer.concat(c).toString()); const t = '{"id":"n1","version":"v1.0","receipt":"r1"}'; res.writeHead(200, ["Content-Type", "application/json", "Content-Length", String(t.length)]); res.end(t); }); });
  for (let round = 0; round < 3; round++) for (const [name, server] of [["plain", plain], ["api", api.server]] as const) {
    await new Promise<void>((r) => server.listening ? r() : server.listen(0, "127.0.0.1", () => r()));
    const a = server.address(); if (typeof a !== "object" || !a) throw new Error();
    service.main.writes.length = 0;
    const c0 = process.cpuUsage(), t0 = performance.now();
    const child = fork(import.meta.filename, ["client", String(a.port)]);
    await new Promise((r) => child.on("exit", r));
    const c = process.cpuUsage(c0);
    console.log(name, Math.round(30000 / (performance.now() - t0) * 1000), "req/s", ((c.user + c.system) / 30000).toFixed(1), "us CPU/req");
  }
  process.exit(0);
}
