import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { counted, MAIN, putNode } from "./stage.ts";

const ROUNDS = 6;
const SLOW_DISK = 4000;

export const t21Checkpoint: readonly Scenario[] = [
  {
    name: "t21-checkpoint-behind-log",
    trap: "T21",
    story:
      "a checkpoint never holds what the node's own log had not synced, though the others had committed it",
    shape: { regions: 1, nodes: 3 },
    options: { limits: { checkpointMs: 100 } },
    async run(stage) {
      let fromCheckpoint = 0;
      let ahead = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const leader = stage.leaderOf("us");
        await stage.put(leader, `before ${round}`, { round });
        await stage.world.run(400);
        // From here on the leader's own disk is far behind the followers', who make the majority.
        stage.world.slowDisks([leader], SLOW_DISK);
        for (let n = 0; n < 5; n++)
          stage.write(leader, [putNode(`ahead ${round} ${n}`, { n })], { timeoutMs: 2000 });
        await stage.world.run(150 + 40 * round);
        const { commitIndex, machine } = stage.world.core(leader).replica(MAIN);
        if (commitIndex > machine.appliedIndex) ahead += 1;
        stage.world.kill(leader, "power");
        stage.world.slowDisks([leader], 1);
        await stage.world.run(1500);
        stage.world.start(leader);
        await stage.until(() => stage.world.machine(leader).core !== null);
        const core = stage.world.core(leader);
        const { appliedIndex } = core.replica(MAIN).machine;
        assert.ok(core.log(MAIN).lastIndex >= appliedIndex, "the log reaches what the checkpoint holds");
        if (appliedIndex > 0) fromCheckpoint += 1;
        await stage.quiet();
      }
      assert.ok(ahead > 0, "the followers' disks had committed what the leader's had not");
      assert.ok(fromCheckpoint > 0, "a life began with a checkpoint");
      assert.ok(counted(stage, stage.leaderOf("us"), "isthmus.store.flushes") > 0, "checkpoints are made");
      await stage.end();
    },
  },
];
