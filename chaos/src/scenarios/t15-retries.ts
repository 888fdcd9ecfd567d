import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { patchNode, putNode } from "./stage.ts";

export const t15Retries: readonly Scenario[] = [
  {
    name: "t15-two-regions",
    trap: "T15",
    story: "one keyed request taken in two regions that cannot hear each other counts once everywhere",
    shape: { regions: 3, nodes: 3 },
    async run(stage) {
      await stage.put(stage.leaderOf("us"), "n", { p: 0 });
      await stage.quiet();
      stage.cutOff("eu");
      const operations = [patchNode("n", { p: "once" }), putNode("m", { q: "once" })];
      const here = await stage.answer(stage.write(stage.leaderOf("us"), operations, { key: "k" }));
      const there = await stage.answer(stage.write(stage.leaderOf("eu"), operations, { key: "k" }));
      assert.deepEqual([here.status, there.status], ["applied", "applied"]);
      stage.rejoin("eu");
      await stage.end();
      const { version } = await stage.answer(stage.read(stage.leaderOf("ap"), "m"));
      assert.match(version ?? "", /^eu\.1\.\d+\.1\+us\.1\.\d+\.1$/, "both stand, one of them as an echo");
      const again = await stage.answer(stage.write(stage.leaderOf("ap"), operations, { key: "k" }));
      assert.equal(again.status, "applied");
      await stage.end();
      const after = await stage.answer(stage.read(stage.leaderOf("ap"), "m"));
      assert.equal(after.version, version, "asked again it changes nothing");
    },
  },
  {
    name: "t15-refused-and-applied",
    trap: "T15",
    story: "a key that was refused in one region and applied in another counts where it was applied",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      await stage.put(stage.leaderOf("us"), "n", { p: 0 });
      await stage.quiet();
      stage.cutOff("eu");
      const { version } = await stage.answer(stage.read(stage.leaderOf("us"), "n"));
      assert.ok(version);
      await stage.put(stage.leaderOf("us"), "n", { p: 1 });
      const operations = [
        { ...patchNode("n", { p: "keyed" }), condition: { kind: "match", version } as const },
      ];
      const here = await stage.answer(stage.write(stage.leaderOf("us"), operations, { key: "k" }));
      const there = await stage.answer(stage.write(stage.leaderOf("eu"), operations, { key: "k" }));
      assert.deepEqual([here.status, there.status], ["refused", "applied"]);
      stage.rejoin("eu");
      await stage.end();
    },
  },
];
