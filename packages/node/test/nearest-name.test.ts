import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isLoopback,
  nearestName,
  parseAddress,
  parseDuration,
  parseSize,
  standaloneTopology,
} from "@isthmus/node";

test("a letter more, less, other or swapped still finds the name; another word finds none", () => {
  const known = ["cluster", "regions", "limits"];
  for (const typo of ["clusters", "cluser", "clustar", "clutser", "CLUSTER"])
    assert.equal(nearestName(typo, known), "cluster", typo);
  assert.equal(nearestName("telemetry", known), null);
  assert.equal(nearestName("x", []), null);
});

test("sizes and times are exact or nothing", () => {
  assert.deepEqual(["1B", "4KiB", "4MiB", "2GiB"].map(parseSize), [1, 4_096, 4_194_304, 2_147_483_648]);
  assert.deepEqual(
    ["", "4", "4 MiB", "4mib", "-1B", "1.5MiB", "04B", "0B"].map(parseSize),
    Array(8).fill(null),
  );
  assert.deepEqual(["500ms", "2s", "10m", "1h"].map(parseDuration), [500, 2_000, 600_000, 3_600_000]);
  assert.deepEqual(["", "5", "1d", "0.5s", "s"].map(parseDuration), Array(5).fill(null));
});

test("an address has a scheme, a host and a port, and nothing else", () => {
  assert.deepEqual(parseAddress("ws://[::1]:75"), { scheme: "ws", host: "[::1]", port: 75 });
  assert.deepEqual(parseAddress("http://a-b.example:65535"), {
    scheme: "http",
    host: "a-b.example",
    port: 65_535,
  });
  for (const text of [
    "http://a",
    "http://a:0",
    "http://a:65536",
    "http://a:1/",
    "a:1",
    "http://u@a:1",
    "http://:1",
    " http://a:1",
  ])
    assert.equal(parseAddress(text), null, text);
});

test("loopback is 127/8, ::1 and localhost", () => {
  assert.deepEqual(["127.0.0.1", "127.9.9.9", "[::1]", "localhost"].map(isLoopback), [
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(
    ["128.0.0.1", "0.0.0.0", "127.0.0.1.nip.io", "[::]", "localhost.x"].map(isLoopback),
    Array(5).fill(false),
  );
});

test("a server standing alone is a topology of one node, its cluster port a hundred above", () => {
  const file = standaloneTopology({
    dataDirectory: "/d",
    listen: "127.0.0.1:7411",
    env: {},
    insecure: false,
  });
  assert.deepEqual(file.topology.regions[0]?.nodes, [
    { id: "local-1", number: 1, api: "http://127.0.0.1:7411", cluster: "ws://127.0.0.1:7511" },
  ]);
  for (const listen of ["0.0.0.0:7411", "127.0.0.1", "127.0.0.1:65500", "x y:1"])
    assert.throws(() => standaloneTopology({ dataDirectory: "/d", listen, env: {}, insecure: false }), {
      code: "invalid_topology",
      message: /--listen/,
    });
  assert.ok(standaloneTopology({ dataDirectory: "/d", listen: "0.0.0.0:7411", env: {}, insecure: true }));
});
