import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { counted, MAIN } from "./stage.ts";

const BATCHES = 40;
const BATCH_BYTES = 1000;

export const t26Credits: readonly Scenario[] = [
  {
    name: "t26-credits",
    trap: "T26",
    story:
      "batches that wait for another region's hold all of their stream's credit, and still what they wait for comes",
    shape: { regions: 3, nodes: 1 },
    options: { limits: { streamCreditBytes: 4096 } },
    async run(stage) {
      const [us, eu, ap] = [stage.leaderOf("us"), stage.leaderOf("eu"), stage.leaderOf("ap")];
      await stage.setLink("us", "ap", true);
      await stage.put(us, "first", {});
      const seen = (): number => stage.world.core(eu).replica(MAIN).machine.vector.get(stage.origin("us"));
      await stage.until(() => seen() === 1);
      // All of these have seen us:1, which ap lacks: there they fill the stream, and wait.
      for (let n = 0; n < BATCHES; n++) await stage.put(eu, `n${n}`, { p: "x".repeat(BATCH_BYTES) });
      await stage.world.run(8000);
      assert.ok(counted(stage, eu, "isthmus.relay.credit_waits") > 0, "the stream's credit was exhausted");
      const held = stage.world.core(ap).replica(MAIN).machine.vector;
      assert.deepEqual([held.get(stage.origin("us")), held.get(stage.origin("eu"))], [0, 0]);
      await stage.setLink("us", "ap", false);
      const [first] = await stage.end();
      assert.equal(first?.records.length, BATCHES + 1);
    },
  },
];
