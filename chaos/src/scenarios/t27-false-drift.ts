import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { MAIN, patchNode } from "./stage.ts";

const RETRY_KEYS = 4;
const KEYS = 40;

export const t27FalseDrift: readonly Scenario[] = [
  {
    name: "t27-evicted-keys",
    trap: "T27",
    story: "digests are equal whichever keys a replica has forgotten, and whenever it did",
    shape: { regions: 2, nodes: 3 },
    options: { limits: { retryKeys: RETRY_KEYS, checkpointMs: 500 } },
    async run(stage) {
      await stage.put(stage.leaderOf("us"), "us", {});
      await stage.put(stage.leaderOf("eu"), "eu", {});
      await stage.quiet();
      const write = async (region: string, n: number): Promise<void> => {
        const operations = [patchNode(region, { n })];
        const answer = await stage.answer(
          stage.write(stage.leaderOf(region), operations, { key: `${region} ${n}` }),
        );
        assert.equal(answer.status, "applied");
      };
      // Apart, no region may forget what the other has not seen; together they do, each at its own pace.
      stage.cutOff("eu");
      for (let n = 0; n < KEYS / 2; n++) await write(n % 3 === 0 ? "eu" : "us", n);
      stage.rejoin("eu");
      await stage.quiet();
      for (let n = KEYS / 2; n < KEYS; n++) await write(n % 3 === 0 ? "eu" : "us", n);
      // One replica begins a new life from a checkpoint amid this; what it remembers it reads from there.
      const follower = stage.followerOf("us");
      stage.world.kill(follower, "power");
      await write("us", KEYS);
      stage.world.start(follower);
      const state = await stage.end();
      assert.equal(new Set(state.map(({ digest }) => digest)).size, 1);
      // A key that is forgotten is a new one; one that is remembered is not.
      const batches = (): number => stage.world.core(stage.leaderOf("us")).replica(MAIN).newestBatch;
      const before = batches();
      await write("us", KEYS);
      const answeredBy = [...stage.book.all()].at(-1)?.content[0]?.outcome.status;
      assert.equal(answeredBy, "duplicate", "the newest key is remembered");
      await write("us", 1);
      const counts = [...stage.book.all()].at(-1)?.content[0]?.outcome.status;
      assert.equal(counts, "applied", "the oldest key is forgotten");
      assert.ok(batches() > before);
    },
  },
];
