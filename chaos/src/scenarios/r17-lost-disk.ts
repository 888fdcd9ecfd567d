import assert from "node:assert/strict";
import type { NodeId } from "@isthmus/kernel";
import { add, identified, isLed, remove, settled } from "./members.ts";
import type { Scenario } from "./scenario.ts";
import { MAIN } from "./stage.ts";

export const r17LostDisk: readonly Scenario[] = [
  {
    name: "r17-lost-disk",
    trap: "R17",
    story: "a voter that lost its disk is refused under its old name, and comes back under a new one",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      await stage.put(stage.leaderOf("us"), "a", { x: 1 });
      await stage.until(() => stage.nodes("us").every((id) => identified(stage, id) === 3));
      const lost = stage.followerOf("us");
      const others = stage.nodes("us").filter((id) => id !== lost);
      stage.world.kill(lost, "power");
      stage.world.loseDisk(lost);
      stage.world.start(lost);
      await stage.world.run(10_000);
      // Nobody hears it: the two others are a majority by themselves, and with one of them down nobody may write.
      for (const id of others) assert.equal(stage.world.core(id).replica(MAIN).conf.voters.length, 3);
      const [one] = others as [NodeId];
      stage.world.kill(one, "process");
      await stage.world.run(10_000);
      assert.equal(isLed(stage, "us"), false, "what forgot its promises is no majority with anybody");
      stage.world.start(one);
      await stage.until(() => isLed(stage, "us"));
      await remove(stage, lost);
      await add(stage, "us-4");
      await settled(stage, "us", [...others.map((id) => stage.world.machine(id).number), 4]);
      stage.world.retire(lost);
      await stage.end();
    },
  },
  {
    name: "r17-lost-disk-while-leaving",
    trap: "R17",
    story: "a node that loses its disk while it leaves, and still counts, is refused as well",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      const { world } = stage;
      await stage.until(() => stage.nodes("us").every((id) => identified(stage, id) === 3));
      const leader = stage.leaderOf("us");
      const [other, leaving] = stage.nodes("us").filter((id) => id !== leader) as [NodeId, NodeId];
      await remove(stage, leaving);
      // With the other one down the group cannot let it go yet.
      world.kill(other, "process");
      world.kill(leaving, "power");
      world.loseDisk(leaving);
      world.start(leaving);
      await world.run(10_000);
      assert.equal(isLed(stage, "us"), false, "what forgot its promises is no majority with anybody");
      world.start(other);
      await settled(
        stage,
        "us",
        [leader, other].map((id) => world.machine(id).number).sort((a, b) => a - b),
      );
      world.retire(leaving);
      await stage.end();
    },
  },
];
