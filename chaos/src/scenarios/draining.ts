import assert from "node:assert/strict";
import type { NodeId } from "@isthmus/kernel";
import { askMembership } from "../membership.ts";
import { done, isLed } from "./members.ts";
import type { Scenario } from "./scenario.ts";
import { MAIN, putNode } from "./stage.ts";

export const draining: readonly Scenario[] = [
  {
    name: "drained-node",
    trap: null,
    story: "a drained node leads nothing, also after others fail, and leads again when it is let",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      const old = stage.leaderOf("us");
      assert.ok(await done(stage, askMembership(stage.world, { kind: "drain", node: old, draining: true })));
      await stage.until(() => isLed(stage, "us") && stage.leaderOf("us") !== old);
      assert.equal(stage.world.core(old).readiness({}).ready, false);
      const next = stage.leaderOf("us");
      stage.world.pause(next, 3_000);
      await stage.until(() => isLed(stage, "us") && ![old, next].includes(stage.leaderOf("us")));
      assert.ok(await done(stage, askMembership(stage.world, { kind: "drain", node: old, draining: false })));
      await stage.quiet();
      const asked = askMembership(stage.world, { kind: "transfer", group: MAIN, to: old });
      assert.ok(await done(stage, asked));
      assert.equal(stage.leaderOf("us"), old);
      await stage.end();
    },
  },
  {
    name: "rolling-restart",
    trap: null,
    story: "a rolling restart of nodes that drain first fails no write, and nobody waits for an election",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      const { world } = stage;
      const slowest = { ms: 0 };
      const failures: string[] = [];
      let written = 0;
      let on = true;
      let away: NodeId | null = null;
      const write = async (offset: number): Promise<void> => {
        for (let turn = 0; on; turn++) {
          // A client does not go to a node that says that it is not ready.
          const nodes = stage.nodes("us").filter((id) => id !== away);
          const beganMs = world.nowMs;
          const at = nodes[(turn + offset) % nodes.length] as NodeId;
          const answer = stage.write(at, [putNode(`n${offset}-${turn}`, { turn })], { timeoutMs: 10_000 });
          while (!answer.done) await world.sleep(2);
          if (answer.value?.status === "applied") written += 1;
          else failures.push(`${at}: ${answer.error?.code}`);
          slowest.ms = Math.max(slowest.ms, world.nowMs - beganMs);
          await world.sleep(10);
        }
      };
      const writers = [write(0), write(1)];
      for (const id of stage.nodes("us")) {
        await world.run(500);
        const core = world.core(id);
        away = id;
        // Whoever had asked before gets an answer while it drains.
        await done(
          stage,
          core.drain(4_000).then(() => true),
        );
        await done(
          stage,
          world.sleep(200).then(() => true),
        );
        assert.equal(core.control.role.state, "StateFollower");
        assert.equal(core.replica(MAIN).leads, false);
        await done(
          stage,
          core.close().then(() => true),
        );
        world.kill(id, "process");
        world.start(id);
        await stage.until(() => world.machine(id).core?.readiness({}).ready === true);
        away = null;
      }
      on = false;
      await done(stage, Promise.all(writers));
      assert.deepEqual(failures, []);
      assert.ok(written > 200, `${written} writes`);
      assert.ok(slowest.ms < 600, `the slowest write took ${slowest.ms} ms: less than any election`);
      await stage.end();
    },
  },
];
