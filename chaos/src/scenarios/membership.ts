import assert from "node:assert/strict";
import type { NodeId } from "@isthmus/kernel";
import { isQuiet } from "../at-rest.ts";
import { add, done, node, remove, settled, takeAway } from "./members.ts";
import type { Scenario } from "./scenario.ts";
import { MAIN, putNode } from "./stage.ts";

export const membership: readonly Scenario[] = [
  {
    name: "three-become-five",
    trap: null,
    story: "three nodes become five and three again, all of them new, while clients write",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      let written = 0;
      let failed = 0;
      let on = true;
      const write = async (): Promise<void> => {
        for (let turn = 0; on; turn++) {
          const nodes = stage.nodes("us");
          const at = nodes[turn % nodes.length] as NodeId;
          const answer = stage.write(at, [putNode(`n${turn}`, { turn })], { key: `k${turn}` });
          // A machine that was taken away says nothing any more.
          while (!answer.done && stage.nodes("us").includes(at)) await stage.world.sleep(5);
          if (answer.value?.status === "applied") written += 1;
          else failed += 1;
          await stage.world.sleep(5);
        }
      };
      const writer = write();
      for (const name of ["us-4", "us-5"]) await add(stage, name);
      await settled(stage, "us", [1, 2, 3, 4, 5]);
      for (const [old, fresh, now] of [
        ["us-1", "us-6", [2, 3, 4, 5, 6]],
        ["us-2", "us-7", [3, 4, 5, 6, 7]],
        ["us-3", "us-8", [4, 5, 6, 7, 8]],
      ] as const) {
        await add(stage, fresh);
        await remove(stage, old);
        await settled(stage, "us", [...now]);
        await takeAway(stage, old);
      }
      for (const old of ["us-4", "us-5"]) await remove(stage, old);
      await settled(stage, "us", [6, 7, 8]);
      for (const old of ["us-4", "us-5"]) await takeAway(stage, old);
      on = false;
      await done(stage, writer);
      assert.deepEqual(stage.nodes("us"), ["us-6", "us-7", "us-8"]);
      assert.ok(written > 50, `${written} writes`);
      assert.ok(failed < written / 20, `${failed} of ${written + failed} writes failed`);
      const state = await stage.end();
      assert.ok((state[0]?.records.length ?? 0) >= written);
    },
  },
  {
    name: "only-node-replaced",
    trap: null,
    story: "a region's only node is replaced by another one",
    shape: { regions: 1, nodes: 1 },
    async run(stage) {
      await stage.put(node("us-1"), "a", { x: 1 });
      await add(stage, "us-2");
      await settled(stage, "us", [1, 2]);
      await remove(stage, "us-1");
      await settled(stage, "us", [2]);
      await takeAway(stage, "us-1");
      await stage.put(node("us-2"), "b", { x: 2 });
      assert.equal((await stage.end())[0]?.records.length, 2);
    },
  },
  {
    name: "removed-node",
    trap: null,
    story: "a removed node disturbs nobody: it is refused by name, and raises no term",
    shape: { regions: 1, nodes: 4 },
    async run(stage) {
      const leader = stage.leaderOf("us");
      const gone = stage.followerOf("us");
      // It does not hear of its removal.
      stage.world.cut([gone], stage.nodes("us"), "both");
      await remove(stage, gone);
      const rest = stage.nodes("us").filter((id) => id !== gone);
      await settled(
        stage,
        "us",
        rest.map((id) => stage.world.machine(id).number),
      );
      const { term } = stage.world.core(leader).replica(MAIN).role;
      stage.world.heal([gone], stage.nodes("us"));
      await stage.world.run(20_000);
      assert.equal(stage.world.core(leader).replica(MAIN).role.term, term);
      assert.equal(stage.leaderOf("us"), leader);
      const refused = rest.some((id) =>
        (stage.world.machine(id).registry?.samples() ?? []).some(
          ({ name, labels, value }) =>
            name === "isthmus.link.refused" && labels.cause === "removed_node" && value > 0,
        ),
      );
      const dials = rest.some((id) => gone < id);
      assert.equal(refused, dials, "who is dialed by it refuses it by name");
      stage.world.retire(gone);
      await stage.end();
    },
  },
  {
    name: "unsafe-removal",
    trap: null,
    story: "what would lose a quorum or the last copy is refused by a safety rule",
    shape: { regions: 2, nodes: 2 },
    async run(stage) {
      const refusal = async (at: string, gone: string) => {
        const asked = stage.call(node(at), (core) => core.membership.remove(gone, { dryRun: false }));
        await stage.until(() => asked.done);
        return asked.error?.code ?? null;
      };
      stage.world.kill(node("eu-2"), "process");
      await stage.world.run(5_000);
      assert.equal(await refusal("us-1", "eu-1"), "refused_by_safety");
      assert.equal(await refusal("us-1", "nobody"), "not_found");
      stage.world.start(node("eu-2"));
      await stage.quiet();
      assert.equal(await refusal("us-1", "eu-1"), null);
      await settled(stage, "eu", [4]);
      await takeAway(stage, "eu-1");
      assert.equal(await refusal("us-1", "eu-2"), "refused_by_safety");
      assert.ok(isQuiet(stage.world) || (await stage.until(() => isQuiet(stage.world))));
      await stage.end();
    },
  },
];
