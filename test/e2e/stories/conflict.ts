import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Link } from "../../support/cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { edgePath, nodePath, type RecordView } from "../../support/http.ts";
import type { Platform, PlatformNode } from "../../support/platform.ts";

const A = "us-east";
const B = "eu-west";

export function conflict(shared: () => Platform): void {
  describe("the same record written in two regions while the links between them are paused", () => {
    it("put, patch and delete against each other end in one state everywhere", async () => {
      const { platform, a, b } = ends(shared());
      await a.client.putNode("patched", { a: 0, b: 0, both: 0 });
      await a.client.putNode("replaced", { from: "the beginning", old: true });
      await a.client.putNode("deleted-and-patched", { value: 0 });
      await a.client.putNode("left", {});
      await a.client.putNode("right", {});
      await platform.quiet();

      await apart(platform, async () => {
        await a.client.putNode("both", { from: A });
        await b.client.putNode("both", { from: B, extra: 1 });
        await b.client.putNode("replaced", { from: B, b: 1 });
        await a.client.putNode("replaced", { from: A, a: 1 });
        await a.client.patchNode("patched", { a: 1, both: A });
        await b.client.patchNode("patched", { b: 1, both: B });
        await a.client.delete(nodePath("deleted-and-patched"));
        await b.client.patchNode("deleted-and-patched", { value: 1 });
        // An edge to a node that the other region deletes.
        await a.client.json("PUT", edgePath("e"), {
          body: { type: "T", from: "left", to: "right", properties: {} },
        });
        await b.client.delete(nodePath("right"));
        // Apart: each has its own.
        assert.deepEqual((await a.client.read(nodePath("both")))?.properties, { from: A });
        assert.deepEqual((await b.client.read(nodePath("both")))?.properties, { from: B, extra: 1 });
      });

      await platform.quiet();
      const both = await sameEverywhere(platform, nodePath("both"));
      assert(both?.properties.from === A || both?.properties.from === B);
      await sameEverywhere(platform, nodePath("replaced"));
      const patched = await sameEverywhere(platform, nodePath("patched"));
      assert.equal(patched?.properties.a, 1, "the patch of one region survives");
      assert.equal(patched?.properties.b, 1, "and so does that of the other, of another property");
      assert([A, B].includes(String(patched?.properties.both)), "one of them wins where both wrote");
      await sameEverywhere(platform, nodePath("deleted-and-patched"));
      await sameEverywhere(platform, edgePath("e"));
      await sameEverywhere(platform, nodePath("right"));
      const edges = await Promise.all(
        platform.nodes.map(({ client }) => client.json("GET", `${nodePath("left")}/edges`)),
      );
      for (const answer of edges)
        assert.deepEqual(answer, edges[0], "adjacent edges are the same everywhere");

      // What was settled is written over like anything else, and that reaches everybody.
      await b.client.putNode("both", { from: "afterwards" });
      await platform.quiet();
      const settled = await sameEverywhere(platform, nodePath("both"));
      assert.deepEqual(settled?.properties, { from: "afterwards" });
    });

    it("a paused link shows as paused and holds back one direction only; it can be set through the API", async () => {
      const { platform, a, b } = ends(shared());
      const path = `/admin/v1/links/${A}/${B}`;
      const link = (await b.client.json("PATCH", path, { body: { paused: true } })) as Link;
      assert.deepEqual([link.from, link.to, link.state], [A, B, "paused"]);
      await eventually("every node knows of it", () => linkState(platform, A, B, "paused"), {
        withinMs: 10_000,
      });
      // Not straight, and not around: what it wrote reaches the third region alone.
      await a.client.putNode("held back", { from: A });
      await b.client.putNode("let through", { from: B });
      const [c] = platform.inRegion("ap-south");
      assert(c);
      await arrives(c, "held back");
      await arrives(a, "let through");
      assert.equal(await b.client.read(nodePath("held back")), null);
      await a.client.json("PATCH", path, { body: { paused: false } });
      await arrives(b, "held back");
      await platform.quiet();
    });

    it("a link that does not exist is refused with a sentence", async () => {
      const platform = shared();
      const { status, stderr } = await platform.cli(["link", "pause", A, "nowhere"]);
      assert.equal(status, 1);
      assert.match(stderr, /nowhere/);
    });
  });
}

/** A node of each region. */
function ends(platform: Platform): { platform: Platform; a: PlatformNode; b: PlatformNode } {
  const [, , a] = platform.inRegion(A);
  const [, b] = platform.inRegion(B);
  assert(a && b);
  return { platform, a, b };
}

/** Runs `body` while nothing flows between A and B, either way. */
async function apart(platform: Platform, body: () => Promise<void>): Promise<void> {
  await platform.ok(["link", "pause", A, B]);
  await platform.ok(["link", "pause", B, A]);
  const paused = async (): Promise<true | undefined> =>
    (await linkState(platform, A, B, "paused")) && (await linkState(platform, B, A, "paused"));
  await eventually("every node knows that the links are paused", paused, { withinMs: 10_000 });
  await body();
  await platform.ok(["link", "resume", A, B]);
  await platform.ok(["link", "resume", B, A]);
}

/** True when every node says so: what is held back is decided by those at its two ends. */
async function linkState(
  platform: Platform,
  from: string,
  to: string,
  state: string,
): Promise<true | undefined> {
  for (const node of platform.nodes) {
    const { links } = await platform.cluster(node);
    if (links.find((link) => link.from === from && link.to === to)?.state !== state) return undefined;
  }
  return true;
}

async function arrives({ client, id }: PlatformNode, record: string): Promise<void> {
  await eventually(`${record} is at ${id}`, async () => (await client.read(nodePath(record))) ?? undefined, {
    withinMs: 20_000,
  });
}

/** What all nine say of the record: the same, its version included. */
async function sameEverywhere(platform: Platform, path: string): Promise<RecordView | null> {
  const seen = await Promise.all(platform.nodes.map(({ client }) => client.read(path)));
  for (const [index, record] of seen.entries())
    assert.deepEqual(record, seen[0], `${path} at ${platform.nodes[index]?.id}`);
  return seen[0] ?? null;
}
