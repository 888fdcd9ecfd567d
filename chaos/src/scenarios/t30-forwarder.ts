import assert from "node:assert/strict";
import type { NodeId } from "@isthmus/kernel";
import type { Scenario } from "./scenario.ts";
import { patchNode, type Stage } from "./stage.ts";

/** When, after a follower was asked, its leader is gone: before, while and after it has the write. */
const MOMENTS_MS = [0.2, 0.7, 1, 1.3, 1.6, 2, 3];

/** An unkeyed write through a follower, whose leader is lost meanwhile: how often it is in the log, and what was said. */
async function lose(
  stage: Stage,
  moment: number,
  how: (leader: NodeId, others: readonly NodeId[]) => () => void,
): Promise<void> {
  const id = `n${moment}`;
  const leader = stage.leaderOf("us");
  const follower = stage.followerOf("us");
  const others = stage.nodes("us").filter((node) => node !== leader);
  await stage.put(leader, id, {});
  const write = stage.write(follower, [patchNode(id, { p: "once" })], { timeoutMs: 8000 });
  await stage.world.run(moment);
  const mend = how(leader, others);
  await stage.until(() => write.done);
  await stage.until(() => stage.nodes("us").some((node) => node !== leader && stage.leads(node)));
  mend();
  await stage.quiet();
  const times = [...stage.book.all()]
    .flatMap(({ content }) => content)
    .filter(({ request }) => request.operations.some(({ op, ...of }) => op === "patch_node" && of.id === id));
  if (write.value !== null) assert.equal(times.length, 1, "what was acknowledged is there once");
  else assert.ok(times.length <= 1, "what is unknown is there once at most");
}

export const t30Forwarder: readonly Scenario[] = [
  {
    name: "t30-leader-dies",
    trap: "T30",
    story: "a write without a key that was handed to a leader who dies is never written twice",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      for (const moment of MOMENTS_MS)
        await lose(stage, moment, (leader) => {
          stage.world.kill(leader, "process");
          return () => stage.world.start(leader);
        });
      await stage.end();
    },
  },
  {
    name: "t30-leader-unheard",
    trap: "T30",
    story:
      "a write without a key that was handed to a leader whose word no longer arrives is never written twice",
    shape: { regions: 1, nodes: 3 },
    async run(stage) {
      for (const moment of MOMENTS_MS)
        await lose(stage, moment, (leader, others) => {
          stage.world.cut([leader], others, "one");
          return () => stage.world.heal([leader], others);
        });
      await stage.end();
    },
  },
];
