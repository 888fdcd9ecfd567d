import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusText } from "@isthmus/api";
import type { Sample } from "@isthmus/kernel";
import { start } from "./harness.ts";

const SAMPLES: readonly Sample[] = [
  { name: "isthmus.wal.sync_seconds", kind: "gauge", labels: {}, value: 0.00012 },
  { name: "isthmus.link.refused", kind: "counter", labels: { peer: "eu-west", cause: "replayed" }, value: 3 },
  {
    name: "isthmus.link.refused",
    kind: "counter",
    labels: { cause: "checksum", peer: "eu-west" },
    value: 12,
  },
  { name: "isthmus.raft.term", kind: "gauge", labels: { group: 'a"b\\c\nd' }, value: 1e21 },
  { name: "isthmus.link.sent_bytes", kind: "counter", labels: {}, value: 1_048_576 },
  { name: "isthmus.odd-name", kind: "gauge", labels: { "a.b": "x" }, value: Number.POSITIVE_INFINITY },
  { name: "isthmus.things.total", kind: "counter", labels: {}, value: 0 },
];

const GOLDEN = `# HELP isthmus_link_refused_total isthmus.link.refused
# TYPE isthmus_link_refused_total counter
isthmus_link_refused_total{cause="checksum",peer="eu-west"} 12
isthmus_link_refused_total{cause="replayed",peer="eu-west"} 3
# HELP isthmus_link_sent_bytes_total isthmus.link.sent_bytes
# TYPE isthmus_link_sent_bytes_total counter
isthmus_link_sent_bytes_total 1048576
# HELP isthmus_odd_name isthmus.odd-name
# TYPE isthmus_odd_name gauge
isthmus_odd_name{a_b="x"} +Inf
# HELP isthmus_raft_term isthmus.raft.term
# TYPE isthmus_raft_term gauge
isthmus_raft_term{group="a\\"b\\\\c\\nd"} 1e+21
# HELP isthmus_things_total isthmus.things.total
# TYPE isthmus_things_total counter
isthmus_things_total 0
# HELP isthmus_wal_sync_seconds isthmus.wal.sync_seconds
# TYPE isthmus_wal_sync_seconds gauge
isthmus_wal_sync_seconds 0.00012
`;

test("samples come out in Prometheus' text format", () => {
  assert.equal(prometheusText(SAMPLES), GOLDEN);
  assert.equal(prometheusText([...SAMPLES].reverse()), GOLDEN);
  assert.equal(prometheusText([]), "");
});

test("metrics are served as text that a scraper knows", async (t) => {
  const { call, service } = await start(t);
  service.shown = [...SAMPLES];
  const { status, headers, text } = await call("GET /metrics");
  assert.deepEqual(
    [status, headers["content-type"], text],
    [200, "text/plain; version=0.0.4; charset=utf-8", GOLDEN],
  );
});
