import assert from "node:assert/strict";
import { encodeValue } from "@isthmus/kernel";
import type { Scenario } from "./scenario.ts";
import { putNode } from "./stage.ts";

export const t01Conditions: readonly Scenario[] = [
  {
    name: "t01-conditions",
    trap: "T1",
    story: "a condition is decided once, in the region that took the write, and all others obey",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      await stage.put(stage.leaderOf("eu"), "x", { v: 0 });
      await stage.quiet();
      stage.cutOff("eu");
      await stage.put(stage.leaderOf("eu"), "x", { v: 1 });
      await stage.put(stage.leaderOf("us"), "x", { v: 2 });
      const { version } = await stage.answer(stage.read(stage.leaderOf("eu"), "x"));
      assert.ok(version);
      const condition = { kind: "match", version } as const;
      const swapped = await stage.answer(
        stage.write(stage.leaderOf("eu"), [{ ...putNode("x", { v: "swapped" }), condition }]),
      );
      assert.equal(swapped.status, "applied");
      // The same words in the other region are about another version, and refused there for good.
      const refused = await stage.answer(
        stage.write(stage.leaderOf("us"), [{ ...putNode("x", { v: "never" }), condition }]),
      );
      assert.deepEqual(
        [refused.status, refused.status === "refused" && refused.code],
        ["refused", "version_mismatch"],
      );
      stage.rejoin("eu");
      const [first] = await stage.end();
      assert.match(first?.records[0] ?? "", /swapped|"v":2/);
      const standing = await stage.answer(stage.read(stage.leaderOf("us"), "x"));
      assert.equal(standing.version?.split("+").length, 2, "both regions' writes stand, concurrent");
    },
  },
  {
    name: "t01-merges",
    trap: "T1",
    story: "a merge's result is what the origin made of its own state",
    shape: { regions: 2, nodes: 1 },
    async run(stage) {
      await stage.put(stage.leaderOf("eu"), "x", { v: { a: 1 } });
      await stage.quiet();
      stage.cutOff("eu");
      for (const [region, value] of [
        ["eu", { b: 2 }],
        ["us", { c: 3 }],
      ] as const) {
        const properties = { set: [], merge: [["v", encodeValue(value)] as const], unset: [] };
        const merge = {
          op: "patch_node",
          id: "x",
          condition: null,
          labelsAdded: [],
          labelsRemoved: [],
          properties,
        } as const;
        assert.equal((await stage.answer(stage.write(stage.leaderOf(region), [merge]))).status, "applied");
      }
      stage.rejoin("eu");
      await stage.end();
      const { properties } = await stage.answer(stage.read(stage.leaderOf("us"), "x"));
      const kept = JSON.stringify(properties.v);
      assert.ok(
        kept === '{"a":1,"b":2}' || kept === '{"a":1,"c":3}',
        `${kept} is one origin's result, not a mixture`,
      );
    },
  },
];
