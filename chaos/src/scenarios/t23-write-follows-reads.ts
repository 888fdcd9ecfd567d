import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { putNode } from "./stage.ts";

export const t23WriteFollowsReads: readonly Scenario[] = [
  {
    name: "t23-write-waits",
    trap: "T23",
    story:
      "a write with a session's token waits for what the session has seen, and is not concurrent with it",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      await stage.setLink("eu", "us", true);
      await stage.put(stage.leaderOf("eu"), "n", { p: "seen" });
      const { asOf } = await stage.answer(stage.read(stage.leaderOf("eu"), "n"));
      const write = stage.write(stage.leaderOf("us"), [putNode("n", { p: "after" })], {
        session: asOf,
        timeoutMs: 20_000,
      });
      await stage.world.run(3000);
      assert.equal(write.done, false, "it waits for what its client has seen");
      await stage.setLink("eu", "us", false);
      assert.equal((await stage.answer(write)).status, "applied");
      await stage.end();
      const { version, properties } = await stage.answer(stage.read(stage.followerOf("eu"), "n"));
      assert.deepEqual(properties, { p: "after" });
      assert.doesNotMatch(version ?? "", /\+/, "it has replaced what its client had seen");
    },
  },
  {
    name: "t23-write-gives-up",
    trap: "T23",
    story: "a write whose token cannot be met in time is refused, and nothing of it is written",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      await stage.setLink("eu", "us", true);
      await stage.put(stage.leaderOf("eu"), "n", { p: "seen" });
      const { asOf } = await stage.answer(stage.read(stage.leaderOf("eu"), "n"));
      const write = stage.write(stage.leaderOf("us"), [putNode("n", { p: "never" })], {
        session: asOf,
        timeoutMs: 1000,
      });
      await stage.until(() => write.done);
      assert.equal(write.error?.code, "too_stale");
      // Without a token it is taken at once, and stands beside what it had not seen.
      await stage.put(stage.leaderOf("us"), "n", { p: "beside" });
      await stage.setLink("eu", "us", false);
      const [first] = await stage.end();
      assert.equal(first?.records.length, 1);
      const { version } = await stage.answer(stage.read(stage.followerOf("us"), "n"));
      assert.equal(version?.split("+").length, 2);
      const said = [...stage.book.all()].flatMap(({ content }) => content);
      assert.equal(said.length, 2, "the refused write is in no batch");
    },
  },
];
