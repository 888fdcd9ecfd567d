import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { patchNode } from "./stage.ts";

export const t16PutPatch: readonly Scenario[] = [
  {
    name: "t16-put-patch",
    trap: "T16",
    story: "a put removes what it had seen and nothing that a concurrent patch brings",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      await stage.put(stage.leaderOf("us"), "n", { old: 1 });
      await stage.quiet();
      stage.cutOff("eu");
      await stage.put(stage.leaderOf("us"), "n", { p: "put" });
      const patched = await stage.answer(
        stage.write(stage.leaderOf("eu"), [patchNode("n", { q: "patched" })]),
      );
      assert.equal(patched.status, "applied");
      stage.rejoin("eu");
      await stage.end();
      for (const region of ["us", "eu"]) {
        const { properties } = await stage.answer(stage.read(stage.followerOf(region), "n"));
        assert.deepEqual(properties, { p: "put", q: "patched" });
      }
    },
  },
];
