import assert from "node:assert/strict";
import type { NodeId, RegionId } from "@isthmus/kernel";
import { askMembership } from "../membership.ts";
import type { Scenario } from "./scenario.ts";
import { counted, MAIN, putNode, type Stage } from "./stage.ts";

/** A log so short that it is compacted within a story, and snapshots of many chunks. */
const LIMITS = {
  logKeepBytes: 1024,
  checkpointMs: 500,
  snapshotChunkBytes: 1024,
  snapshotTransactionBytes: 4096,
};
const TEXT = "0123456789".repeat(12);

export const snapshots: readonly Scenario[] = [
  {
    name: "snapshot-after-compaction",
    trap: null,
    story:
      "a follower that was away while the log was compacted comes back by a snapshot, and goes on from there",
    shape: { regions: 1, nodes: 3 },
    options: { limits: LIMITS },
    async run(stage) {
      const away = await leaveBehind(stage);
      stage.world.start(away);
      await stage.until(() => counted(stage, away, "isthmus.snapshot.installs") === 1);
      assert.equal(counted(stage, away, "isthmus.snapshot.received_again_bytes"), 0);
      await putMany(stage, () => stage.leaderOf("us"), 400, 10);
      await stage.end();
      // It counts in a majority again.
      const third = stage.nodes("us").find((id) => id !== away && id !== stage.leaderOf("us"));
      assert.ok(third);
      stage.world.kill(third, "process");
      await stage.put(away, "after", {});
      stage.world.start(third);
      await stage.end();
    },
  },
  {
    name: "snapshot-under-kills",
    trap: null,
    story:
      "source and receiver are killed on the way, again and again: it goes on where it was, and nothing is lost",
    shape: { regions: 1, nodes: 3 },
    options: { limits: LIMITS },
    async run(stage) {
      const away = await leaveBehind(stage);
      const { world } = stage;
      world.slowDisks([...world.machines.keys()], 20);
      world.start(away);
      let sentAgain = 0;
      for (let round = 0; round < 6; round++) {
        await stage.until(() => world.machine(away).core !== null);
        await world.run(150 + 40 * round);
        if (counted(stage, away, "isthmus.snapshot.installs") > 0) break;
        const victim =
          round % 2 === 0 ? away : stage.nodes("us").filter((id) => id !== away)[round % 3 === 0 ? 0 : 1];
        assert.ok(victim);
        sentAgain += counted(stage, victim, "isthmus.snapshot.sent_again_bytes");
        world.kill(victim, round % 3 === 0 ? "power" : "process");
        await world.run(100);
        world.start(victim);
      }
      world.slowDisks([...world.machines.keys()], 1);
      await stage.until(() => world.machine(away).core?.replica(MAIN).isInstalling === false);
      assert.ok(sentAgain < 30_000, `${sentAgain} bytes were sent again`);
      const state = await stage.end();
      assert.equal(state[0]?.records.length, 150);
    },
  },
  {
    name: "lost-state",
    trap: null,
    story: "a node that has lost its state, but not its log, fetches one without anybody telling it to",
    shape: { regions: 1, nodes: 3 },
    options: { limits: LIMITS },
    async run(stage) {
      await putMany(stage, () => stage.leaderOf("us"), 0, 200);
      await stage.world.run(3000);
      const node = stage.followerOf("us");
      stage.world.kill(node, "process");
      stage.world.machine(node).volume.wipe();
      stage.world.start(node);
      await stage.until(() => counted(stage, node, "isthmus.snapshot.installs") === 1);
      await stage.end();
    },
  },
  {
    name: "no-state-no-reads",
    trap: null,
    story: "while a node has no state it answers no read, and is not ready",
    shape: { regions: 1, nodes: 3 },
    options: { limits: LIMITS },
    async run(stage) {
      const away = await leaveBehind(stage);
      const { world } = stage;
      world.slowDisks([...world.machines.keys()], 30);
      world.start(away);
      await stage.until(() => world.machine(away).core?.replica(MAIN).isInstalling === true);
      for (const level of ["local", "leader"] as const)
        await assert.rejects(stage.answer(stage.read(away, "n1", level)), { code: "installing" });
      assert.equal(world.core(away).readiness({}).ready, false);
      world.slowDisks([...world.machines.keys()], 1);
      await stage.until(() => world.machine(away).core?.replica(MAIN).isInstalling === false);
      await stage.end();
    },
  },
  {
    name: "r22-result-in-snapshot",
    trap: "R22",
    story: "a write whose result went by in a snapshot is told to be unknown, and is not sent again",
    shape: { regions: 1, nodes: 3 },
    options: { limits: LIMITS },
    async run(stage) {
      const { world } = stage;
      await putMany(stage, () => stage.leaderOf("us"), 0, 20);
      const away = stage.followerOf("us");
      const others = stage.nodes("us").filter((id) => id !== away);
      // What it asks for still gets through; what it is told does not.
      world.cut(others, [away], "one");
      const unknown = stage.write(away, [putNode("once", { by: "away" })], { timeoutMs: 600_000 });
      await stage.until(
        () => world.core(stage.leaderOf("us")).replica(MAIN).reader().getNode("once") !== undefined,
      );
      await putMany(stage, () => stage.leaderOf("us"), 20, 130);
      await world.run(3000);
      world.heal(others, [away]);
      await stage.until(() => counted(stage, away, "isthmus.snapshot.installs") === 1);
      await stage.until(() => unknown.done);
      assert.equal(unknown.error?.code, "timeout");
      // A new term is when what seems lost goes again.
      const old = stage.leaderOf("us");
      world.kill(old, "process");
      await stage.until(() => others.concat(away).some((id) => id !== old && stage.leads(id)));
      world.start(old);
      await stage.end();
    },
  },
  {
    name: "r24-unseen-by-a-region",
    trap: "R24",
    story: "what another region has not seen is in every log, also of a node that came by a snapshot",
    shape: { regions: 3, nodes: 3 },
    options: { limits: LIMITS },
    async run(stage) {
      const { world } = stage;
      await putMany(stage, () => stage.leaderOf("us"), 0, 60);
      await stage.quiet();
      // The other regions' own batches say what they have seen.
      for (const region of ["eu", "ap"]) await stage.put(stage.leaderOf(region), region, {});
      await world.run(3000);
      stage.cutOff("eu");
      await putMany(stage, () => stage.leaderOf("us"), 100, 60);
      let asked = false;
      void askMembership(world, { kind: "add", region: "us" as RegionId, node: "us-4" as NodeId }).then(
        () => {
          asked = true;
        },
      );
      const fresh = "us-4" as NodeId;
      await stage.until(() => asked && counted(stage, fresh, "isthmus.snapshot.installs") === 1);
      await stage.until(() => world.core(fresh).replica(MAIN).conf.voters.length === 4);
      for (let tries = 0; tries < 20 && stage.leaderOf("us") !== fresh; tries++) {
        world.core(fresh).replica(MAIN).takeLeadership();
        await world.run(1000);
      }
      assert.equal(stage.leaderOf("us"), fresh);
      stage.rejoin("eu");
      await stage.end();
      assert.ok(
        counted(stage, fresh, "isthmus.relay.sent_bytes") > 60 * TEXT.length,
        "it served what eu had missed",
      );
    },
  },
];

/** The same 150 nodes over and over. */
async function putMany(stage: Stage, node: () => NodeId, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n++) await stage.put(node(), `n${n % 150}`, { n, text: TEXT });
}

/** A follower is away until what it lacks is no longer in its leader's log. */
async function leaveBehind(stage: Stage): Promise<NodeId> {
  const away = stage.followerOf("us");
  await putMany(stage, () => stage.leaderOf("us"), 0, 20);
  stage.world.kill(away, "process");
  await putMany(stage, () => stage.leaderOf("us"), 20, 130);
  await stage.world.run(3000);
  assert.ok(counted(stage, stage.leaderOf("us"), "isthmus.raft.compactions") > 0, "the log was compacted");
  return away;
}
