import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { putNode } from "./stage.ts";

export const outages: readonly Scenario[] = [
  {
    name: "killed-leader",
    trap: null,
    story: "a leader that is killed loses nothing acknowledged, and writes go on within two seconds",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      const old = stage.leaderOf("us");
      const other = stage.followerOf("us");
      for (let n = 0; n < 20; n++) await stage.put(other, `a${n}`, { n });
      stage.world.kill(old, "process");
      const killedMs = stage.world.nowMs;
      await stage.put(other, "after", {});
      assert.ok(stage.world.nowMs - killedMs < 2000, `it took ${stage.world.nowMs - killedMs} ms`);
      stage.world.start(old);
      const [first] = await stage.end();
      assert.equal(first?.records.length, 21);
    },
  },
  {
    name: "region-away",
    trap: null,
    story: "a region that was away catches up from its cursor, and is sent nothing that it has",
    shape: { regions: 3, nodes: 3 },
    async run(stage) {
      for (let n = 0; n < 10; n++) await stage.put(stage.leaderOf("us"), `a${n}`, { n });
      await stage.quiet();
      for (const node of stage.nodes("eu")) stage.world.kill(node, "process");
      for (let n = 0; n < 30; n++) await stage.put(stage.leaderOf(n % 2 === 0 ? "us" : "ap"), `b${n}`, { n });
      for (const node of stage.nodes("eu")) stage.world.start(node);
      const [first] = await stage.end();
      assert.equal(first?.records.length, 40);
      const taken = stage.nodes("eu").map((id) => stage.world.machine(id).registry?.samples() ?? []);
      for (const samples of taken)
        for (const { name, labels, value } of samples)
          if (name === "isthmus.apply.skipped" && labels.why === "repeated") assert.equal(value, 0);
    },
  },
  {
    name: "power-everywhere",
    trap: null,
    story: "all nine lose their power at once: what was acknowledged is there when they are back",
    shape: { regions: 3, nodes: 3 },
    async run(stage) {
      const open = [];
      for (let n = 0; n < 40; n++) {
        const region = ["us", "eu", "ap"][n % 3] as string;
        open.push(stage.write(stage.followerOf(region), [putNode(`a${n}`, { n })]));
        await stage.world.run(n < 36 ? 7 : 0.5);
      }
      const acknowledged = open.filter((outcome) => outcome.value !== null).length;
      assert.ok(acknowledged > 0 && acknowledged < open.length, "some were under way");
      for (const id of stage.world.machines.keys()) stage.world.kill(id, "power");
      await stage.world.run(1000);
      for (const id of stage.world.machines.keys()) stage.world.start(id);
      const [first] = await stage.end();
      assert.ok((first?.records.length ?? 0) >= acknowledged);
    },
  },
  {
    name: "resting-link",
    trap: null,
    story: "a link that rests holds batches back and delivers all of them when it is resumed",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      await stage.setLink("us", "eu", true);
      await stage.put(stage.leaderOf("us"), "n", { by: "us" });
      await stage.put(stage.leaderOf("eu"), "n", { by: "eu" });
      await stage.world.run(5000);
      const there = await stage.answer(stage.read(stage.leaderOf("eu"), "n"));
      assert.deepEqual(there.properties, { by: "eu" });
      const here = await stage.answer(stage.read(stage.leaderOf("us"), "n"));
      assert.ok(here.version?.includes("+"), "the other direction flows");
      await stage.setLink("us", "eu", false);
      await stage.end();
      const after = await stage.answer(stage.read(stage.leaderOf("eu"), "n"));
      assert.equal(after.version, here.version);
    },
  },
  {
    name: "sleeping-leader",
    trap: null,
    story: "a leader that was stopped for ten seconds answers no leader read from its old state",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      const old = stage.leaderOf("us");
      await stage.put(old, "n", { p: "old" });
      stage.world.pause(old, 10_000);
      const read = stage.read(old, "n", "leader", 20_000);
      await stage.until(() => stage.leaderOf("us") !== old);
      await stage.put(stage.leaderOf("us"), "n", { p: "new" });
      await stage.world.run(9000);
      // This one is asked of the leader that has just woken and does not know yet.
      const { properties } = await stage.answer(stage.read(old, "n", "leader", 20_000));
      assert.deepEqual(properties, { p: "new" });
      assert.deepEqual((await stage.answer(read)).properties, { p: "new" });
      await stage.end();
    },
  },
];
