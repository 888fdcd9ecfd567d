import assert from "node:assert/strict";
import type { NodeId } from "@isthmus/kernel";
import type { Scenario } from "./scenario.ts";
import { counted, MAIN, putNode, type Stage } from "./stage.ts";

/** Longer than the links take to notice that nothing comes any more, and an election after it. */
const NOTICED_WITHIN_MS = 8_000;

const shape = { regions: 1, nodes: 3 };

export const t29Resting: readonly Scenario[] = [
  {
    name: "sleeping-group",
    trap: "T29",
    story: "a group that rests when its leader dies takes a write soon after",
    shape,
    async run(stage) {
      await allRest(stage);
      const old = stage.leaderOf("us");
      const other = stage.followerOf("us");
      stage.world.kill(old, "process");
      const write = stage.write(other, [putNode("a", { p: 1 })], { timeoutMs: 5_000 });
      const answer = await stage.answer(write);
      assert.equal(answer.status, "applied");
      assert.ok(counted(stage, other, "isthmus.raft.woken") > 0, "it was woken");
      stage.world.start(old);
      await stage.end();
    },
  },
  {
    name: "sleeping-group-alone",
    trap: "T29",
    story: "a group that rests when its leader dies elects another although nobody asks for anything",
    shape,
    async run(stage) {
      await allRest(stage);
      const old = stage.leaderOf("us");
      stage.world.kill(old, "power");
      await stage.until(
        () => stage.nodes("us").some((id) => id !== old && stage.leads(id)),
        NOTICED_WITHIN_MS,
      );
      const woken = stage
        .nodes("us")
        .reduce((sum, id) => sum + counted(stage, id, "isthmus.raft.woken", "peer_lost"), 0);
      assert.ok(woken > 0, "the links told of the loss");
      stage.world.start(old);
      await stage.end();
    },
  },
  {
    name: "sleeping-leader-cut-off",
    trap: "T29",
    story: "a leader that rests and is cut off answers no read with what was true before",
    shape,
    async run(stage) {
      await stage.put(stage.leaderOf("us"), "a", { p: 1 });
      await allRest(stage);
      const old = stage.leaderOf("us");
      const rest = stage.nodes("us").filter((id) => id !== old);
      stage.world.cut([old], rest, "both");
      await stage.until(() => rest.some((id) => stage.leads(id)), NOTICED_WITHIN_MS);
      const other = rest.find((id) => stage.leads(id));
      assert.ok(other);
      await stage.put(other, "a", { p: 2 });
      const stale = stage.read(old, "a", "leader", 3_000);
      await stage.until(() => stale.done);
      assert.equal(stale.error?.code, "no_leader");
      stage.world.heal([old], rest);
      await stage.end();
      const now = await stage.answer(stage.read(old, "a", "leader"));
      assert.equal(now.properties.p, 2);
    },
  },
  {
    name: "missed-word-to-rest",
    trap: "T29",
    story: "a follower that was away when its leader came to rest is brought up, and the term stays",
    shape,
    async run(stage) {
      await allRest(stage);
      const leader = stage.leaderOf("us");
      const away = stage.followerOf("us");
      const { term } = stage.world.core(leader).replica(MAIN).role;
      // Stopped for less than the links bear: what was said to it meanwhile, it hears late.
      await stage.put(leader, "a", { p: 1 });
      stage.world.pause(away, 2_000);
      await stage.world.run(2_500);
      await allRest(stage);
      assert.equal(stage.leaderOf("us"), leader);
      assert.equal(stage.world.core(away).replica(MAIN).role.term, term);
      await stage.put(away, "b", { p: 1 });
      await stage.end();
    },
  },
];

async function allRest(stage: Stage): Promise<void> {
  await stage.until(() => stage.nodes("us").every((id) => isResting(stage, id)));
}

function isResting(stage: Stage, id: NodeId): boolean {
  return stage.world.machine(id).core?.replica(MAIN).isResting ?? false;
}
