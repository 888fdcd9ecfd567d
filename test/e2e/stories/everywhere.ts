import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { type Cluster, CONTROL, type Link, MAIN, replicasOf } from "../../support/cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { edgePath, nodePath } from "../../support/http.ts";
import type { Platform, PlatformNode } from "../../support/platform.ts";

const ARRIVES_WITHIN_MS = 20_000;

export function everywhere(shared: () => Platform): void {
  describe("a platform that nobody disturbs", () => {
    it("describes itself in dev.json: nine processes at the ports of the contract", () => {
      const platform = shared();
      const { devFile } = platform;
      const base = Number(new URL(devFile.nodes[0]?.api ?? "").port) - 11;
      assert.deepEqual(
        devFile.nodes.map(({ region, node, api, cluster }) => [region, node, api, cluster]),
        ["us-east", "eu-west", "ap-south"].flatMap((region, r) =>
          [1, 2, 3].map((n) => {
            const port = base + 10 * (r + 1) + n;
            return [region, `${region}-${n}`, `http://127.0.0.1:${port}`, `ws://127.0.0.1:${port + 100}`];
          }),
        ),
      );
      assert.equal(devFile.pid, platform.dev.pid);
      assert.equal(devFile.data, platform.data);
      assert.equal(new Set(devFile.nodes.map(({ pid }) => pid)).size, 9);
      for (const { dir } of devFile.nodes) assert(existsSync(dir), dir);
      assert(existsSync(devFile.topology), devFile.topology);
    });

    it("a write at any node is read at all nine", async () => {
      const platform = shared();
      const writers = platform.nodes.map((node) => ({ node, id: `alice of ${node.id}` }));
      await Promise.all(
        writers.map(({ node, id }) => node.client.putNode(id, { at: node.id }, { labels: ["Person"] })),
      );
      for (const { node: writer, id } of writers) {
        // In the writer's region a `leader` read needs no waiting.
        for (const reader of platform.inRegion(writer.region)) {
          const record = await reader.client.read(nodePath(id), "leader");
          assert.deepEqual(record?.properties, { at: writer.id }, `${id} read through ${reader.id}`);
        }
        for (const reader of platform.nodes) {
          const record = await arrives(reader, nodePath(id));
          assert.deepEqual(record.properties, { at: writer.id }, `${id} read through ${reader.id}`);
          assert.deepEqual(record.labels, ["Person"]);
        }
      }
    });

    it("edges, patches and deletes through different nodes are one story everywhere", async () => {
      const platform = shared();
      const [first, , , fourth, , , seventh] = platform.nodes as PlatformNode[];
      assert(first && fourth && seventh);
      await first.client.putNode("a", { name: "A", nested: { list: [1, null, true] } });
      await first.client.putNode("b", { name: "B" });
      await arrives(fourth, nodePath("a"));
      await arrives(fourth, nodePath("b"));
      await fourth.client.json("PUT", edgePath("a:KNOWS:b"), {
        body: { type: "KNOWS", from: "a", to: "b", properties: { since: 2020 } },
      });
      await arrives(seventh, edgePath("a:KNOWS:b"));
      await seventh.client.patchNode("a", { age: 42, name: null });
      await seventh.client.json("PATCH", edgePath("a:KNOWS:b"), { body: { properties: { weight: 0.5 } } });

      for (const { client, id } of platform.nodes) {
        await eventually(
          `the patches are at ${id}`,
          async () => {
            const node = await client.read(nodePath("a"));
            assert.deepEqual(node?.properties, { age: 42, nested: { list: [1, null, true] } });
            const edge = await client.read(edgePath("a:KNOWS:b"));
            assert.deepEqual(edge?.properties, { since: 2020, weight: 0.5 });
            return true;
          },
          { withinMs: ARRIVES_WITHIN_MS },
        );
        const out = await client.json("GET", `${nodePath("a")}/edges?direction=out`);
        const into = await client.json("GET", `${nodePath("b")}/edges?direction=in&type=KNOWS`);
        assert.deepEqual(edgeIds(out), ["a:KNOWS:b"], id);
        assert.deepEqual(edgeIds(into), ["a:KNOWS:b"], id);
      }

      await fourth.client.delete(edgePath("a:KNOWS:b"));
      await fourth.client.delete(nodePath("b"));
      for (const { client, id } of platform.nodes)
        await eventually(
          `the deletes are at ${id}`,
          async () => {
            assert.equal(await client.read(edgePath("a:KNOWS:b")), null);
            assert.equal(await client.read(nodePath("b")), null);
            assert.deepEqual(edgeIds(await client.json("GET", `${nodePath("a")}/edges`)), []);
            return true;
          },
          { withinMs: ARRIVES_WITHIN_MS },
        );
    });

    it("the commands put, get, connect, disconnect and del do what they say", async () => {
      const platform = shared();
      await platform.ok(["put", "carol", "--label", "Person", "--set", "age=7", "--set", "name=Carol"]);
      await platform.ok(["put", "dave"]);
      const got = JSON.parse((await platform.ok(["get", "carol", "-o", "json"])).stdout);
      assert.deepEqual(got.properties, { age: 7, name: "Carol" });
      await platform.ok(["connect", "carol", "KNOWS", "dave"]);
      await platform.ok(["disconnect", "carol:KNOWS:dave"]);
      await platform.ok(["del", "dave"]);
      assert.equal((await platform.cli(["get", "dave"])).status, 1);
    });

    it("status shows leaders, terms, commit and applied indexes, links, and digests that agree", async () => {
      const platform = shared();
      const { digest } = await platform.quiet();
      const { stdout } = await platform.ok(["status", "-o", "json"]);
      const cluster = JSON.parse(stdout) as Cluster;
      for (const region of platform.regions) {
        const replicas = replicasOf(cluster, MAIN).filter((replica) => replica.region === region);
        assert.equal(replicas.length, 3);
        const leaders = replicas.filter(({ role }) => role === "leader");
        assert.equal(leaders.length, 1, `${region} has one leader`);
        for (const replica of replicas) {
          assert.equal(replica.leader, leaders[0]?.node);
          assert.equal(replica.term, leaders[0]?.term);
          assert(replica.term >= 1);
          assert.equal(replica.commit, leaders[0]?.commit);
          assert.equal(replica.applied, replica.commit);
          assert.equal(replica.digest, digest);
        }
      }
      const control = replicasOf(cluster, CONTROL);
      assert.equal(control.length, 9, "the control group spans all regions");
      assert.equal(control.filter(({ role }) => role === "leader").length, 1);

      const table = (await platform.ok(["status"])).stdout;
      for (const { id } of platform.nodes) assert.match(table, new RegExp(`^\\S+ +${id} +up +main/0 `, "m"));
      assert.match(table, new RegExp(` ${digest.slice(0, 12)}`));
    });

    it("link list shows the six links alive and without lag", async () => {
      const platform = shared();
      const links = await eventually(
        "all links are alive",
        async () => {
          const shown = JSON.parse((await platform.ok(["link", "list", "-o", "json"])).stdout) as Link[];
          return shown.every(({ state, lag_ops }) => state === "live" && lag_ops === 0) ? shown : undefined;
        },
        { withinMs: ARRIVES_WITHIN_MS },
      );
      const pairs = platform.regions.flatMap((from) =>
        platform.regions.filter((to) => to !== from).map((to) => `${from} ${to}`),
      );
      assert.deepEqual(links.map(({ from, to }) => `${from} ${to}`).sort(), pairs.sort());
      for (const { lag_ms } of links) assert.equal(lag_ms, null, "nothing measures time lag yet");
    });

    it("every node is healthy, ready, and shows its counters", async () => {
      const platform = shared();
      for (const { client, id } of platform.nodes) {
        assert.equal((await client.call("GET", "/healthz")).status, 200, id);
        const ready = (await client.json("GET", "/readyz")) as { ready: boolean };
        assert.equal(ready.ready, true, id);
        assert.match((await client.call("GET", "/metrics")).text, /^isthmus_raft_term/m);
      }
    });
  });
}

async function arrives({ client, id }: PlatformNode, path: string) {
  return await eventually(`${path} is at ${id}`, async () => (await client.read(path)) ?? undefined, {
    withinMs: ARRIVES_WITHIN_MS,
  });
}

function edgeIds(answer: unknown): string[] {
  return (answer as { edges: { id: string }[] }).edges.map(({ id }) => id);
}
