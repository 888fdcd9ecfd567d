import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { deleteNode, putEdge, type Stage } from "./stage.ts";

/** The edges and the nodes that a region shows. */
async function shown(stage: Stage, region: string): Promise<string[]> {
  const page = await stage.answer(
    stage.call(stage.followerOf(region), async (core) => {
      const view = await core.database("main")?.read({ level: "local", timeoutMs: 5000 });
      return view?.page(null, 100).records.map(({ kind, id }) => `${kind} ${id}`) ?? [];
    }),
  );
  return page.sort();
}

async function delivered(stage: Stage, region: string, operation: ReturnType<typeof putEdge>): Promise<void> {
  const answer = await stage.answer(stage.write(stage.leaderOf(region), [operation]));
  assert.equal(answer.status, "applied");
}

export const t17DeleteAgainstEdge: readonly Scenario[] = [
  {
    name: "t17-delete-against-edge",
    trap: "T17",
    story:
      "a node's delete takes the edges that its region had seen, in every region the same, and no new one",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      for (const id of ["m", "n"]) await stage.put(stage.leaderOf("us"), id, {});
      await delivered(stage, "us", putEdge("old", "T", "m", "n"));
      await stage.quiet();
      stage.cutOff("eu");
      await delivered(stage, "us", putEdge("new", "T", "m", "n"));
      await delivered(stage, "eu", deleteNode("n"));
      assert.deepEqual(await shown(stage, "eu"), ["node m"], "the delete took the edge that it had seen");
      stage.rejoin("eu");
      await stage.end();
      // The cascade is not decided again where the delete arrives: the new edge stands, and brings its end back.
      for (const region of ["us", "eu"])
        assert.deepEqual(await shown(stage, region), ["edge new", "node m", "node n"]);
      await delivered(stage, "eu", { op: "delete_edge", id: "new", condition: null });
      await stage.end();
      for (const region of ["us", "eu"]) assert.deepEqual(await shown(stage, region), ["node m"]);
      // A node that is made again much later does not find edges of its former life.
      await stage.put(stage.leaderOf("us"), "n", {});
      await stage.end();
      for (const region of ["us", "eu"]) assert.deepEqual(await shown(stage, region), ["node m", "node n"]);
    },
  },
];
