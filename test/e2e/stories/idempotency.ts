import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { codeOf, edgePath, nodePath, type Written } from "../../support/http.ts";
import type { Platform, PlatformNode } from "../../support/platform.ts";

export function idempotency(shared: () => Platform): void {
  describe("a write under an idempotency key", () => {
    it("has one answer and one effect at two nodes of a region, at one time or one after the other", async () => {
      const platform = shared();
      const [one, two, three] = platform.inRegion("us-east") as [PlatformNode, PlatformNode, PlatformNode];
      const body = { labels: ["Counted"], properties: { value: 1 } };
      const answers = await Promise.all([one, two, three].map((node) => put(node, "once", "key-1", body)));
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.equal((await three.client.read(nodePath("once")))?.version, answers[0]?.version);

      // Somebody writes over it: the retry gets its old answer and changes nothing.
      const over = await two.client.putNode("once", { value: 2 });
      assert.deepEqual(await put(one, "once", "key-1", body), answers[0]);
      const record = await one.client.read(nodePath("once"));
      assert.deepEqual([record?.version, record?.properties], [over.version, { value: 2 }]);
    });

    it("has the same answer in another region once it has arrived there, and still one effect", async () => {
      const platform = shared();
      const [one] = platform.inRegion("us-east") as [PlatformNode];
      const [, far] = platform.inRegion("ap-south") as [PlatformNode, PlatformNode];
      const body = { labels: [], properties: { value: 1 } };
      const first = await put(one, "far", "key-2", body);
      await eventually("it has arrived", async () => (await far.client.read(nodePath("far"))) ?? undefined, {
        withinMs: 20_000,
      });
      assert.deepEqual(await put(far, "far", "key-2", body), first);
      await platform.quiet();
      for (const { client, id } of platform.nodes)
        assert.equal((await client.read(nodePath("far")))?.version, first.version, id);
    });

    it("is refused when the body is another, in either region", async () => {
      const platform = shared();
      const [one] = platform.inRegion("us-east") as [PlatformNode];
      const [far] = platform.inRegion("eu-west") as [PlatformNode];
      await put(one, "body", "key-3", { labels: [], properties: { value: 1 } });
      await eventually("it has arrived", async () => (await far.client.read(nodePath("body"))) ?? undefined, {
        withinMs: 20_000,
      });
      for (const { client, id } of [one, far]) {
        const answer = await client.call("PUT", nodePath("body"), {
          body: { labels: [], properties: { value: 2 } },
          headers: { "idempotency-key": "key-3" },
        });
        assert.deepEqual([answer.status, codeOf(answer)], [422, "idempotency_mismatch"], id);
        assert.deepEqual((await client.read(nodePath("body")))?.properties, { value: 1 });
      }
    });

    it("keeps refusals as well: a retry of one is refused alike although the reason has gone", async () => {
      const platform = shared();
      const [one, two] = platform.inRegion("us-east") as [PlatformNode, PlatformNode];
      const edge = {
        body: { type: "T", from: "from", to: "to", properties: {} },
        headers: { "idempotency-key": "key-4" },
      };
      const refused = await one.client.call("PUT", edgePath("refused"), edge);
      assert.deepEqual([refused.status, codeOf(refused)], [422, "invalid_reference"]);
      await one.client.putNode("from", {});
      await one.client.putNode("to", {});
      const again = await two.client.call("PUT", edgePath("refused"), edge);
      assert.deepEqual([again.status, codeOf(again)], [422, "invalid_reference"]);
    });

    it("survives the death of the leader that took it", async () => {
      const platform = shared();
      const region = "eu-west";
      const leader = await platform.leader(region);
      const [other] = platform.inRegion(region).filter((node) => node !== leader);
      assert(other);
      const body = { labels: [], properties: { value: 1 } };
      const first = await put(leader, "survivor", "key-5", body);
      await platform.kill(leader);
      const again = await eventually("a successor answers", () => put(other, "survivor", "key-5", body), {
        withinMs: 20_000,
      });
      assert.deepEqual(again, first);
      await platform.restart(leader);
      await platform.quiet();
      assert.deepEqual(await put(leader, "survivor", "key-5", body), first);
    });
  });
}

async function put({ client }: PlatformNode, id: string, key: string, body: object): Promise<Written> {
  return (await client.json("PUT", nodePath(id), { body, headers: { "idempotency-key": key } })) as Written;
}
