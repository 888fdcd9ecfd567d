import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { putNode } from "./stage.ts";

export const pausedLeader: readonly Scenario[] = [
  {
    name: "deposed-write",
    trap: null,
    story: "a leader that was stopped and deposed meanwhile writes nothing twice",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      const old = stage.leaderOf("us");
      // A group at rest would wait for the links to notice.
      await stage.put(old, "b", { p: 0 });
      stage.world.pause(old, 1600);
      // Short enough for the links to stand: the new leader's word and the call are read in one turn.
      const write = stage.write(old, [putNode("a", { p: 1 })], { timeoutMs: 10_000 });
      await stage.world.run(1550);
      assert.notEqual(stage.leaderOf("us"), old);
      await stage.answer(write);
      await stage.end();
      const batches = [...stage.book.all()];
      assert.equal(batches.flatMap(({ content }) => content).length, 2, "each request is in the log once");
    },
  },
];
